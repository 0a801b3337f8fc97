import CSystem
import Glibc

/// A system call that the loop depends on has failed.
public struct EventLoopError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name of the call, as in section 2 of the manual: `epoll_create1`.
    public let call: String
    /// The errno it failed with.
    public let code: Int32
    /// The descriptor it was about, or -1.
    public let descriptor: Int32

    init(call: String, code: Int32, descriptor: Int32 = -1) {
        self.call = call
        self.code = code
        self.descriptor = descriptor
    }

    /// One line: the call, the descriptor, the error's name and text, and what to do about it where that is known.
    public var description: String {
        let subject = descriptor >= 0 ? "\(call) on descriptor \(descriptor)" : call
        let name = csystem_errno_name(code).map { String(cString: $0) } ?? "errno \(code)"
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            csystem_errno_text(code, start, buffer.count)
            return String(cString: start)
        }
        let line = "\(subject) failed: \(text) (\(name))"
        guard let advice else { return line }
        return "\(line); \(advice)"
    }

    private var advice: String? {
        switch code {
        case EMFILE: "close descriptors or raise this process's limit (ulimit -n)"
        case ENFILE: "the whole system has run out of open files (fs.file-max)"
        case EEXIST: "expected a descriptor that is not registered; modify or deregister its handler first"
        case EPERM: "expected a socket, pipe or terminal; plain files are always ready and cannot be watched"
        case EBADF: "expected an open descriptor; deregister its handler before closing it"
        case ENOSPC: "too many watched descriptors (fs.epoll.max_user_watches)"
        default: nil
        }
    }
}

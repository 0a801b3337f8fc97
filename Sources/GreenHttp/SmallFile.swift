import Glibc

/// Small files, read and written at once: cookie jars. Blocks for as long as the disk takes.
enum SmallFile {
    static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a plain file can be opened; false with errno set.
    static func isReadable(_ path: String) -> Bool {
        if isFolder(path) {
            errno = EISDIR
            return false
        }
        return access(path, R_OK) == 0
    }

    /// What errno says.
    static var lastError: String { String(cString: strerror(errno)) }

    /// The bytes of a file; nil, with errno set, when it cannot be read.
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            let count = bytes.append(addingCapacity: 65_536) { room in
                Glibc.read(descriptor, room.baseAddress, room.count)
            }
            if count == 0 { return bytes }
            if count < 0, errno != EINTR { return nil }
        }
    }

    /// Puts a file in place of what was there, whole or not at all; false, with errno set, when that fails.
    static func replace(_ path: String, with bytes: [UInt8]) -> Bool {
        // Of a name that nobody can have put there before, and with mode 0600 (mkstemp(3)).
        var fresh = Array("\(path).XXXXXX".utf8CString)
        let descriptor = mkstemp(&fresh)
        guard descriptor >= 0 else { return false }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                break
            }
            written += count
        }
        guard close(descriptor) == 0, written == bytes.count, rename(fresh, path) == 0 else {
            let failure = errno
            unlink(fresh)
            errno = failure
            return false
        }
        return true
    }
}

extension [UInt8] {
    /// Lets `fill` write into room behind the bytes; what it answers, if positive, is how many it wrote.
    fileprivate mutating func append(addingCapacity room: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        var answer = 0
        let more = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            answer = fill(UnsafeMutableRawBufferPointer(buffer))
            count = Swift.max(0, answer)
        }
        append(contentsOf: more)
        return answer
    }
}

import Glibc

/// Small files, read and written at once: cookie jars. Blocks for as long as the disk takes.
enum SmallFile {
    static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    /// Why a file cannot be read; nil when it can. Only of plain files can be told that reading does not wait: a FIFO
    /// waits for whoever writes to it, and the whole process with it.
    static func fault(_ path: String) -> String? {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return lastError }
        if let fault = fault(facts) { return fault }
        return access(path, R_OK) == 0 ? nil : lastError
    }

    private static func fault(_ facts: stat) -> String? {
        switch facts.st_mode & S_IFMT {
        case S_IFREG: nil
        case S_IFDIR: String(cString: strerror(EISDIR))
        default: "it is no plain file"
        }
    }

    /// Whether reading a path, for which libcurl or OpenSSL opens it, may wait for ever.
    static func mayBlock(_ path: String) -> Bool {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return false }
        return ![S_IFREG, S_IFDIR, S_IFSOCK].contains(facts.st_mode & S_IFMT)
    }

    /// What errno says.
    static var lastError: String { String(cString: strerror(errno)) }

    /// Why a file cannot be read.
    struct Fault: Error { let message: String }

    /// The bytes of a plain file.
    /// - Parameter most: more bytes are a fault.
    /// - Throws: for what cannot be read, or is no plain file.
    static func read(_ path: String, most: Int = .max) throws(Fault) -> [UInt8] {
        // Not to wait for whoever writes to a FIFO.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Fault(message: lastError) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw Fault(message: lastError) }
        if let fault = fault(facts) { throw Fault(message: fault) }
        var bytes: [UInt8] = []
        while true {
            let count = bytes.append(addingCapacity: 65_536) { room in
                Glibc.read(descriptor, room.baseAddress, room.count)
            }
            if count == 0 { return bytes }
            if count < 0, errno != EINTR { throw Fault(message: lastError) }
            if bytes.count > most { throw Fault(message: "it has more than \(most) bytes") }
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

import Glibc

/// An access log: lines gathered in memory and written in few, whole-line writes.
///
/// Belongs to one thread. Several logs, also of several processes, may share a file: it is opened
/// with `O_APPEND` and every write ends at a line's end. The owner calls `flush()` now and then (once a second is
/// customary), `reopen()` after the file was moved away, and ignores `SIGPIPE` in the process. A log that cannot be
/// written never stops the server: its lines are dropped and counted.
public final class AccessLog {
    /// Where lines go.
    public enum Target: Equatable, Sendable {
        /// The process's standard error.
        case standardError
        /// A file, created with mode 0644 less the umask when missing, appended to otherwise.
        case file(path: String)
    }

    /// Where lines go.
    public let target: Target
    /// How lines are written.
    public let format: AccessLogFormat
    /// How many bytes gather before they are written without being asked.
    public let flushSize: Int
    /// How many lines were lost because they could not be written.
    public private(set) var droppedLines = 0
    /// The `errno` of the last write that failed; 0 when none did.
    public private(set) var lastErrorNumber: Int32 = 0

    /// How the log writes; tests put failures here.
    typealias WriteCall = (Int32, UnsafeRawBufferPointer) -> Int

    private var descriptor: Int32
    private let write: WriteCall
    private var buffer: [UInt8] = []
    private var time = AccessLogTime()
    /// Whether the file ends in the middle of a line that was cut by a failed write.
    private var endsInsideLine = false

    /// Opens a log; throws `.accessLog` naming the file and the reason.
    public convenience init(
        _ target: Target, format: AccessLogFormat = .common, flushSize: Int = 32_768
    ) throws(WSGIError) {
        try self.init(target, format: format, flushSize: flushSize) { Glibc.write($0, $1.baseAddress, $1.count) }
    }

    init(
        _ target: Target, format: AccessLogFormat, flushSize: Int, write: @escaping WriteCall
    ) throws(WSGIError) {
        self.target = target
        self.format = format
        self.flushSize = max(flushSize, 0)
        self.write = write
        descriptor = try Self.open(target)
        buffer.reserveCapacity(self.flushSize + 4_096)
    }

    deinit {
        flush()
        closeFile()
    }

    /// Adds the line of one exchange that ended at `second`, counted from the epoch.
    public func record(_ entry: AccessLogEntry, at second: Int64) {
        if buffer.count >= Self.maximumBacklog {
            droppedLines += 1
            return
        }
        time.move(to: second)
        format.append(entry, at: time, to: &buffer)
        if buffer.count >= flushSize { flush() }
    }

    /// Writes what has gathered.
    ///
    /// What a full pipe or terminal does not take now is kept for the next time, up to 1 MiB.
    public func flush() {
        if buffer.isEmpty { return }
        if endsInsideLine, !writeLineEnd() { return }
        var done = 0
        while done < buffer.count {
            let count = buffer.withUnsafeBytes { write(descriptor, UnsafeRawBufferPointer(rebasing: $0[done...])) }
            if count > 0 {
                done += count
                continue
            }
            let code = count < 0 ? errno : EIO
            if code == EINTR { continue }
            lastErrorNumber = code
            if code != EAGAIN {
                endsInsideLine = done > 0 && buffer[done - 1] != Self.lineFeed
                for byte in buffer[done...] where byte == Self.lineFeed { droppedLines += 1 }
                done = buffer.count
            }
            break
        }
        if done == buffer.count {
            buffer.removeAll(keepingCapacity: true)
        } else {
            buffer.removeFirst(done)
        }
    }

    /// Opens the file anew, by its path, after writing what belongs to the old one: for rotation.
    ///
    /// Throws `.accessLog` when that fails and goes on with the old file. Does nothing for standard error.
    public func reopen() throws(WSGIError) {
        guard case .file = target else { return }
        flush()
        let fresh = try Self.open(target)
        closeFile()
        descriptor = fresh
        endsInsideLine = false
    }

    private static let maximumBacklog = 1 << 20
    private static let lineFeed = UInt8(ascii: "\n")

    private static func open(_ target: Target) throws(WSGIError) -> Int32 {
        guard case .file(let path) = target else { return STDERR_FILENO }
        // O_NONBLOCK only keeps the opening of a FIFO that nobody reads from hanging; for files it means nothing.
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o644)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw WSGIError(
                .accessLog,
                "access log '\(path)' cannot be opened: \(reason) (expected a path this process may write to)")
        }
        return descriptor
    }

    private func closeFile() {
        if case .file = target { close(descriptor) }
    }

    /// Ends a line that was cut, so that the next one stands alone; false when that cannot be written either.
    private func writeLineEnd() -> Bool {
        let count = withUnsafeBytes(of: Self.lineFeed) { write(descriptor, $0) }
        if count == 1 {
            endsInsideLine = false
        } else {
            lastErrorNumber = errno
        }
        return count == 1
    }
}

import EventLoop
import Glibc
import Green
import GreenNet
import HTTPWire
import LuaRuntime

/// Serves HTTP/1.1 on one loop: takes connections, and runs each request's handler as a job of a pool.
///
/// Loop thread only.
public final class HTTPServer {
    /// Where the handlers run.
    public let scheduler: Scheduler
    /// How connections are treated.
    public let options: ServerOptions
    let limitsHandlers: Bool
    /// Bounds how many requests run at once.
    public let pool: GreenPool
    let refusals: RefusalLog
    /// Where finished exchanges are written, if anywhere.
    public let accessLog: AccessLog?
    let loop: EventLoop
    /// The vault's number of the function that answers requests.
    private let handlerSlot: Int32
    let table = ConnectionTable()
    /// Where the scheduler keeps the table.
    let tableNumber: Int
    private var listeners: [Listener] = []

    private let shared: UnsafeMutablePointer<SharedBuffers>
    /// Where input is read to before it is looked at.
    let scratch: UnsafeMutableRawBufferPointer
    // Counting each use of what lives as long as the server would cost more than most uses.
    // Safety: `loop` holds it.
    let uncountedLoop: Unmanaged<EventLoop>
    /// Looked up once: a static property asks each time whether it has been made.
    let requestClass = RequestObject.definition
    /// In nanoseconds, so that no request pays for the arithmetic of `Duration`.
    let clientTimeout: Int64
    let idleTimeout: Int64
    private var flushTimer: AccessLogFlush?

    /// Requests that were answered, by whatever status.
    public var answeredCount: Int { answered }
    var answered = 0
    /// Of the request that began last.
    var lastSerial: UInt64 = 0
    /// Whether the server takes no new connections and ends those it has.
    public var isStopping: Bool { stopping }
    var stopping = false
    private var stopped: (() -> Void)?
    private var graceTimer: GraceTimer?

    /// A server that listens nowhere yet. The handler is taken off the top of the main stack: a function of one
    /// argument, the request.
    public init(
        _ scheduler: Scheduler, pool: GreenPool, options: ServerOptions = ServerOptions(), accessLog: AccessLog? = nil
    ) throws(LuaError) {
        try options.handlerLimits?.check(on: scheduler.limits)
        self.scheduler = scheduler
        self.pool = pool
        self.options = options
        refusals = RefusalLog(scheduler)
        limitsHandlers = options.handlerLimits != nil
        self.accessLog = accessLog
        loop = scheduler.loop
        uncountedLoop = .passUnretained(scheduler.loop)
        let lua = scheduler.lua
        do throws(LuaFailure) {
            handlerSlot = try lua.vault.reserve()
        } catch {
            throw LuaError(.memory, "not enough memory for a server")
        }
        lua.vault.store(handlerSlot, from: lua.main)
        clientTimeout = (MonotonicTime(nanoseconds: 0) + options.clientTimeout).nanoseconds
        idleTimeout = (MonotonicTime(nanoseconds: 0) + options.idleTimeout).nanoseconds
        scratch = .allocate(byteCount: 65_536, alignment: 16)
        shared = .allocate(capacity: 1)
        shared.initialize(
            to: SharedBuffers(parser: RequestParser(limits: options.limits), date: DateHeader(Int64(time(nil)))))
        tableNumber = scheduler.attachments.count
        scheduler.attachments.append(table)
    }

    deinit {
        listeners.forEach { $0.close() }
        scratch.deallocate()
        shared.deinitialize(count: 1)
        shared.deallocate()
        scheduler.lua.vault.release(handlerSlot)
    }

    /// Listens on one more address.
    /// - Returns: the address, with the port the system chose where 0 was asked for.
    @discardableResult
    public func listen(on address: BindAddress, options: ListenerOptions = ListenerOptions()) throws(NetError)
        -> SocketAddress
    {
        let listener = try Listener(loop: loop, address: address, options: options) { [unowned self] descriptor, peer in
            accept(descriptor, peer)
        }
        listener.onTrouble = { [scheduler] in
            scheduler.log("cannot take connections: \($0.message)")
            scheduler.reclaimMemory()  // Objects that nobody holds any more may hold descriptors.
        }
        listeners.append(listener)
        listener.resume()
        return listener.localAddress
    }

    /// Connections that are open now.
    public var connectionCount: Int { table.count }

    private func accept(_ descriptor: Int32, _ peer: SocketAddress) {
        let connection = HTTPConnection(self, descriptor: descriptor, peer: peer)
        connection.slot = table.insert(connection)
        do {
            try loop.register(connection, descriptor: descriptor, for: .readable)
            connection.begin()
        } catch {
            scheduler.log("a connection is dropped: \(error)")
            connection.close()
        }
        if table.count >= options.maxConnections { listeners.forEach { $0.pause() } }
    }

    func connectionClosed(_ slot: Int) {
        table.remove(slot)
        if isStopping {
            finishStopping()
        } else if table.count == options.maxConnections - 1 {
            listeners.forEach { $0.resume() }
        }
    }

    /// Pushes the handler on the main stack.
    func pushHandler() { scheduler.lua.vault.push(handlerSlot, on: scheduler.lua.main) }

    // MARK: What responses need

    var output: ByteBuffer {
        @inline(__always) _read { yield shared.pointee.output }
        @inline(__always) _modify { yield &shared.pointee.output }
    }

    var draft: ByteBuffer {
        @inline(__always) _read { yield shared.pointee.draft }
        @inline(__always) _modify { yield &shared.pointee.draft }
    }

    var parser: RequestParser {
        @inline(__always) _read { yield shared.pointee.parser }
        @inline(__always) _modify { yield &shared.pointee.parser }
    }

    /// Seconds since the epoch, now.
    var epochSecond: Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        return Int64(now.tv_sec)
    }

    func appendDate() {
        shared.pointee.date.update(epochSecond)
        shared.pointee.date.append(to: &shared.pointee.output)
    }

    /// A 200 of plain text on a connection that goes on, whose head changes once a second only.
    func appendPlain(_ body: UnsafeRawBufferPointer) {
        let second = epochSecond
        if shared.pointee.plainHeadSecond != second {
            shared.pointee.plainHeadSecond = second
            shared.pointee.date.update(second)
            shared.pointee.plainHead.removeAll()
            ResponseWriter.statusLine(200, into: &shared.pointee.plainHead)
            shared.pointee.date.append(to: &shared.pointee.plainHead)
            ResponseWriter.literalField(
                "Content-Type", "text/plain; charset=utf-8", into: &shared.pointee.plainHead)
            shared.pointee.plainHead.append("Content-Length: ")
        }
        ResponseWriter.prepared(
            head: shared.pointee.plainHead.readableBytes, body: body, into: &shared.pointee.output)
    }

    func appendSimple(
        _ status: Int, _ contentType: StaticString, _ body: UnsafeRawBufferPointer, keepAlive: Bool, head: Bool
    ) {
        shared.pointee.date.update(epochSecond)
        ResponseWriter.simple(
            status: status, contentType: contentType, body: body, date: shared.pointee.date, keepAlive: keepAlive,
            includesBody: !head, into: &shared.pointee.output)
    }

    func record(_ entry: AccessLogEntry) {
        guard let accessLog else { return }
        accessLog.record(entry, at: epochSecond)
        let timer = flushTimer ?? AccessLogFlush(accessLog)
        flushTimer = timer
        if !timer.isScheduled { loop.schedule(timer, at: loop.now + .seconds(1)) }
    }

    // MARK: Stopping

    /// Stops gracefully: no new connections; idle ones close; running requests may end within the grace time, and
    /// what is left then is cancelled. `whenStopped` is called once, when the last connection is gone.
    public func stop(whenStopped: @escaping () -> Void = {}) {
        guard !stopping else { return }
        stopping = true
        stopped = whenStopped
        listeners.forEach { $0.close() }
        listeners = []
        let timer = GraceTimer { [weak self] in self?.stopNow() }
        graceTimer = timer
        loop.schedule(timer, at: loop.now + options.graceTime)
        for connection in table.connections { connection?.stopWhenIdle() }
        finishStopping()
    }

    /// Stops at once: what runs is cancelled, connections close.
    public func stopNow() {
        if !isStopping { stop() }
        for connection in table.connections { connection?.abort() }
        finishStopping()
    }

    private func finishStopping() {
        guard isStopping, table.count == 0, let stopped else { return }
        refusals.end()
        self.stopped = nil
        if let graceTimer { loop.cancel(graceTimer) }
        if let flushTimer { loop.cancel(flushTimer) }
        accessLog?.flush()
        stopped()
    }
}

/// Writes what the access log has gathered, a second after the first line.
private final class AccessLogFlush: LoopTimer {
    private let log: AccessLog

    init(_ log: AccessLog) {
        self.log = log
        super.init(keepsLoopAlive: false)
    }

    override func fire() { log.flush() }
}

private final class GraceTimer: LoopTimer {
    private let action: () -> Void

    init(_ action: @escaping () -> Void) {
        self.action = action
        super.init()
    }

    override func fire() { action() }
}

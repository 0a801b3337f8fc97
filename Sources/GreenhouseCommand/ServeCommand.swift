import ArgumentParser
import Glibc
import Greenhouse

/// `greenhouse serve`.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves a web app written in Lua.",
        discussion: """
            The app file returns a function of a request, a list of such functions, a route table, or a GreenWSGI:
              return function(request) return "hello " .. request.path end
              return { ["GET /users/:id"] = function(request) return request.params.id end }

            SIGTERM or ctrl-c stops it: running requests may end first; a second one stops at once.
            SIGHUP reopens the access log. SIGUSR1 prints what every green does, with its traceback, to standard error.

            With --sandbox the app finds no files, processes, C modules or debug library;
            require finds Lua modules beside the app file. GreenHttp still reaches the
            network.

            Examples:
              greenhouse serve app.lua
              greenhouse serve app.lua --bind 0.0.0.0:80 --bind unix:/run/app.sock
              greenhouse serve app.lua --access-log - --development
              greenhouse serve app.lua --memory-limit 256M --cpu-limit 1 --time-limit 30
            """)

    @Argument(help: "The app file.")
    var app: String

    @Option(
        help: ArgumentHelp(
            "Where to listen: HOST:PORT, PORT, *:PORT, [IPV6]:PORT or unix:PATH; repeatable.", valueName: "address"))
    var bind: [String] = ["127.0.0.1:8060"]

    @Option(parsing: .unconditional, help: "How many handlers run at once, unless the app brings its own pool.")
    var maxWorkers = 1_000

    @Option(parsing: .unconditional, help: "How many requests may wait for a worker; more get 503. Default: no bound.")
    var queue: Int?

    @Option(help: ArgumentHelp("Write a line per request to this file; - for standard error.", valueName: "file"))
    var accessLog: String?

    @Option(help: "How the access log is written: common, combined or json.")
    var accessLogFormat: AccessLogFormat = .common

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long a client may keep the server waiting.", valueName: "seconds"))
    var timeout = 60.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long a connection stays open between requests.", valueName: "seconds"))
    var keepAlive = 75.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long running requests may go on when the server stops.", valueName: "seconds"))
    var grace = 30.0

    @Option(
        help: ArgumentHelp(
            "Largest request body, such as 65536, 64K or 64M; larger ones get 413 (default: 16M).", valueName: "bytes"),
        transform: byteCount)
    var maxBody = RequestLimits().body

    @Option(parsing: .unconditional, help: "Most connections at once; more wait.")
    var maxConnections = ServerOptions().maxConnections

    @OptionGroup var limits: LimitOptions

    @Option(
        parsing: .unconditional,
        help: "Most greens that one request may have at once, its own included; starting more is an error.")
    var requestGreens: Int?

    @Flag(help: "Show tracebacks in error pages, and remember which line started a green.")
    var development = false

    @OptionGroup var trust: TrustOptions

    func validate() throws {
        guard maxWorkers >= 1 else { throw ValidationError("--max-workers \(maxWorkers): expected a number from 1 up") }
        if let queue, queue < 0 { throw ValidationError("--queue \(queue): expected a number from 0 up") }
        guard maxConnections >= 1 else {
            throw ValidationError("--max-connections \(maxConnections): expected a number from 1 up")
        }
        if let requestGreens, requestGreens < 1 {
            throw ValidationError("--request-greens \(requestGreens): expected a number from 1 up")
        }
        for (name, seconds) in [("timeout", timeout), ("keep-alive", keepAlive), ("grace", grace)]
        where !(seconds > 0 && seconds < 1e9) {
            throw ValidationError("--\(name) \(seconds): expected a number of seconds above 0")
        }
        for text in bind {
            do throws(NetError) { _ = try BindAddress(parsing: text) } catch {
                throw ValidationError(error.message)
            }
        }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        SignalSource.block([SIGINT, SIGTERM, SIGHUP, SIGUSR1])
        do {
            try serve()
        } catch let error as LuaError {
            throw CommandFailure(message: error.description)
        } catch let error as NetError {
            throw CommandFailure(message: error.message)
        } catch let error as WSGIError {
            throw CommandFailure(message: error.message)
        } catch let error as EventLoopError {
            throw CommandFailure(message: error.description)
        }
    }

    private func serve() throws {
        let script = try ScriptFile(reading: app)
        let log = try accessLog.map { path throws(WSGIError) in
            try AccessLog(path == "-" ? .standardError : .file(path: path), format: accessLogFormat)
        }
        let appServer = try AppServer(
            libraries: trust.libraries, sandbox: trust.sandbox(for: script), limits: limits.host(forEachGreen: false))
        appServer.maxWorkers = maxWorkers
        appServer.queueLimit = queue
        appServer.options = options
        appServer.scheduler.recordsSpawnSites = development
        let stopper = try Stopper(appServer, log)
        let server = try appServer.load(script, accessLog: log)
        for text in bind {
            let address = try server.listen(on: BindAddress(parsing: text))
            let shown = address.family == .unix ? "\(address)" : "http://\(address)"
            Terminal.complain("listening on \(shown) (\(app), pid \(getpid()))")
        }
        appServer.loop.run()
        stopper.cancel()
        appServer.close()
    }

    private var options: ServerOptions {
        var options = ServerOptions()
        options.clientTimeout = .seconds(timeout)
        options.idleTimeout = .seconds(keepAlive)
        options.graceTime = .seconds(grace)
        options.limits.body = maxBody
        options.maxConnections = maxConnections
        options.isDevelopment = development
        options.handlerLimits = limits.request(greens: requestGreens)
        return options
    }
}

/// What the signals do: the first SIGTERM or SIGINT stops gracefully, the second at once; the others look after logs.
private final class Stopper {
    private var source: SignalSource?

    init(_ appServer: AppServer, _ log: AccessLog?) throws(EventLoopError) {
        let loop = appServer.loop
        let signals = [SIGINT, SIGTERM, SIGHUP, SIGUSR1]
        source = try SignalSource(loop: loop, signals: signals) { [unowned appServer] signal in
            if signal == SIGUSR1 { return Terminal.complain(appServer.scheduler.greensReport()) }
            if signal == SIGHUP {
                do throws(WSGIError) { try log?.reopen() } catch { Terminal.complain(error.message) }
                return
            }
            guard let server = appServer.server else { exit(128 + signal) }
            if server.isStopping {
                server.stopNow()
            } else {
                Terminal.complain("stopping; running requests may end, once more stops at once")
                server.stop { loop.stop() }
            }
        }
    }

    func cancel() { source?.cancel() }
}

extension AccessLogFormat: ExpressibleByArgument {
    /// The format's name on the command line.
    public init?(argument: String) {
        switch argument {
        case "common": self = .common
        case "combined": self = .combined
        case "json": self = .json
        default: return nil
        }
    }
}

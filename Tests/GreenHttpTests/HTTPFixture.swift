import EventLoop
import Foundation
import LuaRuntime
import Testing

@testable import Green
@testable import GreenHttp

/// A scheduler with GreenHttp, in real time, and the ways a test talks to its scripts.
final class HTTPFixture {
    let loop: EventLoop
    let scheduler: Scheduler
    private(set) var logged: [String] = []

    init() throws {
        // Loads libcurl, for tests that make clients themselves.
        #expect(CurlLibrary.problem == nil)
        loop = try EventLoop(name: "test", clock: .monotonic)
        scheduler = try Scheduler(loop: loop)
        scheduler.log = { [weak self] in self?.logged.append($0) }
        try GreenHttpModule.install(in: scheduler, allowsFiles: true)
        try call("green = require 'green'; raw = 'http://\(Self.raw)'")
    }

    deinit { scheduler.close() }

    /// Whether `scripts/test-servers` runs us.
    static let hasServers = ProcessInfo.processInfo.environment["GREENHOUSE_TEST_RAW"] != nil
    static let raw = ProcessInfo.processInfo.environment["GREENHOUSE_TEST_RAW"] ?? ""

    /// A page of the raw-bytes server.
    static func page(_ path: String) -> String { "http://\(raw)\(path)" }

    var stack: LuaStack { scheduler.lua.main }

    /// Starts a chunk in a green.
    func start(_ source: String) throws -> Future {
        try scheduler.lua.load(Array(source.utf8), name: "=test")
        let future = Future(scheduler)
        try scheduler.start(from: stack, arguments: 0, outcome: future)
        return future
    }

    /// Runs a chunk in a green, and the loop until nothing is left to do; the chunk's first value as text.
    @discardableResult
    func run(_ source: String) throws -> String {
        let future = try start(source)
        loop.runUntilIdle()
        return try text(of: future)
    }

    /// Runs a chunk outside of any green.
    func call(_ source: String) throws {
        try scheduler.lua.load(Array(source.utf8), name: "=test")
        try scheduler.lua.call(on: stack, arguments: 0, results: 0)
    }

    /// The first value of a settled future as text; throws its error.
    func text(of future: Future) throws -> String {
        let top = stack.top
        defer { stack.setTop(top) }
        guard future.isDone else { throw LuaError(.runtime, "not done:\n" + scheduler.waitingReport()) }
        switch future.push(on: stack) {
        case .values(let count): return count == 0 ? "" : stack.description(of: top + 1)
        case .error: throw LuaError(valueOnTopOf: stack)
        }
    }

    /// The client that a script made as the global `http`.
    func client() throws -> HTTPClient {
        stack.pushGlobals()
        try stack.pushField("http", of: -1)
        try stack.pushField("core", of: -1)
        defer { stack.pop(3) }
        return try #require(ClientObject.at(-1, of: stack))
    }

    func collectGarbage() {
        scheduler.lua.collectGarbage()
        scheduler.lua.collectGarbage()
    }
}

/// Sockets by what the kernel calls them: descriptors are given out again, and other tests have theirs.
struct OpenSockets {
    private var nodes: Set<UInt> = []

    mutating func add(_ descriptors: [Int32]) {
        for descriptor in descriptors {
            var status = stat()
            if fstat(descriptor, &status) == 0 { nodes.insert(status.st_ino) }
        }
    }

    var count: Int { nodes.count }

    /// How many of them are still open in this process.
    var stillOpen: Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.count { name in
            var status = stat()
            guard let descriptor = Int32(name), fstat(descriptor, &status) == 0 else { return false }
            return (status.st_mode & S_IFMT) == S_IFSOCK && nodes.contains(status.st_ino)
        }
    }
}

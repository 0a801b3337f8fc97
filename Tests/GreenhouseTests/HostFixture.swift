import EventLoop
import Greenhouse
import LuaRuntime

/// Gives a body a host on a running loop of its own, and closes both afterwards.
func withHost(
    libraries: LuaLibraries = .sandboxed, sandbox: ScriptSandbox? = nil, limits: RunLimits = RunLimits(),
    _ body: (ScriptHost) async throws -> Void
) async throws {
    let loop = try EventLoop(name: "test")
    loop.start()
    do {
        let host = try await ScriptHost(on: loop, libraries: libraries, sandbox: sandbox, limits: limits)
        do {
            try await body(host)
        } catch {
            await host.close()
            throw error
        }
        await host.close()
    } catch {
        loop.stop()
        loop.join()
        throw error
    }
    loop.stop()
    loop.join()
}

/// The error a body throws; nil when it throws none.
func luaError<T>(_ body: () async throws(LuaError) -> T) async -> LuaError? {
    do throws(LuaError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

/// Something that happens, told from any thread, and waited for by one test.
struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func send() { continuation.yield() }

    func wait() async {
        var iterator = stream.makeAsyncIterator()
        await iterator.next()
    }
}

/// Tells when it goes away.
final class Witness: Sendable {
    private let gone: Signal

    init(_ gone: Signal) { self.gone = gone }

    deinit { gone.send() }

    func see() {}
}

struct NotFound: Error, CustomStringConvertible {
    let id: Int
    var description: String { "no user \(id)" }
}

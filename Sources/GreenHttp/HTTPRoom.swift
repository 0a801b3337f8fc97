import Glibc
import Green
import LuaRuntime

/// What the natives of this room share in one Lua state.
final class HTTPRoom {
    /// Whether scripts may name files: certificates, uploads, cookie jars, downloads.
    let allowsFiles: Bool
    let census = ClientCensus()

    init(allowsFiles: Bool) { self.allowsFiles = allowsFiles }

    /// How many clients may be open: with a quarter of the descriptors that the process may have. The rest is for what
    /// they and others connect.
    private static let mostClients: Int = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 128 }
        return max(8, Int(clamping: limit.rlim_cur / 8))
    }()

    /// Whether one more client may be made, once those that nobody holds any more have gone.
    func hasRoom(_ lua: LuaStack) -> Bool {
        if census.clients < Self.mostClients { return true }
        lua.collectGarbage()
        return census.clients < Self.mostClients
    }

    static func of(_ lua: LuaStack) -> HTTPRoom {
        for attachment in Scheduler.of(lua).attachments {
            if let room = attachment as? HTTPRoom { return room }
        }
        fatalError("bug: a native of GreenHttp in a state that it was not installed in")
    }

    /// nil, "path: what is wrong with it".
    static func answerFault(_ lua: LuaStack, _ path: String, _ fault: String) -> Int32 {
        let text = "\(path): \(fault)"
        lua.pushNil()
        do { try lua.push(text) } catch { return Native.raise }
        return 2
    }
}

import Green
import LuaRuntime

/// What the natives of this room share in one Lua state.
final class HTTPRoom {
    /// Whether scripts may name files: certificates, uploads, cookie jars, downloads.
    let allowsFiles: Bool
    let census = ClientCensus()

    init(allowsFiles: Bool) { self.allowsFiles = allowsFiles }

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

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

    /// nil, "path: what errno says".
    static func answerSystemError(_ lua: LuaStack, _ path: String) -> Int32 {
        let text = "\(path): \(SmallFile.lastError)"
        lua.pushNil()
        do { try lua.push(text) } catch { return Native.raise }
        return 2
    }
}

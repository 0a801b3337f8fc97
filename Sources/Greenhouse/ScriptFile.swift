import Glibc
import LuaRuntime

/// The text of a script, and where it came from.
public struct ScriptFile: Sendable {
    /// The bytes.
    public let source: [UInt8]
    /// The name Lua puts in messages, as in the manual's `lua_load`: `"@app.lua"`, `"=stdin"`.
    public let chunkName: String
    /// The folder of the file, for `require`; nil for text that is in no file.
    public let folder: String?

    /// Text that is in no file; `name` is what messages call it.
    public init(source: String, name: String) {
        self.source = Array(source.utf8)
        chunkName = "=" + name
        folder = nil
    }

    /// Reads a file; "-" is standard input.
    /// - Throws: `.file` naming the path and what the system said.
    public init(reading path: String) throws(LuaError) {
        if path == "-" {
            source = Self.withoutPreamble(try Self.readAll(STDIN_FILENO, path: "standard input"))
            chunkName = "=stdin"
            folder = nil
            return
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(path, errno) }
        defer { close(descriptor) }
        source = Self.withoutPreamble(try Self.readAll(descriptor, path: path))
        chunkName = "@" + path
        folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    static func readAll(_ descriptor: Int32, path: String) throws(LuaError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw unreadable(path, errno)
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    private static func unreadable(_ path: String, _ code: Int32) -> LuaError {
        LuaError(.file, "cannot read \(path): \(String(cString: strerror(code)))")
    }

    /// What is for others than Lua, as `luaL_loadfile` leaves it out: the mark of UTF-8 that some editors write, and a first
    /// line that starts with `#`, for the shell (manual 7); its newline stays, so that lines count right.
    static func withoutPreamble(_ bytes: [UInt8]) -> [UInt8] {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        guard text.first == UInt8(ascii: "#") else { return text.count == bytes.count ? bytes : Array(text) }
        return Array(text.drop { $0 != UInt8(ascii: "\n") })
    }
}

import Glibc
import LuaRuntime

/// A folder in which `require` of a closed sandbox looks for modules.
struct ModuleFolder {
    /// As the host named it.
    let path: String

    /// The most that a module may have, in bytes.
    static let largestModule = 16 << 20

    /// A folder.
    /// - Throws: `.file` where there is none.
    init(_ path: String) throws(LuaError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw LuaError(.file, "cannot use the module folder \(path): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw LuaError(.file, "cannot use the module folder \(path): not a folder")
        }
        self.path = path
    }

    /// `read_module(folder, file)`: the text and the name of a file in a folder; nil without one; nil and what is wrong.
    static let read = Native("require") { state in
        let lua = LuaStack(state)
        guard let folder = lua.string(at: 1), let file = lua.string(at: 2) else {
            return lua.fail("folder and file expected")
        }
        do {
            switch load(file, in: folder) {
            case nil:
                lua.pushNil()
                return 1
            case .failure(let problem)?:
                lua.pushNil()
                try lua.push(problem.text)
            case .success(let text)?:
                try text.withUnsafeBytes { try lua.push(bytes: $0) }
                try lua.push("\(folder)/\(file)")
            }
            return 2
        } catch {
            return Native.raise
        }
    }

    private struct Problem: Error {
        let text: String
    }

    private static func load(_ file: String, in folder: String) -> Result<[UInt8], Problem>? {
        let path = "\(folder)/\(file)"
        // Not blocking: a pipe of that name would keep the loop waiting for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            return .failure(Problem(text: "cannot read \(path): \(String(cString: strerror(errno)))"))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return .failure(Problem(text: "\(path) is not a regular file"))
        }
        guard status.st_size <= largestModule else {
            return .failure(Problem(text: "\(path) has \(status.st_size) bytes, and a module at most \(largestModule)"))
        }
        // What has been opened, not what has that name by now.
        guard let root = realPath(folder), let real = realPath("/proc/self/fd/\(descriptor)"),
            real.hasPrefix(root.hasSuffix("/") ? root : root + "/")
        else {
            return .failure(Problem(text: "\(path) leads out of the module folder"))
        }
        do throws(LuaError) {
            return .success(ScriptFile.withoutPreamble(try ScriptFile.readAll(descriptor, path: path)))
        } catch {
            return .failure(Problem(text: error.message))
        }
    }

    private static func realPath(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}

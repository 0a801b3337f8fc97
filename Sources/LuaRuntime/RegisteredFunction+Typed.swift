/// Functions whose arguments and results Swift converts.
extension RegisteredFunction {
    /// A function of typed arguments. Arguments beyond those are ignored, as in Lua; what `body` throws becomes the
    /// Lua error at the call.
    @inlinable
    public static func typed<each Argument: LuaConvertible, Result: LuaConvertible>(
        _ name: String, _ body: @escaping (repeat each Argument) throws -> Result
    ) -> RegisteredFunction {
        RegisteredFunction(name: name) { lua in
            var reader = ArgumentReader(lua)
            let arguments: (repeat each Argument)
            do throws(LuaMismatch) {
                arguments = (repeat try reader.next((each Argument).self))
            } catch {
                return lua.fail(argument: reader.position, of: name, error)
            }
            let result: Result
            do {
                result = try body(repeat each arguments)
            } catch {
                return lua.fail(throwing: error)
            }
            return lua.give(result)
        }
    }
}

/// Reads arguments one after another.
public struct ArgumentReader {
    @usableFromInline let lua: LuaStack
    /// The number of the argument read last, from 1.
    public private(set) var position: Int32 = 0

    /// A reader before argument 1 of the running function.
    public init(_ lua: LuaStack) { self.lua = lua }

    /// The next argument.
    @inlinable
    public mutating func next<T: LuaConvertible>(_ type: T.Type) throws(LuaMismatch) -> T {
        advance()
        return try T.fromLua(lua, at: position)
    }

    @usableFromInline
    mutating func advance() { position += 1 }
}

extension LuaStack {
    /// Pushes what a native gives; the code to answer.
    @inlinable
    public func give<Result: LuaConvertible>(_ result: Result) -> Int32 {
        let before = top
        do { try result.pushLua(on: self) } catch { return Native.raise }
        return top - before
    }
}

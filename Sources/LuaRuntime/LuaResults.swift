/// Several results: of a registered function, as in `LuaResults(nil as Int?, "no such user")`, or of a call, as in
/// `returning: LuaResults<Int, String>.self`.
public struct LuaResults<each Value: LuaConvertible>: LuaConvertible {
    /// The results in order.
    public let values: (repeat each Value)

    /// These results.
    public init(_ values: repeat each Value) { self.values = (repeat each values) }

    /// Pushes each.
    public func pushLua(on lua: LuaStack) throws(LuaFailure) {
        for value in repeat each values { try value.pushLua(on: lua) }
    }

    /// Reads as many values from the index on.
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> LuaResults {
        var next = index
        func read<T: LuaConvertible>(_ type: T.Type) throws(LuaMismatch) -> T {
            defer { next += 1 }
            do {
                return try T.fromLua(lua, at: next)
            } catch {
                throw error.inside("result \(next - index + 1)")
            }
        }
        return LuaResults(repeat try read((each Value).self))
    }
}

extension LuaResults: Sendable where repeat each Value: Sendable {}

/// An error value that scripts can tell apart: `err.kind`, `err.message`, and `tostring(err)`.
public final class ErrorObject {
    /// What sort of error it is.
    public let kind: LuaError.Kind
    /// What `tostring` and `.message` give.
    public let message: String
    /// The Swift error behind it, if any.
    public let underlying: (any Error)?

    /// The limit that it tells of, where it knows that by itself.
    public let limit: RunLimit?

    /// An error value; `underlying` is the Swift error behind it.
    public init(
        _ kind: LuaError.Kind, _ message: String, underlying: (any Error)? = nil, limit: RunLimit? = nil
    ) {
        self.kind = kind
        self.message = message
        self.underlying = underlying
        self.limit = limit
    }

    /// The class that scripts see.
    public static let definition: ClassDefinition = ClassDefinition(
        "green.error",
        members: [.property("kind", 1), .property("message", 2)],
        get: Native("green.error.get") { state in
            let lua = LuaStack(state)
            guard let object = at(1, of: lua) else { return lua.fail(argument: 1, expected: "green.error") }
            do {
                try lua.push(lua.integer(at: 3) == 1 ? object.kindName : object.message)
            } catch {
                return Native.raise
            }
            return 1
        },
        metamethods: [
            .method(
                "__tostring",
                Native("green.error.tostring") { state in
                    let lua = LuaStack(state)
                    guard let object = at(1, of: lua) else { return lua.fail(argument: 1, expected: "green.error") }
                    do { try lua.push(object.message) } catch { return Native.raise }
                    return 1
                })
        ],
        outside: 128, release: ClassDefinition.releaseReference)

    /// The error object at an index, or nil for any other value.
    public static func at(_ index: Int32, of stack: LuaStack) -> ErrorObject? {
        stack.reference(at: index, of: definition, as: ErrorObject.self)
    }

    /// What `.kind` reads in a script.
    public var kindName: String {
        switch kind {
        case .timeout: "timeout"
        case .cancelled: "cancelled"
        case .limit: "limit"
        case .closed: "closed"
        case .conversion: "conversion"
        default: underlying == nil ? "runtime" : "host"
        }
    }
}

import CGreen

/// Something went wrong in a script, or in talking to one.
public struct LuaError: Error, Sendable, CustomStringConvertible {
    /// What sort of thing went wrong.
    public enum Kind: Sendable {
        /// The text is no Lua.
        case syntax
        /// The script raised an error.
        case runtime
        /// The state's memory limit, or the machine's memory, was reached.
        case memory
        /// A value had not the type that was expected.
        case conversion
        /// The call was cancelled.
        case cancelled
        /// The call took longer than allowed.
        case timeout
        /// It used more of the processor than allowed.
        case limit
        /// The host is closed.
        case closed
        /// A file cannot be read.
        case file
    }

    /// What sort of thing went wrong.
    public let kind: Kind
    /// One line or more, as the script's error value reads.
    public package(set) var message: String
    /// Where it happened, innermost first; empty where there is nothing to tell.
    public package(set) var traceback: String
    /// The Swift error a registered function threw, when that was the cause.
    public let underlying: (any Error)?
    /// The limit that ended the run, when that was the cause, and how large it was. Of a green that waited for another
    /// one's result: the other's.
    public package(set) var limit: RunLimit?

    /// An error of this kind.
    public init(_ kind: Kind, _ message: String, traceback: String = "", underlying: (any Error)? = nil) {
        self.kind = kind
        self.message = message
        self.traceback = traceback
        self.underlying = underlying
    }

    /// The message, and below it the traceback.
    public var description: String { traceback.isEmpty ? message : "\(message)\n\(traceback)" }
}

extension LuaError {
    /// Takes the error value (and the traceback above it) off a stack.
    public init(taking stack: LuaStack, status: Int32, withTraceback: Bool = false) {
        var traceback = ""
        if withTraceback {
            traceback = stack.string(at: -1) ?? ""
            stack.pop()
        }
        self.init(valueOnTopOf: stack, status: status, traceback: traceback)
        stack.pop()
    }

    /// Reads the error value on top of a stack and leaves it there.
    public init(valueOnTopOf stack: LuaStack, status: Int32 = Int32(CG_ERRRUN), traceback: String = "") {
        if let object = ErrorObject.at(-1, of: stack) {
            self.init(object.kind, object.message, traceback: traceback, underlying: object.underlying)
            limit = object.limit
            return
        }
        var kind: Kind =
            switch Int(status) {
            case CG_ERRSYNTAX: .syntax
            case CG_ERRMEM: .memory
            default: .runtime
            }
        let text = kind == .memory && stack.isNil(at: -1) ? Self.noMemory : Self.text(of: stack)
        // Caught and raised again, as by whoever waits for the green that had none, it is the same.
        if kind == .runtime, text == Self.noMemory { kind = .memory }
        self.init(kind, text, traceback: traceback)
    }

    /// The error value on top as text: of a table that has no text of its own, its field `message`.
    private static func text(of stack: LuaStack) -> String {
        // A string needs no memory to be read, of which there may be none left.
        if let text = stack.string(at: -1) { return text }
        let text = stack.description(of: -1)
        guard stack.type(at: -1) == .table, text.hasPrefix("table: "), stack.reserve(4) else { return text }
        let before = stack.top
        defer { stack.setTop(before) }
        if (try? stack.findField("message", of: -1)) != nil, let message = stack.string(at: -1) { return message }
        return withoutText
    }

    /// Lua's own message.
    package static let noMemory = "not enough memory"

    package static let withoutText = "the error is a table without a text (give it a field 'message' or a __tostring)"

    /// Whether the text of the error value on top is made by code of a script.
    package static func textAsksScript(onTopOf stack: LuaStack) -> Bool {
        if stack.textAsksScript(of: -1) { return true }
        guard stack.type(at: -1) == .table, !stack.hasMetafield("__tostring", at: -1) else { return false }
        let before = stack.top
        defer { stack.setTop(before) }
        guard let isThere = try? stack.findField("message", of: -1) else { return false }
        return !isThere
    }
}

import LuaRuntime

/// How a green has failed, kept by its future: for whoever waits for that, and lets the error go on.
final class GreenFailure {
    /// What has failed: "green 3".
    private let name: String
    /// With the traceback of the green itself.
    let error: LuaError
    /// Where the value of the error is; told apart by that.
    private let identity: UnsafeRawPointer?
    /// The failure of another green that this one has let go on.
    private let cause: GreenFailure?
    private let depth: Int

    private static let mostDepth = 8
    private static let mostBytes = 4_000

    init(_ name: String, _ error: LuaError, value: UnsafeRawPointer?, cause: GreenFailure?) {
        self.name = name
        self.error = error
        identity = value
        // Of a long chain the innermost stays.
        self.cause = cause.map { $0.depth < Self.mostDepth ? $0 : $0.root }
        depth = (self.cause?.depth ?? 0) + 1
    }

    private var root: GreenFailure { cause?.root ?? self }

    /// Whether the value on top of a stack, whose text this is, is the error: a string may have got a place put before it.
    func isError(onTopOf stack: LuaStack, text: String) -> Bool {
        if let identity, stack.identity(of: -1) == identity { return true }
        return stack.type(at: -1) == .string && !error.message.isEmpty && text.hasSuffix(error.message)
    }

    /// The traceback, and below it those of the greens that the error came from.
    var traceback: String { Self.text(error.traceback, cause: cause) }

    static func text(_ traceback: String, cause: GreenFailure?) -> String {
        var text = bounded(traceback)
        var next = cause
        while let failure = next {
            let header = "stack traceback:\n"
            let calls = bounded(failure.error.traceback)
            text += "\nin \(failure.name):\n" + (calls.hasPrefix(header) ? calls.dropFirst(header.count) : calls[...])
            next = failure.cause
        }
        return text
    }

    private static func bounded(_ text: String) -> String {
        text.utf8.count <= mostBytes ? text : String(decoding: text.utf8.prefix(mostBytes), as: UTF8.self) + "\n\t..."
    }
}

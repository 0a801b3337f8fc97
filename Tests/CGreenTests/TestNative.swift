import CGreen

/// Natives and classes that tests make live for ever, as the membrane asks.
enum TestNative {
    static func make(
        _ name: StaticString, _ call: cg_function, resumed: cg_function? = nil
    ) -> UnsafePointer<cg_native> {
        let native = UnsafeMutablePointer<cg_native>.allocate(capacity: 1)
        native.initialize(to: cg_native(name: text(name), call: call, resumed: resumed))
        return UnsafePointer(native)
    }

    static func text(_ literal: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// `park(...)`: parks once, then returns its arguments.
    static func park() -> UnsafePointer<cg_native> {
        make("park", { _ in Int32(CG_PARK) }, resumed: { cg_top($0) })
    }

    /// Makes `below(fn)`, which calls `fn` from a C function that cannot be suspended: the `os.time` of Lua's own.
    static let below = """
        function below(fn)
          os.time(setmetatable({}, {__index = function(_, key) if key == "year" then fn() end return 1 end}))
        end
        """

    /// `park(...)` where nothing parks: returns its arguments.
    static func pass() -> UnsafePointer<cg_native> { make("pass", { cg_top($0) }) }
}

import Green
import LuaRuntime

/// A Lua function that Swift holds: from `ScriptHost.load`, or an argument or result of a registered function.
///
/// May be kept, copied and dropped on any thread. It does not keep its host alive; once that is closed, calls throw
/// `.closed`. Beware of circles: a registered closure that captures a function lives as long as the function, and
/// the other way round, until the host is closed.
public struct LuaFunction: Sendable, LuaConvertible {
    let reference: LuaReference

    /// Pushes the function.
    /// - Throws: when it belongs to another host.
    public func pushLua(on lua: LuaStack) throws(LuaFailure) {
        let scheduler = Scheduler.of(lua)
        guard reference.link === HostLink.of(scheduler) else {
            throw lua.failure("a function of another host cannot be used here")
        }
        scheduler.lua.vault.push(reference.slot, on: lua)
    }

    /// Reads a function, or another value that can be called.
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> LuaFunction {
        guard lua.type(at: index) != .none, lua.isCallable(at: index) else {
            throw LuaMismatch(expected: "function", lua, at: index)
        }
        return LuaFunction(reference: try LuaReference(lua, at: index))
    }
}

/// One value of a host, held from Swift.
final class LuaReference: Sendable {
    let link: HostLink
    let slot: Int32

    /// Holds the value at an index.
    init(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) {
        let scheduler = Scheduler.of(lua)
        guard let link = HostLink.of(scheduler) else { fatalError("bug: a function outside of any host") }
        self.link = link
        let vault = scheduler.lua.vault
        do {
            slot = try vault.reserve()
        } catch {
            scheduler.lua.main.pop()
            throw LuaMismatch(expected: "value", got: "one that there is no memory to hold")
        }
        lua.pushCopy(of: index)
        vault.store(slot, from: lua)
    }

    deinit { link.release(slot) }
}

/// Any value, held: what an app file returns may be a table.
struct HeldValue: LuaConvertible, Sendable {
    let reference: LuaReference

    func pushLua(on lua: LuaStack) throws(LuaFailure) {
        try LuaFunction(reference: reference).pushLua(on: lua)
    }

    static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> HeldValue {
        guard !lua.isNil(at: index) else { throw LuaMismatch(expected: "app", lua, at: index) }
        return HeldValue(reference: try LuaReference(lua, at: index))
    }
}

extension HostLink {
    /// The link of the host that a scheduler belongs to.
    static func of(_ scheduler: Scheduler) -> HostLink? {
        for attachment in scheduler.attachments {
            if let link = attachment as? HostLink { return link }
        }
        return nil
    }
}

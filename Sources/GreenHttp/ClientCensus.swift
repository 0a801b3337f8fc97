import LuaRuntime

/// How many clients and requests a state has.
final class ClientCensus {
    /// That are open: not closed, and not collected.
    var clients = 0
    var inFlight = 0
    var completed = 0

    /// Pushes it as a table.
    func push(on lua: LuaStack) throws(LuaFailure) {
        try lua.pushTable(fields: 3)
        for (name, value) in [("clients", clients), ("in_flight", inFlight), ("completed", completed)] {
            lua.push(value)
            try lua.setField(name, of: -2)
        }
    }
}

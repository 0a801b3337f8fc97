import LuaRuntime

/// Reads `retries`: a count, or a table of a policy's parts.
struct RetryReader {
    let reader: SettingsReader
    private static let week = 7.0 * 86_400

    func read() throws(SettingsReader.Fault) -> RetryPolicy {
        let lua = reader.lua
        var policy = RetryPolicy()
        guard lua.type(at: -1) == .table else {
            policy.count = try reader.count("retries")
            return policy
        }
        policy.count = 3
        let names = ["count", "backoff", "longest", "unsafe", "statuses"]
        try reader.checkNames(names, of: "retries")
        for name in names {
            do { try lua.pushField(name, of: -1) } catch { throw SettingsReader.Fault(message: "not enough memory") }
            defer { lua.pop() }
            if lua.isNil(at: -1) { continue }
            switch name {
            case "count": policy.count = try reader.count("retries.count")
            case "backoff": policy.backoff = min(try reader.number("retries.backoff"), Self.week)
            case "longest": policy.longest = min(try reader.number("retries.longest"), Self.week)
            case "unsafe": policy.repeatsUnsafe = try reader.flag("retries.unsafe")
            default: policy.statuses = try statuses()
            }
        }
        return policy
    }

    private func statuses() throws(SettingsReader.Fault) -> [Int] {
        let lua = reader.lua
        var list: [Int] = []
        guard lua.type(at: -1) == .table else {
            throw SettingsReader.Fault(message: "option 'retries.statuses': list of numbers expected")
        }
        for position in 0..<lua.rawLength(of: -1) {
            lua.pushRaw(index: position + 1, of: -1)
            defer { lua.pop() }
            list.append(try reader.count("retries.statuses[\(position + 1)]"))
        }
        return list
    }
}

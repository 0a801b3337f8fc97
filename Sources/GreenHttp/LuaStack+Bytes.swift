import LuaRuntime

extension LuaStack {
    /// Pushes a string of these bytes.
    func push(copying bytes: [UInt8]) throws(LuaFailure) {
        let failure: LuaFailure? = bytes.withUnsafeBytes { raw in
            do throws(LuaFailure) {
                try push(bytes: raw)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}

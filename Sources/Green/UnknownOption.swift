import LuaRuntime

extension LuaStack {
    /// A name in a table of options that is none of `known`; nil where there is none. A misspelled one should not be
    /// passed over.
    func unknownOption(of index: Int32, beside known: [String]) throws(LuaFailure) -> String? {
        pushNil()
        while try next(of: index) {
            pop()
            guard let name = string(at: -1), known.contains(name) else {
                defer { pop() }
                return description(of: -1)
            }
        }
        return nil
    }
}

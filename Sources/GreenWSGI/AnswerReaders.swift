import Green
import LuaRuntime

/// Functions of `answers.lua` that make plain values of answers in which metamethods have something to say: they run in the
/// handler's green, because Swift would run them outside of any.
final class AnswerReaders {
    private let vault: Vault
    /// The vault's number of the function for what a handler gave.
    private let given: Int32
    /// And for an error that may be an answer.
    private let thrown: Int32

    /// Takes the two functions from the table on top of a stack, which stays.
    init(of stack: LuaStack, _ vault: Vault) throws(LuaFailure) {
        self.vault = vault
        try stack.pushField("of_given", of: -1)
        given = try vault.reserve()
        vault.store(given, from: stack)
        try stack.pushField("of_thrown", of: -1)
        thrown = try vault.reserve()
        vault.store(thrown, from: stack)
    }

    private static func of(_ scheduler: Scheduler) -> AnswerReaders? {
        for attachment in scheduler.attachments {
            if let readers = attachment as? AnswerReaders { return readers }
        }
        return nil
    }

    /// Puts the function for a handler's top `count` values below these: all that is on a green's stack when it ends is
    /// what it gave. How many values, nil when there is no room.
    static func push(forGiven count: Int32, on stack: LuaStack, _ scheduler: Scheduler) -> Int32? {
        guard let readers = of(scheduler), stack.reserve(2) else { return nil }
        readers.vault.push(readers.given, on: stack)
        stack.insert(at: -count - 1)
        return count
    }

    /// The same for the error on top.
    static func push(forThrownOn stack: LuaStack, _ scheduler: Scheduler) -> Int32? {
        guard let readers = of(scheduler), stack.reserve(2) else { return nil }
        readers.vault.push(readers.thrown, on: stack)
        stack.pushCopy(of: -2)
        return 1
    }
}

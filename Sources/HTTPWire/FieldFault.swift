/// What is wrong with a header line of a request or a response; each parser makes an error of its own from it.
struct FieldFault: Error {
    /// What was wrong and what was expected.
    let message: StaticString

    init(_ message: StaticString) {
        self.message = message
    }
}

/// What a look at the bytes so far has brought.
public enum ParseProgress: Sendable, Equatable {
    /// Everything so far is right; the head is not complete. Call again with more bytes.
    case needsMore
    /// The head is complete: ``RequestParser/head`` and ``RequestParser/fields`` are valid.
    case complete
    /// The message is refused; the same error comes back until ``RequestParser/reset()``.
    case failed(RequestError)
}

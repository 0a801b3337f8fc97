/// What a look at the bytes so far has brought.
public enum ResponseProgress: Sendable, Equatable {
    /// Everything so far is right; the head is not complete. Call again with more bytes.
    case needsMore
    /// The head is complete: ``ResponseHeadParser/head`` and ``ResponseHeadParser/fields`` are valid.
    case complete
    /// The response is refused; the same error comes back until ``ResponseHeadParser/reset(answering:)``.
    case failed(ResponseError)
}

import Green
import HTTPWire

/// The body of the request that a connection serves: decoded as it is read, never further ahead than asked for.
///
/// Loop thread only.
final class RequestBody: WaitList {
    private enum Framing {
        case length(Int)
        case chunked(ChunkedDecoder)
    }

    private var framing: Framing
    /// All of it has been read.
    private(set) var isFinished = false
    /// It was refused, or the client is gone.
    private(set) var error: RequestError?
    /// What was read for a call that wants more.
    var collected: [UInt8] = []
    /// The client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    var awaitsContinue: Bool

    /// For requests that have a body.
    init(_ head: RequestHead, limits: RequestLimits) {
        switch head.framing {
        case .none: framing = .length(0)
        case .length(let count): framing = .length(count)
        case .chunked: framing = .chunked(ChunkedDecoder(limits: limits))
        }
        awaitsContinue = head.expectsContinue
        super.init()
    }

    override var waitDescription: String { "a request's body" }

    /// Bytes still to come, where that is known.
    var remaining: Int? {
        if case .length(let left) = framing { return left }
        return nil
    }

    func fail(_ error: RequestError) {
        if self.error == nil { self.error = error }
        wakeAll()
    }

    /// Moves up to `most` decoded bytes from the input to `output`; how many. 0: nothing there yet, or the end.
    func read(_ most: Int, from input: inout ByteBuffer, into output: (UnsafeRawBufferPointer) -> Void) -> Int {
        var moved = 0
        while !isFinished, error == nil, moved < most, !input.isEmpty {
            switch framing {
            case .length(let left):
                let count = min(left, most - moved, input.count)
                output(UnsafeRawBufferPointer(rebasing: input.readableBytes[..<count]))
                input.consume(count)
                moved += count
                framing = .length(left - count)
                isFinished = left == count
            case .chunked(var decoder):
                // No more is given to the decoder than may be moved: it consumes all it looks at.
                let given = UnsafeRawBufferPointer(rebasing: input.readableBytes[..<min(input.count, most - moved)])
                switch decoder.next(given) {
                case .data(let range, let consumed):
                    output(range.slice(of: given))
                    moved += Int(range.count)
                    input.consume(consumed)
                case .needsMore(let consumed): input.consume(consumed)
                case .finished(let consumed):
                    input.consume(consumed)
                    isFinished = true
                case .failed(let refused): error = refused
                }
                framing = .chunked(decoder)
            }
        }
        return moved
    }
}

import EventLoop
import HTTPWire

/// A request from Swift: the task waits, the exchange runs on the loop.
// Safety: everything but `core` and `asked` is touched on the loop's thread only; tasks pass the reference on.
final class SwiftCall: @unchecked Sendable {
    typealias Head = (response: HTTPResponse, call: SwiftCall)
    private let core: ClientCore
    private let asked: Asked
    private var exchange: Exchange?
    /// The last response, once its head is there.
    private var response: ClientResponse?
    private var isCancelled = false
    private var head: CheckedContinuation<Result<HTTPResponse, HTTPClientError>, Never>?
    private var piece: CheckedContinuation<Result<[UInt8]?, HTTPClientError>, Never>?
    /// The body function is being asked.
    private var isFeeding = false

    init(_ core: ClientCore, _ asked: Asked) {
        self.core = core
        self.asked = asked
    }

    /// Makes the request, and waits for its response, or for its head.
    func perform() async throws(HTTPClientError) -> Head {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                core.loop.execute { self.begin(continuation) }
            }
        } onCancel: {
            cancel()
        }
        return (try result.get(), self)
    }

    /// The next piece of a streamed body; nil at the end.
    func read() async throws(HTTPClientError) -> [UInt8]? {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                core.loop.execute {
                    self.piece?.resume(returning: .success(nil))
                    self.piece = continuation
                    self.step()
                }
            }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    /// Any thread.
    func cancel() {
        core.loop.execute { self.abandon() }
    }

    // MARK: On the loop

    /// What is still to come is not wanted.
    func abandon() {
        isCancelled = true
        exchange?.abort()
    }

    private func begin(_ continuation: CheckedContinuation<Result<HTTPResponse, HTTPClientError>, Never>) {
        guard let client = core.client, !isCancelled else {
            let reason = isCancelled ? "cancelled" : "the client is closed"
            return continuation.resume(returning: .failure(HTTPClientError(.cancelled, "\(asked.method): \(reason)")))
        }
        do throws(HTTPClientError) {
            let (request, settings) = try asked.request(of: client)
            let exchange = Exchange(client, request, settings)
            exchange.wants = [.head, .data, .upload]
            self.exchange = exchange
            head = continuation
            core.began(self)
            exchange.start()
            exchange.observer = { [weak self] in self?.step() }
            step()
        } catch {
            continuation.resume(returning: .failure(error))
        }
    }

    /// Something happened.
    private func step() {
        guard let exchange else {
            guard let piece else { return }
            self.piece = nil
            return piece.resume(returning: next(of: response))
        }
        feed(exchange)
        if exchange.isDone { return end(exchange) }
        guard asked.isStreamed, exchange.hasFinalHead else { return }
        response = exchange.response
        if let head {
            self.head = nil
            head.resume(returning: .success(HTTPResponse(exchange.response.withoutBody)))
        }
        if let piece, !exchange.response.body.isEmpty {
            self.piece = nil
            piece.resume(returning: next(of: exchange.response))
            exchange.bodyWasTaken()
        }
    }

    private func end(_ exchange: Exchange) {
        let response = exchange.response
        self.response = response
        self.exchange = nil
        exchange.observer = nil
        core.ended(self)
        if let head {
            self.head = nil
            if let failure = exchange.failure {
                head.resume(returning: .failure(failure))
            } else {
                head.resume(returning: .success(HTTPResponse(asked.isStreamed ? response.withoutBody : response)))
            }
        }
        if let piece {
            self.piece = nil
            piece.resume(returning: next(of: response))
        }
    }

    private func next(of response: ClientResponse?) -> Result<[UInt8]?, HTTPClientError> {
        guard let response else { return .success(nil) }
        if response.body.isEmpty {
            if let failure = response.failure { return .failure(failure) }
            return .success(nil)
        }
        let bytes = Array(response.body.readableBytes)
        response.body.removeAll()
        return .success(bytes)
    }

    /// Asks the body function for more when there is room.
    private func feed(_ exchange: Exchange) {
        guard case .stream(let stream) = exchange.request.upload, case .stream(_, let next) = asked.body,
            !isFeeding, !exchange.isDone, !stream.hasEnded, stream.buffer.count < UploadStream.lowWater
        else { return }
        isFeeding = true
        Task {
            let given: Result<[UInt8]?, any Error>
            do { given = .success(try await next()) } catch { given = .failure(error) }
            core.loop.execute { self.give(given) }
        }
    }

    private func give(_ given: Result<[UInt8]?, any Error>) {
        isFeeding = false
        guard let exchange, case .stream(let stream) = exchange.request.upload else { return }
        let fault: String?
        switch given {
        case .success(let bytes?): fault = bytes.withUnsafeBytes { stream.give($0) }
        case .success(nil): fault = stream.give(nil)
        case .failure(let error): fault = "the body function threw: \(error)"
        }
        if let fault { return exchange.finish(HTTPClientError(.upload, "\(exchange.subject): \(fault)")) }
        exchange.uploadWasGiven()
        step()
    }
}

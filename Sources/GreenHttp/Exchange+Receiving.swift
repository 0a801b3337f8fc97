import CCurl
import EventLoop
import Green
import HTTPWire

/// Tells an observer.
private final class ObserverTask: LoopTask {
    private let observer: () -> Void

    init(_ observer: @escaping () -> Void) {
        self.observer = observer
        super.init()
    }

    override func run() { observer() }
}

/// What libcurl's callbacks do. None calls libcurl.
extension Exchange {
    /// Bytes of a streamed body that may wait to be read; more is left to the connection.
    static let highWater = 262_144
    /// Bytes of an unwanted body that are read to keep its connection.
    private static let mostDiscarded = 262_144
    /// From here on a compressed body is suspected of being a bomb.
    private static let suspicious = 10 << 20

    /// The request is about to be sent on a connection; false when it must not be.
    ///
    /// libcurl comes here once more for an answer to a challenge; and when a kept connection broke without a byte of
    /// response. What such a request did nobody knows: it is repeated only if that is harmless (RFC 9110 §9.2.2). On an
    /// HTTP/2 connection the server has said that it did nothing (RFC 9113 §8.7).
    func requestBegins() -> Bool {
        lastActivity = client.now
        guard hasBegun else {
            hasBegun = true
            stopWaiting()
            return true
        }
        if case .final = fate {
            // One challenge too many.
            endsUnanswered = true
            return false
        }
        if response.head.isEmpty, !settings.retries.mayRepeat(request.method), origin?.isMultiplexed != true {
            _ = refuse(.connection, "the connection closed before a response came")
            return false
        }
        return true
    }

    /// A line of a head. The count taken: less than given stops the transfer.
    func receivedHeader(_ line: UnsafeRawBufferPointer) -> Int {
        lastActivity = client.now
        if case .final = fate { response.appendTrailer(line) } else { response.appendHead(line) }
        if response.head.count + response.trailers.count > settings.sizes.header {
            return refuse(
                .tooLarge, "the response's header has more than \(settings.sizes.header) bytes (max_header)")
        }
        if !response.headIsWhole {
            fate = .undecided
        } else if case .undecided = fate {
            if let fault = response.framingFault { return refuse(.protocolError, "the response has \(fault)") }
            if response.saysHTTP2, mayBeHTTP2, let origin { client.queue.sharesConnections(origin) }
            fate = decideFate()
            switch fate {
            case .final: return headIsFinal(line.count)
            // Ends the transfer: libcurl would repeat it with the field, for ever.
            case .unexpected: return 0
            default: break
            }
        }
        return line.count
    }

    /// HTTP/2 may have been agreed upon: by TLS, or since the server is known to speak it.
    private var mayBeHTTP2: Bool {
        switch settings.version {
        case .http2: true
        case .automatic: RequestURL.isSecure(request.url)
        case .http10, .http11: false
        }
    }

    private func headIsFinal(_ count: Int) -> Int {
        // Not worth beginning: RFC 9110 §8.6.
        if let limit = settings.sizes.body, let length = response.contentLength, length > limit, response.mayHaveBody {
            return refuse(.tooLarge, "the response's body has \(length) bytes, and max_body is \(limit)")
        }
        if request.isStreamed, let handle { collectFacts(handle) }
        notify(.head)
        return count
    }

    /// A piece of the body, unpacked.
    func received(_ bytes: UnsafeRawBufferPointer) -> Int {
        lastActivity = client.now
        switch fate {
        case .final: break
        case .challenge:
            // The challenge was not answered: it is the last response after all.
            fate = .final
            if headIsFinal(1) == 0 { return 0 }
        default:
            received += bytes.count
            return received > Self.mostDiscarded ? 0 : bytes.count
        }
        if request.isStreamed, response.body.count >= Self.highWater {
            isPaused = true
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        received += bytes.count
        if let limit = settings.sizes.body, received > limit {
            return refuse(.tooLarge, "the response's body has more than \(limit) bytes (max_body)")
        }
        if received > Self.suspicious, settings.decompresses, let handle {
            // libcurl has not counted yet what it just read: 16 KiB at most.
            let packed = handle.offset(CURLINFO_SIZE_DOWNLOAD_T) + 16_384
            if received / packed > settings.sizes.ratio {
                return refuse(
                    .tooLarge,
                    "the response's body unpacks to more than \(settings.sizes.ratio) times its size (max_ratio)")
            }
        }
        response.body.append(bytes)
        if request.isStreamed { notify(.data) }
        return bytes.count
    }

    /// Room for more of the request's body.
    func send(into room: UnsafeMutableRawBufferPointer) -> Int {
        lastActivity = client.now
        guard case .stream(let stream) = request.upload else { return Int(CURL_READFUNC_ABORT) }
        let count = stream.take(into: room)
        if !stream.hasEnded, stream.buffer.count < UploadStream.lowWater { notify(.upload) }
        return count ?? Int(CURL_READFUNC_PAUSE)
    }

    /// libcurl wants to send the body again; false when that is gone.
    func rewind() -> Bool {
        guard case .stream(let stream) = request.upload, stream.hasBegun else { return true }
        let reason = response.head.isEmpty ? "the connection closed before a response came" : "it was challenged"
        _ = refuse(
            response.head.isEmpty ? .connection : .upload,
            "\(reason), and its body, a function, cannot be sent twice")
        return false
    }

    private func refuse(_ kind: HTTPClientError.Kind, _ message: String) -> Int {
        refusal = HTTPClientError(kind, "\(subject): \(message)")
        return 0
    }

    private func notify(_ event: Wants) {
        guard !wants.isDisjoint(with: event) else { return }
        wakeAll()
        guard let observer else { return }
        // On a later turn: now libcurl must not be called.
        client.loop.enqueue(ObserverTask(observer))
    }

    // MARK: Asked for by whoever waits

    /// Some of the body was taken: more may come.
    func bodyWasTaken() {
        guard isPaused, response.body.count < Self.highWater / 2, let handle else { return }
        isPaused = false
        lastActivity = client.now
        timer.arm(for: self)
        client.multi.resume(handle)
    }

    /// More of the request's body was given, or its end.
    func uploadWasGiven() {
        guard case .stream(let stream) = request.upload, stream.isPaused, let handle else { return }
        stream.isPaused = false
        // libcurl lets both directions go on; where there is no room it is held back again.
        isPaused = false
        lastActivity = client.now
        client.multi.resume(handle)
    }
}

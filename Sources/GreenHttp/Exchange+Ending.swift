import CCurl
import Green

/// How an attempt, and the whole exchange, comes to its end.
extension Exchange {
    /// Gives it up: its connection is closed at once, unless others share it.
    func abort() {
        if isDone { return }
        finish(HTTPClientError(.cancelled, "\(subject): cancelled"))
    }

    /// "GET http://…", for messages.
    var subject: String { "\(request.method) \(RequestURL.withoutPassword(request.url))" }

    /// The whole exchange is over.
    func finish(_ failure: HTTPClientError?) {
        if isDone { return }
        isDone = true
        self.failure = failure
        response.failure = failure
        releaseHandle()
        timer.disarm(on: client.loop)
        response.exchange = nil
        letGo()
        client.ended()
        wakeAll()
        observer?()
    }

    /// The attempt is over: its handle is free for the next.
    func releaseHandle() {
        stopWaiting()
        if let handle {
            self.handle = nil
            handle.exchange = nil
            client.multi.remove(handle)
            client.giveBack(handle)
        }
        client.queue.leave(self)
    }

    /// libcurl says that the transfer has ended.
    func transferEnded(_ code: CURLcode) {
        guard let handle else { return }
        collectFacts(handle)
        let tunnelIsRefused = code == CURLE_RECV_ERROR && handle.long(CURLINFO_HTTP_CONNECTCODE) >= 300
        let text = code == CURLE_OK ? "" : handle.message(code) + TLSSettings.advice(for: code)
        releaseHandle()
        if let refusal {
            self.refusal = nil
            return finish(refusal)
        }
        // What is not the last response need not be whole.
        if response.headIsWhole, goOn() { return }
        if code == CURLE_OK || endsUnanswered { return finish(nil) }
        let failure: HTTPClientError
        if tunnelIsRefused {
            failure = HTTPClientError(.proxy, "\(subject): \(text)")
        } else if code == CURLE_OPERATION_TIMEDOUT, let limit = settings.connectTimeout, !hasBegun {
            // The only limit that libcurl is given.
            failure = HTTPClientError(
                .timeout, "\(subject): not connected within \(HTTPClientError.seconds(limit)) (connect_timeout)")
        } else {
            failure = HTTPClientError(
                code, text, subject, headIsWhole: response.headIsWhole, isHeldBack: isPaused, wasSent: hasBegun)
        }
        if retries(failure) { return }
        finish(failure)
    }

    /// Notes what libcurl has measured so far.
    func collectFacts(_ handle: EasyHandle) {
        var facts = TransferFacts()
        switch handle.long(CURLINFO_HTTP_VERSION) {
        case Int(CURL_HTTP_VERSION_1_0): facts.version = "1.0"
        case Int(CURL_HTTP_VERSION_1_1): facts.version = "1.1"
        case Int(CURL_HTTP_VERSION_2_0): facts.version = "2"
        default: break
        }
        facts.isReused = handle.long(CURLINFO_NUM_CONNECTS) == 0
        func seconds(_ info: CURLINFO) -> Double { Double(handle.offset(info)) / 1e6 }
        facts.resolved = seconds(CURLINFO_NAMELOOKUP_TIME_T)
        facts.connected = seconds(CURLINFO_CONNECT_TIME_T)
        facts.secured = seconds(CURLINFO_APPCONNECT_TIME_T)
        facts.firstByte = seconds(CURLINFO_STARTTRANSFER_TIME_T)
        facts.total = seconds(CURLINFO_TOTAL_TIME_T)
        facts.address = handle.text(CURLINFO_PRIMARY_IP) ?? ""
        response.facts = facts
    }
}

import CCurl
import Glibc
import HTTPWire

/// Redirects (RFC 9110 §15.4) and repetitions.
extension Exchange {
    /// Called when a head is whole.
    func decideFate() -> Fate {
        switch response.status {
        case 301, 302, 303, 307, 308:
            if settings.maxRedirects > 0, let location = response.firstValue(of: "location") {
                return .redirect(to: location)
            }
        case 401:
            if settings.authentication?.isChallenged == true { return .challenge }
        default:
            if mayRetry(response.status) { return .retry }
        }
        return .final
    }

    /// Acts on a response that is not the last one; false when it is.
    func goOn() -> Bool {
        switch fate {
        case .redirect(let location):
            follow(location)
            return true
        case .retry:
            let wanted = response.firstValue(of: "retry-after").flatMap(Self.seconds)
            pause(settings.retries.wait(before: repetition, retryAfter: wanted))
            return true
        default: return false
        }
    }

    // MARK: Redirects

    private func follow(_ location: String) {
        guard redirects < settings.maxRedirects else {
            return finish(
                HTTPClientError(.redirect, "\(subject): more than \(settings.maxRedirects) redirects (max_redirects)"))
        }
        let next: String
        do {
            next = try RequestURL.make(location, base: request.url, query: [])
        } catch {
            return finish(HTTPClientError(.redirect, "\(subject): redirect to '\(location)': \(error.message)"))
        }
        guard let from = RequestURL.Origin(request.url), let to = RequestURL.Origin(next),
            to.scheme == "http" || to.scheme == "https"
        else {
            return finish(
                HTTPClientError(.redirect, "\(subject): redirect to '\(location)', which is no http or https URL"))
        }
        changeMethod()
        if case .stream(let stream) = request.upload, stream.hasBegun {
            return finish(
                HTTPClientError(.upload, "\(subject): redirected, and its body, a function, cannot be sent twice"))
        }
        if !to.mayGetSecrets(of: from) { dropSecrets() }
        redirects += 1
        repetition = 0
        response.history.append(response)
        request.url = next
        begin()
    }

    /// 303 asks for the other resource by GET; a POST that was moved is a GET by custom (RFC 9110 §15.4.2 to §15.4.4).
    private func changeMethod() {
        let status = response.status
        let isGet = request.method == "GET" || request.method == "HEAD"
        guard status == 303 && !isGet || (status == 301 || status == 302) && request.method == "POST" else { return }
        request.method = "GET"
        request.upload = .none
        let fields = request.headers ?? client.headers
        request.headers = fields.filter { field in !Self.aboutBody.contains { HeaderList.isSame($0, field.name) } }
    }

    private static let aboutBody = [
        "content-type", "content-length", "content-encoding", "content-language", "content-location",
        "transfer-encoding",
    ]

    /// The next host is another: what tells who is asking stays here.
    private func dropSecrets() {
        let fields = request.headers ?? client.headers
        request.headers = fields.filter { field in !HeaderList.secret.contains { HeaderList.isSame($0, field.name) } }
        request.cookies = nil
        guard settings.authentication != nil || settings.tls.certificate != nil else { return }
        settings = ClientSettings(settings)
        settings.authentication = nil
        settings.tls.certificate = nil
        settings.tls.key = nil
        settings.tls.keyPassword = nil
    }

    // MARK: Repetitions

    private func mayRetry(_ status: Int) -> Bool {
        settings.retries.count > 0 && settings.retries.statuses.contains(status)
            && settings.retries.mayRepeat(request.method) && canRepeat
    }

    private var canRepeat: Bool {
        guard repetition < settings.retries.count else { return false }
        if case .stream(let stream) = request.upload { return !stream.hasBegun }
        return true
    }

    /// Whether the failed attempt is repeated.
    func retries(_ failure: HTTPClientError) -> Bool {
        guard canRepeat else { return false }
        switch failure.kind {
        case .dns, .connect: break
        case .timeout, .connection, .protocolError:
            if hasBegun, !settings.retries.mayRepeat(request.method) { return false }
            // Some of the body may have been read already.
            if hasBegun, request.isStreamed, response.headIsWhole { return false }
        default: return false
        }
        pause(settings.retries.wait(before: repetition, retryAfter: nil))
        return true
    }

    /// Waits before the next attempt.
    private func pause(_ seconds: Double) {
        repetition += 1
        resumeAt = client.now + Int64(seconds * 1e9)
        timer.arm(for: self)
    }

    /// The value of `Retry-After`: seconds, or a date (RFC 9110 §10.2.3).
    private static func seconds(_ value: String) -> Double? {
        if let number = Int(value), number >= 0 { return Double(number) }
        let now = Int64(time(nil))
        let date = Array(value.utf8).withUnsafeBytes { HTTPDate.parse($0, now: now) }
        return date.map { Double(max(0, $0 - now)) }
    }
}

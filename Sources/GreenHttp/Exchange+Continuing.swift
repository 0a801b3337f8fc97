import CCurl
import Glibc
import HTTPWire

/// Redirects (RFC 9110 §15.4) and repetitions.
extension Exchange {
    /// One learns the challenge, another that its nonce is stale (RFC 7616 §3.3). libcurl would answer for ever.
    private static let mostChallenges = 3

    /// Called when a head is whole.
    func decideFate() -> Fate {
        switch response.status {
        case let status where Redirect.isStatus(status):
            if settings.maxRedirects > 0, let location { return .redirect(to: location) }
        case 401 where settings.authentication?.isChallenged == true, 407:
            // A proxy's user and password are sent once it wants them.
            if challenges < Self.mostChallenges {
                challenges += 1
                return .challenge
            }
        case 417 where settings.expectsContinue && !request.upload.isNone:
            // What the server does not know can be left out (RFC 9110 §15.5.18).
            if case .stream(let stream) = request.upload, stream.hasBegun { break }
            return .unexpected
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
        case .unexpected:
            settings = ClientSettings(settings)
            settings.expectsContinue = false
            begin()
            return true
        default: return false
        }
    }

    // MARK: Redirects

    /// Where the response leads to, as a URL, perhaps a relative one.
    private var location: String? {
        var found: String?
        response.forEachField { name, value in
            guard found == nil, name.count == 8, HeaderList.isSame(String(decoding: name, as: UTF8.self), "location")
            else { return }
            found = value.withUnsafeBytes(RequestURL.encode)
        }
        return found
    }

    private func follow(_ location: String) {
        guard redirects < settings.maxRedirects else {
            return finish(
                HTTPClientError(.redirect, "\(subject): more than \(settings.maxRedirects) redirects (max_redirects)"))
        }
        var next: String
        let user: Authentication?
        do {
            next = try RequestURL.make(location, base: request.url)
            user = try RequestURL.takeUser(from: &next)
        } catch {
            return finish(HTTPClientError(.redirect, "\(subject): redirect to \(error.message)"))
        }
        guard let from = RequestURL.Origin(request.url), let to = RequestURL.Origin(next) else {
            return finish(HTTPClientError(.redirect, "\(subject): redirect to a URL that cannot be read"))
        }
        changeMethod()
        if case .stream(let stream) = request.upload, stream.hasBegun {
            return finish(
                HTTPClientError(.upload, "\(subject): redirected, and its body, a function, cannot be sent twice"))
        }
        if !to.mayGetSecrets(of: from) { dropSecrets() }
        if let user {
            settings = ClientSettings(settings)
            settings.authentication = user
        }
        redirects += 1
        repetition = 0
        response.history = []
        earlier.append(response)
        request.url = next
        begin()
    }

    private func changeMethod() {
        guard Redirect.turnsIntoGet(response.status, request.method) else { return }
        request.method = "GET"
        request.upload = .none
        request.headers = Redirect.withoutBody(request.headers ?? client.headers)
    }

    /// The next host is another: what tells who is asking stays here.
    private func dropSecrets() {
        request.headers = Redirect.withoutSecrets(request.headers ?? client.headers)
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

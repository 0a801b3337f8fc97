import Glibc
import HTTPWire
import Testing

/// Damaged messages, and what must hold for every input. `GREENHOUSE_FUZZ_INPUTS` sets how many are tried.
@Suite struct MutationFuzzTests {
    static let corpus = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET /a/b?c=d%20e HTTP/1.1\r\nHost: example.com:80\r\nAccept: */*\r\nConnection: keep-alive, close\r\n\r\nGET / HTTP/1.1\r\n",
        "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\";c\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-T: y\r\n\r\n",
        "PUT http://b:1/x?y HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nz",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Long: 0123456789012345678901234567890123456789\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: folded\r\n line\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n", "1;x=y\r\na\r\n1 ;q\r\nb\r\n000\r\nA: b\r\nC: d\r\n\r\n", "ffffffffffffffff\r\n",
    ]
    static let fragments = [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ";", ",", "\"", "\\", "0", "00", "-1", "FFFFFFFF", "%", "%0", "#",
        "?", "@", "[", "]", "\u{FF}", "\u{7F}",
        "\r\n\r\n", "0\r\n\r\n", "chunked", "Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\n", "Host: b\r\n",
        "HTTP/1.1", "HTTP/1.0", "http://",
        "Connection: close\r\n", "\r\n ", "Content_Length: 1\r\n", "Expect: x\r\n",
    ]

    /// Limits so narrow that damaged messages reach them.
    static var narrow: RequestLimits {
        var limits = RequestLimits()
        limits.requestLine = 48
        limits.headBytes = 120
        limits.fieldCount = 4
        limits.body = 24
        limits.chunkLine = 16
        limits.chunkExtensionBytes = 20
        limits.trailerBytes = 24
        limits.trailerCount = 2
        limits.leadingEmptyLines = 2
        return limits
    }

    @Test func everyDamagedMessageGetsOneConsistentVerdict() {
        let count = getenv("GREENHOUSE_FUZZ_INPUTS").flatMap { Int(String(cString: $0)) } ?? 100_000
        var fuzzer = MutationFuzzer(seed: 1, corpus: MutationFuzzTests.corpus, fragments: MutationFuzzTests.fragments)
        var complete = 0
        var refused = 0
        var decoded = 0
        for number in 0..<count {
            let input = fuzzer.next()
            let limits = number % 4 == 0 ? MutationFuzzTests.narrow : RequestLimits()
            let splits = [fuzzer.below(input.count + 1), fuzzer.below(input.count + 1), fuzzer.below(input.count + 1)]
                .sorted()
            let verdict = check(head: input, limits, splits)
            if verdict == .complete { complete += 1 } else if verdict != .needsMore { refused += 1 }
            if check(body: input, limits, splits) { decoded += 1 }
        }
        #expect(complete > count / 50)
        #expect(refused > count / 10)
        #expect(decoded > count / 200)
    }

    private func fail(_ what: String, _ input: [UInt8]) {
        Issue.record("\(what): \(String(decoding: input, as: UTF8.self).debugDescription) \(input)")
    }

    private func check(head input: [UInt8], _ limits: RequestLimits, _ splits: [Int]) -> ParseProgress {
        let whole = Parsed(input, limits: limits)
        if Parsed(input, limits: limits, splits: splits) != whole {
            fail("head differs when split at \(splits)", input)
        }
        guard whole.isComplete else { return whole.progress }
        let head = whole.head
        if head.byteCount > input.count || head.byteCount < 16 { fail("head count \(head.byteCount)", input) }
        let ranges =
            [head.methodName, head.target, head.path, head.query, head.authority, head.host]
            + whole.fields.flatMap { [$0.name, $0.value] }
        for range in ranges where Int(range.start) + Int(range.count) > head.byteCount { fail("range \(range)", input) }
        if whole.fields.count != head.fieldCount { fail("field count", input) }
        checkWrittenAgain(whole, input)
        if head.framing == .chunked { _ = check(body: Array(input[head.byteCount...]), limits, splits) }
        return .complete
    }

    /// A head written from its parts says the same.
    private func checkWrittenAgain(_ parsed: Parsed, _ input: [UInt8]) {
        var bytes: [UInt8] = []
        input.withUnsafeBytes { raw in
            let put = { (range: ByteRange, rest: String) in
                bytes.append(contentsOf: range.slice(of: raw))
                bytes.append(contentsOf: rest.utf8)
            }
            put(parsed.head.methodName, " ")
            put(parsed.head.target, " HTTP/1.\(parsed.head.minorVersion)\r\n")
            for field in parsed.fields {
                put(field.name, ": ")
                put(field.value, "\r\n")
            }
        }
        bytes.append(contentsOf: "\r\n".utf8)
        let again = Parsed(bytes)
        let same =
            again.isComplete && again.head.byteCount == bytes.count && again.head.method == parsed.head.method
            && again.head.framing == parsed.head.framing && again.head.keepAlive == parsed.head.keepAlive
            && again.head.expectsContinue == parsed.head.expectsContinue && again.head.upgrade == parsed.head.upgrade
            && again.head.hasQuery == parsed.head.hasQuery && again.head.targetForm == parsed.head.targetForm
            && again.text(again.head.path) == parsed.text(parsed.head.path)
            && again.text(again.head.query) == parsed.text(parsed.head.query)
            && again.text(again.head.authority) == parsed.text(parsed.head.authority)
            && again.text(again.head.host) == parsed.text(parsed.head.host) && again.fieldTexts == parsed.fieldTexts
        if !same { fail("head differs when written again", input) }
    }

    /// True if the bytes were a whole body.
    private func check(body input: [UInt8], _ limits: RequestLimits, _ splits: [Int]) -> Bool {
        let whole = Decoded(input, limits: limits)
        let pieces = Decoded(input, limits: limits, splits: splits.map { min($0, input.count) })
        if pieces.end != whole.end || pieces.body != whole.body { fail("body differs when split at \(splits)", input) }
        if whole.overran || pieces.overran || whole.consumed > input.count { fail("decoder overran", input) }
        if whole.body.count > limits.body { fail("body over its limit", input) }
        guard whole.end == .finished else { return false }
        if pieces.consumed != whole.consumed { fail("end differs when split at \(splits)", input) }
        var buffer = ByteBuffer()
        whole.body.withUnsafeBytes { ResponseWriter.chunk($0, into: &buffer) }
        ResponseWriter.lastChunk(into: &buffer)
        let again = Decoded(Array(buffer.readableBytes))
        if again.end != .finished || again.body != whole.body { fail("body differs when written again", input) }
        return true
    }
}

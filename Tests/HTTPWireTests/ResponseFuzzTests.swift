import Glibc
import HTTPWire
import Testing

/// Damaged response heads, and what must hold for every input. `GREENHOUSE_FUZZ_INPUTS` sets how many are tried.
@Suite struct ResponseFuzzTests {
    static let corpus = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive, close\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.0 404 Not Found\r\nServer: a\r\nX-Long: 0123456789012345678901234567890123456789\r\n\r\nbody",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: a\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nDate: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nSet-Cookie: c\r\nSet-Cookie: d\r\nSet-Cookie: e\r\n\r\n",
    ]
    static let fragments = [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", "0", "-1", "\u{FF}", "\u{7F}", "\r\n\r\n", "chunked", "gzip, ",
        "Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\n", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "204", "99",
        "Connection: close\r\n", "\r\n ", "Content_Length: 1\r\n",
    ]

    @Test func everyDamagedHeadGetsOneConsistentVerdict() {
        let count = getenv("GREENHOUSE_FUZZ_INPUTS").flatMap { Int(String(cString: $0)) } ?? 100_000
        var fuzzer = MutationFuzzer(seed: 2, corpus: Self.corpus, fragments: Self.fragments)
        var narrow = ResponseLimits()
        narrow.statusLine = 24
        narrow.headBytes = 64
        narrow.fieldCount = 3
        var complete = 0
        var refused = 0
        for number in 0..<count {
            let input = fuzzer.next()
            let limits = number % 4 == 0 ? narrow : ResponseLimits()
            let method: Method = number % 7 == 0 ? .head : number % 7 == 1 ? .connect : .get
            let splits = (0..<3).map { _ in fuzzer.below(input.count + 1) }.sorted()
            let whole = Answered(input, to: method, limits: limits)
            if Answered(input, to: method, limits: limits, splits: splits) != whole {
                Issue.record("head differs when split at \(splits): \(input)")
            }
            if whole.refused != nil { refused += 1 }
            guard whole.isComplete else { continue }
            complete += 1
            check(whole, input, method)
        }
        #expect(complete > count / 20)
        #expect(refused > count / 10)
    }

    /// The ranges lie in the head, and a head written from its parts says the same.
    private func check(_ parsed: Answered, _ input: [UInt8], _ method: Method) {
        let head = parsed.head
        let ranges = [head.reason] + parsed.fields.flatMap { [$0.name, $0.value] }
        let isInside =
            head.byteCount <= input.count && ranges.allSatisfy { Int($0.start) + Int($0.count) <= head.byteCount }
        guard isInside else {
            Issue.record("range outside the head: \(input)")
            return
        }
        var bytes = Array("HTTP/1.\(head.minorVersion) \(head.status) ".utf8)
        input.withUnsafeBytes { raw in
            bytes += head.reason.slice(of: raw)
            bytes += Array("\r\n".utf8)
            for field in parsed.fields {
                bytes += Array(field.name.slice(of: raw)) + Array(": ".utf8) + Array(field.value.slice(of: raw))
                bytes += Array("\r\n".utf8)
            }
        }
        bytes += Array("\r\n".utf8)
        let again = Answered(bytes, to: method)
        let isSame =
            again.isComplete && again.head.byteCount == bytes.count && again.head.status == head.status
            && again.head.framing == head.framing && again.head.keepAlive == head.keepAlive
            && again.head.upgrade == head.upgrade && again.fieldTexts == parsed.fieldTexts
            && again.text(again.head.reason) == parsed.text(head.reason)
        if !isSame { Issue.record("head differs when written again: \(input)") }
    }
}

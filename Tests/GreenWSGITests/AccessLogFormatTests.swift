import Testing

@testable import GreenWSGI

@Suite struct AccessLogFormatTests {
    private struct Exchange {
        var remote = "127.0.0.1"
        var user = ""
        var method = "GET"
        var target = "/apache_pb.gif"
        var version = "HTTP/1.0"
        var referer = ""
        var userAgent = ""
        var status = 200
        var bytes = 2_326
    }

    private func line(_ format: AccessLogFormat, _ exchange: Exchange) -> String {
        var output: [UInt8] = []
        var time = AccessLogTime()
        time.move(to: 971_211_336)
        withRaw(exchange.remote) { remote in
            withRaw(exchange.user) { user in
                withRaw(exchange.method) { method in
                    withRaw(exchange.target) { target in
                        withRaw(exchange.version) { version in
                            withRaw(exchange.referer) { referer in
                                withRaw(exchange.userAgent) { userAgent in
                                    var entry = AccessLogEntry(status: exchange.status, bodyBytes: exchange.bytes)
                                    entry.remote = remote
                                    entry.user = user
                                    entry.method = method
                                    entry.target = target
                                    entry.version = version
                                    entry.referer = referer
                                    entry.userAgent = userAgent
                                    entry.durationNanoseconds = 1_234_567
                                    format.append(entry, at: time, to: &output)
                                }
                            }
                        }
                    }
                }
            }
        }
        return text(output)
    }

    @Test func theCommonFormatIsExact() {
        #expect(
            line(.common, Exchange(user: "frank"))
                == "127.0.0.1 - frank [10/Oct/2000:20:55:36 +0000] \"GET /apache_pb.gif HTTP/1.0\" 200 2326\n")
    }

    @Test func unknownFieldsAreDashes() {
        let exchange = Exchange(remote: "", method: "", target: "", version: "", status: 400, bytes: 0)
        #expect(line(.common, exchange) == "- - - [10/Oct/2000:20:55:36 +0000] \"-\" 400 -\n")
    }

    @Test func aRequestWithoutVersionHasNoSpaceAtItsEnd() {
        #expect(line(.common, Exchange(version: "")).contains("\"GET /apache_pb.gif\""))
    }

    @Test func theCombinedFormatAddsRefererAndUserAgent() {
        let exchange = Exchange(referer: "http://a/b", userAgent: "Mozilla/4.08 [en]")
        #expect(line(.combined, exchange).hasSuffix(" 200 2326 \"http://a/b\" \"Mozilla/4.08 [en]\"\n"))
        #expect(line(.combined, Exchange()).hasSuffix(" 200 2326 \"-\" \"-\"\n"))
    }

    @Test func nothingAClientSendsEndsALineOrItsQuotes() {
        let evil = "/x\" 200 1\r\n6.6.6.6 - - \\\u{1B}[2J\u{7F}é"
        let common = line(.common, Exchange(target: evil))
        #expect(
            common.contains("\"GET /x\\\" 200 1\\x0d\\x0a6.6.6.6 - - \\\\\\x1b[2J\\x7f\\xc3\\xa9 HTTP/1.0\" 200 2326\n")
        )
        for format in [AccessLogFormat.common, .combined, .json] {
            let line = line(
                format,
                Exchange(
                    remote: evil, user: evil, method: evil, target: evil, version: evil, referer: evil, userAgent: evil)
            )
            #expect(line.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
            #expect(line.utf8.last == UInt8(ascii: "\n"))
            #expect(line.utf8.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        }
    }

    @Test func spacesInUnquotedFieldsAreEscaped() {
        let line = line(.common, Exchange(remote: "a b", user: "john doe"))
        #expect(line.hasPrefix("a\\x20b - john\\x20doe ["))
    }

    @Test func aJSONLineHasTheMembersThatAreKnown() {
        #expect(
            line(.json, Exchange(target: "/a?b=\"c\"", referer: "r", userAgent: "u")) == """
                {"time":"2000-10-10T20:55:36Z","remote":"127.0.0.1","method":"GET","target":"/a?b=\\"c\\"",\
                "version":"HTTP/1.0","status":200,"bytes":2326,"duration_ns":1234567,"referer":"r","user_agent":"u"}

                """)
        #expect(
            line(.json, Exchange(remote: "", method: "", target: "", version: "", status: 400, bytes: 0))
                == "{\"time\":\"2000-10-10T20:55:36Z\",\"status\":400,\"bytes\":0,\"duration_ns\":1234567}\n")
    }

    @Test func extremeNumbersAreWrittenInFull() {
        #expect(line(.common, Exchange(bytes: .max)).hasSuffix(" 9223372036854775807\n"))
        #expect(line(.common, Exchange(bytes: .min)).hasSuffix(" -9223372036854775808\n"))
        #expect(line(.common, Exchange(bytes: 10)).hasSuffix(" 10\n"))
    }
}

import EventLoop
import Green
import HTTPWire
import Testing

@testable import GreenWSGI

@Suite struct RequestReadingTests {
    private static let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    private func post(_ length: Int, _ headers: String = "") -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\(headers)\r\n"
    }

    @Test func theBodyIsThereWhenAllOfItHasCome() throws {
        let server = try TestServer("return function(r) return r.body end")
        let client = try server.client()
        client.send(post(11))
        client.send("hello ")
        server.settle()
        #expect(server.scheduler.parkedCount == 1)
        client.send("world")
        #expect(try client.response().body == "hello world")
    }

    @Test func theBodyIsKeptAndReadGivesWhatIsLeft() throws {
        let server = try TestServer(
            "return function(r) local a = r.body return a .. '|' .. r.body .. '|' .. r:read() .. '|' .. tostring(r:read(5)) .. '|' .. tostring(r:readline()) end"
        )
        #expect(try server.exchange(post(3) + "abc").body == "abc|abc||nil|nil")
    }

    @Test func aRequestWithoutABodyHasAnEmptyOne() throws {
        let server = try TestServer(
            "return function(r) return '[' .. r.body .. r:read() .. tostring(r:read(1)) .. tostring(r:readline()) .. ']' end"
        )
        #expect(try server.get("/").body == "[nilnil]")
        #expect(try server.exchange(post(0)).body == "[nilnil]")
    }

    @Test func readWithACountGivesAtMostThatManyAndParksForMore() throws {
        let app = """
            return function(r)
              local parts = {}
              for piece in function() return r:read(4) end do parts[#parts + 1] = piece end
              return table.concat(parts, "|")
            end
            """
        let server = try TestServer(app)
        let client = try server.client()
        client.send(post(10) + "abcdef")
        server.settle()
        client.send("ghij")
        let parts = try client.response().body
        #expect(parts == "abcd|ef|ghij")
    }

    @Test func linesEndWithLineFeedOrTheBody() throws {
        let app =
            "return function(r) local t = {} for line in function() return r:readline() end do t[#t + 1] = line end return table.concat(t, '|') end"
        let server = try TestServer(app)
        let client = try server.client()
        client.send(post(17) + "one\ntwo\r\nth")
        server.settle()
        #expect(server.scheduler.parkedCount == 1)
        client.send("ree\n\nx")
        #expect(try client.response().body == "one|two|three||x")
    }

    @Test func aLineThatWasInterruptedLosesNothing() throws {
        let app = """
            local green = require "green"
            return function(r)
              local ok = pcall(green.timeout, 0.5, r.readline, r)
              return tostring(ok) .. "|" .. r:read(2) .. "|" .. r:read()
            end
            """
        let server = try TestServer(app, clock: .manual)
        let client = try server.client()
        client.send(post(8) + "abcde")
        server.settle()
        server.loop.advance(by: .seconds(1))
        server.settle()
        client.send("fgh")
        #expect(try client.response().body == "false|ab|cdefgh")
    }

    @Test func chunksAreJoined() throws {
        let server = try TestServer("return function(r) return r.body end")
        let client = try server.client()
        client.send(Self.chunked + "3\r\nabc\r\n")
        server.settle()
        client.send("4;ext=1\r\nde")
        server.settle()
        client.send("fg\r\n0\r\nTrailer: x\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().body == "abcdefg")
        #expect(try client.response().body == "")
    }

    @Test func chunksCanBeReadByLineAndCount() throws {
        let server = try TestServer("return function(r) return r:readline() .. '|' .. r:read(2) .. '|' .. r:read() end")
        #expect(try server.exchange(Self.chunked + "3\r\na\nb\r\n2\r\ncd\r\n0\r\n\r\n").body == "a|bc|d")
    }

    @Test func aMalformedChunkIsAn400AtTheRead() throws {
        let server = try TestServer("return function(r) return r.body end")
        let client = try server.client()
        client.send(Self.chunked + "3\r\nabc\r\n")
        server.settle()
        client.send("zz\r\n")
        let response = try client.response()
        #expect(response.status == 400)
        #expect(response.closes)
        #expect(client.isClosed())
        #expect(server.log.isEmpty, "a client's mistake is no error of a handler")
    }

    @Test func aHandlerMayCatchAMalformedBodyAndAnswerItself() throws {
        let server = try TestServer("return function(r) local ok, e = pcall(r.read, r) return 422, tostring(e) end")
        let client = try server.client()
        client.send(Self.chunked + "zz\r\n")
        let response = try client.response()
        #expect(response.status == 422)
        #expect(response.body.contains("the request's body cannot be read: chunk size: expected hexadecimal digits"))
        #expect(response.closes, "where the next request begins is not known")
        #expect(client.isClosed())
    }

    @Test func aChunkedBodyOverTheLimitIs413() throws {
        var options = ServerOptions()
        options.limits.body = 10
        let server = try TestServer("return function(r) return r.body end", options: options)
        #expect(try server.exchange(Self.chunked + "8\r\nabcdefgh\r\n8\r\nabcdefgh\r\n0\r\n\r\n").status == 413)
    }

    @Test func continueIsSentWhenTheHandlerReads() throws {
        let server = try TestServer("return function(r) ready = true return r.body end")
        let client = try server.client()
        client.send(post(3, "Expect: 100-continue\r\n"))
        #expect(try client.response().status == 100)
        client.send("abc")
        #expect(try client.response().body == "abc")
        client.send(post(1) + "z")
        #expect(try client.response().body == "z", "the connection is kept")
    }

    @Test func continueIsNotSentWhenTheBodyIsThereOrNobodyReads() throws {
        let server = try TestServer("return function(r) if r.path == '/' then return r.body end return 403, 'no' end")
        #expect(try server.exchange(post(3, "Expect: 100-continue\r\n") + "abc").body == "abc")
        let client = try server.client()
        client.send("PUT /no HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        let response = try client.response()
        #expect(response.status == 403)
        #expect(response.closes, "a body that does not come cannot be waited for")
        #expect(client.isClosed())
    }

    @Test func aBodyThatStopsComingIs408() throws {
        let server = try TestServer("return function(r) return r.body end", clock: .manual)
        let client = try server.client()
        client.send(post(5) + "ab")
        server.settle()
        server.loop.advance(by: .seconds(61))
        let response = try client.response()
        #expect(response.status == 408)
        #expect(response.closes)
        #expect(client.isClosed())
    }

    @Test func twoGreensMayReadOneBody() throws {
        let app = """
            local green = require "green"
            return function(r)
              local one, two = green.spawn(r.read, r, 3), green.spawn(r.read, r, 3)
              local parts = {wait(one), wait(two)}
              table.sort(parts)
              return table.concat(parts, "|") .. "|" .. r:read()
            end
            """
        let server = try TestServer(app)
        let client = try server.client()
        client.send(post(6))
        server.settle()
        client.send("abcdef")
        #expect(try client.response().body == "abc|def|")
    }

    @Test func aGreenThatReadsWhenTheResponseIsSentIsWoken() throws {
        let app = """
            return function(r)
              outcome = "waits"
              require("green").spawn(function() local _, e = pcall(r.read, r) outcome = tostring(e) end)
              require("green").sleep(0)
              return "done"
            end
            """
        let server = try TestServer(app)
        let client = try server.client()
        client.send(post(5) + "ab")
        #expect(try client.response().body == "done")
        client.send("cde")
        server.settle()
        #expect(server.global("outcome").contains("the request is over"))
        #expect(server.scheduler.liveCount == 0)
        client.send(post(0))
        #expect(try client.response().body == "done")
    }

    @Test func pipelinedBodiesAreKeptApart() throws {
        let server = try TestServer("return function(r) return r.body end")
        let client = try server.client()
        client.send(post(3) + "abc" + post(2) + "de" + Self.chunked + "1\r\nf\r\n0\r\n\r\n" + post(1) + "g")
        for body in ["abc", "de", "f", "g"] { #expect(try client.response().body == body) }
    }

    @Test func moreThanDeclaredIsTheNextRequest() throws {
        let server = try TestServer("return function(r) return r.body end")
        let client = try server.client()
        client.send(post(3) + "abcGARBAGE\r\n\r\n")
        #expect(try client.response().body == "abc")
        #expect(try client.response().status == 400)
        #expect(client.isClosed())
    }

    @Test func aLargeUploadIsBoundedByWhatTheHandlerTakes() throws {
        let app =
            "return function(r) local n = 0 for piece in function() return r:read(65536) end do n = n + #piece end return tostring(n) end"
        let server = try TestServer(app)
        let client = try server.client()
        client.send(post(15_000_000))
        #expect(client.send([UInt8](repeating: 120, count: 15_000_000)) == 15_000_000)
        #expect(try client.response().body == "15000000")
    }

    @Test func aHandlerThatDoesNotReadYetHoldsTheClientBack() throws {
        let app =
            "local e = require('green').Event() function go() e:set() end return function(r) if r.method == 'GET' then e:set() return '' end e:wait() return tostring(#r.body) end"
        let server = try TestServer(app)
        let client = try server.client()
        client.send(post(15_000_000))
        let taken = client.sendWhatFits([UInt8](repeating: 120, count: 15_000_000))
        #expect(taken < 15_000_000)
        _ = try server.get("/")
        #expect(client.send([UInt8](repeating: 120, count: 15_000_000 - taken)) == 15_000_000 - taken)
        #expect(try client.response().body == "15000000")
    }
}

import Testing

@testable import GreenHttp

@Suite struct ClientResponseTests {
    private func response(_ lines: [String], method: String = "GET") -> ClientResponse {
        let response = ClientResponse(method: method, url: "http://a/")
        for line in lines { Array((line + "\r\n").utf8).withUnsafeBytes { response.appendHead($0) } }
        return response
    }

    private func fields(_ response: ClientResponse) -> [String] {
        var list: [String] = []
        response.forEachField { name, value in
            list.append(String(decoding: name, as: UTF8.self) + "=" + String(decoding: value, as: UTF8.self))
        }
        return list
    }

    @Test func theLastHeadCounts() {
        let response = response([
            "HTTP/1.1 103 Early Hints", "Link: a", "", "HTTP/1.1 404 Not Found", "A:  1 ", "b:2", "",
        ])
        #expect(response.headIsWhole)
        #expect(response.status == 404)
        #expect(response.reason == "Not Found")
        #expect(fields(response) == ["A=1", "b=2"])
        #expect(response.firstValue(of: "a") == "1")
        #expect(response.firstValue(of: "link") == nil)
    }

    @Test func aFieldThatLooksLikeAStatusLineIsAField() {
        let response = response(["HTTP/1.1 200 OK", "HTTP/1.1 500 no: really", "A: 1", ""])
        #expect(response.status == 200)
        #expect(fields(response) == ["HTTP/1.1 500 no=really", "A=1"])
    }

    @Test func foldedFieldsAreOne() {
        let response = response(["HTTP/1.1 200 OK", "A: one", "  two: three", "\tfour", "B: 5", ""])
        #expect(fields(response) == ["A=one two: three four", "B=5"])
        #expect(
            fields(self.response(["HTTP/1.1 200 OK", " A: 1", "B: 5", " ", "\t", "C:", " 6", ""])) == [
                " A=1", "B=5", "C=6",
            ])
    }

    @Test func twoDifferentLengthsAreAFault() {
        let two = response(["HTTP/1.1 200 OK", "Content-Length: 5", "CONTENT-LENGTH:\t10", ""])
        #expect(two.framingFault == "two different lengths, Content-Length 5 and 10")
        let same = response(["HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 5", ""])
        #expect(same.framingFault == nil)
        #expect(same.contentLength == 5)
    }

    @Test func whereThereAreChunksLengthsDoNotCount() {
        let chunked = response([
            "HTTP/1.1 200 OK", "Content-Length: 5", "Transfer-Encoding: chunked", "Content-Length: 10", "",
        ])
        #expect(chunked.framingFault == nil)
        #expect(chunked.contentLength == nil)
    }

    @Test func aLengthOfAnInterimResponseIsForgotten() {
        let response = response(["HTTP/1.1 103 x", "Content-Length: 5", "", "HTTP/1.1 200 OK", ""])
        #expect(response.contentLength == nil)
    }

    @Test func theVersionIsReadFromTheLastHead() {
        #expect(response(["HTTP/2 200", ""]).saysHTTP2)
        #expect(!response(["HTTP/1.1 200 OK", ""]).saysHTTP2)
        #expect(!response(["HTTP/2 200", "", "HTTP/1.1 200 OK", ""]).saysHTTP2)
    }

    @Test func trailersAreFieldsToo() {
        let response = response(["HTTP/1.1 200 OK", "A: 1", ""])
        Array("Sum: 2\r\n".utf8).withUnsafeBytes { response.appendTrailer($0) }
        #expect(fields(response) == ["A=1", "Sum=2"])
    }

    @Test func responsesToHeadAndWithoutBodyTellLengthsOfNothing() {
        #expect(!response(["HTTP/1.1 200 OK", "Content-Length: 5", ""], method: "HEAD").mayHaveBody)
        #expect(!response(["HTTP/1.1 304 x", "Content-Length: 5", ""]).mayHaveBody)
        #expect(response(["HTTP/1.1 200 OK", "Content-Length: 5", ""]).mayHaveBody)
    }
}

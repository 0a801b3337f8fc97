import Testing

@testable import GreenHttp

@Suite struct ExchangeFIFOTests {
    private func exchanges(_ count: Int) throws -> [Exchange] {
        let host = try HTTPFixture()
        let client = HTTPClient(
            host.loop, ClientSettings(), limits: ConnectionLimits(), base: nil, headers: [], census: ClientCensus())
        return (0..<count).map { Exchange(client, ClientRequest(url: "http://127.0.0.1/\($0)"), client.settings) }
    }

    @Test func theFirstInIsTheFirstOut() throws {
        let all = try exchanges(300)
        var list = ExchangeFIFO()
        #expect(list.isEmpty)
        #expect(list.firstTicket == .max)
        for (index, exchange) in all.enumerated() { #expect(list.append(exchange, ticket: index) == index) }
        for (index, exchange) in all.enumerated() {
            #expect(list.firstTicket == index)
            #expect(list.takeFirst() === exchange)
        }
        #expect(list.isEmpty)
        #expect(list.takeFirst() == nil)
    }

    @Test func thoseInTheMiddleCanBeTakenOutAtAnyTime() throws {
        let all = try exchanges(300)
        var list = ExchangeFIFO()
        let places = all.enumerated().map { list.append($0.element, ticket: $0.offset) }
        for index in stride(from: 0, to: 300, by: 3) { list.remove(at: places[index]) }
        var expected = (0..<300).filter { $0 % 3 != 0 }
        for _ in 0..<120 { #expect(list.takeFirst() === all[expected.removeFirst()]) }
        // What is left is found at its old place.
        let last = expected.removeLast()
        list.remove(at: places[last])
        let late = list.append(all[0], ticket: 1000)
        for index in expected { #expect(list.takeFirst() === all[index]) }
        #expect(list.firstTicket == 1000)
        list.remove(at: late)
        #expect(list.isEmpty)
    }
}

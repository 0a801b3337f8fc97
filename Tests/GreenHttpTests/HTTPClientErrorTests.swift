import Testing

@testable import GreenHttp

@Suite struct HTTPClientErrorTests {
    @Test(
        arguments: [
            (2_000_000_000, "2 s"), (250_000_000, "0.25 s"), (1_500_000_000, "1.5 s"), (100_000_000, "0.1 s"),
        ] as [(Int64, String)])
    func timesAreToldAsPeopleWriteThem(_ nanoseconds: Int64, _ text: String) {
        #expect(HTTPClientError.seconds(nanoseconds) == text)
    }
}

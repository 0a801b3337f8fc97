import Testing

@testable import GreenHttp

@Suite struct EditDistanceTests {
    @Test func itCountsLettersToChangeAddAndDrop() {
        for (one, other, distance) in [
            ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("timeout", "tiemout", 2),
            ("verify", "verfy", 1), ("flaw", "lawn", 2), ("same", "same", 0),
        ] {
            #expect(EditDistance.between(one, other) == distance)
            #expect(EditDistance.between(other, one) == distance)
        }
    }
}

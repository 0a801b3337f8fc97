import Testing

@testable import GreenWSGI

@Suite struct RouterTrieTests {
    private func child(_ router: Router, of parent: Int, _ decoded: String, raw: String) -> Int {
        var hash = Router.SegmentHash(parent: parent)
        for byte in decoded.utf8 { hash.combine(byte) }
        return withRaw(raw) {
            router.literalChild(of: parent, hash: hash, segment: $0, hasEscapes: raw.contains("%"))
        }
    }

    @Test func aLiteralChildIsFoundByItsDecodedText() throws {
        var router = Router()
        try router.add("/café")
        let plain = child(router, of: 0, "café", raw: "café")
        #expect(plain > 0)
        #expect(child(router, of: 0, "café", raw: "caf%c3%A9") == plain)
        #expect(child(router, of: 0, "caf", raw: "caf") == -1)
        #expect(child(router, of: plain, "café", raw: "café") == -1)
    }

    @Test func equalHashesOfDifferentTextsAreToldApart() throws {
        var router = Router()
        try router.add("/abc")
        var hash = Router.SegmentHash(parent: 0)
        for byte in "abc".utf8 { hash.combine(byte) }
        for wrong in ["abd", "ab", "abcd", ""] {
            let found = withRaw(wrong) { router.literalChild(of: 0, hash: hash, segment: $0, hasEscapes: false) }
            #expect(found == -1)
        }
    }

    @Test func theTableOfLiteralsStaysAtMostHalfFullWhileItGrows() throws {
        var router = Router()
        for index in 0..<1_000 { try router.add("/p\(index % 10)/r\(index)") }
        let used = router.literalSlots.count { $0 >= 0 }
        #expect(used == 1_010)
        #expect(used * 2 <= router.literalSlots.count)
        for index in 0..<1_000 {
            let parent = child(router, of: 0, "p\(index % 10)", raw: "p\(index % 10)")
            #expect(child(router, of: parent, "r\(index)", raw: "r\(index)") > 0)
        }
    }

    @Test func capturesNameTheSegmentsOfParameters() throws {
        let captures = Router.Captures(try RoutePattern("/a/:b/c/*d"))
        #expect(captures.segments == [1, 3])
        #expect(captures.endsInRest)
        #expect(!Router.Captures(try RoutePattern("/a/:b")).endsInRest)
    }

    @Test func keysOfShortMethodsAreEqualOnlyForEqualNames() {
        let names = ["", "G", "GE", "GET", "GETT", "\0GET", "HEAD", "OPTIONS", "OPTIONT", "CONNECT"]
        for left in names {
            for right in names {
                let isSame = withRaw(left) { left in
                    withRaw(right) { Router.MethodKey(left) == Router.MethodKey($0) }
                }
                #expect(isSame == (left == right), "\(left) \(right)")
            }
        }
    }
}

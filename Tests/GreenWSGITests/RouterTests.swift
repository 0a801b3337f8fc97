import Testing

@testable import GreenWSGI

@Suite struct RouterTests {
    @Test func indexesCountUpInTheOrderOfRegistration() throws {
        var router = Router()
        #expect(try router.add("GET /a") == 0)
        #expect(try router.add("GET,POST /b") == 1)
        #expect(try router.add("/c") == 2)
        #expect(router.routes.map(\.text) == ["GET /a", "GET,POST /b", "/c"])
    }

    @Test(arguments: [
        ("GET /a", "GET /a", "answers GET"),
        ("/a", "/a", "any method"),
        ("GET /u/:id", "GET /u/:name", "answers GET"),
        ("GET /f/*a", "GET /f/*b", "answers GET"),
        ("GET,POST /a", "PUT,POST /a", "answers POST"),
        ("GET /caf%C3%A9", "GET /café", "answers GET"),
    ])
    func aDuplicateNamesBothRoutes(_ first: String, _ second: String, _ what: String) throws {
        var router = Router()
        try router.add(first)
        let error = #expect(throws: WSGIError.self) { try router.add(second) }
        #expect(error?.kind == .duplicateRoute)
        #expect(error?.message.contains("'\(first)'") == true)
        #expect(error?.message.contains("'\(second)'") == true)
        #expect(error?.message.contains(what) == true)
    }

    @Test func aRefusedRouteLeavesTheTableAsItWas() throws {
        var router = Router()
        try router.add("POST /a")
        #expect(throws: WSGIError.self) { try router.add("GET,POST /a") }
        #expect(router.routes.count == 1)
        #expect(try router.add("GET /a") == 1)
    }

    @Test func theSamePatternMayBeSharedByDifferentMethods() throws {
        var router = Router()
        try router.add("GET /u/:id")
        try router.add("POST /u/:name")
        try router.add("/u/:any")
        #expect(router.routes.count == 3)
    }

    @Test func moreThanSixtyFourMethodsAreRefused() throws {
        var router = Router()
        for index in 0..<61 { try router.add("M\(index) /x") }
        let error = #expect(throws: WSGIError.self) { try router.add("ONEMORE /x") }
        #expect(error?.message.contains("ONEMORE") == true)
    }
}

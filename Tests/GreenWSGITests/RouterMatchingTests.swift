import GreenWSGI
import Testing

@Suite struct RouterMatchingTests {
    private func router(_ routes: String...) throws -> Router {
        var router = Router()
        for route in routes { try router.add(route) }
        return router
    }

    /// The match, and on a found route its parameters as `name=value`.
    private func match(_ router: Router, _ method: String, _ path: String) -> (RouteMatch, [String]) {
        var parameters = RouteParameters()
        let match = withRaw(method) { method in
            withRaw(path) { path in router.match(method: method, path: path, into: &parameters) }
        }
        guard case .found(let route) = match else {
            #expect(parameters.count == 0)
            return (match, [])
        }
        let names = router.routes[route].parameterNames
        #expect(names.count == parameters.count)
        return (match, names.indices.map { "\(names[$0])=\(text(parameters.value(at: $0)))" })
    }

    @Test func aLiteralPathIsFoundWithoutParameters() throws {
        let (found, parameters) = match(try router("GET /", "GET /users", "GET /users/all"), "GET", "/users/all")
        #expect(found == .found(route: 2))
        #expect(parameters.isEmpty)
    }

    @Test func aTrailingSlashIsSignificant() throws {
        let router = try router("GET /a", "GET /b/")
        #expect(match(router, "GET", "/a").0 == .found(route: 0))
        #expect(match(router, "GET", "/a/").0 == .notFound)
        #expect(match(router, "GET", "/b").0 == .notFound)
        #expect(match(router, "GET", "/b/").0 == .found(route: 1))
    }

    @Test func slashesAreNotMerged() throws {
        let router = try router("GET /a/b", "GET /x//y")
        #expect(match(router, "GET", "/a//b").0 == .notFound)
        #expect(match(router, "GET", "//a/b").0 == .notFound)
        #expect(match(router, "GET", "/x//y").0 == .found(route: 1))
    }

    @Test func anEmptyPathIsTheRoot() throws {
        #expect(match(try router("GET /"), "GET", "").0 == .found(route: 0))
        #expect(match(try router("/*all"), "GET", "").1 == ["all="])
        #expect(match(try router("GET /a"), "GET", "").0 == .notFound)
    }

    @Test func anEmptyTableFindsNothing() {
        #expect(match(Router(), "GET", "/").0 == .notFound)
    }

    @Test func aParameterTakesOneSegmentThatIsNotEmpty() throws {
        let router = try router("GET /users/:id/posts/:post")
        #expect(match(router, "GET", "/users/7/posts/a%20b").1 == ["id=7", "post=a b"])
        #expect(match(router, "GET", "/users//posts/1").0 == .notFound)
        #expect(match(router, "GET", "/users/7/posts/").0 == .notFound)
        #expect(match(router, "GET", "/users/7/posts/1/2").0 == .notFound)
    }

    @Test func aWildcardTakesTheRestWithSlashesOrNothing() throws {
        let router = try router("GET /files/*path")
        #expect(match(router, "GET", "/files/a/b%20c/").1 == ["path=a/b c/"])
        #expect(match(router, "GET", "/files/").1 == ["path="])
        #expect(match(router, "GET", "/files//etc").1 == ["path=/etc"])
        #expect(match(router, "GET", "/files").0 == .notFound)
    }

    @Test func literalWinsOverParameterWinsOverWildcard() throws {
        let router = try router("GET /*rest", "GET /:name", "GET /me")
        #expect(match(router, "GET", "/me").0 == .found(route: 2))
        #expect(match(router, "GET", "/you").0 == .found(route: 1))
        #expect(match(router, "GET", "/you/too").0 == .found(route: 0))
        #expect(match(router, "GET", "/").0 == .found(route: 0))
    }

    @Test func aWayThatLeadsNowhereIsGoneBackFrom() throws {
        let router = try router("GET /a/b/c", "GET /a/:x/d", "GET /:y/b/e", "GET /a/*rest")
        #expect(match(router, "GET", "/a/b/c").0 == .found(route: 0))
        #expect(match(router, "GET", "/a/b/d").1 == ["x=b"])
        #expect(match(router, "GET", "/a/b/e").1 == ["rest=b/e"])
        #expect(match(router, "GET", "/z/b/e").1 == ["y=z"])
    }

    @Test func goingBackTakesTimeInTheSizeOfTheTableOnly() throws {
        var router = Router()
        let depth = 200
        try router.add("GET " + String(repeating: "/a", count: depth) + "/end")
        try router.add("GET " + (0..<depth).map { "/:p\($0)" }.joined() + "/end")
        // A search that tried both ways at each level of a path like this one would not end in the age of the universe.
        let path = String(repeating: "/a", count: depth)
        #expect(match(router, "GET", path + "/none").0 == .notFound)
        #expect(match(router, "GET", path + "/end").0 == .found(route: 0))
    }

    @Test func anEscapedSlashStaysInsideItsSegment() throws {
        let router = try router("GET /a/:x", "GET /l%2Fr")
        #expect(match(router, "GET", "/a/b%2Fc").1 == ["x=b/c"])
        #expect(match(router, "GET", "/l%2fr").0 == .found(route: 1))
        #expect(match(router, "GET", "/l/r").0 == .notFound)
    }

    @Test func segmentsAreComparedDecoded() throws {
        let router = try router("GET /café/menu", "GET /a+b")
        #expect(match(router, "GET", "/caf%C3%a9/%6Denu").0 == .found(route: 0))
        #expect(match(router, "GET", "/a+b").0 == .found(route: 1))
        #expect(match(router, "GET", "/a%20b").0 == .notFound)
    }

    @Test(arguments: ["/%", "/a%4", "/%zz", "/none/%g0", "relative", "?", "*", "http:"])
    func aMalformedPathIsBad(_ path: String) throws {
        #expect(match(try router("GET /a", "/*all"), "GET", path).0 == .badPath)
    }

    @Test(arguments: [
        "/files/..", "/files/../../etc/passwd", "/files/%2e%2e/x", "/files/a/..%2f..%2fetc", "/files/a%00.txt",
        "/users/..", "/users/%2E.", "/users/a%2f..",
    ])
    func aParameterNeverHoldsAParentSegmentOrANul(_ path: String) throws {
        #expect(match(try router("GET /files/*path", "GET /users/:id"), "GET", path).0 == .badPath)
    }

    @Test func dotSegmentsAreMatchedLiterally() throws {
        let router = try router("GET /a/../b", "GET /c/./d")
        #expect(match(router, "GET", "/a/../b").0 == .found(route: 0))
        #expect(match(router, "GET", "/c/./d").0 == .found(route: 1))
        #expect(match(router, "GET", "/b").0 == .notFound)
        #expect(match(router, "GET", "/c/d").0 == .notFound)
    }

    @Test func aWrongMethodIsToldTheRightOnes() throws {
        let router = try router("GET,POST /a", "PURGE /a", "DELETE /b")
        #expect(match(router, "PUT", "/a").0 == .methodNotAllowed(allow: "GET, HEAD, OPTIONS, POST, PURGE"))
        #expect(match(router, "UNHEARD-OF", "/b").0 == .methodNotAllowed(allow: "OPTIONS, DELETE"))
    }

    @Test func methodsAreCaseSensitive() throws {
        #expect(match(try router("GET /a"), "get", "/a").0 == .methodNotAllowed(allow: "GET, HEAD, OPTIONS"))
    }

    @Test func longMethodsThatBeginAlikeAreToldApart() throws {
        let router = try router("PROPPATCH /a", "PROPPATCX /a", "PROPPAT /a")
        #expect(match(router, "PROPPATCH", "/a").0 == .found(route: 0))
        #expect(match(router, "PROPPATCX", "/a").0 == .found(route: 1))
        #expect(match(router, "PROPPAT", "/a").0 == .found(route: 2))
        #expect(
            match(router, "PROPPATCY", "/a").0 == .methodNotAllowed(allow: "OPTIONS, PROPPATCH, PROPPATCX, PROPPAT"))
    }

    @Test func aLessSpecialRouteThatTakesTheMethodIsBetterThanNone() throws {
        let router = try router("GET /users/me", "POST /users/:id", "DELETE /*all")
        #expect(match(router, "POST", "/users/me").1 == ["id=me"])
        #expect(match(router, "DELETE", "/users/me").1 == ["all=users/me"])
        #expect(match(router, "PUT", "/users/me").0 == .methodNotAllowed(allow: "GET, HEAD, OPTIONS, POST, DELETE"))
    }

    @Test func aRouteForTheMethodWinsOverOneForAny() throws {
        let router = try router("/a", "GET /a")
        #expect(match(router, "GET", "/a").0 == .found(route: 1))
        #expect(match(router, "POST", "/a").0 == .found(route: 0))
        #expect(match(router, "UNHEARD-OF", "/a").0 == .found(route: 0))
    }

    @Test func headIsAnsweredByGetUnlessItHasARoute() throws {
        let router = try router("GET /a", "GET /b", "HEAD /b", "POST /c", "GET /d", "/d")
        #expect(match(router, "HEAD", "/a").0 == .found(route: 0))
        #expect(match(router, "HEAD", "/b").0 == .found(route: 2))
        #expect(match(router, "HEAD", "/c").0 == .methodNotAllowed(allow: "OPTIONS, POST"))
        #expect(match(router, "HEAD", "/d").0 == .found(route: 4))
    }

    @Test func optionsIsAnsweredWithTheMethodsUnlessARouteTakesIt() throws {
        let router = try router("GET /a", "OPTIONS /b", "/c")
        #expect(match(router, "OPTIONS", "/a").0 == .options(allow: "GET, HEAD, OPTIONS"))
        #expect(match(router, "OPTIONS", "/b").0 == .found(route: 1))
        #expect(match(router, "OPTIONS", "/c").0 == .found(route: 2))
        #expect(match(router, "OPTIONS", "/none").0 == .notFound)
        #expect(match(router, "OPTIONS", "*").0 == .options(allow: "GET, HEAD, OPTIONS"))
    }

    @Test func reusedParametersHoldTheLastMatchOnly() throws {
        let router = try router("GET /a/:x", "GET /b")
        var parameters = RouteParameters()
        for path in ["/a/longvalue", "/a/1"] {
            _ = withRaw("GET") { get in withRaw(path) { router.match(method: get, path: $0, into: &parameters) } }
        }
        #expect(parameters.count == 1)
        #expect(text(parameters.value(at: 0)) == "1")
        _ = withRaw("GET") { get in withRaw("/b") { router.match(method: get, path: $0, into: &parameters) } }
        #expect(parameters.count == 0)
    }
}

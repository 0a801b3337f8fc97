import GreenWSGI
import Testing

@Suite struct RoutePatternTests {
    private func message(_ text: String) -> String {
        do throws(WSGIError) {
            _ = try RoutePattern(text)
            return "accepted"
        } catch {
            #expect(error.kind == .badRoute)
            return error.message
        }
    }

    @Test func methodsAndSegmentsAreTakenApart() throws {
        let pattern = try RoutePattern("GET,POST /users/:id/files/*path")
        #expect(pattern.methods == ["GET", "POST"])
        #expect(
            pattern.segments == [
                .literal(Array("users".utf8)), .parameter("id"), .literal(Array("files".utf8)), .rest("path"),
            ])
        #expect(pattern.parameterNames == ["id", "path"])
        #expect(pattern.text == "GET,POST /users/:id/files/*path")
    }

    @Test func aPathAloneAnswersAnyMethod() throws {
        #expect(try RoutePattern("/x").methods.isEmpty)
    }

    @Test func spacesAroundMethodsAreAllowed() throws {
        #expect(try RoutePattern("GET, M-SEARCH   /x").methods == ["GET", "M-SEARCH"])
    }

    @Test func theRootIsOneEmptySegmentAndATrailingSlashAnother() throws {
        #expect(try RoutePattern("/").segments == [.literal([])])
        #expect(try RoutePattern("/a/").segments == [.literal([0x61]), .literal([])])
    }

    @Test func literalTextMeansTheSamePlainAndEncoded() throws {
        #expect(try RoutePattern("/café").segments == RoutePattern("/caf%C3%A9").segments)
        #expect(try RoutePattern("/%3Aid").segments == [.literal(Array(":id".utf8))])
    }

    @Test func aColonInsideASegmentIsLiteral() throws {
        #expect(try RoutePattern("/items:batch").segments == [.literal(Array("items:batch".utf8))])
    }

    @Test(arguments: [
        ("", "has no path"),
        ("GET", "has no path"),
        ("GET/x", "no space between"),
        ("get /x", "upper-case"),
        ("* /x", "upper-case"),
        ("GET POST /x", "upper-case"),
        ("GET, /x", "upper-case"),
        (" /x", "upper-case"),
        ("GET,GET /x", "twice"),
        ("/:id/:id", "'id' twice"),
        ("/:id/*id", "'id' twice"),
        ("/:", "':'"),
        ("/*", "'*'"),
        ("/:1st", "starts with no digit"),
        ("/:id.json", "':id.json'"),
        ("/*rest/more", "last segment"),
        ("/*rest/", "last segment"),
        ("/a*", "%2A"),
        ("/a b", "%20"),
        ("/a\n", "control character"),
        ("/x?y=1", "%3F"),
        ("/x#y", "fragment"),
        ("/100%", "%25"),
        ("/%4", "hexadecimal"),
    ])
    func aBadRouteIsNamedWithWhatIsWrong(_ route: String, _ problem: String) {
        let message = message(route)
        #expect(message.contains("'\(route)'"))
        #expect(message.contains(problem))
        #expect(message.contains("expected") || message.contains("twice"))
    }
}

import HTTPWire
import Testing

@Suite struct MethodTests {
    // RFC 9110 §9.3, RFC 5789.
    @Test(arguments: [
        ("GET", Method.get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("DELETE", .delete),
        ("OPTIONS", .options), ("PATCH", .patch),
        ("TRACE", .trace),
    ])
    func knownMethodsAreRecognised(name: String, method: Method) {
        #expect(target("/", method: name).head.method == method)
        #expect(target("/", method: name.lowercased()).head.method == .other)
        #expect(target("/", method: String(name.dropLast())).head.method == .other)
    }

    @Test func connectIsRecognised() {
        #expect(target("a:1", method: "CONNECT").head.method == .connect)
    }
}

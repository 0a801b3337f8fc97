import Testing

@testable import GreenHttp

@Suite struct MultipartTests {
    private func encoded(_ parts: [Multipart.Part]) throws -> String {
        String(decoding: try Multipart.encode(parts, boundary: "B"), as: UTF8.self)
    }

    @Test func fieldsAndFilesAreParts() throws {
        let field = Multipart.Part(name: "a", content: .bytes([120]), filename: nil, type: nil)
        let file = Multipart.Part(name: "b", content: .bytes([]), filename: "c", type: "d/e")
        #expect(
            try encoded([field, file]) == """
                --B\r
                Content-Disposition: form-data; name="a"\r
                \r
                x\r
                --B\r
                Content-Disposition: form-data; name="b"; filename="c"\r
                Content-Type: d/e\r
                \r
                \r
                --B--\r

                """)
        #expect(try encoded([]) == "--B--\r\n")
    }

    @Test func namesCannotBreakOutOfTheirQuotes() throws {
        let part = Multipart.Part(name: "a\"\r\nb", content: .bytes([]), filename: "\"", type: nil)
        #expect(try encoded([part]).contains("name=\"a%22%0D%0Ab\"; filename=\"%22\"\r\n"))
    }

    @Test func aFileThatIsNotThereIsAnUploadError() {
        let part = Multipart.Part(name: "a", content: .file("/not/there"), filename: nil, type: nil)
        let error = #expect(throws: HTTPClientError.self) { try encoded([part]) }
        #expect(error?.kind == .upload)
        #expect(error?.message == "files: /not/there: No such file or directory")
    }

    @Test func controlCharactersInNamesAndTypesAreFaults() {
        func fault(_ name: String, _ filename: String?, _ type: String?) -> String? {
            Multipart.fault(.parts([Multipart.Part(name: name, content: .bytes([]), filename: filename, type: type)]))
        }
        #expect(fault("a", "b", "c") == nil)
        #expect(fault("a\n", nil, nil) != nil)
        #expect(fault("a", "\0", nil) != nil)
        #expect(fault("a", nil, "a/b\r\nX: y") != nil)
        #expect(Multipart.fault(.none) == nil)
    }

    @Test func boundariesDiffer() {
        #expect(Set((0..<100).map { _ in Multipart.boundary() }).count == 100)
    }
}

import Foundation
import Testing

@testable import GreenHttp

@Suite struct CookieJarTests {
    private func jar(_ lines: String...) throws -> CookieJar {
        try #require(CurlLibrary.problem == nil)
        let jar = CookieJar()
        for line in lines { jar.add(Array(line.utf8)) }
        return jar
    }

    private func texts(_ jar: CookieJar) -> [String] { jar.lines.map { String(decoding: $0, as: UTF8.self) }.sorted() }

    private static let one = "a.test\tFALSE\t/\tFALSE\t0\tone\t1"
    private static let lasting = "a.test\tFALSE\t/\tFALSE\t4102444800\ttwo\t2"

    @Test func itKeepsWhatIsAdded() throws {
        #expect(texts(try jar(Self.one, Self.lasting)) == [Self.one, Self.lasting])
    }

    @Test func whatHasExpiredIsNotThere() throws {
        let jar = try jar(Self.lasting, "a.test\tFALSE\t/\tFALSE\t1\ttwo\t2")
        #expect(texts(jar) == [])
    }

    @Test func onlyLinesOfACookieFileAreTaken() throws {
        let jar = try jar(Self.one, "ALL", "SESS", "RELOAD", "Set-Cookie: x=y", "", "a.test\tFALSE\t/\tFALSE\t0\tb\t\0")
        #expect(texts(jar) == [Self.one])
    }

    @Test func itDropsAllOrThoseOfTheSession() throws {
        let jar = try jar(Self.one, Self.lasting)
        jar.clearSession()
        #expect(texts(jar) == [Self.lasting])
        jar.clear()
        #expect(texts(jar) == [])
    }

    @Test func whatIsSavedIsLoadedByteForByte() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let jar = try jar(Self.one, "#HttpOnly_.b.test\tTRUE\t/x\tTRUE\t0\th\t")
        jar.add(Array("a.test\tFALSE\t/\tFALSE\t0\tl\t".utf8) + [0xE9, 0x85, 0xFF])
        #expect(jar.save(path))
        let other = CookieJar()
        try other.load(path)
        #expect(Set(other.lines) == Set(jar.lines))
        #expect(other.lines.count == 3)
        #expect(throws: SmallFile.Fault.self) { try other.load("\(path)-none") }
    }
}

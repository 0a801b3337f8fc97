import Foundation
import Testing

@testable import GreenHttp

/// What `http_proxy` and its like do, in a process whose environment they are in.
@Suite(.enabled(if: HTTPHarness.hasServers, "needs scripts/test-servers")) struct ProxyEnvironmentTests {
    /// What the built `greenhouse` prints for a script.
    private func output(_ script: String, _ changes: [String: String]) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).lua").path()
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bundle = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }
        let executable = bundle ?? URL(filePath: CommandLine.arguments[0])
        let process = Process()
        process.executableURL = executable.deletingLastPathComponent().appending(path: "greenhouse")
        process.arguments = ["run", path]
        process.environment = ProcessInfo.processInfo.environment.merging(changes) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func server(_ name: String) -> String {
        ProcessInfo.processInfo.environment["GREENHOUSE_TEST_\(name)"] ?? ""
    }

    private static let script = """
        local url = os.getenv("GREENHOUSE_TEST_HTTP") .. "/small.txt"
        local secure = os.getenv("GREENHOUSE_TEST_HTTPS") .. "/small.txt"
        local function way(...)
          local ok, r = pcall(GreenHttp(...).get, GreenHttp(...), url)
          return not ok and r.kind or r.headers.via and "proxy" or "straight"
        end
        local ok, r = pcall(GreenHttp().get, GreenHttp { verify = os.getenv("GREENHOUSE_TEST_CA") }, secure)
        print(way(), way { trust_env = false }, way { proxy = false }, way { no_proxy = "127.0.0.1" }, ok and "ok" or r.kind)
        """

    private func ways(_ changes: [String: String]) throws -> String {
        try output(Self.script, changes).replacing("\t", with: " ")
    }

    @Test func withoutItRequestsGoStraight() throws {
        #expect(try ways([:]) == "straight straight straight straight ok")
    }

    @Test func theProxyOfTheEnvironmentIsUsedUnlessToldOtherwise() throws {
        #expect(try ways(["http_proxy": server("PROXY")]) == "proxy straight straight straight ok")
        #expect(try ways(["all_proxy": server("PROXY")]) == "proxy straight straight straight ok")
        #expect(try ways(["ALL_PROXY": server("PROXY")]) == "proxy straight straight straight ok")
    }

    @Test func aSchemeHasAProxyOfItsOwn() throws {
        #expect(try ways(["https_proxy": "http://127.0.0.1:1"]) == "straight straight straight straight connect")
        #expect(try ways(["HTTPS_PROXY": "http://127.0.0.1:1"]) == "straight straight straight straight connect")
    }

    @Test func noProxyNamesExceptions() throws {
        let proxy = ["http_proxy": server("PROXY")]
        #expect(try ways(proxy.merging(["no_proxy": "127.0.0.1"]) { $1 }) == "straight straight straight straight ok")
        #expect(try ways(proxy.merging(["no_proxy": "*"]) { $1 }) == "straight straight straight straight ok")
        #expect(try ways(proxy.merging(["no_proxy": "other.test"]) { $1 }) == "proxy straight straight straight ok")
    }

    /// A request's header `Proxy:` is HTTP_PROXY for a CGI program (CVE-2016-5385).
    @Test func theNameInUpperCaseIsNotTrusted() throws {
        #expect(try ways(["HTTP_PROXY": "http://127.0.0.1:1"]) == "straight straight straight straight ok")
    }
}

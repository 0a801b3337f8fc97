import Glibc
import Testing

@testable import GreenNet

@Suite struct BindAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8060", "127.0.0.1:8060"),
        ("0.0.0.0:0", "0.0.0.0:0"),
        ("[::1]:80", "[::1]:80"),
        ("[0:0:0:0:0:0:0:1]:80", "[::1]:80"),
        ("[::]:65535", "[::]:65535"),
        ("*:8060", "*:8060"),
        (":8060", "*:8060"),
        ("8060", "127.0.0.1:8060"),
        ("127.0.0.1:00080", "127.0.0.1:80"),
        ("unix:/x", "unix:/x"),
        ("unix:run/a:b", "unix:run/a:b"),
        ("unix:@name", "unix:@name"),
    ])
    func anAddressPrintsItselfInAFormThatReadsBack(_ text: String, _ printed: String) throws {
        let address = try BindAddress(parsing: text)
        #expect(address.description == printed)
        #expect(try BindAddress(parsing: printed) == address)
    }

    @Test func aWildcardIsTheIPv6AddressOfAllInterfaces() throws {
        let address = try BindAddress(parsing: "*:1")
        #expect(address.isWildcard)
        #expect(address.socketAddress.description == "[::]:1")
        #expect(try !BindAddress(parsing: "[::]:1").isWildcard)
    }

    @Test func aHostNameIsLookedUpAndIPv4Preferred() throws {
        #expect(try BindAddress(parsing: "localhost:8060").description == "127.0.0.1:8060")
    }

    @Test func anInterfaceBelongsToALinkLocalAddress() throws {
        #expect(try BindAddress(parsing: "[fe80::1%lo]:80").description == "[fe80::1%lo]:80")
        let index = if_nametoindex("lo")
        #expect(try BindAddress(parsing: "[fe80::1%\(index)]:80") == BindAddress(parsing: "[fe80::1%lo]:80"))
    }

    @Test func theLongestPathFitsAndOneByteMoreDoesNot() throws {
        let longest = String(repeating: "p", count: 107)
        #expect(try BindAddress(parsing: "unix:" + longest).description == "unix:" + longest)
        let error = #expect(throws: NetError.self) { try BindAddress(parsing: "unix:p" + longest) }
        #expect(error?.message.contains("108 bytes") == true)
        #expect(error?.message.contains("at most 107") == true)
    }

    @Test(arguments: [
        ("", "port is missing"),
        ("localhost", "'localhost' is no port"),
        ("127.0.0.1", "'127.0.0.1' is no port"),
        ("127.0.0.1:", "port is missing"),
        (":", "port is missing"),
        ("127.0.0.1:http", "'http' is no port"),
        ("127.0.0.1:+80", "'+80' is no port"),
        ("127.0.0.1:-1", "'-1' is no port"),
        ("127.0.0.1: 80", "' 80' is no port"),
        ("127.0.0.1:65536", "65536 is above 65535"),
        ("127.0.0.1:99999999999999999999", "above 65535"),
        ("::1:8060", "needs brackets"),
        ("::1", "needs brackets"),
        ("[::1:80", "closing bracket"),
        ("[::1]", "port is missing"),
        ("[::g]:80", "'::g' is no IPv6"),
        ("[]:80", "'' is no IPv6"),
        ("[127.0.0.1]:80", "no IPv6"),
        ("[fe80::1%nosuchif]:80", "no network interface 'nosuchif'"),
        ("[fe80::1%]:80", "no network interface ''"),
        ("127.1:80", "'127.1' is no IPv4"),
        ("256.1.1.1:80", "'256.1.1.1' is no IPv4"),
        ("2130706433:80", "no IPv4"),
        ("a b:80", "'a b' is no host name"),
        ("http//x:80", "no host name"),
        ("unix:", "path is missing"),
        ("unix:a\0b", "NUL"),
    ])
    func aBadAddressIsNamedWithTheProblemAndTheForms(_ text: String, _ problem: String) {
        let error = #expect(throws: NetError.self) { try BindAddress(parsing: text) }
        #expect(error?.kind == .badAddress)
        #expect(error?.message.contains("'\(text)'") == true)
        #expect(error?.message.contains(problem) == true)
        #expect(error?.message.contains("expected HOST:PORT") == true)
    }

    @Test func anUnknownHostIsNamed() {
        // A label has at most 63 bytes (RFC 1035 §2.3.4): refused by the resolver without asking the network.
        let host = String(repeating: "a", count: 64) + ".invalid"
        let error = #expect(throws: NetError.self) { try BindAddress(parsing: "\(host):80") }
        #expect(error?.kind == .unknownHost)
        #expect(error?.message.contains("'\(host)'") == true)
    }
}

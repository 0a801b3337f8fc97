import Glibc
import Testing

@testable import GreenNet

@Suite struct SocketAddressTests {
    private func parse(_ text: String) throws -> SocketAddress {
        try BindAddress(parsing: text).socketAddress
    }

    @Test func hostAndPortAreText() throws {
        let ipv4 = try parse("10.1.2.3:65535")
        #expect(ipv4.family == .ipv4)
        #expect(ipv4.host == "10.1.2.3")
        #expect(ipv4.port == 65_535)
        #expect(ipv4.unixPath == nil)
        let ipv6 = try parse("[2001:db8::1]:443")
        #expect(ipv6.family == .ipv6)
        #expect(ipv6.host == "2001:db8::1")
        #expect(ipv6.port == 443)
        #expect(ipv6.description == "[2001:db8::1]:443")
    }

    @Test func aMappedAddressIsWrittenAsTheIPv4AddressItIs() throws {
        let mapped = try parse("[::ffff:10.0.0.1]:80")
        #expect(mapped.family == .ipv6)
        #expect(mapped.host == "10.0.0.1")
        #expect(mapped.description == "10.0.0.1:80")
        #expect(try parse("[::1:10.0.0.1]:80").host != "10.0.0.1")
    }

    @Test func unixAddressesArePathsNamesOrNothing() throws {
        let path = try parse("unix:/run/x")
        #expect(path.family == .unix)
        #expect(path.unixPath == "/run/x")
        #expect(path.host == "")
        #expect(path.port == nil)
        #expect(try parse("unix:@abc").unixPath == "@abc")
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(AF_UNIX)
        let unnamed = SocketAddress(storage: storage, length: 2)
        #expect(unnamed.unixPath == "")
        #expect(unnamed.description == "unix:")
    }

    @Test func aPathThatFillsTheFieldIsReadToItsEnd() {
        let path = String(repeating: "p", count: 107)
        #expect(SocketAddress(unixPath: path)?.unixPath == path)
    }

    @Test func anUnknownFamilyHasNothing() {
        var storage = sockaddr_storage()
        storage.ss_family = 77
        let address = SocketAddress(storage: storage, length: .max)
        #expect(address.family == .other)
        #expect(address.host == "")
        #expect(address.port == nil)
        #expect(address.unixPath == nil)
        #expect(address.description == "unknown address")
        #expect(address.length == socklen_t(MemoryLayout<sockaddr_storage>.size))
    }

    @Test func addressesAreEqualByFamilyHostAndPort() throws {
        #expect(try parse("127.0.0.1:1") == parse("127.0.0.1:1"))
        #expect(try parse("127.0.0.1:1") != parse("127.0.0.1:2"))
        #expect(try parse("127.0.0.1:1") != parse("127.0.0.2:1"))
        #expect(try parse("[::1]:1") != parse("127.0.0.1:1"))
        #expect(try parse("unix:/a") != parse("unix:/ab"))
    }

    @Test func aSocketKnowsItsOwnAndItsPeersAddress() {
        var pair: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { for descriptor in pair { close(descriptor) } }
        #expect(SocketAddress.local(of: pair[0])?.description == "unix:")
        #expect(SocketAddress.peer(of: pair[0])?.description == "unix:")
        #expect(SocketAddress.local(of: -1) == nil)
        #expect(SocketAddress.peer(of: -1) == nil)
    }
}

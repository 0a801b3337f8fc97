import Glibc
import Testing

@testable import GreenNet

@Suite struct ListeningSocketTests {
    private func open(
        _ address: BindAddress, _ change: (inout ListenerOptions) -> Void = { _ in }
    ) throws(NetError) -> ListeningSocket.Opened {
        var options = ListenerOptions()
        change(&options)
        return try ListeningSocket.open(address, options: options)
    }

    private func option(_ name: Int32, _ level: Int32, of descriptor: Int32) -> Int32 {
        var value: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, level, name, &value, &length)
        return value
    }

    private func isSocket(_ path: String) -> Bool {
        ListeningSocket.SocketFile(at: path) != nil
    }

    @Test func aSocketIsClosedOnExecNonBlockingAndReusesItsAddress() throws {
        let opened = try open(BindAddress(parsing: "127.0.0.1:0"))
        defer { close(opened.descriptor) }
        #expect(fcntl(opened.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(opened.descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(option(SO_REUSEADDR, SOL_SOCKET, of: opened.descriptor) == 1)
        #expect(option(SO_REUSEPORT, SOL_SOCKET, of: opened.descriptor) == 0)
        #expect(option(SO_ACCEPTCONN, SOL_SOCKET, of: opened.descriptor) == 1)
        #expect(opened.file == nil)
    }

    @Test func aTakenPortIsRefusedAndSharedOnlyWhenBothAsk() throws {
        let first = try open(BindAddress(parsing: "127.0.0.1:0")) { $0.reusePort = true }
        defer { close(first.descriptor) }
        let address = BindAddress(try #require(SocketAddress.local(of: first.descriptor)))
        let error = #expect(throws: NetError.self) { try open(address) }
        #expect(error?.kind == .addressInUse)
        #expect(error?.message.contains(address.description) == true)
        let second = try open(address) { $0.reusePort = true }
        close(second.descriptor)
    }

    @Test func aWildcardTakesIPv4AndIPv6Clients() throws {
        let opened = try open(BindAddress(parsing: "*:0"))
        defer { close(opened.descriptor) }
        let port = try #require(SocketAddress.local(of: opened.descriptor)?.port)
        #expect(Client(to: try BindAddress(parsing: "127.0.0.1:\(port)").socketAddress) != nil)
        if SocketAddress.local(of: opened.descriptor)?.family == .ipv6 {
            #expect(option(IPV6_V6ONLY, Int32(IPPROTO_IPV6), of: opened.descriptor) == 0)
        }
    }

    @Test func anAddressOfAnotherMachineIsRefused() throws {
        let error = #expect(throws: NetError.self) { try open(BindAddress(parsing: "192.0.2.1:0")) }
        #expect(error?.code == EADDRNOTAVAIL)
    }

    @Test func aPathThatSomebodyAnswersOnIsRefusedAndLeftAlone() throws {
        let place = try SocketPlace()
        let address = try place.address()
        let first = try open(address)
        defer { close(first.descriptor) }
        let error = #expect(throws: NetError.self) { try open(address) }
        #expect(error?.kind == .addressInUse)
        #expect(Client(to: address.socketAddress) != nil)
    }

    @Test func aPathWithAFullBacklogIsStillSomebodys() throws {
        let place = try SocketPlace()
        let address = try place.address()
        let first = try open(address) { $0.backlog = 0 }
        defer { close(first.descriptor) }
        let client = Client(to: address.socketAddress)
        #expect(client != nil)
        let error = #expect(throws: NetError.self) { try open(address) }
        #expect(error?.kind == .addressInUse)
    }

    @Test func aStaleSocketFileIsReplaced() throws {
        let place = try SocketPlace()
        let address = try place.address()
        close(try open(address).descriptor)
        #expect(isSocket(place.path + "/x.sock"))
        #expect(Client(to: address.socketAddress) == nil)
        let opened = try open(address)
        defer { close(opened.descriptor) }
        #expect(Client(to: address.socketAddress) != nil)
    }

    @Test func aFileThatIsNoSocketIsNeverRemoved() throws {
        let place = try SocketPlace()
        let path = place.path + "/x.sock"
        close(creat(path, 0o600))
        let error = #expect(throws: NetError.self) { try open(place.address()) }
        #expect(error?.kind == .addressInUse)
        #expect(error?.message.contains("no socket") == true)
        #expect(access(path, F_OK) == 0)
    }

    @Test func aMissingDirectoryIsSaidToBeMissing() throws {
        let place = try SocketPlace()
        let error = #expect(throws: NetError.self) { try open(place.address("no/x.sock")) }
        #expect(error?.message.contains("directory does not exist") == true)
    }

    @Test func theModeOfASocketFileIsTheOneAskedFor() throws {
        let place = try SocketPlace()
        let opened = try open(place.address()) { $0.unixMode = 0o600 }
        defer { close(opened.descriptor) }
        var status = stat()
        #expect(lstat(place.path + "/x.sock", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test func anAbstractNameHasNoFile() throws {
        let opened = try open(BindAddress(parsing: "unix:@units-\(getpid())"))
        defer { close(opened.descriptor) }
        #expect(opened.file == nil)
        let error = #expect(throws: NetError.self) { try open(BindAddress(parsing: "unix:@units-\(getpid())")) }
        #expect(error?.kind == .addressInUse)
    }

    @Test func removingASocketFileSparesItsSuccessor() throws {
        let place = try SocketPlace()
        let first = try open(place.address())
        let second = try open(place.address("y.sock"))
        defer {
            close(first.descriptor)
            close(second.descriptor)
        }
        #expect(rename(place.path + "/y.sock", place.path + "/x.sock") == 0)
        first.file?.remove()
        #expect(isSocket(place.path + "/x.sock"))
        ListeningSocket.SocketFile(at: place.path + "/x.sock")?.remove()
        #expect(!isSocket(place.path + "/x.sock"))
    }
}

import Glibc
import Testing

@testable import GreenNet

@Suite struct NetErrorTests {
    private func listening(_ address: String, _ code: Int32) throws -> NetError {
        NetError.listening(on: try BindAddress(parsing: address), code: code)
    }

    @Test func aTakenPortSaysWhatToDo() throws {
        let error = try listening("127.0.0.1:8060", EADDRINUSE)
        #expect(error.kind == .addressInUse)
        #expect(error.code == EADDRINUSE)
        #expect(
            error.description
                == "another program is listening on 127.0.0.1:8060: stop it or choose another port with --bind")
    }

    @Test func aPrivilegedPortSaysWhatToDo() throws {
        let error = try listening("127.0.0.1:80", EACCES)
        #expect(error.kind == .notPermitted)
        #expect(
            error.message
                == "cannot listen on 127.0.0.1:80: ports below 1024 need root or CAP_NET_BIND_SERVICE: choose a port from 1024 up"
        )
        #expect(try !listening("127.0.0.1:8060", EACCES).message.contains("CAP_NET_BIND_SERVICE"))
    }

    @Test(arguments: [
        ("unix:/x", EADDRINUSE, NetError.Kind.addressInUse, "another path"),
        ("unix:/x", EACCES, .notPermitted, "directory that this user may write to"),
        ("unix:/no/x", ENOENT, .system, "directory does not exist"),
        ("10.0.0.1:80", EADDRNOTAVAIL, .system, "does not have the address"),
        ("127.0.0.1:80", EMFILE, .exhausted, "ulimit -n"),
        ("127.0.0.1:80", EIO, .system, "Input/output error"),
    ])
    func everyFailureNamesTheAddressAndTheReason(
        _ address: String, _ code: Int32, _ kind: NetError.Kind, _ reason: String
    ) throws {
        let error = try listening(address, code)
        #expect(error.kind == kind)
        #expect(error.code == code)
        #expect(error.message.contains(address))
        #expect(error.message.contains(reason))
    }

    @Test func failingToAcceptTellsExhaustionFromTheRest() throws {
        let address = try BindAddress(parsing: "127.0.0.1:80").socketAddress
        let exhausted = NetError.accepting(on: address, code: EMFILE)
        #expect(exhausted.kind == .exhausted)
        #expect(exhausted.message.contains("127.0.0.1:80"))
        #expect(exhausted.message.contains("Too many open files"))
        #expect(NetError.accepting(on: address, code: EINVAL).kind == .system)
    }
}

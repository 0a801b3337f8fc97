import Glibc
import Testing

@testable import EventLoop

@Suite struct EventLoopErrorTests {
    @Test func theMessageNamesTheCallTheErrorAndTheRemedy() {
        let error = EventLoopError(call: "eventfd", code: EMFILE)
        #expect(
            error.description
                == "eventfd failed: Too many open files (EMFILE); close descriptors or raise this process's limit (ulimit -n)"
        )
    }

    @Test func theMessageNamesTheDescriptor() {
        let error = EventLoopError(call: "epoll_ctl", code: ENOMEM, descriptor: 7)
        #expect(error.description == "epoll_ctl on descriptor 7 failed: Cannot allocate memory (ENOMEM)")
    }

    @Test func anUnknownErrnoIsGivenAsANumber() {
        #expect(EventLoopError(call: "eventfd", code: 9999).description.hasSuffix("(errno 9999)"))
    }
}

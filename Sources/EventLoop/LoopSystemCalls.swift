import CSystem

/// The system calls a loop makes, as C function pointers so that tests can make them fail.
///
/// Each returns a negative errno on failure, as `CSystem.h` says.
struct LoopSystemCalls: Sendable {
    var createEpoll: @convention(c) () -> Int32 = csystem_epoll_create
    var createEventDescriptor: @convention(c) () -> Int32 = csystem_eventfd
    var add: @convention(c) (Int32, Int32, UInt32, UInt64) -> Int32 = csystem_epoll_add
    var modify: @convention(c) (Int32, Int32, UInt32, UInt64) -> Int32 = csystem_epoll_modify
    var wait: @convention(c) (Int32, UnsafeMutableRawPointer?, Int32, Int32) -> Int32 = csystem_epoll_wait
    var waitNanoseconds: @convention(c) (Int32, UnsafeMutableRawPointer?, Int32, Int64) -> Int32 =
        csystem_epoll_wait_nanoseconds
}

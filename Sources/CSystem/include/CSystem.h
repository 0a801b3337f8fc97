// CSystem: the Linux calls that Swift's Glibc module does not show.
//
// Every function that can fail returns a negative errno (-EMFILE), never -1:
// the value cannot be overwritten between the call and the look at it, and a
// test can stand in for a call without touching errno. None of them allocates,
// and none keeps a pointer it was given.

#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <stddef.h>
#include <stdint.h>

// System headers stay out of here, and structs are passed as void *: a type that
// this module defined again would no longer be Glibc's in the eyes of Swift
// (SE-0444), for every module that uses this one.

// Close-on-exec epoll set; the descriptor or -errno. epoll_create1(2)
int csystem_epoll_create(void);

// Changes the set, 0 or -errno. epoll_ctl(2). `key` is handed back with each
// event; the bits of `events` are EPOLLIN and so on.
int csystem_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t key);
int csystem_epoll_modify(int epoll, int descriptor, uint32_t events,
                         uint64_t key);
int csystem_epoll_remove(int epoll, int descriptor);

// The bytes that one event takes in the buffer given to a wait.
size_t csystem_event_size(void);

// Waits in milliseconds (-1: for ever, 0: only looks); the number of events or
// -errno. `events` has room for `capacity` of them. epoll_wait(2)
int csystem_epoll_wait(int epoll, void *events, int capacity, int milliseconds);

// Waits in nanoseconds, which must not be negative; the number of events or
// -errno: -ENOSYS where the C library or the kernel (before 5.11) has no
// epoll_pwait2(2).
int csystem_epoll_wait_nanoseconds(int epoll, void *events, int capacity,
                                   int64_t nanoseconds);

// The key and the bits of event number `index` of a wait.
uint64_t csystem_event_key(const void *events, int index);
uint32_t csystem_event_bits(const void *events, int index);

// Non-blocking, close-on-exec counter; the descriptor or -errno. eventfd(2)
int csystem_eventfd(void);

// Adds 1 to the counter, waking whoever polls it; 0 or -errno.
int csystem_eventfd_notify(int descriptor);

// Non-blocking, close-on-exec descriptor that yields the signals of `mask`, a
// sigset_t; the descriptor or -errno. signalfd(2)
int csystem_signalfd(const void *mask);

// The number of the next pending signal, 0 when there is none, or -errno.
int csystem_signalfd_next(int descriptor);

// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC; the descriptor or -errno.
// `address`, a sockaddr of any family, and `length` may both be NULL.
int csystem_accept(int listener, void *address, uint32_t *length);

// Names the calling thread, for debuggers and top; cut to the kernel's 15 bytes.
// pthread_setname_np(3)
void csystem_name_thread(const char *name);

// Writes the text of an errno, always NUL-terminated. strerror_r(3)
void csystem_errno_text(int code, char *buffer, size_t size);

// The symbol of an errno ("EMFILE"), or NULL where it is not known; static.
const char *csystem_errno_name(int code);

#endif

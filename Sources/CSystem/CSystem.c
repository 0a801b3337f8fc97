// CSystem: see CSystem.h for the contract of each function.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "CSystem.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 35)
#define CSYSTEM_HAS_EPOLL_PWAIT2 1
#endif
#if __GLIBC_PREREQ(2, 32)
#define CSYSTEM_HAS_ERRNO_NAMES 1
#endif
#endif

_Static_assert(sizeof(socklen_t) == sizeof(uint32_t), "csystem_accept");

static int result(int value) { return value < 0 ? -errno : value; }

int csystem_epoll_create(void) { return result(epoll_create1(EPOLL_CLOEXEC)); }

static int control(int epoll, int operation, int descriptor, uint32_t events,
                   uint64_t key) {
    struct epoll_event event = {.events = events, .data = {.u64 = key}};
    return result(epoll_ctl(epoll, operation, descriptor, &event));
}

int csystem_epoll_add(int epoll, int descriptor, uint32_t events,
                      uint64_t key) {
    return control(epoll, EPOLL_CTL_ADD, descriptor, events, key);
}

int csystem_epoll_modify(int epoll, int descriptor, uint32_t events,
                         uint64_t key) {
    return control(epoll, EPOLL_CTL_MOD, descriptor, events, key);
}

int csystem_epoll_remove(int epoll, int descriptor) {
    return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0);
}

size_t csystem_event_size(void) { return sizeof(struct epoll_event); }

uint64_t csystem_event_key(const void *events, int index) {
    return ((const struct epoll_event *)events)[index].data.u64;
}

uint32_t csystem_event_bits(const void *events, int index) {
    return ((const struct epoll_event *)events)[index].events;
}

int csystem_epoll_wait(int epoll, void *events, int capacity,
                       int milliseconds) {
    return result(epoll_wait(epoll, events, capacity, milliseconds));
}

int csystem_epoll_wait_nanoseconds(int epoll, void *events, int capacity,
                                   int64_t nanoseconds) {
#ifdef CSYSTEM_HAS_EPOLL_PWAIT2
    struct timespec timeout = {
        .tv_sec = (time_t)(nanoseconds / 1000000000),
        .tv_nsec = (long)(nanoseconds % 1000000000),
    };
    return result(epoll_pwait2(epoll, events, capacity, &timeout, NULL));
#else
    (void)epoll, (void)events, (void)capacity, (void)nanoseconds;
    return -ENOSYS;
#endif
}

int csystem_eventfd(void) {
    return result(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
}

int csystem_eventfd_notify(int descriptor) {
    uint64_t one = 1;
    ssize_t written;
    do {
        written = write(descriptor, &one, sizeof one);
    } while (written < 0 && errno == EINTR);
    return written < 0 ? -errno : 0;
}

int csystem_signalfd(const void *mask) {
    return result(signalfd(-1, mask, SFD_NONBLOCK | SFD_CLOEXEC));
}

int csystem_signalfd_next(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count;
    do {
        count = read(descriptor, &info, sizeof info);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        return errno == EAGAIN ? 0 : -errno;
    }
    return count == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

int csystem_accept(int listener, void *address, uint32_t *length) {
    return result(
        accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

void csystem_name_thread(const char *name) {
    char shortened[16];
    snprintf(shortened, sizeof shortened, "%s", name);
    pthread_setname_np(pthread_self(), shortened);
}

void csystem_errno_text(int code, char *buffer, size_t size) {
    if (size == 0) {
        return;
    }
    char storage[128];
    // The GNU variant returns the text and may leave `storage` untouched.
    const char *text = strerror_r(code, storage, sizeof storage);
    snprintf(buffer, size, "%s", text);
}

const char *csystem_errno_name(int code) {
#ifdef CSYSTEM_HAS_ERRNO_NAMES
    return strerrorname_np(code);
#else
    (void)code;
    return NULL;
#endif
}

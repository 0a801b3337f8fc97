/*
 * Runs that keep the thread for too long. What blocks inside a C function (a shell command, a read, a library that knows
 * no loop) cannot be interrupted, and the timer of slices does not even tick while it waits. So one thread for all loops
 * looks on: it sees only a counter of each thread, never a Lua state. When the same run goes on for too long it says so,
 * and sends the thread the signal of slices: the hook that its handler sets runs as soon as the C function has returned,
 * and there the traceback names its caller. Where a signal would end the wait early the end of the run tells instead.
 *
 * While nothing runs the watch sleeps without a time, and whoever begins a run wakes it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

enum { LONGEST_LOOK = 50000000, SHORTEST_LOOK = 1000000 }; /* nanoseconds between two looks */

atomic_bool cg_watch_sleeps = true;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell; /* of the clock that never goes back; made with the watch */
static bool has_begun;      /* and what follows: under the lock */
static cg_watched *threads;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Whether what the thread is doing goes on as if nothing had happened when a signal comes (signal(7), SA_RESTART). */
static bool may_interrupt(pid_t thread, bool *computes) {
    char text[128];
    snprintf(text, sizeof text, "/proc/self/task/%d/syscall", (int)thread);
    int file = open(text, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    if (count <= 0) {
        return false;
    }
    text[count] = 0;
    *computes = strncmp(text, "running", 7) == 0;
    if (*computes) {
        return true;
    }
    switch (strtol(text, NULL, 10)) {
    case SYS_read: case SYS_readv: case SYS_pread64: case SYS_write: case SYS_writev: case SYS_pwrite64:
    case SYS_openat: case SYS_flock: case SYS_wait4: case SYS_waitid:
        return true;
    default:
        return false;
    }
}

/* One look at a thread; whether anything has happened on it since the last. */
static bool look(cg_watched *watched, int64_t at, int64_t *next) {
    uint32_t run = atomic_load_explicit(&watched->run, memory_order_relaxed);
    int64_t patience = atomic_load_explicit(&watched->patience, memory_order_relaxed);
    bool is_new = run != watched->seen;
    if (is_new) {
        watched->seen = run;
        watched->seen_at = at;
    }
    if (patience == 0) {
        return is_new;
    }
    if (patience / 4 < *next) {
        *next = patience / 4 < SHORTEST_LOOK ? SHORTEST_LOOK : patience / 4;
    }
    if (!is_new && at - watched->seen_at >= patience && watched->told != run) {
        watched->told = run;
        bool computes = false;
        bool may_signal = may_interrupt(watched->thread, &computes);
        atomic_store_explicit(&watched->since, watched->seen_at, memory_order_relaxed);
        atomic_store_explicit(&watched->computes, computes, memory_order_relaxed);
        atomic_store_explicit(&watched->suspect, run, memory_order_release);
        if (watched->signal != 0 && may_signal) {
            syscall(SYS_tgkill, getpid(), watched->thread, watched->signal);
        }
    }
    return true;
}

static void *serve(void *nothing) {
    (void)nothing;
    bool was_quiet = false;
    pthread_mutex_lock(&lock);
    for (;;) {
        int64_t at = now(), next = LONGEST_LOOK;
        bool is_quiet = true;
        for (cg_watched *watched = threads; watched != NULL; watched = watched->next) {
            if (look(watched, at, &next)) {
                is_quiet = false;
            }
        }
        atomic_store(&cg_watch_sleeps, is_quiet);
        if (is_quiet && was_quiet) {
            /* A run that began while the word was being set has been looked at since. */
            while (atomic_load(&cg_watch_sleeps)) {
                pthread_cond_wait(&bell, &lock);
            }
            is_quiet = false;
        } else {
            struct timespec until = {.tv_sec = (at + next) / 1000000000, .tv_nsec = (at + next) % 1000000000};
            pthread_cond_timedwait(&bell, &lock, &until);
        }
        was_quiet = is_quiet;
    }
    return NULL;
}

/* Under the lock. Without a thread nothing is told but at the end of runs that others saw: there is none then. */
static void begin(void) {
    has_begun = true;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&bell, &attributes);
    pthread_condattr_destroy(&attributes);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, NULL) == 0) {
        pthread_setname_np(thread, "watch");
        pthread_detach(thread);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void cg_wake_watch(void) {
    int error = errno;
    pthread_mutex_lock(&lock);
    if (!has_begun) {
        begin();
    }
    atomic_store(&cg_watch_sleeps, false);
    pthread_cond_signal(&bell);
    pthread_mutex_unlock(&lock);
    errno = error;
}

void cg_watch_thread(cg_watched *watched) {
    pthread_mutex_lock(&lock);
    watched->next = threads;
    threads = watched;
    pthread_mutex_unlock(&lock);
}

void cg_unwatch_thread(cg_watched *watched) {
    pthread_mutex_lock(&lock);
    for (cg_watched **link = &threads; *link != NULL; link = &(*link)->next) {
        if (*link == watched) {
            *link = watched->next;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
}

void cg_tell_blocked(cg_state *state, cg_watched *watched, lua_State *L, int64_t used) {
    int64_t lasted = now() - atomic_load_explicit(&watched->since, memory_order_relaxed);
    /* On a busy machine the thread itself may wait for a processor: that is no green's doing. */
    bool was_starved = atomic_load_explicit(&watched->computes, memory_order_relaxed) && used < state->patience / 4;
    atomic_store_explicit(&watched->suspect, 0, memory_order_relaxed);
    if (state->blocked != NULL && !was_starved) {
        state->blocked(L, lasted);
    }
}

void cg_watch_runs(lua_State *L, int64_t nanoseconds, cg_blocked blocked) {
    cg_state *state = cg_state_of(L);
    state->patience = nanoseconds;
    state->blocked = blocked;
}

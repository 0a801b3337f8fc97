/*
 * What runs on this thread, and for how long. A timer of the thread's processor time sends a signal, and its handler
 * counts for the run that goes on. When that has had its slice, or all that it may use, the handler has the hook of
 * slice.c called at the next instruction (lua_sethook is made to be called from signal handlers, manual 4.7).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

enum { FIRST_PERIOD = 5000000, SHORTEST_PERIOD = 500000 };

/* What the signal's handler finds on its thread. */
typedef struct thread_run {
    cg_state *volatile state; /* whose code runs; NULL: none */
    cg_watched watched;
    uint32_t seen;            /* the run at the last tick */
    int64_t seen_for;         /* nanoseconds that the run has been seen for */
    bool has_tried;           /* to make the timer */
    timer_t timer;
    int64_t period;           /* nanoseconds */
    const char *stack;        /* where the C stack was when the outermost run began */
} thread_run;

static _Thread_local thread_run here;

static uint32_t current_run(void) {
    return atomic_load_explicit(&here.watched.run, memory_order_relaxed);
}

/* The next run, which may last so long. */
static void next_run(int64_t patience) {
    atomic_store_explicit(&here.watched.run, current_run() + 1, memory_order_relaxed);
    atomic_store_explicit(&here.watched.patience, patience, memory_order_relaxed);
}

/* Whether the watch has said of the run that it has lasted too long, and nobody has been told yet. */
static bool is_suspect(void) {
    uint32_t suspect = atomic_load_explicit(&here.watched.suspect, memory_order_relaxed);
    return suspect != 0 && suspect == current_run();
}

int64_t cg_run_time(lua_State *L) {
    (void)L;
    return here.seen == current_run() ? here.seen_for : 0;
}

void cg_tell_if_blocked(lua_State *L) {
    if (is_suspect()) {
        cg_tell_blocked(cg_state_of(L), &here.watched, L, cg_run_time(L));
    }
}

static struct itimerspec every(int64_t period) {
    struct timespec span = {.tv_sec = period / 1000000000, .tv_nsec = period % 1000000000};
    return (struct itimerspec){.it_interval = span, .it_value = span};
}

/* Has the hook called at the next instruction, unless a script's own hook is there. */
void cg_ask_at_next_instruction(lua_State *L) {
    lua_Hook hook = lua_gethook(L);
    /* Setting it walks all the calls of the coroutine. With full stacks, and at each tick, that would be all that is done. */
    bool is_armed = hook == cg_slice_hook && lua_gethookcount(L) == 1;
    if (!is_armed && (hook == NULL || hook == cg_slice_hook)) {
        lua_sethook(L, cg_slice_hook, LUA_MASKCOUNT, 1);
    }
}

/* On the thread whose time it is; between any two machine instructions of it. */
static void tick(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    cg_state *state = here.state;
    if (state == NULL) {
        return;
    }
    if (info->si_code == SI_TKILL) { /* from the watch: who is it, at the next instruction? */
        if (is_suspect()) {
            cg_ask_at_next_instruction(state->running);
        }
        return;
    }
    int64_t span = here.period * (1 + (int64_t)info->si_overrun);
    cg_meter *meter = state->meter;
    meter->used += span;
    if (here.seen != current_run()) {
        here.seen = current_run();
        here.seen_for = 0;
    }
    here.seen_for += span;
    bool is_spent = meter->limit != 0 && meter->used >= meter->limit;
    bool is_over = state->slice != 0 && here.seen_for >= state->slice;
    if (is_spent || is_over) {
        state->slice_over = 1;
        cg_ask_at_next_instruction(state->running);
    }
    int64_t wanted = state->slice / 2 < SHORTEST_PERIOD ? SHORTEST_PERIOD : state->slice / 2;
    if (state->slice != 0 && wanted < here.period) {
        int error = errno;
        here.period = wanted;
        struct itimerspec timing = every(wanted);
        timer_settime(here.timer, 0, &timing, NULL);
        errno = error;
    }
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_thread_end;
static int number_of_signal; /* 0: none was free */

static void stop_thread(void *thread) {
    thread_run *mine = thread;
    cg_unwatch_thread(&mine->watched);
    if (mine->period != 0) {
        timer_delete(mine->timer);
    }
}

/* The highest real-time signal that nobody uses: the program's own and its libraries' stay as they are. */
static void choose_signal(void) {
    if (pthread_key_create(&at_thread_end, stop_thread) != 0) {
        return;
    }
    for (int number = SIGRTMAX - 1; number > SIGRTMIN; number--) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) != 0 || (action.sa_flags & SA_SIGINFO) != 0
            || action.sa_handler != SIG_DFL) {
            continue;
        }
        memset(&action, 0, sizeof action);
        action.sa_sigaction = tick;
        action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
        sigfillset(&action.sa_mask);
        if (sigaction(number, &action, NULL) == 0) {
            number_of_signal = number;
            return;
        }
    }
}

/* Ticks while this thread computes, and never while it waits. */
static void start_thread(void) {
    here.has_tried = true;
    pthread_once(&once, choose_signal);
    here.watched.thread = (pid_t)syscall(SYS_gettid);
    here.watched.signal = number_of_signal;
    if (pthread_setspecific(at_thread_end, &here) == 0) {
        cg_watch_thread(&here.watched);
    }
    if (number_of_signal == 0) {
        return;
    }
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = number_of_signal;
    event._sigev_un._tid = here.watched.thread;
    if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &here.timer) != 0) {
        return;
    }
    here.period = FIRST_PERIOD;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number_of_signal);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    struct itimerspec timing = every(here.period);
    timer_settime(here.timer, 0, &timing, NULL);
}

void cg_run_begin(cg_run *run, cg_state *state, lua_State *L, cg_meter *meter) {
    if (!here.has_tried) {
        start_thread();
    }
    if (here.state == NULL) {
        here.stack = __builtin_frame_address(0);
    }
    *run = (cg_run){.outer = here.state, .running = state->running, .meter = state->meter};
    state->running = L;
    state->meter = meter != NULL ? meter : &state->outside;
    state->slice_over = 0;
    state->is_short = false;
    run->edge = state->edge;
    state->edge = cg_edge(L, state->meter->taken);
    run->bytes = state->memory.bytes;
    next_run(state->patience);
    atomic_signal_fence(memory_order_seq_cst); /* the handler may look from here on */
    here.state = state;
    if (state->patience != 0 && atomic_load_explicit(&cg_watch_sleeps, memory_order_relaxed)) {
        cg_wake_watch();
    }
}

size_t cg_stack_used(void) {
    const char *now = __builtin_frame_address(0); /* it grows downwards */
    return here.state == NULL || here.stack < now ? 0 : (size_t)(here.stack - now);
}

void cg_run_end(const cg_run *run, cg_state *state) {
    cg_tell_if_blocked(state->running);
    here.state = run->outer;
    atomic_signal_fence(memory_order_seq_cst);
    next_run(run->outer == NULL ? 0 : run->outer->patience);
    state->running = run->running;
    int64_t taken = state->meter->taken + (int64_t)(state->memory.bytes - run->bytes);
    state->meter->taken = taken > 0 ? taken : 0; /* it may have collected what others left */
    state->meter = run->meter;
    state->slice_over = 0;
    state->edge = run->edge;
}

void cg_run_alone(lua_State *L, cg_run *run, int64_t most) {
    cg_state *state = cg_state_of(L);
    bool is_nested = here.state == state;
    int64_t limit = state->outside.limit;
    if (!is_nested) {
        state->outside.used = 0;
        cg_run_begin(run, state, L, &state->outside);
    } else {
        run->running = state->running;
        state->running = L;
    }
    run->is_nested = is_nested;
    run->limit = limit;
    if (most != 0 && limit == 0) {
        state->outside.limit = state->outside.used + most;
    }
}

void cg_run_alone_end(lua_State *L, const cg_run *run) {
    cg_state *state = cg_state_of(L);
    state->outside.limit = run->limit;
    if (run->is_nested) {
        state->running = run->running;
    } else {
        cg_run_end(run, state);
        state->stopping = false;
    }
}

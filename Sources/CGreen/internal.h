/* What the files of the membrane share. Never included by Swift. */
#ifndef CG_INTERNAL_H
#define CG_INTERNAL_H

#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "cgreen.h"

/* Blocks up to the largest class that Lua gives back are kept for the next of their class: so many bytes in all, and twice
 * what is in use, as the collector lets twice of that come together before it frees it (manual 2.5.1, the pause). */
enum { CG_CLASSES = 33, CG_LARGEST_KEPT = 16 * (CG_CLASSES - 1) + 8, CG_MOST_KEPT = 262144, CG_KEPT_TIMES = 2,
       CG_GIVEN_UP_AT_ONCE = 16384 };
typedef struct cg_spare { struct cg_spare *next; } cg_spare;

enum { CG_SUSPENDABLE_MAX = 32 };
enum { CG_OWN_INSERT, CG_OWN_REMOVE, CG_OWN_MOVE, CG_OWN_UNPACK, CG_OWN_CONCAT, CG_OWN_SORT, CG_OWN_FORMAT,
       CG_OWN_TRACEBACK, CG_OWN_COUNT };
enum { CG_WARNING_MAX = 2000, CG_DEATHS_MAX = 2000 };

/* One Lua state: memory, the park that is under way, and what Swift attached. */
typedef struct cg_state {
    lua_State *main;
    void *host;
    cg_memory memory;
    cg_spare *spares[CG_CLASSES]; /* blocks that are kept, by class */
    size_t given_up;          /* the class that blocks are given up of */
    int vault;                /* the registry's number of the vault's table */
    size_t edge;              /* of the bytes in use: where what runs is asked to give way; SIZE_MAX: nowhere */
    bool is_short;            /* what ran last came to it */
    int conversions;          /* of tables, one in another */
    size_t converted;         /* bytes, in the outermost one */
    bool was_refused;         /* the limit has refused an allocation since the last collection by cg_collect */
    unsigned objects;         /* made since what lies behind them was counted */
    uint64_t fail_countdown;  /* 1: the next allocation fails, and all after it; 0: disarmed */
    lua_State *green;         /* the coroutine of the green being resumed; NULL between greens */
    bool parking;             /* the yield on its way outwards is a park, not a script's own */
    int barriers;             /* script-made coroutines being run from where Lua cannot yield */
    bool closing;             /* finalizers run for the last time: what they make is never finalized */
    int call_status;          /* of the last CG_PCALL */
    lua_State *volatile running;  /* the innermost coroutine that runs: what the end of a slice interrupts */
    cg_meter *volatile meter;     /* of what runs */
    volatile sig_atomic_t slice_over; /* what runs has used up its slice */
    int64_t slice;            /* nanoseconds of processor time; 0: no end */
    cg_slice_end slice_end;   /* asked what is to become of what runs; NULL: it goes on */
    lua_State *preempted;     /* the coroutine that gave way last, when its slice was over */
    bool stopping;            /* what runs is being stopped: nothing may catch that */
    bool has_stepped;         /* a count hook is always set: instructions are counted, or a test asked for it */
    int step;                 /* its count */
    int checks, check_every;  /* for tests: every so many'th question whether the slice is over says yes */
    cg_meter outside;         /* of what runs in no green */
    lua_CFunction own[CG_OWN_COUNT]; /* Lua's own functions, for where nothing in them can wait */
    int sort_spare;           /* the registry's number of a frame for sorts; 0: none yet */
    const void *sorting;      /* the frame of a sort that is the spare one; NULL: it is free */
    int loading;              /* modules that are being loaded */
    lua_CFunction suspendable[CG_SUSPENDABLE_MAX]; /* library functions with continuations */
    int suspendable_count;
    int64_t patience;         /* nanoseconds that one run may keep the thread before it is told; 0: for ever */
    cg_blocked blocked;       /* told when one did */
    cg_warned warned;         /* told what warn says */
    bool warns_not;           /* "@off" */
    size_t warning_length;    /* of the warning that comes in pieces */
    char warning[CG_WARNING_MAX];
    size_t deaths_length;     /* the calls of script-made coroutines that died of the error in cg_death_key */
    char deaths[CG_DEATHS_MAX];
    const void *metatables[CG_CLASS_MAX];
    int metatable_refs[CG_CLASS_MAX]; /* their numbers in the registry; 0: not registered */
} cg_state;

/*
 * Every coroutine carries its state's address in Lua's extra space (copied from the main thread at creation). The
 * lowest bit marks one that only the scheduler may go on with: a script-made coroutine inside which a green is parked,
 * and a green's own while it does not run. To scripts such a coroutine is busy ("normal"), not suspended.
 */
#define CG_PARKED_BIT ((uintptr_t)1)

static inline uintptr_t *cg_extra(lua_State *L) {
    return (uintptr_t *)lua_getextraspace(L);
}

static inline cg_state *cg_state_of(lua_State *L) {
    return (cg_state *)(*cg_extra(L) & ~CG_PARKED_BIT);
}

/* Registry keys are the addresses of these. What is looked up all the time has a number instead (luaL_ref): an index
 * into an array is cheaper than a hash. */
extern const char cg_memory_key;    /* "not enough memory", Lua's own string: pushing it needs no memory */
extern const char cg_stop_key;      /* the error of what is being stopped */
extern const char cg_traceback_key; /* what the message handler of the cg_call that just failed wrote, or false */
extern const char cg_death_key;     /* the error whose way through script-made coroutines is noted, or false */

/* Runs `body` protected with `arguments` as its light userdata; `n` values from the top become its arguments. */
int cg_protect(lua_State *L, lua_CFunction body, void *arguments, int n, int results);
/* The same for a body that may run code of a script, for `most` nanoseconds of processor time outside of any green. */
int cg_protect_for(int64_t most, lua_State *L, lua_CFunction body, void *arguments, int n, int results);

/* Where there is no room on the stack even for a call: pushes the message of LUA_ERRMEM, and answers that. */
int cg_out_of_stack(lua_State *L);

/* Every park goes through here: yields with the mark that tells it from a script's own yield. */
int cg_yield_park(lua_State *L, lua_KContext context, lua_KFunction k);

int cg_open_coroutine(lua_State *L); /* the coroutine library with park-through resume and wrap */
int cg_open_string(lua_State *L);    /* the string library with patterns that give way */
bool cg_is_wrapped(lua_CFunction function); /* made by coroutine.wrap */
/* The native whose closure is at index, or NULL [-0, +0]. */
const cg_native *cg_native_at(lua_State *L, int index);

/* ---- the standard library where it may wait ---- */
int cg_open_base(lua_State *L);
int cg_open_package(lua_State *L);
bool cg_is_require(lua_CFunction function);
int cg_open_table(lua_State *L);
void cg_replace_format(lua_State *L); /* in the string library on top [-0, +0] */
int cg_base_load(lua_State *L);
int cg_table_concat(lua_State *L);
int cg_table_sort(lua_State *L);
/* Notes which functions of the library on top may be waited in, for cg_barrier [-0, +0]. */
void cg_note_suspendable(lua_State *L, int library);
int cg_co_resume(lua_State *L);      /* its resume */
int cg_co_wrapped(lua_State *L);     /* what its wrap gives; upvalue 1: the coroutine */

/* ---- traceback.c ---- */

/* The traceback of `of` from `level` on, through the coroutines inside it, and through those that died of the error at
 * index `error` of L (0: none) [-0, +1, m]. */
void cg_push_traceback(lua_State *L, lua_State *of, int level, int error);

/* ---- calls.c: the calls of a coroutine as text ---- */

/* One call, as a traceback has it; cut where there is no more room. Its length. */
size_t cg_describe_call(const lua_Debug *frame, char *buffer, size_t size);
/* Whether so many calls are open that walking through them takes long. */
bool cg_is_deep(lua_State *of);
/* Those of `of` from `level` on, each with a line feed before it [-0, +1, m]. */
void cg_push_calls(lua_State *L, lua_State *of, int level);
/* In the debug library on top [-0, +0, m]. */
void cg_replace_traceback(lua_State *L);
int cg_open_debug(lua_State *L);

/* ---- deaths.c: the calls that an error came through and that are gone ---- */

#define CG_RESUMED_BY "\nresumed by:"
/* Whether the value at index is the error whose way is noted. Harmless. */
bool cg_is_noted(lua_State *L, int index);
/* `co` died of the error on top of L: its calls are noted before it is closed. Harmless. */
void cg_note_death(lua_State *L, lua_State *co);
/* A message handler that notes the calls down to the protected call it is for, and leaves the error as it is. */
int cg_note_calls(lua_State *L);
/* The error on top is about to leave the calls above this one. Harmless. */
void cg_note_calls_above(lua_State *L, const lua_Debug *below);
void cg_forget_deaths(lua_State *L);

/* ---- closing.c: the to-be-closed variables of greens that have failed ---- */

void cg_find_closers(lua_State *L); /* once for the process [-0, +0] */

/* ---- globals.c: the globals of one script ---- */

/* For Lua: global_metatable(shared, declared) and closed_metatable(shared, declared). */
int cg_global_metatable(lua_State *L);
int cg_closed_metatable(lua_State *L);

/* ---- sandbox.c: parts of libraries ---- */
int cg_open_time(lua_State *L);      /* `os` with what tells the time, and nothing else */
int cg_open_traceback(lua_State *L); /* `debug` with `traceback`, and nothing else */

/* ---- run.c: what runs on this thread ---- */

/* Around everything that may run Lua code: tells the timer's signal what runs on this thread. */
typedef struct cg_run {
    cg_state *outer;          /* whose code ran here before */
    lua_State *running;
    cg_meter *meter;
    size_t edge;
    size_t bytes;             /* that were in use when it began */
    int64_t limit;            /* of what runs in no green */
    bool is_nested;
} cg_run;
void cg_run_begin(cg_run *run, cg_state *state, lua_State *L, cg_meter *meter);
void cg_run_end(const cg_run *run, cg_state *state);
/* The same for what Swift calls outside of any green, and that may use `most` nanoseconds of processor time (0: what the
 * scheduler says); within code of this state that runs already that goes on. */
void cg_run_alone(lua_State *L, cg_run *run, int64_t most);
void cg_run_alone_end(lua_State *L, const cg_run *run);
/* Bytes of this thread's C stack that what runs has taken. */
size_t cg_stack_used(void);
/* Tells the state's `blocked`, where the watch has seen what runs last too long. */
void cg_tell_if_blocked(lua_State *L);

/* ---- slice.c: the end of a slice ---- */

void cg_slice_hook(lua_State *L, lua_Debug *frame);

/* Whether what runs has used up its slice. One load or two: long work asks it every few hundred steps. */
static inline bool cg_slice_is_over(cg_state *state) {
    if (state->check_every != 0 && ++state->checks % state->check_every == 0) {
        return true;
    }
    return state->slice_over != 0;
}

/* In a C function that works long, when its slice is over: lets the others run, and goes on in `k`, with the stack as
 * it was. Returns where it cannot yield: then the work goes on. Raises when what runs is to be stopped. */
void cg_give_way(lua_State *L, lua_KContext context, lua_KFunction k);

/* The first thing such a `k` does: raises when the green was interrupted meanwhile. */
void cg_after_slice(lua_State *L);

/* Before the coroutine `co` is resumed: has its instructions counted where that is asked for. */
static inline void cg_count_steps(cg_state *state, lua_State *co) {
    if (state->has_stepped && lua_gethook(co) == NULL) {
        lua_sethook(co, cg_slice_hook, LUA_MASKCOUNT, state->step);
    }
}

/* ---- allocator.c ---- */

void *cg_allocate(void *context, void *block, size_t old, size_t size); /* lua_Alloc */
void cg_free_spares(cg_state *state);
/* Where what runs from now on is asked to give way, so that the collector can work in steps: at the limit Lua would collect
 * all there is in one. The nearer, the less it may use. */
size_t cg_edge(lua_State *L, int64_t taken);

/* ---- hooks.c ---- */

void cg_find_hook_switch(lua_State *L); /* may raise [-0, +0] */
bool cg_can_raise_in_hooks(void);
/* A coroutine that died of an error may have done so in a hook: lets its hooks run again. */
void cg_allow_hooks(lua_State *L);

/* ---- handler.c ---- */

void cg_find_handler_place(lua_State *L); /* may raise [-0, +0] */
/* Of a coroutine that is about to be reset: no message handler is called any more. Harmless. */
void cg_clear_handler(lua_State *L);

/* ---- watch.c: runs that keep the thread for too long ---- */

/* What the watch sees of a thread. */
typedef struct cg_watched {
    _Atomic uint32_t run;     /* counts runs, so that it can tell whether the one it saw before still goes on */
    _Atomic int64_t patience; /* nanoseconds that the run may last; 0: for ever, or nothing runs */
    _Atomic uint32_t suspect; /* the run that has lasted longer; 0: none */
    _Atomic int64_t since;    /* when it was first seen */
    _Atomic bool computes;    /* it was not in a system call then: it uses the processor, or waits for one */
    pid_t thread;
    int signal;               /* interrupts the thread; 0: there is none */
    struct cg_watched *next;
    uint32_t seen, told;      /* the watch's own, as what follows */
    int64_t seen_at;
} cg_watched;

void cg_watch_thread(cg_watched *watched);   /* once, by the thread itself */
void cg_unwatch_thread(cg_watched *watched); /* at its end */
/* Whether the watch sleeps because nothing ran; whoever begins a run then wakes it. */
extern atomic_bool cg_watch_sleeps;
void cg_wake_watch(void);
/* Tells the state's `blocked`, where the run that goes on has lasted too long; it has used so many nanoseconds of the
 * processor, as the timer saw it. */
void cg_tell_blocked(cg_state *state, cg_watched *watched, lua_State *L, int64_t used);

/* ---- pcall.c ---- */

/* Keeps the message handler of the innermost xpcall from running now: inside a hook nothing could stop it. It runs when
 * the error has been caught. */
void cg_postpone_handler(lua_State *L);
/* Before a coroutine is reset: its closers would run over the frames of the calls it stands in. Harmless. */
void cg_forget_handlers(lua_State *L);
void cg_make_handlers(lua_State *L);   /* their table; may raise [-0, +0] */
void cg_open_pcall(lua_State *L); /* pcall and xpcall that cannot catch a stop, into the table on top [-0, +0] */

#endif

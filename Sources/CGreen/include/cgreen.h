/*
 * The membrane: the only door between Swift and Lua (DESIGN: "no Swift frame under a longjmp, ever").
 *
 * Lua raises errors and yields with longjmp. So this header shows Swift two kinds of function only:
 *   protected  runs inside lua_pcall and returns a status; on failure the error value is on top of the stack
 *   harmless   cannot raise: no allocation, no metamethod, no yield
 * The bracket says the stack effect as the Lua manual does: [-pops, +pushes]. Indexes follow the Lua manual.
 * lua.h itself stays out: what is not declared here cannot be called from Swift.
 */
#ifndef CGREEN_H
#define CGREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct lua_State lua_State;

#pragma clang assume_nonnull begin

/* ---- statuses: the numbers of lua.h, asserted in state.c ---- */
enum {
    CG_OK = 0,
    CG_YIELD = 1,
    CG_ERRRUN = 2,
    CG_ERRSYNTAX = 3,
    CG_ERRMEM = 4,
    CG_ERRERR = 5,
};

/* ---- value types: the numbers of lua.h, asserted in state.c ---- */
enum {
    CG_TNONE = -1,
    CG_TNIL = 0,
    CG_TBOOLEAN = 1,
    CG_TLIGHTUSERDATA = 2,
    CG_TNUMBER = 3,
    CG_TSTRING = 4,
    CG_TTABLE = 5,
    CG_TFUNCTION = 6,
    CG_TUSERDATA = 7,
    CG_TTHREAD = 8,
};

/* ======================= state.c: one Lua state and its memory ======================= */

/* "Lua 5.4.4": of the library this was built with. */
const char *cg_release(void);

/* What the allocator knows; a plain copy. */
typedef struct cg_memory {
    size_t bytes;       /* in use now */
    size_t peak;        /* most ever in use */
    size_t limit;       /* 0: none */
    size_t kept;        /* of what was given back, for the next that is made; with `bytes` never more than the limit */
    uint64_t allocations; /* blocks made or grown since the state was opened */
    uint64_t refusals;  /* how often the limit has refused one */
} cg_memory;

/* A new state without libraries, its vault and scratch stack ready; NULL when memory is out. `host` is what
 * cg_host answers. Harmless. */
lua_State *_Nullable cg_open(void *_Nullable host);
/* For tests: as cg_open, with the `countdown`-th allocation and every one after it failing (0: none). Where it answers
 * NULL, *left is how many bytes were not given back: 0. */
lua_State *_Nullable cg_open_failing(void *_Nullable host, uint64_t countdown, size_t *left);
/* Runs every finalizer and frees all. Harmless. No pointer into the state is valid afterwards. Answers how many bytes
 * the allocator still counts: 0. */
size_t cg_close(lua_State *L);
/* The `host` given to cg_open, from any coroutine of the state. */
void *_Nullable cg_host(lua_State *L);
lua_State *cg_main(lua_State *L);
cg_memory cg_memory_of(lua_State *L);
/* Counts so many bytes more (or less) as in use that are outside of the state's memory. What refuses is only the next
 * allocation. Harmless. */
void cg_count_outside(lua_State *L, ptrdiff_t bytes);
/* Bytes the state may use in all; 0 takes the limit off. What is in use already stays. */
void cg_set_memory_limit(lua_State *L, size_t bytes);
/* For tests: the `countdown`-th allocation from now, and every one after it, fails; 0 disarms. */
void cg_fail_allocations(lua_State *L, uint64_t countdown);

enum {
    CG_LIB_BASE = 1 << 0, CG_LIB_COROUTINE = 1 << 1, CG_LIB_TABLE = 1 << 2, CG_LIB_STRING = 1 << 3,
    CG_LIB_MATH = 1 << 4, CG_LIB_UTF8 = 1 << 5, CG_LIB_PACKAGE = 1 << 6, CG_LIB_IO = 1 << 7,
    CG_LIB_OS = 1 << 8, CG_LIB_DEBUG = 1 << 9,
    CG_LIB_TIME = 1 << 10,      /* of os: clock, date, difftime, time */
    CG_LIB_TRACEBACK = 1 << 11, /* of debug: traceback */
};
/* Opens the named libraries with Greenhouse's replacements in place. Protected [-0, +0 | +1 error]. */
int cg_open_libraries(lua_State *L, int mask);
/* One full garbage collection. Protected (finalizer errors go to warn) [-0, +0]. */
int cg_collect(lua_State *L);
/* The part of a memory limit that a green may use without being asked to give way; the rest is for all. */
#define CG_SHARED_PART(limit) ((limit) - (limit) / 8)
/* How much of what is left then one may take. Harmless. */
int64_t cg_share_of_left(lua_State *L);
/* Whether more than that is in use. Harmless. */
bool cg_is_near_limit(lua_State *L);
/* Whether what ran last was asked to give way for that. Harmless. */
bool cg_is_short_of_memory(lua_State *L);
/* Whether so many bytes more would be within the limit. Harmless. */
bool cg_has_room(lua_State *L, size_t bytes);
/* Around the conversion of a table that a script made, in which one string can stand for any number of copies. Those
 * within one may take CG_MOST_CONVERTED bytes altogether where the state has a limit; cg_convert counts them, and answers
 * whether that is so. Harmless. */
enum { CG_MOST_CONVERTED = 64 << 20 };
void cg_begin_conversion(lua_State *L);
void cg_end_conversion(lua_State *L);
bool cg_convert(lua_State *L, size_t bytes);
/* Whether the limit has refused memory since the last of them. Lua's own collection of what is garbage then calls no
 * finalizers, so objects that have one are still there: and with them its next collection is beyond the limit. */
bool cg_was_refused(lua_State *L);

/* ======================= stack.c: reading and pushing without risk ======================= */

int cg_top(lua_State *L);
void cg_set_top(lua_State *L, int index);
int cg_type(lua_State *L, int index);
const char *cg_type_name(lua_State *L, int index); /* of the value, luaL_typename */
/* Room for n more values; false when there is none. */
bool cg_reserve(lua_State *L, int n);
void cg_push_nil(lua_State *L);
void cg_push_boolean(lua_State *L, bool value);
void cg_push_integer(lua_State *L, int64_t value);
void cg_push_number(lua_State *L, double value);
void cg_push_light(lua_State *L, const void *pointer);
void cg_push_copy(lua_State *L, int index);
void cg_push_globals(lua_State *L);
bool cg_push_thread(lua_State *L); /* the coroutine itself */
void cg_insert(lua_State *L, int index);  /* moves the top there */
void cg_remove(lua_State *L, int index);
void cg_replace(lua_State *L, int index);
void cg_move(lua_State *from, lua_State *to, int n); /* lua_xmove: same state only */
bool cg_to_boolean(lua_State *L, int index);
/* Numbers only (an integral float counts as an integer); strings are not converted. */
bool cg_to_integer(lua_State *L, int index, int64_t *value);
bool cg_to_number(lua_State *L, int index, double *value);
bool cg_is_integer(lua_State *L, int index); /* the integer subtype */
/* The bytes of a string value, NULL for anything else; valid while the value is on the stack. */
const char *_Nullable cg_bytes(lua_State *L, int index, size_t *length);
const void *_Nullable cg_pointer(lua_State *L, int index); /* lua_topointer */
lua_State *_Nullable cg_to_thread(lua_State *L, int index);
bool cg_raw_equal(lua_State *L, int a, int b);
/* Raw table reads [-0, +1], type of what was pushed; the value at index must be a table. */
int cg_raw_get_index(lua_State *L, int index, int64_t n);
int cg_raw_get(lua_State *L, int index); /* key on top [-1, +1] */
/* table[n] = top, for a slot of the array part that exists already (as cg_new_filled made it): never allocates
 * [-1, +0]. */
void cg_raw_put(lua_State *L, int index, int64_t n);
size_t cg_raw_length(lua_State *L, int index);
int cg_push_upvalue(lua_State *L, int n); /* of the running native [-0, +1] */

/* ======================= vault.c: values that Swift holds, by number ======================= */
/* Reading and storing never allocate. */

/* Makes slots 1...count exist. Protected [-0, +0 | +1 error]. */
int cg_vault_grow(lua_State *L, int64_t count);
void cg_vault_store(lua_State *L, int64_t slot);       /* [-1, +0] */
int cg_vault_push(lua_State *L, int64_t slot);         /* [-0, +1] type */
void cg_vault_clear(lua_State *L, int64_t slot);

/* ======================= protected.c: operations that may fail ======================= */
/* All: status; CG_OK pushes what the line says, anything else pushes one error value. Metamethods that run outside of any
 * green are stopped after a second of processor time. */

int cg_push_bytes(lua_State *L, const void *_Nullable bytes, size_t length);              /* [-0, +1] */
int cg_new_table(lua_State *L, int array, int fields);                          /* [-0, +1] */
int cg_new_filled(lua_State *L, int count); /* slots 1...count hold false */      /* [-0, +1] */
/* A coroutine for a green: scripts that get hold of it can neither resume nor close it [-0, +1]. */
int cg_new_thread(lua_State *L);
int cg_get_field(lua_State *L, int index, const char *name);                    /* [-0, +1] metamethods */
int cg_set_field(lua_State *L, int index, const char *name);                    /* [-1, +0] metamethods */
int cg_get(lua_State *L, int index);                                            /* [-1, +1] metamethods */
int cg_set(lua_State *L, int index);                                            /* [-2, +0] metamethods */
int cg_raw_set(lua_State *L, int index);                                        /* [-2, +0] */
int cg_raw_set_index(lua_State *L, int index, int64_t n);                       /* [-1, +0] */
/* The next pair after the key on top; *more false at the end [-1, +2 | +0 at the end]. */
int cg_next(lua_State *L, int index, bool *more);

/* ======================= metafield.c: what values have metamethods for ======================= */

/* Whether the value's metatable has this field. Protected inside; a failure is no. */
bool cg_has_metafield(lua_State *L, int index, const char *name);
/* luaL_tolstring: __tostring and __name count; stopped after 20 ms outside of any green [-0, +1 string]. */
int cg_describe(lua_State *L, int index);
/* The field of a table as far as it is there, or in tables that __index names: no metamethod runs. *asks: one would
 * have been asked, and nil is pushed [-0, +1]. */
int cg_find_field(lua_State *L, int index, const char *name, bool *asks);
/* Whether cg_describe would run code that is no native's. Protected inside; a failure is no. */
bool cg_text_asks(lua_State *L, int index);

/* ======================= chunk.c: chunks of the host ======================= */

/* Text chunks only: binary ones can crash Lua 5.4.4. name as in lua_load ("@file", "=name") [-0, +1]. */
int cg_load(lua_State *L, const void *_Nullable bytes, size_t length, const char *name);
/* Calls the function below its n arguments; it cannot yield. On failure the error value, and a second one: its
 * traceback string (or nil when memory is out) [-(n+1), +results | +2]. */
int cg_call(lua_State *L, int arguments, int results);
/* package.preload[name] = the function on top [-1, +0]. */
int cg_preload(lua_State *L, const char *name);
/* package.path = path, ahead of what is there when `prepend` [-0, +0]. */
int cg_set_package_path(lua_State *L, const char *path, bool prepend);

/* ======================= traceback.c: where a coroutine stands ======================= */

/* The traceback of `of` as a string on `onto` (another coroutine of the state, or the same): the calls of the coroutine
 * that runs or waits inside it first, then those that resumed it. Where `of` has failed with the error on top, those of
 * the coroutines that died of it come first. Protected [-0, +1 on onto]. */
int cg_traceback(lua_State *onto, lua_State *of, int level);
/* The calls that the error at index has left by now, as a traceback has them: their length, and where they are until the
 * next error; 0 where none are known. Harmless. */
size_t cg_noted(lua_State *L, int index, const char *_Nullable *_Nonnull text);
/* "file:line" of the innermost Lua function of `of`, or of a coroutine inside it; or an empty text. Harmless: into a
 * caller's buffer. */
void cg_where(lua_State *of, char *buffer, size_t size);
/* "file:line" where the function at index was defined ("[C]" for C). Harmless. */
void cg_where_defined(lua_State *L, int index, char *buffer, size_t size);
/* The same for the outermost Lua function that `of` runs; an empty text below a thousand calls. Harmless. */
void cg_where_begun(lua_State *of, char *buffer, size_t size);

/* ======================= warn.c: the warnings of scripts ======================= */

/* Told a whole warning: of `warn`, or of Lua about an error in a finalizer. Must be harmless. */
typedef void (*cg_warned)(lua_State *main, const char *text, size_t length);
/* Who is told; "@off" and "@on" (manual 6.1) are heeded, and warnings are on at first. Harmless. */
void cg_set_warned(lua_State *L, cg_warned _Nullable warned);

/* ======================= module.c: C modules that the host chooses ======================= */

/* Calls `opener` ("luaopen_cjson") of the C module in `file` ("cjson"), looked for where Lua was built to (package.cpath
 * without what is relative); what it returns is pushed. Works without the package library. Protected [-0, +1]. */
int cg_open_c_module(lua_State *L, const char *file, const char *opener);

/* ======================= require.c: modules that several greens want ======================= */

/* The function on top makes what a green waits on while another one loads the module it wants: an object with the
 * methods wait and set, as green.Event. Without it that is an error. Protected [-1, +0 | +1]. */
int cg_set_event_maker(lua_State *L);
/* ======================= sandbox.c: what scripts that are not trusted find ======================= */

/* A table of functions for the chunk that sets a sandbox up; not for scripts. Protected [-0, +1]. */
int cg_push_sandbox(lua_State *L);
/* The value on top becomes the globals of the main chunk at index. Harmless [-1, +0]. */
void cg_set_environment(lua_State *L, int index);

/* ======================= native.c: Swift functions that Lua calls ======================= */

/*
 * A Swift function reached from Lua. It may call harmless and protected functions, and *returns a code*; only when
 * its frame is gone does C raise, call or yield. Codes: n >= 0: the top n values are the results, and:
 */
enum {
    CG_RAISE = -1,    /* the value on top is raised as it stands */
    CG_RAISE_AT = -2, /* the string on top is raised behind "file:line:" of the caller; chunks of the host's own, named
                       * "=[Green...]", are passed over: a script made the mistake that they noticed */
    CG_ARGUMENT = -3, /* top: message, below it: the argument's number; raised as luaL_argerror does */
    CG_PARK = -4,     /* give up the loop; `resumed` is called when the scheduler resumes the green. Where cg_can_park
                         says no, an error is raised instead */
    CG_CALL = -1000,  /* CG_CALL - i, i < 1000: call the function at index i with the values above it, all results
                         wanted; then `resumed`, which finds the results from index i on */
    CG_PCALL = -2000, /* the same, protected: cg_call_status tells in `resumed` how it went (CG_OK or an error,
                         whose value is then at index i) */
};
typedef int (*cg_function)(lua_State *L);
typedef struct cg_native {
    const char *name;    /* for reports of what a green waits in; never freed */
    cg_function call;
    cg_function _Nullable resumed; /* NULL: never parks nor calls */
} cg_native;

/* A closure of `native` over the top n values, which become upvalues 1...n (cg_push_upvalue). `native` must live
 * for ever. Protected [-n, +1]. */
int cg_push_native(lua_State *L, const cg_native *native, int n);
/* How the call asked for by CG_PCALL ended. */
int cg_call_status(lua_State *L);
/* May the running native park here? False below a C function that cannot be yielded across, at any depth of
 * script-made coroutines. */
bool cg_can_park(lua_State *L);
/* Where cg_can_park says no: what is in the way, as "'sort'" or "a __gc metamethod"; an empty text where that cannot be
 * told. Harmless: into a caller's buffer. */
void cg_barrier(lua_State *L, char *buffer, size_t size);

/* ======================= class.c: Swift objects as userdata ======================= */

enum { CG_CLASS_MAX = 64 };
typedef struct cg_member {
    const char *_Nullable name;
    const cg_native *_Nullable method; /* NULL: a property, read and written through the class's hooks with `property` */
    int property;
} cg_member;
enum { CG_PADDED = 4096 };
typedef struct cg_class {
    int id;                   /* 0..<CG_CLASS_MAX, one for each class of the process */
    const char *name;         /* __name: what error messages call it */
    const cg_member *members; /* ends with a NULL name */
    const cg_native *_Nullable get;     /* (object, key, property) -> value; NULL: no properties */
    const cg_native *_Nullable set;     /* (object, key, value, property); NULL: read only */
    const cg_member *_Nullable metamethods; /* ends with a NULL name; may be NULL */
    void (*_Nullable release)(lua_State *L, void *payload); /* finalizer: gives up what the payload holds; NULL: none */
    size_t outside;           /* bytes that an object holds outside of the state's memory, counted as if they were in it;
                               * where they are less than CG_PADDED the payload is one pointer, which `release` clears */
} cg_class;
/* Makes the class's metatable. Protected [-0, +0 | +1]. */
int cg_register_class(lua_State *L, const cg_class *class_);
/* A userdata of `size` zeroed bytes with `values` user values; an error where this state does not know the class.
 * Protected [-0, +1]; *payload its memory. */
int cg_new_object(lua_State *L, const cg_class *class_, size_t size, int values,
                  void *_Nullable *_Nonnull payload);
/* The payload, or NULL when the value at index is no object of this class. Harmless. */
void *_Nullable cg_object(lua_State *L, int index, const cg_class *class_);
/* Pushes the class's metatable; a table of its methods is at field "members". Harmless [-0, +1]. */
void cg_push_metatable(lua_State *L, const cg_class *class_);
void cg_get_user_value(lua_State *L, int index, int n); /* [-0, +1] */
void cg_set_user_value(lua_State *L, int index, int n); /* [-1, +0] */

/* ======================= green.c: running greens ======================= */

enum { CG_DONE = 0, CG_PARKED = 1, CG_FAILED = 2, CG_PREEMPTED = 3 };
/* What a green has used. */
typedef struct cg_meter {
    int64_t used;  /* nanoseconds of processor time, as the timer's ticks saw it (some milliseconds each) */
    int64_t limit; /* once `used` is past it the slice is over at once; 0: none */
    int64_t steps; /* instructions it may still run, where they are counted (cg_count_instructions) */
    int64_t taken; /* bytes by which the state's memory has grown in its turns, less what they collected; never negative */
} cg_meter;
/* Starts (function and n arguments on top) or continues a green's coroutine. CG_DONE: *results values on top.
 * CG_PARKED: it waits. CG_PREEMPTED: its slice is over; resumed it goes on. CG_FAILED: the error value is on top, the
 * stack of calls still there for cg_traceback; cg_reset before it is used again. Never raises. */
int cg_resume(lua_State *green, int n, cg_meter *_Nullable meter, int *results);
/* Whether a failed green's coroutine has variables to be closed. Harmless. */
bool cg_has_closers(lua_State *green);
/* Takes them away from it, so that cg_reset finds nothing to close; pushes a function and two arguments that close them,
 * where that may wait, and raise the error that was on top of the green (or one raised by a closer since). On failure it
 * still has them all. Protected [-0, +3 | +0]. */
int cg_take_closers(lua_State *onto, lua_State *green);
/* Closes what is open and makes the coroutine startable again; CG_OK, or an error raised while closing (dropped).
 * Never raises. */
int cg_reset(lua_State *green, cg_meter *_Nullable meter);
/* The same for one that must not go on: code of the script that closes anything is stopped at its first instruction. */
void cg_stop(lua_State *green, cg_meter *_Nullable meter);
/* How a coroutine stands: CG_OK, CG_YIELD, or the error it died of (until cg_reset). Harmless. */
int cg_status(lua_State *L);

/* ======================= slice.c: the end of a slice ======================= */

enum { CG_GO_ON = 0, CG_GIVE_WAY = 1, CG_STOP = -5 };
/* Asked when what runs has used up its slice or its processor time, once more at every tick while it goes on, and when
 * a green goes on that had given way. May it park here? Answers CG_GO_ON; CG_GIVE_WAY, where it may park; CG_RAISE: the
 * value on top is raised; CG_STOP: the same, and nothing can catch it before the green has ended. Must be harmless. */
typedef int (*cg_slice_end)(lua_State *L, bool may_park);
/* How long one run may last, in nanoseconds of processor time (0: for ever), and who is asked then. It is noticed up to
 * half a slice early. Harmless. */
void cg_set_slice(lua_State *L, int64_t nanoseconds, cg_slice_end _Nullable ended);
/* Has `cg_slice_end` asked every `step` instructions as well, and meter->steps counted down: doubles the cost of Lua
 * code. 0: no more. For greens that start afterwards. Harmless. */
void cg_count_instructions(lua_State *L, int step);
/* The error that cg_stop raises [-1, +0]. Harmless. */
void cg_set_stop_error(lua_State *L);
/* Whether the call from Swift, outside of any green, has used `most` nanoseconds of processor time (0: no limit), or
 * what a metamethod may take there. Harmless. */
bool cg_is_spent_outside(lua_State *L, int64_t most);
/* Whether the slice of what runs is over, or else it is asked for another reason. Harmless. */
bool cg_is_slice_over(lua_State *L);
/* For tests: every `every`-th look at whether the slice is over says yes; 0: the timer alone does. */
void cg_end_slices(lua_State *L, int every);
/* The coroutine, perhaps a script's own, that gave way last. Harmless. */
lua_State *_Nullable cg_preempted_in(lua_State *L);

/* ======================= run.c: what runs on this thread ======================= */

/* Garbage collection in short steps, for so many nanoseconds of processor time and one step at least, which is counted as
 * that of `meter`; true when a cycle has ended (manual 2.5.1). Protected (finalizer errors go to warn) [-0, +0]. */
bool cg_collect_for(lua_State *L, int64_t nanoseconds, cg_meter *_Nullable meter);
/* For how many nanoseconds of processor time what runs on this thread has been seen without giving way. Harmless. */
int64_t cg_run_time(lua_State *L);
/* Has `cg_slice_end` asked at the next instruction of this coroutine. Harmless, also in the handler of a signal. */
void cg_ask_at_next_instruction(lua_State *L);

/* ======================= watch.c: runs that keep the thread for too long ======================= */

/* Told once, on the thread itself, as soon as Lua code goes on or the run has ended. Must be harmless. */
typedef void (*cg_blocked)(lua_State *L, int64_t nanoseconds);
/* How long one run may last on the wall's clock before it is told (0: for ever), and who is told. Harmless. */
void cg_watch_runs(lua_State *L, int64_t nanoseconds, cg_blocked _Nullable blocked);

/* True while a green of this state runs. */
bool cg_is_running(lua_State *L);

#pragma clang assume_nonnull end

#endif

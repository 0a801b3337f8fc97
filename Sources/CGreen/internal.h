/* What the files of the membrane share. Never included by Swift. */
#ifndef CG_INTERNAL_H
#define CG_INTERNAL_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "cgreen.h"

/* Blocks up to the largest class that Lua gives back are kept for the next of their class, so many bytes in all. */
enum { CG_CLASSES = 33, CG_LARGEST_KEPT = 16 * (CG_CLASSES - 1) + 8, CG_MOST_KEPT = 262144 };
typedef struct cg_spare { struct cg_spare *next; } cg_spare;

/* One Lua state: memory, the park that is under way, and what Swift attached. */
typedef struct cg_state {
    lua_State *main;
    void *host;
    cg_memory memory;
    cg_spare *spares[CG_CLASSES]; /* blocks that are kept, by class */
    size_t kept;              /* bytes in them */
    int vault;                /* the registry's number of the vault's table */
    uint64_t fail_countdown;  /* 1: the next allocation fails, and all after it; 0: disarmed */
    lua_State *green;         /* the coroutine of the green being resumed; NULL between greens */
    bool parking;             /* the yield on its way outwards is a park, not a script's own */
    int barriers;             /* script-made coroutines being run from where Lua cannot yield */
    bool closing;             /* finalizers run for the last time: what they make is never finalized */
    int call_status;          /* of the last CG_PCALL */
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
extern const char cg_traceback_key; /* what the message handler of the cg_call that just failed wrote, or false */

/* Runs `body` protected with `arguments` as its light userdata; `n` values from the top become its arguments. */
int cg_protect(lua_State *L, lua_CFunction body, void *arguments, int n, int results);

/* Where there is no room on the stack even for a call: pushes the message of LUA_ERRMEM, and answers that. */
int cg_out_of_stack(lua_State *L);

/* Every park goes through here: yields with the mark that tells it from a script's own yield. */
int cg_yield_park(lua_State *L, lua_KContext context, lua_KFunction k);

int cg_open_coroutine(lua_State *L); /* the coroutine library with park-through resume and wrap */

#endif

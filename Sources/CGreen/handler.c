/*
 * A coroutine that is reset inside xpcall keeps the place of that call's message handler: lua_resetthread of Lua 5.4.4
 * leaves it there (later releases do not). Whatever value has come to that place is then called with the next error: of
 * the coroutine's closers, or, where it is a green's, of the next run.
 *
 * So the word of lua_State that holds the place is cleared by hand. Where it is, is not assumed: it is the one word that
 * is 0 outside of a protected call, and inside grows in proportion to the handler's index; found by looking, once for
 * the process. Where there is no such word all stays as it is.
 */
#include <stdatomic.h>
#include <string.h>

#include "internal.h"

enum { LOOKED_AT = 23, UNKNOWN = -1, NONE = -2 }; /* words; less than lua_State has */

typedef ptrdiff_t words[LOOKED_AT];

static atomic_int place = UNKNOWN;

/* Called below a protected call of its coroutine. */
static int look(lua_State *co) {
    memcpy(lua_touserdata(co, 1), (const void *)co, sizeof(words));
    return 0;
}

/* The words while the handler is at `index`, where the top is. */
static bool look_with_handler(lua_State *co, int index, words seen) {
    lua_settop(co, index - 1);
    lua_pushcfunction(co, look); /* never called as a handler */
    lua_pushcfunction(co, look);
    lua_pushlightuserdata(co, seen);
    return lua_pcall(co, 1, 0, index) == LUA_OK;
}

static int find(lua_State *L) {
    words outside, at_first, at_third;
    lua_State *co = lua_newthread(L);
    memcpy(outside, (const void *)co, sizeof outside);
    bool seen = look_with_handler(co, 1, at_first) && look_with_handler(co, 3, at_third);
    int found = NONE;
    for (int at = 0; seen && at < LOOKED_AT; at++) {
        if (outside[at] == 0 && at_first[at] > 0 && at_first[at] < LOOKED_AT * 8 && at_third[at] == 3 * at_first[at]) {
            found = found == NONE ? at : LOOKED_AT; /* two: it cannot be told which */
        }
    }
    atomic_store(&place, found < 0 || found >= LOOKED_AT ? NONE : found);
    return 0;
}

void cg_find_handler_place(lua_State *L) {
    if (atomic_load(&place) == UNKNOWN) {
        lua_pushcfunction(L, find);
        lua_call(L, 0, 0);
    }
}

void cg_clear_handler(lua_State *L) {
    int at = atomic_load_explicit(&place, memory_order_relaxed);
    if (at >= 0) {
        memset((char *)L + (size_t)at * sizeof(ptrdiff_t), 0, sizeof(ptrdiff_t));
    }
}

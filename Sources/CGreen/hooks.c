/*
 * An error raised in a hook leaves the coroutine with its hooks off, unless a pcall in it catches the error: the stock
 * lua.h has nothing that turns them on again. A green's coroutine serves the next run, and its variables that are to be
 * closed still run code of the script: neither could ever be interrupted.
 *
 * So the byte of lua_State that says whether hooks are on is set by hand. Where it is, is not assumed: it is the one
 * byte that is 1 outside of a hook and 0 inside, in each of many coroutines, found by looking, once for the process. Where there is no such byte
 * errors are not raised in hooks at all.
 */
#include <stdatomic.h>
#include <string.h>

#include "internal.h"

enum { LOOKED_AT = 64, COROUTINES = 16, UNKNOWN = -1, NONE = -2 };

static atomic_int place = UNKNOWN;

static void look(lua_State *L, lua_Debug *frame) {
    (void)frame;
    lua_getfield(L, LUA_REGISTRYINDEX, "greenhouse.hooks");
    memcpy(lua_touserdata(L, -1), (const void *)L, LOOKED_AT);
    lua_pop(L, 1);
    lua_sethook(L, NULL, 0, 0);
}

/* Runs a chunk with a hook on a coroutine of its own, which it pushes: the bytes outside and inside of the hook. */
static bool run(lua_State *L, unsigned char outside[LOOKED_AT], unsigned char inside[LOOKED_AT]) {
    lua_State *co = lua_newthread(L);
    int results;
    lua_pushlightuserdata(L, inside);
    lua_setfield(L, LUA_REGISTRYINDEX, "greenhouse.hooks");
    if (luaL_loadstring(co, "local x = 1 return x") != LUA_OK) {
        return false;
    }
    lua_sethook(co, look, LUA_MASKCOUNT, 1);
    memcpy(outside, (const void *)co, LOOKED_AT);
    return lua_resume(co, L, 0, &results) == LUA_OK;
}

/* A byte of an address may happen to be 1 and then 0; not in each of many coroutines, which are in different places. */
static int find(lua_State *L) {
    unsigned char outside[LOOKED_AT], inside[LOOKED_AT];
    bool is_candidate[LOOKED_AT];
    memset(is_candidate, true, sizeof is_candidate);
    luaL_checkstack(L, COROUTINES + 2, NULL);
    for (int i = 0; i < COROUTINES; i++) {
        if (!run(L, outside, inside)) {
            return 0; /* out of memory: the next state looks again */
        }
        for (int at = 0; at < LOOKED_AT; at++) {
            is_candidate[at] &= outside[at] == 1 && inside[at] == 0;
        }
    }
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "greenhouse.hooks");
    int found = NONE;
    for (int at = 0; at < LOOKED_AT; at++) {
        if (is_candidate[at]) {
            found = found == NONE ? at : LOOKED_AT; /* two: it cannot be told which */
        }
    }
    atomic_store(&place, found < LOOKED_AT ? found : NONE);
    return 0;
}

void cg_find_hook_switch(lua_State *L) {
    if (atomic_load(&place) == UNKNOWN) {
        lua_pushcfunction(L, find);
        lua_call(L, 0, 0);
    }
}

bool cg_can_raise_in_hooks(void) {
    return atomic_load(&place) >= 0;
}

void cg_allow_hooks(lua_State *L) {
    int at = atomic_load_explicit(&place, memory_order_relaxed);
    if (at >= 0) {
        ((unsigned char *)L)[at] = 1;
    }
}

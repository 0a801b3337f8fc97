/*
 * The to-be-closed variables (manual 3.3.8) of a green that has failed. lua_resetthread closes them where nothing can
 * wait, and drops their errors; but closing is what scripts clean up with: giving back what is elsewhere takes waiting.
 * So they are taken off the dead coroutine, and a function closes them in the green's next run.
 *
 * Lua tells nobody which variables those are. It keeps a pointer to the last of them in lua_State, and in each the
 * distance to the one before. Where the pointer is, is not assumed: it is found by looking, once for the process.
 * Where it does not look as expected, lua_resetthread closes them all the same.
 */
#include <stdatomic.h>
#include <string.h>

#include "internal.h"

enum { ROOM_FOR_A_LIST = 262144 }; /* bytes */
enum { LOOKED_AT = 16, UNKNOWN = -1, NONE = -2 }; /* words; less than lua_State has */
enum { SLOT = 16, DISTANCE = 10, FARTHEST = 65535 }; /* bytes of a stack slot; where in it the distance is; its most */

typedef uintptr_t words[LOOKED_AT];

static atomic_int last_at = UNKNOWN; /* the last variable; where there is none, the beginning of the stack */
static int stack_at, top_at;         /* written before it */

static uintptr_t word(lua_State *co, int at) {
    uintptr_t value;
    memcpy(&value, (const char *)co + (size_t)at * sizeof value, sizeof value);
    return value;
}

static unsigned distance(uintptr_t slot) {
    unsigned short value;
    memcpy(&value, (const char *)slot + DISTANCE, sizeof value);
    return value;
}

/* The variable before one; the beginning of the stack where there is none. */
static uintptr_t before(uintptr_t slot, uintptr_t stack) {
    slot -= (uintptr_t)distance(slot) * SLOT;
    while (slot > stack && distance(slot) == 0) {
        slot -= (uintptr_t)FARTHEST * SLOT;
    }
    return slot;
}

static int close_nothing(lua_State *L) {
    (void)L;
    return 0;
}

/* With nothing to close, with one variable, with two, and with two below one value more. */
typedef struct samples { words none, one, two, more; } samples;

static int look(lua_State *co) {
    samples *seen = lua_touserdata(co, 1);
    lua_settop(co, 1);
    for (int i = 0; i < 4; i++) { /* 2 to 5: objects whose closing does nothing */
        lua_newtable(co);
        lua_createtable(co, 0, 1);
        lua_pushcfunction(co, close_nothing);
        lua_setfield(co, -2, "__close");
        lua_setmetatable(co, -2);
    }
    memcpy(seen->none, (const void *)co, sizeof(words));
    lua_toclose(co, 3);
    memcpy(seen->one, (const void *)co, sizeof(words));
    lua_toclose(co, 5);
    memcpy(seen->two, (const void *)co, sizeof(words));
    lua_pushnil(co);
    memcpy(seen->more, (const void *)co, sizeof(words));
    return lua_yield(co, 0); /* never resumed: what it holds stays as it is while it is looked at */
}

/* The function is in the first slot but one of its coroutine: what is at index 3 in the fourth but one. */
static bool is_last(const samples *seen, int at) {
    return seen->one[at] - seen->none[at] == 4 * SLOT && seen->two[at] - seen->none[at] == 6 * SLOT
        && seen->more[at] == seen->two[at];
}

static bool is_top(const samples *seen, int at) {
    return seen->two[at] == seen->none[at] && seen->more[at] - seen->two[at] == SLOT;
}

static int find(lua_State *L) {
    samples seen;
    lua_State *co = lua_newthread(L);
    int results, last = NONE, top = NONE, stack = NONE;
    lua_pushcfunction(co, look);
    lua_pushlightuserdata(co, &seen);
    if (lua_resume(co, L, 1, &results) != LUA_YIELD) {
        return 0; /* out of memory: the next state looks again */
    }
    for (int at = 0; at < LOOKED_AT; at++) {
        if (is_last(&seen, at)) {
            last = last == NONE ? at : LOOKED_AT; /* two: it cannot be told which */
        } else if (is_top(&seen, at)) {
            top = top == NONE ? at : LOOKED_AT;
        }
    }
    if (last < 0 || last >= LOOKED_AT || top < 0 || top >= LOOKED_AT
        || seen.none[top] - seen.none[last] != 7 * SLOT) { /* five values above the function */
        last = NONE;
    } else {
        for (int at = 0; at < LOOKED_AT && stack == NONE; at++) {
            if (at != last && seen.none[at] == seen.none[last] && seen.more[at] == seen.none[last]) {
                stack = at;
            }
        }
    }
    if (stack == NONE || distance(seen.one[last]) != 4 || distance(seen.two[last]) != 2) {
        last = NONE;
    }
    stack_at = stack;
    top_at = top;
    atomic_store(&last_at, last);
    return 0;
}

void cg_find_closers(lua_State *L) {
    if (atomic_load(&last_at) == UNKNOWN) {
        lua_pushcfunction(L, find);
        lua_call(L, 0, 0);
    }
}

bool cg_has_closers(lua_State *co) {
    int at = atomic_load(&last_at);
    return at >= 0 && word(co, at) != word(co, stack_at);
}

/* A list of them, the last first. */
static int take(lua_State *L) {
    lua_State *co = lua_touserdata(L, 1);
    int last = atomic_load(&last_at), count = 0;
    lua_newtable(L);
    if (!lua_checkstack(co, 1)) { /* the stack may be another one from here on */
        return luaL_error(L, "no room");
    }
    uintptr_t stack = word(co, stack_at);
    for (uintptr_t slot = word(co, last); slot > stack; slot = before(slot, stack)) {
        lua_pushvalue(co, -(int)((word(co, top_at) - slot) / SLOT));
        lua_xmove(co, L, 1);
        lua_rawseti(L, -2, ++count);
    }
    memcpy((char *)co + (size_t)last * sizeof stack, &stack, sizeof stack);
    return 1;
}

enum { LIST = 1, PROBLEM, NEXT, HANDLER };

static int close_on(lua_State *L, int status, lua_KContext context) {
    (void)context;
    for (;;) {
        if (status != LUA_OK && status != LUA_YIELD) {
            if (cg_state_of(L)->stopping) {
                return lua_error(L);
            }
            lua_replace(L, PROBLEM); /* the next one is told this error (manual 3.3.8) */
        }
        lua_settop(L, HANDLER);
        lua_Integer next = lua_tointeger(L, NEXT);
        if (lua_rawgeti(L, LIST, next) == LUA_TNIL) {
            lua_settop(L, PROBLEM);
            return lua_error(L);
        }
        lua_pushinteger(L, next + 1);
        lua_replace(L, NEXT);
        if (luaL_getmetafield(L, -1, "__close") == LUA_TNIL) {
            lua_pushnil(L); /* taken away meanwhile: calling it is the error */
        }
        lua_insert(L, -2);
        lua_pushvalue(L, PROBLEM);
        status = lua_pcallk(L, 2, 0, HANDLER, 0, close_on);
    }
}

static int close_all(lua_State *L) {
    lua_settop(L, PROBLEM);
    lua_pushinteger(L, 1);
    lua_pushcfunction(L, cg_note_calls);
    return close_on(L, LUA_OK, 0);
}

int cg_take_closers(lua_State *onto, lua_State *co) {
    if (!lua_checkstack(onto, 4)) {
        return LUA_ERRMEM;
    }
    lua_pushcfunction(onto, close_all);
    int status = cg_protect(onto, take, co, 0, 1);
    cg_memory *memory = &cg_state_of(onto)->memory;
    if (status == LUA_ERRMEM && memory->limit != 0) {
        /* Closed by lua_resetthread, each would have the collector look for memory in vain, and nobody else his turn. */
        size_t limit = memory->limit;
        lua_pop(onto, 1);
        memory->limit = (memory->bytes > limit ? memory->bytes : limit) + ROOM_FOR_A_LIST;
        status = cg_protect(onto, take, co, 0, 1);
        memory->limit = limit;
    }
    if (status != LUA_OK) {
        lua_pop(onto, 2); /* the error, too */
        return status;
    }
    lua_pushvalue(co, -1); /* the error: `take` has made room for it */
    lua_xmove(co, onto, 1);
    return LUA_OK;
}

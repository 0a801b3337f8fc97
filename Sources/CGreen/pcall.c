/*
 * pcall and xpcall (manual 6.1), with one difference to Lua's own: what is being stopped cannot be caught. And where an
 * error is raised in the hook that ends a slice, xpcall's message handler runs only when the error has been caught:
 * before, with hooks off, nothing could end it.
 */
#include "internal.h"

enum { HANDLER = 1, USED, OUTER, BEFORE_RESULTS = OUTER }; /* of xpcall: the script's handler, the one that is in use,
                                                            * and what stood for this coroutine before */

/* In the registry: for each coroutine the call frame of its innermost xpcall, as lua_Debug has it. Looking for it on the
 * stack, level by level, would take lua_getstack a time that grows with the square of the depth. */
static const char innermost_key = 0;

/* Puts the value on top there for this coroutine [-1, +0]; allocates only where none was. */
static void set_innermost(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &innermost_key);
    lua_pushthread(L);
    lua_rotate(L, -3, -1); /* table, thread, value */
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static void push_innermost(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &innermost_key);
    lua_pushthread(L);
    lua_rawget(L, -2);
    lua_remove(L, -2);
}

static int give(lua_State *L, int status, lua_KContext skipped) {
    if (status == LUA_OK || status == LUA_YIELD) {
        return lua_gettop(L) - (int)skipped;
    }
    if (cg_state_of(L)->stopping) {
        return lua_error(L);
    }
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static int green_pcall(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1); /* the first result when all goes well */
    lua_insert(L, 1);
    return give(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, give), 0);
}

/* In place of the script's handler: leaves the error as it is. */
static int keep(lua_State *L) {
    lua_settop(L, 1);
    return 1;
}

/* What the handler gave, or the error that it raised. */
static int give_handled(lua_State *L, int status, lua_KContext context) {
    (void)context;
    if (status != LUA_OK && status != LUA_YIELD && cg_state_of(L)->stopping) {
        return lua_error(L);
    }
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static int give_handling(lua_State *L, int status, lua_KContext skipped) {
    lua_pushvalue(L, OUTER);
    set_innermost(L);
    bool failed = status != LUA_OK && status != LUA_YIELD;
    if (failed && !cg_state_of(L)->stopping && lua_tocfunction(L, USED) == keep) {
        lua_pushvalue(L, HANDLER);
        lua_insert(L, -2);
        return give_handled(L, lua_pcallk(L, 1, 1, 0, 0, give_handled), 0);
    }
    return give(L, status, skipped);
}

static int green_xpcall(lua_State *L) {
    luaL_checktype(L, 2, LUA_TFUNCTION);
    int count = lua_gettop(L) - 2;
    lua_Debug frame;
    lua_getstack(L, 0, &frame);
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    lua_pushvalue(L, 1);
    lua_insert(L, 3);
    lua_pushvalue(L, 2);
    lua_replace(L, HANDLER);       /* handler, handler, function, arguments */
    push_innermost(L);
    lua_insert(L, OUTER);
    lua_pushlightuserdata(L, frame.i_ci);
    set_innermost(L);
    lua_pushboolean(L, 1);
    lua_insert(L, BEFORE_RESULTS + 1); /* handler, handler, outer, true, function, arguments */
    int status = lua_pcallk(L, count, LUA_MULTRET, USED, BEFORE_RESULTS, give_handling);
    return give_handling(L, status, BEFORE_RESULTS);
}

void cg_postpone_handler(lua_State *L) {
    if (!lua_checkstack(L, 4)) {
        return;
    }
    push_innermost(L);
    lua_Debug frame = {.i_ci = lua_touserdata(L, -1)};
    lua_pop(L, 1);
    if (frame.i_ci != NULL) {
        cg_note_calls_above(L, &frame); /* the handler will not find them any more */
        lua_pushcfunction(L, keep);
        if (lua_setlocal(L, &frame, USED) == NULL) {
            lua_pop(L, 1);
        }
    }
}

/* Three slots, which are always there (EXTRA_STACK of lstate.h); and nil never makes the table grow. */
void cg_forget_handlers(lua_State *L) {
    lua_pushnil(L);
    set_innermost(L);
    cg_clear_handler(L);
}

void cg_make_handlers(lua_State *L) {
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &innermost_key);
}

void cg_open_pcall(lua_State *L) {
    static const luaL_Reg functions[] = {{"pcall", green_pcall}, {"xpcall", green_xpcall}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}

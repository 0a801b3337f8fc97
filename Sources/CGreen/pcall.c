/*
 * pcall and xpcall (manual 6.1), with one difference to Lua's own: what is being stopped cannot be caught. And where an
 * error is raised in the hook that ends a slice, xpcall's message handler runs only when the error has been caught:
 * before, with hooks off, nothing could end it.
 */
#include "internal.h"

enum { HANDLER = 1, USED = 2 }; /* of xpcall: the script's handler, and the one that is in use */

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
    lua_pushvalue(L, 1);
    lua_insert(L, 3);              /* function, handler, function, arguments */
    lua_pushvalue(L, 2);
    lua_replace(L, HANDLER);       /* handler, handler, function, arguments */
    lua_pushboolean(L, 1);
    lua_insert(L, 3);              /* handler, handler, true, function, arguments */
    return give_handling(L, lua_pcallk(L, count, LUA_MULTRET, USED, 2, give_handling), 2);
}

void cg_postpone_handler(lua_State *L) {
    lua_Debug frame;
    for (int level = 0; lua_getstack(L, level, &frame); level++) {
        if (!lua_checkstack(L, 2) || !lua_getinfo(L, "f", &frame)) {
            return;
        }
        lua_CFunction function = lua_tocfunction(L, -1);
        lua_pop(L, 1);
        if (function == green_pcall) {
            return;
        }
        if (function == green_xpcall) {
            lua_pushcfunction(L, keep);
            if (lua_setlocal(L, &frame, USED) == NULL) {
                lua_pop(L, 1);
            }
            return;
        }
    }
}

void cg_open_pcall(lua_State *L) {
    static const luaL_Reg functions[] = {{"pcall", green_pcall}, {"xpcall", green_xpcall}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}

/*
 * What the base library (manual 6.1) does with metamethods, and may wait in them: tostring, print, ipairs. And `load`.
 * One difference to Lua's own: print writes its line when all of it is there, so that no other green's gets into it.
 */
#include <stdio.h>

#include "await.h"

static int give_text(lua_State *L, int status, lua_KContext place) {
    (void)status, (void)place;
    cg_check_text(L);
    return 1;
}

static int base_tostring(lua_State *L) {
    if (lua_gettop(L) == 0) {
        luaL_checkany(L, 1);
    }
    if (!cg_push_tostring(L, 1)) {
        cg_push_text(L, 1);
        return 1;
    }
    lua_pushvalue(L, 1);
    lua_callk(L, 1, 1, 0, give_text);
    return give_text(L, LUA_OK, 0);
}

/* Goes on behind argument `done`, whose text is on top (0: with the first). */
static int print_on(lua_State *L, int status, lua_KContext done) {
    (void)status;
    int i = (int)done;
    if (i > 0) {
        cg_check_text(L);
        lua_replace(L, i);
    }
    int count = lua_gettop(L);
    for (i++; i <= count; i++) {
        if (cg_push_tostring(L, i)) {
            lua_pushvalue(L, i);
            lua_callk(L, 1, 1, i, print_on);
            cg_check_text(L);
            lua_replace(L, i);
        }
    }
    for (i = 1; i <= count; i++) {
        if (i > 1) {
            fwrite("\t", 1, 1, stdout);
        }
        size_t length;
        cg_push_text(L, i);
        const char *text = lua_tolstring(L, -1, &length);
        fwrite(text, 1, length, stdout);
        lua_pop(L, 1);
    }
    fwrite("\n", 1, 1, stdout);
    fflush(stdout);
    return 0;
}

static int base_print(lua_State *L) {
    return print_on(L, LUA_OK, 0);
}

static int give_item(lua_State *L, int status, lua_KContext place) {
    (void)status, (void)place;
    return lua_isnil(L, -1) ? 1 : 2;
}

static int next_item(lua_State *L) {
    int is_integer;
    lua_Integer i = (lua_Integer)((lua_Unsigned)lua_tointegerx(L, 2, &is_integer) + 1u);
    if (!is_integer) {
        luaL_checkinteger(L, 2);
    }
    lua_pushinteger(L, i);
    /* What is there needs no look at the metatable. */
    if (lua_type(L, 1) == LUA_TTABLE) {
        if (lua_rawgeti(L, 1, i) != LUA_TNIL) {
            return 2;
        }
        lua_pop(L, 1);
    }
    cg_get_at(L, 1, i, 0, give_item);
    return give_item(L, LUA_OK, 0);
}

static int base_ipairs(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushcfunction(L, next_item);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

int cg_open_base(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"tostring", base_tostring}, {"print", base_print}, {"ipairs", base_ipairs}, {"load", cg_base_load},
        {NULL, NULL},
    };
    luaopen_base(L);
    luaL_setfuncs(L, functions, 0);
    return 1;
}

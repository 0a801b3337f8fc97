/* What values have metamethods for, and texts and fields of values that may have some. They return and never jump. */
#include "internal.h"

/* Nanoseconds of processor time that a __tostring may use where it runs outside of any green: it is only for a message. */
enum { LONGEST_TEXT = 20000000 };

static int describe(lua_State *L) {
    luaL_tolstring(L, 2, NULL);
    return 1;
}

int cg_describe(lua_State *L, int index) {
    lua_pushvalue(L, index);
    return cg_protect_for(LONGEST_TEXT, L, describe, NULL, 1, 1);
}

enum { LONGEST_CHAIN = 100 };
typedef struct { const char *name; bool asks; } search;

static int find_field(lua_State *L) {
    search *my = lua_touserdata(L, 1);
    lua_settop(L, 2);
    lua_pushstring(L, my->name);
    for (int i = 0; i < LONGEST_CHAIN; i++) {
        lua_pushvalue(L, 3);
        if (lua_rawget(L, 2) != LUA_TNIL) {
            return 1;
        }
        if (luaL_getmetafield(L, 2, "__index") == LUA_TNIL) {
            return 1;
        }
        if (!lua_istable(L, -1)) {
            break;
        }
        lua_replace(L, 2);
        lua_settop(L, 3);
    }
    my->asks = true;
    lua_pushnil(L);
    return 1;
}

int cg_find_field(lua_State *L, int index, const char *name, bool *asks) {
    search my = {.name = name};
    lua_pushvalue(L, index);
    int status = cg_protect(L, find_field, &my, 1, 1);
    *asks = my.asks;
    return status;
}

static int text_asks(lua_State *L) {
    bool asks = luaL_getmetafield(L, 2, "__tostring") != LUA_TNIL && cg_native_at(L, -1) == NULL;
    lua_pushboolean(L, asks);
    return 1;
}

bool cg_text_asks(lua_State *L, int index) {
    if (!lua_getmetatable(L, index)) {
        return false;
    }
    lua_pop(L, 1);
    lua_pushvalue(L, index);
    bool asks = cg_protect(L, text_asks, NULL, 1, 1) == LUA_OK && lua_toboolean(L, -1);
    lua_pop(L, 1);
    return asks;
}

static int has_metafield(lua_State *L) {
    lua_pushboolean(L, luaL_getmetafield(L, 2, lua_touserdata(L, 1)) != LUA_TNIL);
    return 1;
}

bool cg_has_metafield(lua_State *L, int index, const char *name) {
    if (!lua_getmetatable(L, index)) { /* as most have none: that needs no protection */
        return false;
    }
    lua_pop(L, 1);
    lua_pushvalue(L, index);
    bool has = cg_protect(L, has_metafield, (void *)name, 1, 1) == LUA_OK && lua_toboolean(L, -1);
    lua_pop(L, 1);
    return has;
}

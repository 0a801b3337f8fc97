/*
 * The globals of one script: a table of its own. What is not found there its metatable looks for in the host's, the
 * shared ones: functions are given as they are, tables as a copy that the script keeps. So a script may change what it
 * likes, and no other script sees it.
 */
#include <string.h>

#include "internal.h"

/* Upvalues of the metamethods. DECLARED: with strict globals, those that were assigned nil; otherwise nil. */
enum { SHARED = 1, DECLARED = 2 };

enum { DEEPEST_COPY = 100 };

/* Replaces the table on top by its copy, with the tables in it: those without a metatable. `copies` is the index of
 * the table of what has been copied already: for circles. */
static void copy_table(lua_State *L, int copies, int depth) {
    if (depth > DEEPEST_COPY) {
        luaL_error(L, "a shared table is more than %d tables deep: scripts cannot have copies of it", DEEPEST_COPY);
    }
    luaL_checkstack(L, 8, "too many tables in tables");
    int from = lua_gettop(L);
    lua_newtable(L);
    int to = from + 1;
    lua_pushvalue(L, from);
    lua_pushvalue(L, to);
    lua_rawset(L, copies);
    lua_pushnil(L);
    while (lua_next(L, from)) {
        if (lua_type(L, -1) == LUA_TTABLE) {
            lua_pushvalue(L, -1);
            if (lua_rawget(L, copies) == LUA_TTABLE) {
                lua_replace(L, -2);
            } else {
                lua_pop(L, 1);
                if (lua_getmetatable(L, -1)) {
                    lua_pop(L, 1);
                } else {
                    copy_table(L, copies, depth + 1);
                }
            }
        }
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, to);
    }
    lua_replace(L, from);
}

/* Gives the copy of `math` on top random numbers of its own: a script that seeds them (manual 6.7) would choose those of
 * all others, too. Theirs begin with what the shared ones give. */
static void give_generator(lua_State *L) {
    int copy = lua_gettop(L);
    lua_pushcfunction(L, luaopen_math);
    lua_call(L, 0, 1);
    lua_getfield(L, copy, "random");
    lua_getfield(L, copy + 1, "random");
    if (lua_iscfunction(L, -2) && lua_tocfunction(L, -1) == lua_tocfunction(L, -2)) {
        lua_getfield(L, copy + 1, "randomseed");
        lua_pushvalue(L, -1);
        for (int i = 0; i < 2; i++) {
            lua_pushvalue(L, copy + 2);
            lua_pushinteger(L, 0);
            lua_call(L, 1, 1);
        }
        lua_call(L, 2, 0);
        lua_setfield(L, copy, "randomseed");
        lua_setfield(L, copy, "random");
    }
    lua_settop(L, copy);
}

/* Pushes what the shared globals have for the key on top [-1, +1]; a table as a copy, which the globals at index 1 keep. */
static int take(lua_State *L) {
    lua_pushvalue(L, -1);
    int type = lua_rawget(L, lua_upvalueindex(SHARED));
    if (type == LUA_TTABLE && !lua_rawequal(L, 1, lua_upvalueindex(SHARED))) {
        if (lua_getmetatable(L, -1)) {
            lua_pop(L, 1);
        } else {
            lua_newtable(L);
            lua_pushvalue(L, lua_upvalueindex(SHARED)); /* the host's globals, in whatever table, are the script's */
            lua_pushvalue(L, 1);
            lua_rawset(L, -3);
            lua_insert(L, -2);
            copy_table(L, lua_absindex(L, -2), 0);
            lua_remove(L, -2);
            if (lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), LUA_MATHLIBNAME) == 0) {
                luaL_checkstack(L, 10, "too many calls");
                give_generator(L);
            }
            lua_pushvalue(L, -2);
            lua_pushvalue(L, -2);
            lua_rawset(L, 1);
        }
    }
    lua_remove(L, -2);
    return type;
}

/* What kind of function does this access: 'L'ua, 'm'ain chunk, 'C', or 0 for none. */
static char accessor(lua_State *L) {
    lua_Debug frame;
    return lua_getstack(L, 1, &frame) && lua_getinfo(L, "S", &frame) ? *frame.what : 0;
}

static bool is_declared(lua_State *L, int key) {
    lua_pushvalue(L, key);
    bool is = lua_rawget(L, lua_upvalueindex(DECLARED)) != LUA_TNIL;
    lua_pop(L, 1);
    return is;
}

static int get_global(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE); /* where the metatable is in reach anybody may call this */
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    if (take(L) == LUA_TNIL && !lua_isnil(L, lua_upvalueindex(DECLARED)) && !is_declared(L, 2)) {
        char what = accessor(L);
        if (what == 'L' || what == 'm') {
            const char *name = luaL_tolstring(L, 2, NULL);
            return luaL_error(L, "the global '%s' is not defined (strict globals: assign it at the top level of a "
                                 "chunk first, or ask rawget(_G, '%s'))", name, name);
        }
    }
    return 1;
}

/* Only with strict globals; the key is new to the script's own table. */
static int set_global(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 3);
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(SHARED));
    if (lua_isnil(L, -1) && !is_declared(L, 2) && accessor(L) == 'L') {
        const char *name = luaL_tolstring(L, 2, NULL);
        return luaL_error(L, "assignment to the global '%s', which is not defined, in a function (strict globals: "
                             "assign it at the top level of a chunk first, or make it local)", name);
    }
    lua_settop(L, 3);
    if (lua_isnil(L, 3)) {
        lua_pushvalue(L, 2);
        lua_pushboolean(L, 1);
        lua_rawset(L, lua_upvalueindex(DECLARED));
    }
    lua_rawset(L, 1);
    return 0;
}

static int next_pair(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (lua_next(L, 1)) {
        return 2;
    }
    lua_pushnil(L);
    return 1;
}

/* pairs(_G) shows all that a script finds: so it is all put there first. */
static int global_pairs(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_pushnil(L);
    while (lua_next(L, lua_upvalueindex(SHARED))) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, 1) == LUA_TNIL) {
            lua_pushvalue(L, -2);
            lua_pushvalue(L, -1);
            take(L);
            lua_rawset(L, 1);
        }
        lua_settop(L, 2);
    }
    lua_pushcfunction(L, next_pair);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static void set_metamethod(lua_State *L, const char *name, lua_CFunction function) {
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, function, 2);
    lua_setfield(L, -2, name);
}

/* global_metatable(shared, declared): of a script's globals; with `declared`, an empty table, they are strict. Where
 * the globals are the shared ones themselves, it may be changed. */
int cg_global_metatable(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    lua_createtable(L, 0, 4);
    set_metamethod(L, "__index", get_global);
    if (!lua_isnil(L, 2)) {
        set_metamethod(L, "__newindex", set_global);
    }
    return 1;
}

/* closed_metatable(shared, declared): the same for globals of a script alone, which cannot get at it. */
int cg_closed_metatable(lua_State *L) {
    cg_global_metatable(L);
    set_metamethod(L, "__pairs", global_pairs);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    return 1;
}

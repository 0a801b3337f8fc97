/*
 * What scripts that are not trusted find in place of the standard library's own: `setmetatable` without finalizers,
 * `collectgarbage` without switches, `load` of text alone, and parts of `os` and `debug`. Their globals: globals.c.
 */
#include <string.h>

#include "internal.h"

/* Finalizers run with hooks off: nothing could stop one (manual 2.5.3 and 4.7). Lua looks for __gc when a metatable is
 * set, and not again: so that is where to refuse it. */
static int set_metatable(lua_State *L) {
    int type = lua_type(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) {
        return luaL_error(L, "cannot change a protected metatable");
    }
    lua_settop(L, 2);
    if (type == LUA_TTABLE) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL) {
            return luaL_error(L, "a __gc metamethod is not available: this host is sandboxed (what must be given back "
                                 "belongs into a <close> variable)");
        }
        lua_settop(L, 2);
    }
    lua_setmetatable(L, 1);
    return 1;
}

/* A whole collection may take longer than a slice, and cannot be interrupted: a request for one is a step. */
static int collect_garbage(lua_State *L) {
    static const char *const refused[] = {"stop", "restart", "incremental", "generational", "setpause", "setstepmul"};
    const char *option = luaL_optstring(L, 1, "collect");
    if (strcmp(option, "count") == 0) {
        lua_pushnumber(L, lua_gc(L, LUA_GCCOUNT) + lua_gc(L, LUA_GCCOUNTB) / 1024.0);
    } else if (strcmp(option, "step") == 0) {
        lua_pushboolean(L, lua_gc(L, LUA_GCSTEP, 0) > 0);
    } else if (strcmp(option, "collect") == 0) {
        lua_gc(L, LUA_GCSTEP, 0);
        lua_pushinteger(L, 0);
    } else if (strcmp(option, "isrunning") == 0) {
        lua_pushboolean(L, lua_gc(L, LUA_GCISRUNNING) > 0);
    } else {
        for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
            if (strcmp(option, refused[i]) == 0) {
                return luaL_error(L, "collectgarbage('%s') is not available: this host is sandboxed", option);
            }
        }
        return luaL_argerror(L, 1, lua_pushfstring(L, "invalid option '%s'", option));
    }
    return 1;
}

static int refuse(lua_State *L) {
    return luaL_error(L, "%s is not available: this host is sandboxed", lua_tostring(L, lua_upvalueindex(1)));
}

/* unavailable(name): a function that says so. */
static int unavailable(lua_State *L) {
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    lua_pushcclosure(L, refuse, 1);
    return 1;
}

/* where(): "file:line: " of the innermost function that is not the caller's chunk. */
static int where(lua_State *L) {
    lua_Debug frame, mine;
    if (lua_getstack(L, 1, &mine) && lua_getinfo(L, "S", &mine)) {
        for (int level = 2; lua_getstack(L, level, &frame); level++) {
            lua_getinfo(L, "Sl", &frame);
            if (frame.currentline > 0 && strcmp(frame.source, mine.source) != 0) {
                lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
                return 1;
            }
        }
    }
    lua_pushliteral(L, "");
    return 1;
}

/* Of one script: upvalue 1 is its globals, which what it loads has, too; upvalue 2 the library's function. Only text is
 * loaded: bytecode can crash Lua (manual 6.1, load). */
static int load_chunk(lua_State *L) {
    if (lua_isnone(L, 1)) {
        luaL_checktype(L, 1, LUA_TFUNCTION);
    }
    const char *mode = luaL_optstring(L, 3, "t");
    if (strchr(mode, 't') == NULL) {
        lua_pushnil(L);
        lua_pushfstring(L, "only text chunks can be loaded (mode is '%s')", mode);
        return 2;
    }
    bool has_environment = !lua_isnone(L, 4);
    lua_settop(L, has_environment ? 4 : 3);
    lua_pushliteral(L, "t");
    lua_replace(L, 3);
    if (!has_environment) {
        lua_pushvalue(L, lua_upvalueindex(1));
    }
    /* In this very frame, so that messages name the script's line. */
    return lua_tocfunction(L, lua_upvalueindex(2))(L);
}

/* loader(globals, load): the `load` of a script. */
static int loader(lua_State *L) {
    lua_settop(L, 2);
    luaL_argexpected(L, lua_iscfunction(L, 2), 2, "C function");
    lua_pushcclosure(L, load_chunk, 2);
    return 1;
}

/* ---- what all scripts share, and none may change ---- */

static void protect_metatable(lua_State *L) {
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
}

/* protect(): the metatables of strings and of files, which scripts could otherwise reach. */
static int protect(lua_State *L) {
    lua_pushliteral(L, "");
    if (lua_getmetatable(L, -1)) {
        protect_metatable(L);
    }
    if (luaL_getmetatable(L, LUA_FILEHANDLE) == LUA_TTABLE) {
        protect_metatable(L);
    }
    return 0;
}

static int push_sandbox(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"setmetatable", set_metatable}, {"collectgarbage", collect_garbage}, {"unavailable", unavailable},
        {"loader", loader}, {"where", where},
        {"global_metatable", cg_global_metatable}, {"closed_metatable", cg_closed_metatable}, {"protect", protect},
        {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}

int cg_push_sandbox(lua_State *L) {
    return cg_protect(L, push_sandbox, NULL, 0, 1);
}

/* A main chunk's only upvalue is _ENV (manual 2.2). */
void cg_set_environment(lua_State *L, int index) {
    if (lua_setupvalue(L, index, 1) == NULL) {
        lua_pop(L, 1);
    }
}

/* ---- parts of libraries ---- */

/* Leaves of the library on top, which `open` has made, a table with these fields. */
static int open_part(lua_State *L, lua_CFunction open, const char *const *names) {
    lua_settop(L, 0);
    open(L);
    lua_newtable(L);
    for (; *names != NULL; names++) {
        lua_getfield(L, -2, *names);
        lua_setfield(L, -2, *names);
    }
    return 1;
}

int cg_open_time(lua_State *L) {
    static const char *const names[] = {"clock", "date", "difftime", "time", NULL};
    return open_part(L, luaopen_os, names);
}

int cg_open_traceback(lua_State *L) {
    static const char *const names[] = {"traceback", NULL};
    return open_part(L, cg_open_debug, names);
}

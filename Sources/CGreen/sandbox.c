/*
 * What scripts that are not trusted find in place of the standard library's own: globals that no other script sees,
 * `setmetatable` without finalizers, `collectgarbage` without switches, and parts of `os` and `debug`.
 */
#include <string.h>

#include "internal.h"

/* ---- single functions ---- */

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

/* ---- globals of one script ----
 *
 * A script's globals are a table of its own. What it does not find there its metatable looks for in the host's, the
 * shared ones: functions are given as they are, tables as a copy that the script keeps. So a script may change what it
 * likes, and no other script sees it. Upvalues of the metamethods: */
enum { SHARED = 1, DECLARED = 2 }; /* DECLARED: with strict globals, those that were assigned nil; otherwise nil */

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
static int global_metatable(lua_State *L) {
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
static int closed_metatable(lua_State *L) {
    global_metatable(L);
    set_metamethod(L, "__pairs", global_pairs);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
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
        {"global_metatable", global_metatable}, {"closed_metatable", closed_metatable}, {"protect", protect},
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

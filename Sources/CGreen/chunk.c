/* Chunks of the host: loaded, called outside of any green, and found by `require`. They return a status and never jump. */
#include "internal.h"

/* lua_load parses under its own protection (manual 4.6) and answers what went wrong; cg_protect would make a syntax
 * error a runtime error. */
int cg_load(lua_State *L, const void *bytes, size_t length, const char *name) {
    if (!lua_checkstack(L, 2)) {
        return cg_out_of_stack(L);
    }
    return luaL_loadbufferx(L, length == 0 ? "" : bytes, length, name, "t");
}

/* Message handler of cg_call: puts the traceback aside. The error value stays as it is, because __close metamethods
 * see what a message handler answers. The slot exists, so that storing needs no memory. */
static int with_traceback(lua_State *L) {
    lua_settop(L, 1);
    cg_push_traceback(L, L, 1, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &cg_traceback_key);
    return 1;
}

int cg_call(lua_State *L, int count, int results) {
    if (!lua_checkstack(L, 4)) {
        lua_settop(L, -count - 2);
        cg_out_of_stack(L);
        lua_pushnil(L);
        return LUA_ERRMEM;
    }
    int function = lua_gettop(L) - count;
    lua_pushcfunction(L, with_traceback);
    lua_insert(L, function);
    cg_run run;
    cg_run_alone(L, &run, 0);
    int status = lua_pcall(L, count, results, function);
    cg_run_alone_end(L, &run);
    lua_remove(L, function);
    if (status != LUA_OK) {
        if (lua_rawgetp(L, LUA_REGISTRYINDEX, &cg_traceback_key) != LUA_TSTRING) {
            lua_pop(L, 1);
            lua_pushnil(L);
        }
        lua_pushboolean(L, 0);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &cg_traceback_key);
    }
    return status;
}

static int preload(lua_State *L) {
    const char *name = lua_touserdata(L, 1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushvalue(L, 2);
    lua_setfield(L, -2, name);
    return 0;
}

int cg_preload(lua_State *L, const char *name) {
    return cg_protect(L, preload, (void *)name, 1, 0);
}

typedef struct { const char *path; bool prepend; } addition;

static int set_package_path(lua_State *L) {
    const addition *my = lua_touserdata(L, 1);
    if (lua_getglobal(L, LUA_LOADLIBNAME) == LUA_TTABLE) {
        if (my->prepend && lua_getfield(L, -1, "path") == LUA_TSTRING) {
            lua_pushfstring(L, "%s;%s", my->path, lua_tostring(L, -1));
        } else {
            lua_pushstring(L, my->path);
        }
        lua_setfield(L, 2, "path");
    }
    return 0;
}

int cg_set_package_path(lua_State *L, const char *path, bool prepend) {
    addition my = {.path = path, .prepend = prepend};
    return cg_protect(L, set_package_path, &my, 0, 0);
}

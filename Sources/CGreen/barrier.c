/* What keeps a green from waiting: the innermost function on its stack that Lua cannot suspend. */
#include <stdio.h>
#include <string.h>

#include "internal.h"

enum { MOST_LEVELS = 1000 }; /* lua_getstack takes a time that grows with the level */

void cg_note_suspendable(lua_State *L, int library) {
    static const struct { int library; const char *names[16]; } lists[] = {
        {CG_LIB_BASE, {"pcall", "xpcall", "dofile", "tostring", "print", "load", "pairs"}},
        {CG_LIB_COROUTINE, {"resume"}},
        {CG_LIB_TABLE, {"insert", "remove", "move", "unpack", "concat", "sort"}},
        {CG_LIB_STRING, {"format", "gsub"}},
    };
    cg_state *state = cg_state_of(L);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (lists[i].library != library) {
            continue;
        }
        for (const char *const *name = lists[i].names; *name != NULL; name++) {
            lua_getfield(L, -1, *name);
            if (state->suspendable_count < CG_SUSPENDABLE_MAX) {
                state->suspendable[state->suspendable_count++] = lua_tocfunction(L, -1);
            }
            lua_pop(L, 1);
        }
    }
}

/* Whether the function on top has a continuation. */
static bool is_suspendable(lua_State *L, const cg_native **native) {
    cg_state *state = cg_state_of(L);
    lua_CFunction function = lua_tocfunction(L, -1);
    *native = cg_native_at(L, -1);
    if (function == NULL || cg_is_wrapped(function) || cg_is_require(function)) {
        return true;
    }
    if (*native != NULL) {
        return (*native)->resumed != NULL;
    }
    for (int i = 0; i < state->suspendable_count; i++) {
        if (state->suspendable[i] == function) {
            return true;
        }
    }
    return false;
}

/* The name of the function that is the argument in the libraries, as "table.sort", or nil. */
static int find_global_name(lua_State *L) {
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    for (lua_pushnil(L); lua_next(L, 3) != 0; lua_pop(L, 1)) {
        if (!lua_istable(L, -1) || lua_type(L, -2) != LUA_TSTRING) {
            continue;
        }
        for (lua_pushnil(L); lua_next(L, 5) != 0; lua_pop(L, 1)) {
            if (lua_rawequal(L, -1, 2) && lua_type(L, -2) == LUA_TSTRING) {
                const char *library = lua_tostring(L, 4);
                const char *name = lua_tostring(L, -2);
                bool is_global = strcmp(library, LUA_GNAME) == 0;
                lua_pushfstring(L, "%s%s%s", is_global ? "" : library, is_global ? "" : ".", name);
                return 1;
            }
        }
    }
    return 0;
}

/* Names the function on top, which was called as `name`, if that is known. */
static void describe(lua_State *L, const char *name, char *buffer, size_t size) {
    lua_pushvalue(L, -1);
    if (name == NULL && cg_protect(L, find_global_name, NULL, 1, 1) == LUA_OK) {
        name = lua_tostring(L, -1);
    }
    if (name == NULL) {
        snprintf(buffer, size, "a C function");
    } else if (strcmp(name, "error") == 0 || strcmp(name, "assert") == 0) {
        snprintf(buffer, size, "a message handler"); /* that is all they call */
    } else {
        snprintf(buffer, size, "'%s' (a C function)", name);
    }
    lua_pop(L, 1);
}

void cg_barrier(lua_State *L, char *buffer, size_t size) {
    buffer[0] = '\0';
    lua_Debug frame;
    if (!lua_checkstack(L, LUA_MINSTACK)) {
        return;
    }
    /* Level 0 is the native that would wait. */
    for (int level = 1; level < MOST_LEVELS && buffer[0] == '\0' && lua_getstack(L, level, &frame); level++) {
        lua_getinfo(L, "nSf", &frame);
        const cg_native *native;
        bool passes = is_suspendable(L, &native);
        const char *name = native != NULL ? native->name : frame.name;
        if (strcmp(frame.namewhat, "metamethod") == 0 && strcmp(frame.name, "__gc") == 0) {
            snprintf(buffer, size, "a __gc metamethod");
        } else if (strcmp(frame.namewhat, "hook") == 0) {
            snprintf(buffer, size, "a debug hook");
        } else if (!passes) {
            describe(L, name, buffer, size);
        }
        lua_pop(L, 1);
    }
}

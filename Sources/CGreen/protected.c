/* Operations that allocate or run metamethods, each inside lua_pcall: they return a status and never jump. */
#include "internal.h"

/* A few slots are always there beyond what lua_checkstack counts (EXTRA_STACK of lstate.h). */
int cg_out_of_stack(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &cg_memory_key);
    return LUA_ERRMEM;
}

int cg_protect(lua_State *L, lua_CFunction body, void *arguments, int n, int results) {
    if (!lua_checkstack(L, 3)) {
        lua_settop(L, -n - 1);
        return cg_out_of_stack(L);
    }
    lua_pushcfunction(L, body);
    if (n > 0) {
        lua_insert(L, -n - 1);
    }
    lua_pushlightuserdata(L, arguments);
    if (n > 0) {
        lua_insert(L, -n - 1);
    }
    return lua_pcall(L, n + 1, results, 0);
}

/* Nanoseconds of processor time that a metamethod may use where it runs outside of any green, and all others wait. What
 * makes a text is only for a message. */
enum { LONGEST_METAMETHOD = 1000000000, LONGEST_TEXT = 20000000 };

static int protect_for(int64_t most, lua_State *L, lua_CFunction body, void *arguments, int n, int results) {
    cg_run run;
    cg_run_alone(L, &run, most);
    int status = cg_protect(L, body, arguments, n, results);
    cg_run_alone_end(L, &run);
    return status;
}

/* The same as cg_protect for a body that may run code of a script: its end can be asked for. */
static int protect_call(lua_State *L, lua_CFunction body, void *arguments, int n, int results) {
    return protect_for(LONGEST_METAMETHOD, L, body, arguments, n, results);
}

typedef struct { const void *bytes; size_t length; const char *name; int64_t n; int a, b; } arguments;

static int push_bytes(lua_State *L) {
    const arguments *my = lua_touserdata(L, 1);
    lua_pushlstring(L, my->bytes, my->length);
    return 1;
}

int cg_push_bytes(lua_State *L, const void *bytes, size_t length) {
    arguments my = {.bytes = length == 0 ? "" : bytes, .length = length};
    return cg_protect(L, push_bytes, &my, 0, 1);
}

static int new_table(lua_State *L) {
    const arguments *my = lua_touserdata(L, 1);
    lua_createtable(L, my->a, my->b);
    return 1;
}

int cg_new_table(lua_State *L, int array, int fields) {
    arguments my = {.a = array, .b = fields};
    return cg_protect(L, new_table, &my, 0, 1);
}

static int new_filled(lua_State *L) {
    const arguments *my = lua_touserdata(L, 1);
    lua_createtable(L, my->a, 0);
    for (int slot = 1; slot <= my->a; slot++) {
        lua_pushboolean(L, 0);
        lua_rawseti(L, -2, slot);
    }
    return 1;
}

int cg_new_filled(lua_State *L, int count) {
    arguments my = {.a = count};
    return cg_protect(L, new_filled, &my, 0, 1);
}

static int new_thread(lua_State *L) {
    lua_State *made = lua_newthread(L);
    lua_sethook(made, NULL, 0, 0); /* a hook of the creator would be inherited (manual 4.7, lua_sethook) */
    *cg_extra(made) |= CG_PARKED_BIT;
    return 1;
}

int cg_new_thread(lua_State *L) {
    return cg_protect(L, new_thread, NULL, 0, 1);
}

/* Value to act on is argument 2, further operands above it. */
static int get_field(lua_State *L) {
    const arguments *my = lua_touserdata(L, 1);
    lua_getfield(L, 2, my->name);
    return 1;
}

int cg_get_field(lua_State *L, int index, const char *name) {
    arguments my = {.name = name};
    lua_pushvalue(L, index);
    return protect_call(L, get_field, &my, 1, 1);
}

static int set_field(lua_State *L) {
    const arguments *my = lua_touserdata(L, 1);
    lua_pushvalue(L, 3);
    lua_setfield(L, 2, my->name);
    return 0;
}

int cg_set_field(lua_State *L, int index, const char *name) {
    arguments my = {.name = name};
    lua_pushvalue(L, index);
    lua_insert(L, -2);
    return protect_call(L, set_field, &my, 2, 0);
}

static int get(lua_State *L) {
    lua_gettable(L, 2);
    return 1;
}

int cg_get(lua_State *L, int index) {
    lua_pushvalue(L, index);
    lua_insert(L, -2);
    return protect_call(L, get, NULL, 2, 1);
}

static int set(lua_State *L) {
    lua_settable(L, 2);
    return 0;
}

int cg_set(lua_State *L, int index) {
    lua_pushvalue(L, index);
    lua_insert(L, -3);
    return protect_call(L, set, NULL, 3, 0);
}

static int raw_set(lua_State *L) {
    luaL_argcheck(L, !lua_isnil(L, 3), 3, "table index is nil");
    lua_rawset(L, 2);
    return 0;
}

int cg_raw_set(lua_State *L, int index) {
    lua_pushvalue(L, index);
    lua_insert(L, -3);
    return cg_protect(L, raw_set, NULL, 3, 0);
}

static int raw_set_index(lua_State *L) {
    const arguments *my = lua_touserdata(L, 1);
    lua_rawseti(L, 2, my->n);
    return 0;
}

int cg_raw_set_index(lua_State *L, int index, int64_t n) {
    arguments my = {.n = n};
    lua_pushvalue(L, index);
    lua_insert(L, -2);
    return cg_protect(L, raw_set_index, &my, 2, 0);
}

static int next(lua_State *L) {
    return lua_next(L, 2) ? 2 : 0;
}

int cg_next(lua_State *L, int index, bool *more) {
    lua_pushvalue(L, index);
    lua_insert(L, -2);
    int before = lua_gettop(L) - 2;
    int status = cg_protect(L, next, NULL, 2, LUA_MULTRET);
    *more = status == LUA_OK && lua_gettop(L) == before + 2;
    return status;
}

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

static int describe(lua_State *L) {
    luaL_tolstring(L, 2, NULL);
    return 1;
}

int cg_describe(lua_State *L, int index) {
    lua_pushvalue(L, index);
    return protect_for(LONGEST_TEXT, L, describe, NULL, 1, 1);
}

enum { LONGEST_CHAIN = 100 };

static int find_field(lua_State *L) {
    arguments *my = lua_touserdata(L, 1);
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
    my->a = true;
    lua_pushnil(L);
    return 1;
}

int cg_find_field(lua_State *L, int index, const char *name, bool *asks) {
    arguments my = {.name = name};
    lua_pushvalue(L, index);
    int status = cg_protect(L, find_field, &my, 1, 1);
    *asks = my.a;
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
    const arguments *my = lua_touserdata(L, 1);
    lua_pushboolean(L, luaL_getmetafield(L, 2, my->name) != LUA_TNIL);
    return 1;
}

bool cg_has_metafield(lua_State *L, int index, const char *name) {
    if (!lua_getmetatable(L, index)) { /* as most have none: that needs no protection */
        return false;
    }
    lua_pop(L, 1);
    arguments my = {.name = name};
    lua_pushvalue(L, index);
    bool has = cg_protect(L, has_metafield, &my, 1, 1) == LUA_OK && lua_toboolean(L, -1);
    lua_pop(L, 1);
    return has;
}

static int preload(lua_State *L) {
    const arguments *my = lua_touserdata(L, 1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushvalue(L, 2);
    lua_setfield(L, -2, my->name);
    return 0;
}

int cg_preload(lua_State *L, const char *name) {
    arguments my = {.name = name};
    return cg_protect(L, preload, &my, 1, 0);
}

static int set_package_path(lua_State *L) {
    const arguments *my = lua_touserdata(L, 1);
    if (lua_getglobal(L, LUA_LOADLIBNAME) == LUA_TTABLE) {
        if (my->a && lua_getfield(L, -1, "path") == LUA_TSTRING) {
            lua_pushfstring(L, "%s;%s", my->name, lua_tostring(L, -1));
        } else {
            lua_pushstring(L, my->name);
        }
        lua_setfield(L, 2, "path");
    }
    return 0;
}

int cg_set_package_path(lua_State *L, const char *path, bool prepend) {
    arguments my = {.name = path, .a = prepend};
    return cg_protect(L, set_package_path, &my, 0, 0);
}

static int vault_grow(lua_State *L) {
    const arguments *my = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, cg_state_of(L)->vault);
    for (int64_t slot = (int64_t)lua_rawlen(L, -1) + 1; slot <= my->n; slot++) {
        lua_pushboolean(L, 0);
        lua_rawseti(L, -2, slot);
    }
    return 0;
}

int cg_vault_grow(lua_State *L, int64_t count) {
    arguments my = {.n = count};
    return cg_protect(L, vault_grow, &my, 0, 0);
}

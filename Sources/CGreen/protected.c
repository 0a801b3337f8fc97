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

int cg_protect_for(int64_t most, lua_State *L, lua_CFunction body, void *arguments, int n, int results) {
    cg_run run;
    cg_run_alone(L, &run, most);
    int status = cg_protect(L, body, arguments, n, results);
    cg_run_alone_end(L, &run);
    return status;
}

/* Nanoseconds of processor time that a metamethod may use where it runs outside of any green, and all others wait. */
enum { LONGEST_METAMETHOD = 1000000000 };

static int protect_call(lua_State *L, lua_CFunction body, void *arguments, int n, int results) {
    return cg_protect_for(LONGEST_METAMETHOD, L, body, arguments, n, results);
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

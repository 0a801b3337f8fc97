/* Harmless operations: no allocation, no metamethod, no error. Thin on purpose; lua.h itself stays hidden. */
#include "internal.h"

int cg_top(lua_State *L) { return lua_gettop(L); }
void cg_set_top(lua_State *L, int index) { lua_settop(L, index); }
int cg_type(lua_State *L, int index) { return lua_type(L, index); }
const char *cg_type_name(lua_State *L, int index) { return luaL_typename(L, index); }
bool cg_reserve(lua_State *L, int n) { return lua_checkstack(L, n) != 0; }

void cg_push_nil(lua_State *L) { lua_pushnil(L); }
void cg_push_boolean(lua_State *L, bool value) { lua_pushboolean(L, value); }
void cg_push_integer(lua_State *L, int64_t value) { lua_pushinteger(L, value); }
void cg_push_number(lua_State *L, double value) { lua_pushnumber(L, value); }
void cg_push_light(lua_State *L, const void *pointer) { lua_pushlightuserdata(L, (void *)pointer); }
void cg_push_copy(lua_State *L, int index) { lua_pushvalue(L, index); }
void cg_push_globals(lua_State *L) { lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS); }
bool cg_push_thread(lua_State *L) { return lua_pushthread(L) != 0; }

void cg_insert(lua_State *L, int index) { lua_insert(L, index); }
void cg_remove(lua_State *L, int index) { lua_remove(L, index); }
void cg_replace(lua_State *L, int index) { lua_replace(L, index); }
void cg_move(lua_State *from, lua_State *to, int n) { lua_xmove(from, to, n); }

bool cg_to_boolean(lua_State *L, int index) { return lua_toboolean(L, index) != 0; }

bool cg_to_integer(lua_State *L, int index, int64_t *value) {
    int ok = 0;
    if (lua_type(L, index) == LUA_TNUMBER) {
        *value = lua_tointegerx(L, index, &ok);
    }
    return ok != 0;
}

bool cg_to_number(lua_State *L, int index, double *value) {
    if (lua_type(L, index) != LUA_TNUMBER) {
        return false;
    }
    *value = lua_tonumberx(L, index, NULL);
    return true;
}

bool cg_is_integer(lua_State *L, int index) { return lua_isinteger(L, index) != 0; }

/* lua_tolstring converts numbers in place, which allocates: so strings only. */
const char *cg_bytes(lua_State *L, int index, size_t *length) {
    if (lua_type(L, index) != LUA_TSTRING) {
        return NULL;
    }
    return lua_tolstring(L, index, length);
}

const void *cg_pointer(lua_State *L, int index) { return lua_topointer(L, index); }
lua_State *cg_to_thread(lua_State *L, int index) { return lua_tothread(L, index); }
bool cg_raw_equal(lua_State *L, int a, int b) { return lua_rawequal(L, a, b) != 0; }

int cg_raw_get_index(lua_State *L, int index, int64_t n) { return lua_rawgeti(L, index, n); }
int cg_raw_get(lua_State *L, int index) { return lua_rawget(L, index); }
void cg_raw_put(lua_State *L, int index, int64_t n) { lua_rawseti(L, index, n); }
size_t cg_raw_length(lua_State *L, int index) { return (size_t)lua_rawlen(L, index); }

int cg_push_upvalue(lua_State *L, int n) {
    lua_pushvalue(L, lua_upvalueindex(n + 1)); /* upvalue 1 of the closure is the native itself */
    return lua_type(L, -1);
}

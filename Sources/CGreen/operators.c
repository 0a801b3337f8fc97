/*
 * Indexing, assigning, measuring and comparing (manual 2.4) from C functions that may wait: lua_gettable and its like
 * call metamethods where nothing can be suspended. So what would be called is looked for first; only a function is
 * called from here, with lua_callk, and everything else is left to Lua.
 */
#include "await.h"

/* As many tables as Lua itself follows through __index before it calls that a loop. */
enum { LONGEST_CHAIN = 2000 };

static bool lacks(lua_State *L, int index, const char *event) {
    if (luaL_getmetafield(L, index, event) == LUA_TNIL) {
        return true;
    }
    lua_pop(L, 1);
    return false;
}

bool cg_is_bare(lua_State *L, int index) {
    if (!lua_getmetatable(L, index)) {
        return true;
    }
    lua_pop(L, 1);
    return false;
}

bool cg_is_plain(lua_State *L, int index, int uses) {
    if (lua_type(L, index) != LUA_TTABLE) {
        return false;
    }
    if (!lua_getmetatable(L, index)) {
        return true;
    }
    lua_pop(L, 1);
    return (!(uses & CG_MEASURES) || lacks(L, index, "__len")) && (!(uses & CG_WRITES) || lacks(L, index, "__newindex"))
        && (!(uses & CG_READS) || lacks(L, index, "__index"));
}

void cg_check_list(lua_State *L, int index, int uses) {
    if (lua_type(L, index) != LUA_TTABLE
        && (((uses & CG_READS) && lacks(L, index, "__index")) || ((uses & CG_WRITES) && lacks(L, index, "__newindex"))
            || ((uses & CG_MEASURES) && lacks(L, index, "__len")))) {
        luaL_checktype(L, index, LUA_TTABLE);
    }
}

/* Whether using `object` with the key at index `key` ends in a function: pushes that, and the object it is called with.
 * False where no function is called, or the use is an error: Lua does the rest. */
static bool find_function(lua_State *L, int object, int key, const char *event) {
    lua_pushvalue(L, object);
    for (int i = 0; i < LONGEST_CHAIN; i++) {
        if (lua_type(L, -1) == LUA_TTABLE) {
            lua_pushvalue(L, key);
            bool is_there = lua_rawget(L, -2) != LUA_TNIL;
            lua_pop(L, 1);
            if (is_there) {
                break;
            }
        }
        int type = luaL_getmetafield(L, -1, event);
        if (type == LUA_TNIL) {
            break;
        }
        lua_insert(L, -2);
        if (type == LUA_TFUNCTION) {
            return true;
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return false;
}

void cg_get_key(lua_State *L, int object, lua_KContext place, lua_KFunction go_on) {
    if (find_function(L, object, lua_gettop(L), "__index")) {
        lua_rotate(L, -3, -1); /* function, object, key */
        lua_callk(L, 2, 1, place, go_on);
    } else {
        lua_gettable(L, object);
    }
}

void cg_get_at(lua_State *L, int object, lua_Integer n, lua_KContext place, lua_KFunction go_on) {
    if (lua_type(L, object) == LUA_TTABLE) {
        if (lua_rawgeti(L, object, n) != LUA_TNIL || !lua_getmetatable(L, object)) {
            return;
        }
        lua_pop(L, 2);
    }
    lua_pushinteger(L, n);
    cg_get_key(L, object, place, go_on);
}

void cg_set_key(lua_State *L, int object, lua_KContext place, lua_KFunction go_on) {
    if (find_function(L, object, lua_gettop(L) - 1, "__newindex")) {
        lua_rotate(L, -4, 2); /* function, object, key, value */
        lua_callk(L, 3, 0, place, go_on);
    } else {
        lua_settable(L, object);
    }
}

void cg_set_at(lua_State *L, int object, lua_Integer n, lua_KContext place, lua_KFunction go_on) {
    if (lua_type(L, object) == LUA_TTABLE) {
        if (!lua_getmetatable(L, object)) {
            lua_rawseti(L, object, n);
            return;
        }
        lua_pop(L, 1);
    }
    lua_pushinteger(L, n);
    lua_insert(L, -2);
    cg_set_key(L, object, place, go_on);
}

void cg_length(lua_State *L, int object, lua_KContext place, lua_KFunction go_on) {
    if (lua_type(L, object) == LUA_TSTRING || luaL_getmetafield(L, object, "__len") == LUA_TNIL) {
        lua_len(L, object);
        return;
    }
    lua_pushvalue(L, object);
    lua_pushvalue(L, object);
    lua_callk(L, 2, 1, place, go_on);
}

lua_Integer cg_pop_length(lua_State *L) {
    int is_integer;
    lua_Integer length = lua_tointegerx(L, -1, &is_integer);
    if (!is_integer) {
        luaL_error(L, "object length is not an integer");
    }
    lua_pop(L, 1);
    return length;
}

/* Calls the metamethod of the first operand, or else of the second; false where neither has one. */
static bool call_either(lua_State *L, int a, int b, const char *event, lua_KContext place, lua_KFunction go_on) {
    a = lua_absindex(L, a);
    b = lua_absindex(L, b);
    if (luaL_getmetafield(L, a, event) == LUA_TNIL && luaL_getmetafield(L, b, event) == LUA_TNIL) {
        return false;
    }
    lua_pushvalue(L, a);
    lua_pushvalue(L, b);
    lua_callk(L, 2, 1, place, go_on);
    return true;
}

void cg_less(lua_State *L, int a, int b, lua_KContext place, lua_KFunction go_on) {
    int type = lua_type(L, a);
    bool is_built_in = (type == LUA_TNUMBER || type == LUA_TSTRING) && type == lua_type(L, b);
    if (is_built_in || !call_either(L, a, b, "__lt", place, go_on)) {
        lua_pushboolean(L, lua_compare(L, a, b, LUA_OPLT));
    }
}

void cg_equal(lua_State *L, int a, int b, lua_KContext place, lua_KFunction go_on) {
    int type = lua_type(L, a);
    bool is_compared = (type == LUA_TTABLE || type == LUA_TUSERDATA) && type == lua_type(L, b);
    if (!is_compared || lua_rawequal(L, a, b) || !call_either(L, a, b, "__eq", place, go_on)) {
        lua_pushboolean(L, lua_rawequal(L, a, b));
    }
}

lua_Integer *cg_push_numbers(lua_State *L, int count) {
    return lua_newuserdatauv(L, (size_t)count * sizeof(lua_Integer), 0);
}

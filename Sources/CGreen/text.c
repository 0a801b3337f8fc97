/* Values as text, the way of tostring (manual 6.1), from functions that may wait in __tostring. */
#include "await.h"

bool cg_push_tostring(lua_State *L, int index) {
    return luaL_getmetafield(L, index, "__tostring") != LUA_TNIL;
}

void cg_check_text(lua_State *L) {
    if (lua_tolstring(L, -1, NULL) == NULL) {
        luaL_error(L, "'__tostring' must return a string");
    }
}

void cg_push_text(lua_State *L, int index) {
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
        lua_pushvalue(L, index);
        break;
    case LUA_TNUMBER:
        lua_pushvalue(L, index);
        lua_tolstring(L, -1, NULL);
        break;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
        break;
    case LUA_TNIL:
        lua_pushliteral(L, "nil");
        break;
    default: {
        int type = luaL_getmetafield(L, index, "__name");
        const char *name = type == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, index);
        if (type == LUA_TNIL) {
            lua_pushfstring(L, "%s: %p", name, lua_topointer(L, index));
            break;
        }
        lua_pushfstring(L, "%s: %p", name, lua_topointer(L, index));
        lua_remove(L, -2);
    }
    }
}

/* The vault: values that Swift holds, by number. A slot that exists holds false or a value, never nil: an empty slot could
 * vanish and storing would allocate. */
#include "internal.h"

static void push_vault(lua_State *L) { lua_rawgeti(L, LUA_REGISTRYINDEX, cg_state_of(L)->vault); }

static int vault_grow(lua_State *L) {
    const int64_t *count = lua_touserdata(L, 1);
    push_vault(L);
    for (int64_t slot = (int64_t)lua_rawlen(L, -1) + 1; slot <= *count; slot++) {
        lua_pushboolean(L, 0);
        lua_rawseti(L, -2, slot);
    }
    return 0;
}

int cg_vault_grow(lua_State *L, int64_t count) {
    return cg_protect(L, vault_grow, &count, 0, 0);
}

void cg_vault_store(lua_State *L, int64_t slot) {
    push_vault(L);
    lua_insert(L, -2);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 0);
    }
    lua_rawseti(L, -2, slot);
    lua_pop(L, 1);
}

int cg_vault_push(lua_State *L, int64_t slot) {
    push_vault(L);
    int type = lua_rawgeti(L, -1, slot);
    lua_replace(L, -2);
    return type;
}

void cg_vault_clear(lua_State *L, int64_t slot) {
    push_vault(L);
    lua_pushboolean(L, 0);
    lua_rawseti(L, -2, slot);
    lua_pop(L, 1);
}

/*
 * `load` (manual 6.1), with two differences to Lua's own. A reader function may wait: so all its pieces are collected
 * first, and also those behind a syntax error; bytecode is refused at its first byte. And only text is loaded: bytecode can crash Lua (manual 6.1, load).
 */
#include <string.h>

#include "await.h"

enum { CHUNK = 1, NAME = 2, MODE = 3, ENVIRONMENT = 4, BUFFER = 5 };

/* nil and the message on top. */
static int fail(lua_State *L) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

static int load_text(lua_State *L, const char *text, size_t length, const char *name, bool has_environment) {
    const char *mode = luaL_optstring(L, MODE, "bt");
    if (length > 0 && text[0] == LUA_SIGNATURE[0] && strchr(mode, 't') == NULL) {
        lua_pushfstring(L, "only text chunks can be loaded (mode is '%s')", mode);
        return fail(L);
    }
    if (luaL_loadbufferx(L, text, length, name, strchr(mode, 't') == NULL ? mode : "t") != LUA_OK) {
        return fail(L);
    }
    if (has_environment) {
        lua_pushvalue(L, ENVIRONMENT);
        if (lua_setupvalue(L, -2, 1) == NULL) {
            lua_pop(L, 1); /* the chunk uses no _ENV */
        }
    }
    return 1;
}

static int read_more(lua_State *L, int status, lua_KContext has_environment);

/* Goes on when the reader has answered; what it gave, or the error, is on top. */
static int read_on(lua_State *L, int status, lua_KContext has_environment) {
    for (;;) {
        if (status != LUA_OK && status != LUA_YIELD) {
            return cg_state_of(L)->stopping ? lua_error(L) : fail(L);
        }
        size_t length = 0;
        const char *piece = lua_isnil(L, -1) ? "" : lua_tolstring(L, -1, &length);
        if (piece == NULL) {
            luaL_where(L, 1);
            lua_pushliteral(L, "reader function must return a string");
            lua_concat(L, 2);
            return fail(L);
        }
        if (length == 0) {
            break;
        }
        cg_append(L, BUFFER, piece, length);
        lua_settop(L, BUFFER);
        const cg_buffer *buffer = lua_touserdata(L, BUFFER);
        if (buffer->bytes[0] == LUA_SIGNATURE[0]) {
            break; /* however much the reader would still give */
        }
        if (cg_slice_is_over(cg_state_of(L))) {
            cg_give_way(L, has_environment, read_more);
        }
        lua_pushvalue(L, CHUNK);
        status = lua_pcallk(L, 0, 1, 0, has_environment, read_on);
    }
    lua_settop(L, BUFFER);
    const cg_buffer *buffer = lua_touserdata(L, BUFFER);
    return load_text(L, buffer->bytes, buffer->used, luaL_optstring(L, NAME, "=(load)"), has_environment != 0);
}

static int read_more(lua_State *L, int status, lua_KContext has_environment) {
    (void)status;
    cg_after_slice(L);
    lua_pushvalue(L, CHUNK);
    return read_on(L, lua_pcallk(L, 0, 1, 0, has_environment, read_on), has_environment);
}

int cg_base_load(lua_State *L) {
    size_t length;
    const char *text = lua_tolstring(L, CHUNK, &length);
    bool has_environment = !lua_isnone(L, ENVIRONMENT);
    luaL_optstring(L, MODE, "bt");
    if (text != NULL) {
        const char *name = luaL_optstring(L, NAME, text);
        lua_settop(L, ENVIRONMENT);
        return load_text(L, text, length, name, has_environment);
    }
    luaL_optstring(L, NAME, "=(load)");
    luaL_checktype(L, CHUNK, LUA_TFUNCTION);
    lua_settop(L, ENVIRONMENT);
    cg_push_buffer(L);
    lua_pushvalue(L, CHUNK);
    return read_on(L, lua_pcallk(L, 0, 1, 0, has_environment, read_on), has_environment);
}

/* Bytes that are collected while the function that collects them may wait: luaL_Buffer lives in a C frame. */
#include <stdint.h>
#include <string.h>

#include "await.h"

enum { FIRST_CAPACITY = 1024 };

static const char metatable_key;

static void free_block(lua_State *L, cg_buffer *buffer) {
    if (buffer->bytes != buffer->own) {
        void *context;
        lua_Alloc allocate = lua_getallocf(L, &context);
        allocate(context, buffer->bytes, buffer->capacity, 0);
        buffer->bytes = buffer->own;
        buffer->used = 0;
        buffer->capacity = 0;
    }
}

static int collect(lua_State *L) {
    cg_buffer *buffer = lua_touserdata(L, 1);
    if (buffer != NULL && lua_getmetatable(L, 1) && lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key) == LUA_TTABLE
        && lua_rawequal(L, -1, -2)) {
        free_block(L, buffer);
    }
    return 0;
}

static void set_metatable(lua_State *L, int index) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 1);
        lua_pushcfunction(L, collect);
        lua_setfield(L, -2, "__gc");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_key);
    }
    lua_setmetatable(L, index);
}

static cg_buffer *push(lua_State *L, size_t capacity) {
    cg_buffer *buffer = lua_newuserdatauv(L, sizeof *buffer + capacity, 0);
    buffer->used = 0;
    buffer->capacity = capacity;
    buffer->bytes = buffer->own;
    return buffer;
}

/* A block outside of Lua's objects can grow where it is, and is no garbage that brings the next collection nearer. */
static bool grow_block(lua_State *L, int index, size_t capacity) {
    cg_buffer *buffer = lua_touserdata(L, index);
    bool is_first = buffer->bytes == buffer->own;
    if (is_first) {
        set_metatable(L, index);
    }
    void *context;
    lua_Alloc allocate = lua_getallocf(L, &context);
    char *block = allocate(context, is_first ? NULL : buffer->bytes, is_first ? 0 : buffer->capacity, capacity);
    if (block == NULL) {
        return false;
    }
    if (is_first) {
        memcpy(block, buffer->own, buffer->used);
    }
    buffer->bytes = block;
    buffer->capacity = capacity;
    return true;
}

void cg_push_buffer(lua_State *L) {
    push(L, FIRST_CAPACITY);
}

cg_buffer *cg_make_room(lua_State *L, int index, size_t length) {
    cg_buffer *buffer = lua_touserdata(L, index);
    if (length > PTRDIFF_MAX / 4 || buffer->used > PTRDIFF_MAX / 4) {
        luaL_error(L, "buffer too large");
    }
    size_t wanted = buffer->used + length;
    size_t capacity = wanted > 2 * buffer->capacity ? wanted : 2 * buffer->capacity;
    if (!grow_block(L, index, capacity)) {
        /* Lua itself collects what is garbage, or raises. */
        cg_buffer *larger = push(L, capacity);
        memcpy(larger->bytes, buffer->bytes, buffer->used);
        larger->used = buffer->used;
        free_block(L, buffer);
        lua_replace(L, index);
        buffer = larger;
    }
    return buffer;
}

void cg_push_buffered(lua_State *L, int index) {
    cg_buffer *buffer = lua_touserdata(L, index);
    lua_pushlstring(L, buffer->bytes, buffer->used);
    free_block(L, buffer);
}

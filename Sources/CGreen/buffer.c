/* Bytes that are collected while the function that collects them may wait: luaL_Buffer lives in a C frame. */
#include <stdint.h>
#include <string.h>

#include "await.h"

enum { FIRST_CAPACITY = 1024 };

static cg_buffer *push(lua_State *L, size_t capacity) {
    cg_buffer *buffer = lua_newuserdatauv(L, sizeof *buffer + capacity, 0);
    buffer->used = 0;
    buffer->capacity = capacity;
    return buffer;
}

void cg_push_buffer(lua_State *L) {
    push(L, FIRST_CAPACITY);
}

void cg_append(lua_State *L, int index, const char *bytes, size_t length) {
    cg_buffer *buffer = lua_touserdata(L, index);
    if (length > buffer->capacity - buffer->used) {
        if (length > PTRDIFF_MAX / 4 || buffer->used > PTRDIFF_MAX / 4) {
            luaL_error(L, "buffer too large");
        }
        size_t wanted = buffer->used + length;
        cg_buffer *larger = push(L, wanted > 2 * buffer->capacity ? wanted : 2 * buffer->capacity);
        memcpy(larger->bytes, buffer->bytes, buffer->used);
        larger->used = buffer->used;
        lua_replace(L, index);
        buffer = larger;
    }
    memcpy(buffer->bytes + buffer->used, bytes, length);
    buffer->used += length;
}

void cg_push_buffered(lua_State *L, int index) {
    const cg_buffer *buffer = lua_touserdata(L, index);
    lua_pushlstring(L, buffer->bytes, buffer->used);
}

/*
 * C functions that may wait: operations on values whose metamethods are Lua functions, and the form of a function that
 * uses them. Never included by Swift.
 *
 * Such a function is one switch over the place where it goes on. Its C frame is gone after each wait, and with it every
 * local variable: what must stay is on the Lua stack, numbers in the block of cg_push_numbers.
 */
#ifndef CG_AWAIT_H
#define CG_AWAIT_H

#include <string.h>

#include "internal.h"

/* A call that may wait, in a function whose continuation is `go_on`: it goes on behind this line in either case. */
#define CG_AWAIT(go_on, call, ...)         \
    call(__VA_ARGS__, __LINE__, go_on);    \
    __attribute__((fallthrough));          \
    case __LINE__:;

/* Between two steps of long work: lets the others run when the slice is over. `gave_way` is the continuation made by
 * CG_GAVE_WAY. */
#define CG_GIVE_WAY(L, gave_way)                      \
    if (cg_slice_is_over(cg_state_of(L))) {           \
        cg_give_way(L, __LINE__, gave_way);           \
    }                                                 \
    __attribute__((fallthrough));                     \
    case __LINE__:;

/* The continuation for CG_GIVE_WAY of a function whose continuation is `go_on`. */
#define CG_GAVE_WAY(gave_way, go_on)                                               \
    static int gave_way(lua_State *L, int status, lua_KContext place) {            \
        cg_after_slice(L);                                                         \
        return go_on(L, status, place);                                            \
    }

/* Long work on plain tables is done in one go up to so many steps: well below a millisecond. */
enum { CG_QUICK_STEPS = 10000 };

/* ---- operators.c: all may raise; those with a place may wait, and go on in `go_on` with the stack as described ---- */

enum { CG_READS = 1, CG_WRITES = 2, CG_MEASURES = 4 };
/* Whether the value, of any type, has no metatable. Lua's own functions may have it then: nothing in them can wait. */
bool cg_is_bare(lua_State *L, int index);
/* Whether the value is a table in which these uses call no metamethod. */
bool cg_is_plain(lua_State *L, int index, int uses);
/* Raises for argument `index` unless it is a table, or has the metamethods for these uses. */
void cg_check_list(lua_State *L, int index, int uses);

/* Pushes object[n] [-0, +1]. Indexes of objects are absolute. */
void cg_get_at(lua_State *L, int object, lua_Integer n, lua_KContext place, lua_KFunction go_on);
/* Replaces the key on top by object[key] [-1, +1]. */
void cg_get_key(lua_State *L, int object, lua_KContext place, lua_KFunction go_on);
/* object[n] = the value on top [-1, +0]. */
void cg_set_at(lua_State *L, int object, lua_Integer n, lua_KContext place, lua_KFunction go_on);
/* object[key] = value, both on top [-2, +0]. */
void cg_set_key(lua_State *L, int object, lua_KContext place, lua_KFunction go_on);
/* Pushes #object as __len answered it [-0, +1]; then cg_pop_length takes it, or raises. */
void cg_length(lua_State *L, int object, lua_KContext place, lua_KFunction go_on);
lua_Integer cg_pop_length(lua_State *L);
/* Push a value that is true where a < b, or a == b [-0, +1]; then cg_pop_answer takes it. */
void cg_less(lua_State *L, int a, int b, lua_KContext place, lua_KFunction go_on);
void cg_equal(lua_State *L, int a, int b, lua_KContext place, lua_KFunction go_on);
static inline bool cg_pop_answer(lua_State *L) {
    bool answer = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return answer;
}

/* Pushes a block of `count` integers that lives as long as it is on the stack. */
lua_Integer *cg_push_numbers(lua_State *L, int count);

/* ---- text.c: values as text, as tostring gives it ---- */

/* Pushes what __tostring of the value is; false, and nothing pushed, where it has none. */
bool cg_push_tostring(lua_State *L, int index);
/* The string on top that __tostring returned; raises when it is none. */
void cg_check_text(lua_State *L);
/* Pushes the text of a value without __tostring; __name counts. */
void cg_push_text(lua_State *L, int index);

/* ---- buffer.c: bytes that are collected across waits ---- */

typedef struct cg_buffer {
    size_t used, capacity;
    char *bytes; /* `own`, or a block of the state's allocator */
    char own[];
} cg_buffer;
/* Pushes an empty one. */
void cg_push_buffer(lua_State *L);
/* Has room for so many bytes more in the one at `index`; it may become another one there. */
cg_buffer *cg_make_room(lua_State *L, int index, size_t length);
/* Appends to the one at `index`. `bytes` must not be in it. */
static inline void cg_append(lua_State *L, int index, const char *bytes, size_t length) {
    cg_buffer *buffer = lua_touserdata(L, index);
    if (length > buffer->capacity - buffer->used) {
        buffer = cg_make_room(L, index, length);
    }
    memcpy(buffer->bytes + buffer->used, bytes, length);
    buffer->used += length;
}
/* Pushes its bytes as a string, once: it is empty then. */
void cg_push_buffered(lua_State *L, int index);

#endif

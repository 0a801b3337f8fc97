/* string.rep (manual 6.4): as stock Lua's, but a huge result is made in pieces, and gives way between them. */
#include <limits.h>
#include <string.h>

#include "pattern.h"

enum { TEXT = 1, COUNT = 2, SEPARATOR = 3, RESULT = 4 };
enum { SMALL = 1024 };    /* bytes made on the C stack */
enum { PIECE = 1 << 22 }; /* bytes copied between two looks at the clock */

typedef struct repetition {
    cg_text text, separator;
    size_t total;
} repetition;

static repetition read_arguments(lua_State *L) {
    repetition r;
    r.text.bytes = luaL_checklstring(L, TEXT, &r.text.length);
    lua_Integer count = luaL_checkinteger(L, COUNT);
    r.separator.bytes = luaL_optlstring(L, SEPARATOR, "", &r.separator.length);
    r.total = 0;
    if (count > 0) {
        size_t unit = r.text.length + r.separator.length;
        if (unit < r.text.length || unit > (size_t)INT_MAX / (size_t)count) { /* stock Lua's limit: 2 GiB */
            luaL_error(L, "resulting string too large");
        }
        r.total = unit * (size_t)count - r.separator.length;
    }
    return r;
}

/* The text and the separator, as much of them as the result has. */
static size_t put_unit(const repetition *r, char *result) {
    size_t more = r->total - r->text.length < r->separator.length ? 0 : r->separator.length;
    memcpy(result, r->text.bytes, r->text.length);
    memcpy(result + r->text.length, r->separator.bytes, more);
    return r->text.length + more;
}

/* What is there again, in whole units but at the end; at most so many bytes. How much is there then. */
static size_t put_more(const repetition *r, char *result, size_t made, size_t most) {
    size_t unit = r->text.length + r->separator.length;
    size_t more = made <= most ? made : most < unit ? unit : most - most % unit;
    if (more > r->total - made) {
        more = r->total - made;
    }
    memcpy(result + made, result, more);
    return made + more;
}

static int again(lua_State *L, int status, lua_KContext made);

static int repeat(lua_State *L, const repetition *r, size_t made) {
    cg_state *state = cg_state_of(L);
    char *result = lua_touserdata(L, RESULT);
    size_t most = state->check_every != 0 ? 1 : PIECE;
    while (made < r->total) {
        made = put_more(r, result, made, most);
        if (cg_slice_is_over(state)) {
            cg_give_way(L, (lua_KContext)made, again);
        }
    }
    lua_pushlstring(L, result, r->total);
    return 1;
}

static int again(lua_State *L, int status, lua_KContext made) {
    (void)status;
    cg_after_slice(L);
    repetition r = read_arguments(L);
    return repeat(L, &r, (size_t)made);
}

static int string_rep(lua_State *L) {
    repetition r = read_arguments(L);
    if (r.total <= SMALL) {
        char result[SMALL];
        for (size_t made = r.total == 0 ? 0 : put_unit(&r, result); made < r.total;) {
            made = put_more(&r, result, made, SMALL);
        }
        lua_pushlstring(L, result, r.total);
        return 1;
    }
    lua_settop(L, SEPARATOR);
    char *result = lua_newuserdatauv(L, r.total, 0);
    return repeat(L, &r, put_unit(&r, result));
}

void cg_open_rep(lua_State *L) {
    lua_pushcfunction(L, string_rep);
    lua_setfield(L, -2, "rep");
}

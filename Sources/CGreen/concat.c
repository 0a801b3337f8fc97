/* table.concat (manual 6.6) that may wait in metamethods, and gives way in long lists. */
#include "await.h"

enum { LIST = 1, SEPARATOR = 2, FIRST = 3, LAST = 4, NUMBERS = 5, BUFFER = 6 };
enum { I, END, COUNT };
enum { SHORT_LIST = 256, LOOKED_AT = 16, LONG_TEXT = 4096, MOST_BYTES = 1000000 };

/* The one on top. */
static void bad_value(lua_State *L, lua_Integer i) {
    luaL_error(L, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(L, -1), (LUAI_UACINT)i);
}

/* Whether Lua's own function can have the list: no metamethods, not many elements, and no long texts among those looked
 * at (of a short list none: what `..` joins is not bounded either). */
static bool is_quick(lua_State *L) {
    if (!cg_is_bare(L, LIST)) {
        return false;
    }
    lua_Integer size = (lua_Integer)lua_rawlen(L, LIST);
    if (lua_gettop(L) > SEPARATOR) {
        /* Numbers that are none count as 0 here: Lua's own function raises the errors, or else the long way does. */
        lua_Unsigned first = lua_isnil(L, FIRST) ? 1 : (lua_Unsigned)lua_tointeger(L, FIRST);
        lua_Unsigned last = (lua_Unsigned)(lua_isnoneornil(L, LAST) ? size : lua_tointeger(L, LAST));
        return last - first <= SHORT_LIST;
    }
    for (lua_Integer i = SHORT_LIST; i <= size && size <= CG_QUICK_STEPS; i += LOOKED_AT) {
        lua_rawgeti(L, LIST, i);
        bool is_long = lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) > LONG_TEXT;
        lua_pop(L, 1);
        if (is_long) {
            return false;
        }
    }
    return size <= CG_QUICK_STEPS;
}

/* Appends the value on top, and pops it. */
static inline size_t append_value(lua_State *L, lua_Integer i) {
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (text == NULL) {
        bad_value(L, i);
    }
    cg_append(L, BUFFER, text, length);
    lua_pop(L, 1);
    return length;
}

/* Appends elements of a list without metatable, and separators, as far as may be done between two looks at the slice;
 * never the last one. */
static void append_plain(lua_State *L, lua_Integer *my) {
    if (!lua_istable(L, LIST) || !cg_is_bare(L, LIST)) {
        return;
    }
    size_t gap, bytes = 0;
    const char *separator = luaL_optlstring(L, SEPARATOR, "", &gap);
    for (int n = 0; n < CG_QUICK_STEPS && bytes < MOST_BYTES && my[I] < my[END]; n++, my[I]++) {
        lua_geti(L, LIST, my[I]);
        bytes += append_value(L, my[I]) + gap;
        cg_append(L, BUFFER, separator, gap);
    }
}

static int concat_gave_way(lua_State *L, int status, lua_KContext place);

static int concat_on(lua_State *L, int status, lua_KContext place) {
    (void)status;
    lua_Integer *my = lua_touserdata(L, NUMBERS);
    switch (place) {
    case 0:
        cg_check_list(L, LIST, CG_READS | CG_MEASURES);
        lua_settop(L, LAST);
        my = cg_push_numbers(L, COUNT);
        CG_AWAIT(concat_on, cg_length, L, LIST)
        my[END] = cg_pop_length(L);
        luaL_optstring(L, SEPARATOR, "");
        my[I] = luaL_optinteger(L, FIRST, 1);
        my[END] = luaL_optinteger(L, LAST, my[END]);
        cg_push_buffer(L);
        for (; my[I] <= my[END]; my[I]++) {
            CG_GIVE_WAY(L, concat_gave_way)
            append_plain(L, my);
            CG_AWAIT(concat_on, cg_get_at, L, LIST, my[I])
            append_value(L, my[I]);
            if (my[I] == my[END]) {
                break; /* it may be the largest integer there is */
            }
            size_t gap;
            const char *separator = luaL_optlstring(L, SEPARATOR, "", &gap);
            cg_append(L, BUFFER, separator, gap);
        }
        cg_push_buffered(L, BUFFER);
    }
    return 1;
}

CG_GAVE_WAY(concat_gave_way, concat_on)

int cg_table_concat(lua_State *L) {
    return is_quick(L) ? cg_state_of(L)->own[CG_OWN_CONCAT](L) : concat_on(L, LUA_OK, 0);
}

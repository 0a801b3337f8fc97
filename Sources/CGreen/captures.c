/* What a match captured, as values. */
#include "pattern.h"

enum { AT_HAND = 8 }; /* of the LUA_MINSTACK free slots, what those who push captures leave */

void cg_push_capture(lua_State *L, const cg_match *m, int index, cg_text whole) {
    if (index >= m->level) {
        if (index != 0) {
            luaL_error(L, "invalid capture index %%%d", index + 1);
        }
        lua_pushlstring(L, whole.bytes, whole.length);
        return;
    }
    const cg_capture *capture = &m->captures[index];
    switch (capture->length) {
    case CG_UNFINISHED:
        luaL_error(L, "unfinished capture");
        break;
    case CG_POSITION:
        lua_pushinteger(L, capture->start - m->subject + 1);
        break;
    default:
        lua_pushlstring(L, capture->start, (size_t)capture->length);
        break;
    }
}

int cg_push_captures(lua_State *L, const cg_match *m, cg_text whole) {
    int count = m->level == 0 && whole.bytes != NULL ? 1 : m->level;
    if (count > AT_HAND) {
        luaL_checkstack(L, count, "too many captures");
    }
    for (int i = 0; i < count; i++) {
        cg_push_capture(L, m, i, whole);
    }
    return count;
}

/* string.gmatch (manual 6.4): as stock Lua's, but its iterator gives way in the middle of a search. */
#include "pattern.h"

enum { SUBJECT = 1, PATTERN = 2, INIT = 3 };
enum { PLACE = 3 };   /* the iterator's third upvalue, behind subject and pattern */
enum { MATCHER = 1 }; /* in the iterator */

typedef struct place {
    cg_text subject, pattern;
    const char *from; /* may be one past the end: nothing is left */
    const char *last; /* the end of the match before */
} place;

static int again(lua_State *L, int status, lua_KContext context);

static int search(lua_State *L, cg_match *m) {
    place *now = lua_touserdata(L, lua_upvalueindex(PLACE));
    for (;;) {
        switch (cg_match_search(L, &m, MATCHER)) {
        case CG_FOUND:
            now->from = now->last = m->at;
            return cg_push_captures(L, m, cg_text_between(m->start, m->at));
        case CG_NOT_FOUND:
            return 0;
        default:
            m = cg_match_give_way(L, m, MATCHER, 0, again);
        }
    }
}

static int again(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    cg_after_slice(L);
    return search(L, lua_touserdata(L, MATCHER));
}

static int next_match(lua_State *L) {
    const place *now = lua_touserdata(L, lua_upvalueindex(PLACE));
    lua_settop(L, 0);
    if (now->from > now->subject.bytes + now->subject.length) {
        return 0;
    }
    cg_match_at_hand hand;
    cg_match *m = cg_match_begin(L, &hand, now->subject, now->pattern, false);
    cg_match_from(m, now->from, now->last);
    return search(L, m);
}

static int string_gmatch(lua_State *L) {
    place begin = {.last = NULL};
    begin.subject.bytes = luaL_checklstring(L, SUBJECT, &begin.subject.length);
    begin.pattern.bytes = luaL_checklstring(L, PATTERN, &begin.pattern.length);
    size_t from = cg_string_start(luaL_optinteger(L, INIT, 1), begin.subject.length);
    begin.from = begin.subject.bytes + (from > begin.subject.length ? begin.subject.length + 1 : from);
    lua_settop(L, 2);
    place *now = lua_newuserdatauv(L, sizeof *now, 0);
    *now = begin;
    lua_pushcclosure(L, next_match, PLACE);
    return 1;
}

void cg_open_gmatch(lua_State *L) {
    lua_pushcfunction(L, string_gmatch);
    lua_setfield(L, -2, "gmatch");
}

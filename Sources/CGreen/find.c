/* string.find and string.match (manual 6.4): as stock Lua's, but they give way in the middle of a search. */
#define _GNU_SOURCE
#include <string.h>

#include "pattern.h"

enum { SUBJECT = 1, PATTERN = 2, INIT = 3, PLAIN = 4, MATCHER = 5 };
enum { WINDOW = 1 << 20 }; /* bytes searched between two looks at the clock */
enum { QUICK_TRIES = 8 };

static cg_text text_at(lua_State *L, int index) {
    cg_text text;
    text.bytes = luaL_checklstring(L, index, &text.length);
    return text;
}

size_t cg_string_start(lua_Integer index, size_t length) {
    if (index > 0) {
        return (size_t)index - 1;
    }
    if (index == 0 || index < -(lua_Integer)length) {
        return 0;
    }
    return length + (size_t)index;
}

/* The first place of `wanted`, which is not empty and no longer than `in`; NULL: none. The quick way first: most bytes
 * differ. memmem is as fast on text that was made to be slow. */
static const char *seek(cg_text in, cg_text wanted) {
    const char *s = in.bytes;
    const char *last = in.bytes + (in.length - wanted.length);
    for (int tries = 0; tries < QUICK_TRIES; tries++) {
        s = memchr(s, wanted.bytes[0], (size_t)(last - s) + 1);
        if (s == NULL || wanted.length == 1 || memcmp(s + 1, wanted.bytes + 1, wanted.length - 1) == 0) {
            return s;
        }
        if (s++ == last) {
            return NULL;
        }
    }
    return memmem(s, (size_t)(last - s) + wanted.length, wanted.bytes, wanted.length);
}

static int plain_again(lua_State *L, int status, lua_KContext from);

static int find_plain(lua_State *L, cg_text subject, cg_text wanted, size_t from) {
    cg_state *state = cg_state_of(L);
    size_t window = state->check_every != 0 ? 1 : WINDOW;
    if (window < wanted.length) {
        window = wanted.length;
    }
    while (subject.length - from >= wanted.length) {
        cg_text in = {.bytes = subject.bytes + from, .length = subject.length - from};
        if (in.length - wanted.length >= window) {
            in.length = window + wanted.length - 1;
        }
        const char *found = wanted.length == 0 ? in.bytes : seek(in, wanted);
        if (found != NULL) {
            lua_pushinteger(L, found - subject.bytes + 1);
            lua_pushinteger(L, found - subject.bytes + (lua_Integer)wanted.length);
            return 2;
        }
        from += in.length - wanted.length + 1;
        if (cg_slice_is_over(state)) {
            cg_give_way(L, (lua_KContext)from, plain_again);
        }
    }
    lua_pushnil(L);
    return 1;
}

static int plain_again(lua_State *L, int status, lua_KContext from) {
    (void)status;
    cg_after_slice(L);
    return find_plain(L, text_at(L, SUBJECT), text_at(L, PATTERN), (size_t)from);
}

static bool has_no_specials(cg_text pattern) {
    static const bool specials[256] = {
        ['^'] = true, ['$'] = true, ['*'] = true, ['+'] = true, ['?'] = true,
        ['.'] = true, ['('] = true, ['['] = true, ['%'] = true, ['-'] = true,
    };
    for (size_t i = 0; i < pattern.length; i++) {
        if (specials[(unsigned char)pattern.bytes[i]]) {
            return false;
        }
    }
    return true;
}

static int again(lua_State *L, int status, lua_KContext finds);

static int search(lua_State *L, cg_match *m, bool finds) {
    for (;;) {
        switch (cg_match_search(L, &m, MATCHER)) {
        case CG_FOUND:
            if (finds) {
                lua_pushinteger(L, m->start - m->subject + 1);
                lua_pushinteger(L, m->at - m->subject);
                return 2 + cg_push_captures(L, m, (cg_text){.bytes = NULL});
            }
            return cg_push_captures(L, m, cg_text_between(m->start, m->at));
        case CG_NOT_FOUND:
            lua_pushnil(L);
            return 1;
        default:
            m = cg_match_give_way(L, m, MATCHER, finds, again);
        }
    }
}

static int again(lua_State *L, int status, lua_KContext finds) {
    (void)status;
    cg_after_slice(L);
    return search(L, lua_touserdata(L, MATCHER), finds != 0);
}

/* By itself, so that a plain search needs no room for a matcher. */
__attribute__((noinline)) static int search_pattern(
    lua_State *L, cg_text subject, cg_text pattern, size_t from, bool finds) {
    cg_match_at_hand hand;
    cg_match *m = cg_match_begin(L, &hand, subject, pattern, true);
    cg_match_from(m, subject.bytes + from, NULL);
    return search(L, m, finds);
}

static int find_or_match(lua_State *L, bool finds) {
    cg_text subject = text_at(L, SUBJECT);
    cg_text pattern = text_at(L, PATTERN);
    size_t from = cg_string_start(luaL_optinteger(L, INIT, 1), subject.length);
    if (from > subject.length) {
        lua_pushnil(L);
        return 1;
    }
    if (finds && (lua_toboolean(L, PLAIN) || has_no_specials(pattern))) {
        return find_plain(L, subject, pattern, from);
    }
    return search_pattern(L, subject, pattern, from, finds);
}

static int string_find(lua_State *L) { return find_or_match(L, true); }
static int string_match(lua_State *L) { return find_or_match(L, false); }

void cg_open_find(lua_State *L) {
    static const luaL_Reg functions[] = {{"find", string_find}, {"match", string_match}, {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}

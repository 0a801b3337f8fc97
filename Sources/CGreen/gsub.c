/*
 * string.gsub (manual 6.4): as stock Lua's, but it gives way in the middle of a search, and the function or the table
 * of replacements may wait. What it has made so far lies on the C stack until the C frame may be lost, or there is too
 * much of it; then in a userdata.
 */
#include <string.h>

#include "pattern.h"

enum { SUBJECT = 1, PATTERN = 2, REPLACEMENT = 3, MOST = 4, RESULT = 5, MATCHER = 6 };
enum { AT_HAND = 1024 }; /* bytes of the result that fit on the C stack */
enum { CALL_PRICE = 16 }; /* a call of a C function, in steps of the matcher */

typedef struct substitution {
    enum { TEXT, TEMPLATE, TABLE, FUNCTION } kind; /* TEMPLATE: a text with % in it */
    cg_text subject, pattern;
    const char *start, *end;  /* of the match under way, or the last */
    const char *copied;       /* up to here the subject is in the result */
    lua_Integer count, most;
    bool anchored;
    bool kept; /* in a userdata, which is this call's alone until it is done */
    size_t length, room;
    char *bytes;
} substitution;

typedef struct at_hand {
    substitution substitution;
    char bytes[AT_HAND];
} at_hand;

/* gsub's own upvalue is a userdata for the next call that needs one: most are done with it soon. */
static const int spare = lua_upvalueindex(1);

/* Into the userdata on top. */
static substitution *move(lua_State *L, substitution *g, size_t room) {
    substitution *moved = lua_touserdata(L, -1);
    *moved = *g;
    moved->kept = true;
    moved->room = room;
    moved->bytes = (char *)(moved + 1);
    memcpy(moved->bytes, g->bytes, g->length);
    g->kept = false;
    lua_replace(L, RESULT);
    return moved;
}

/* Before anything that may yield. */
static substitution *keep(lua_State *L, substitution *g) {
    if (g->kept) {
        return g;
    }
    const substitution *unused = lua_touserdata(L, spare);
    if (unused != NULL && !unused->kept) {
        lua_pushvalue(L, spare);
    } else { /* another call waits, or has failed */
        lua_newuserdatauv(L, sizeof *g + AT_HAND, 0);
        lua_copy(L, -1, spare);
    }
    return move(L, g, AT_HAND);
}

static substitution *append(lua_State *L, substitution *g, cg_text text) {
    if (text.length > g->room - g->length) {
        size_t left = (size_t)(g->subject.bytes + g->subject.length - g->copied);
        size_t twice = 2 * g->room;
        size_t wanted = g->length + text.length + left;
        size_t room = wanted > twice ? wanted : twice;
        lua_newuserdatauv(L, sizeof *g + room, 0);
        g = move(L, g, room);
    }
    memcpy(g->bytes + g->length, text.bytes, text.length);
    g->length += text.length;
    return g;
}

/* The subject up to the match under way, which is to be replaced: so that what is left as it was costs nothing. */
static substitution *append_gap(lua_State *L, substitution *g) {
    g = append(L, g, cg_text_between(g->copied, g->start));
    g->copied = g->end;
    return g;
}

/* A replacement with captures: %0 to %9, and %% for a percent sign. */
static substitution *append_template(lua_State *L, substitution *g, const cg_match *m, cg_text text) {
    const char *p = text.bytes;
    const char *const end = text.bytes + text.length;
    cg_text whole = cg_text_between(g->start, g->end);
    for (const char *mark; (mark = memchr(p, '%', (size_t)(end - p))) != NULL; p = mark + 2) {
        g = append(L, g, cg_text_between(p, mark));
        char what = mark[1]; /* a zero behind the end */
        if (what == '%') {
            g = append(L, g, cg_text_between(mark, mark + 1));
        } else if (what == '0') {
            g = append(L, g, whole);
        } else if (what >= '1' && what <= '9') {
            int index = what - '1';
            if (index < m->level && m->captures[index].length >= 0) {
                const cg_capture *capture = &m->captures[index];
                g = append(L, g, (cg_text){.bytes = capture->start, .length = (size_t)capture->length});
            } else {
                cg_push_capture(L, m, index, whole); /* a position, the whole match, or an error */
                cg_text captured;
                captured.bytes = lua_tolstring(L, -1, &captured.length);
                g = append(L, g, captured);
                lua_pop(L, 1);
            }
        } else {
            luaL_error(L, "invalid use of '%c' in replacement string", '%');
        }
    }
    return append(L, g, cg_text_between(p, end));
}

/* The value on top, which a table or a function gave: false and nil leave the match as it was. */
static substitution *take_value(lua_State *L, substitution *g) {
    if (lua_toboolean(L, -1)) {
        if (!lua_isstring(L, -1)) {
            luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
        }
        g = append_gap(L, g);
        cg_text text;
        text.bytes = lua_tolstring(L, -1, &text.length);
        g = append(L, g, text);
    }
    lua_pop(L, 1);
    return g;
}

/* Follows __index from the table of replacements. Where it comes to a function: pushes that and the object it belongs
 * to. All else lua_gettable does as well, errors included, and cannot meet a wait doing so. */
static bool push_index_function(lua_State *L, int key) {
    enum { LONGEST = 2000 }; /* as far as Lua itself follows it */
    lua_pushvalue(L, REPLACEMENT);
    for (int i = 0; i < LONGEST; i++) {
        if (lua_type(L, -1) == LUA_TTABLE) {
            lua_pushvalue(L, key);
            if (lua_rawget(L, -2) != LUA_TNIL) {
                lua_pop(L, 2);
                return false;
            }
            lua_pop(L, 1);
        }
        switch (luaL_getmetafield(L, -1, "__index")) {
        case LUA_TNIL: /* which pushes nothing */
            lua_pop(L, 1);
            return false;
        case LUA_TFUNCTION:
            lua_insert(L, -2);
            return true;
        default:
            lua_remove(L, -2);
            break;
        }
    }
    lua_pop(L, 1);
    return false;
}

static int called(lua_State *L, int status, lua_KContext context);

/* What the table has for the first capture. */
static substitution *append_field(lua_State *L, substitution *g, const cg_match *m) {
    cg_push_capture(L, m, 0, cg_text_between(g->start, g->end));
    if (!lua_getmetatable(L, REPLACEMENT)) {
        lua_rawget(L, REPLACEMENT);
        return take_value(L, g);
    }
    lua_pop(L, 1);
    int key = lua_gettop(L);
    if (push_index_function(L, key)) {
        lua_rotate(L, key, -1); /* function, object, key */
        g = keep(L, g);
        lua_callk(L, 2, 1, 0, called);
    } else {
        lua_gettable(L, REPLACEMENT);
    }
    return take_value(L, g);
}

static substitution *append_call(lua_State *L, substitution *g, const cg_match *m) {
    g = keep(L, g);
    lua_pushvalue(L, REPLACEMENT);
    int n = cg_push_captures(L, m, cg_text_between(g->start, g->end));
    lua_callk(L, n, 1, 0, called);
    return take_value(L, g);
}

static substitution *replace(lua_State *L, substitution *g, cg_match *m) {
    size_t before = g->length;
    switch (g->kind) {
    case TABLE:
        g = append_field(L, g, m);
        m->fuel -= m->fuel > CALL_PRICE ? CALL_PRICE : m->fuel;
        break;
    case FUNCTION:
        g = append_call(L, g, m);
        m->fuel -= m->fuel > CALL_PRICE ? CALL_PRICE : m->fuel;
        break;
    default: {
        cg_text text;
        text.bytes = lua_tolstring(L, REPLACEMENT, &text.length);
        g = append_gap(L, g);
        g = g->kind == TEXT ? append(L, g, text) : append_template(L, g, m, text);
    }
    }
    size_t price = 1 + (g->length - before) / 64;
    m->fuel -= price < (size_t)m->fuel ? (int)price : m->fuel;
    return g;
}

static int finish(lua_State *L, substitution *g) {
    if (g->copied == g->subject.bytes && g->length == 0) { /* nothing was replaced, or nothing by nothing */
        lua_pushvalue(L, SUBJECT);
    } else {
        g = append(L, g, cg_text_between(g->copied, g->subject.bytes + g->subject.length));
        lua_pushlstring(L, g->bytes, g->length);
    }
    lua_pushinteger(L, g->count);
    g->kept = false;
    return 2;
}

static int again(lua_State *L, int status, lua_KContext context);

static int run(lua_State *L, substitution *g, cg_match *m) {
    while (g->count < g->most) {
        switch (cg_match_search(L, &m, MATCHER)) {
        case CG_FOUND:
            break;
        case CG_NOT_FOUND:
            return finish(L, g);
        default:
            if (cg_can_park(L)) {
                g = keep(L, g);
            }
            m = cg_match_give_way(L, m, MATCHER, 0, again);
            continue;
        }
        g->count++;
        g->start = m->start;
        g->end = m->at;
        g = replace(L, g, m);
        if (g->anchored) {
            break;
        }
        cg_match_from(m, g->end, g->end);
    }
    return finish(L, g);
}

/* After giving way in the middle of a search. */
static int again(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    cg_after_slice(L);
    return run(L, lua_touserdata(L, RESULT), lua_touserdata(L, MATCHER));
}

/* After a replacement function that waited: its match is done with, so a new search can go on behind it. */
static int called(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    substitution *g = take_value(L, lua_touserdata(L, RESULT));
    if (g->anchored) {
        return finish(L, g);
    }
    cg_match_at_hand hand;
    cg_match *m = cg_match_begin(L, &hand, g->subject, g->pattern, true);
    cg_match_from(m, g->end, g->end);
    return run(L, g, m);
}

static int string_gsub(lua_State *L) {
    at_hand result;
    cg_match_at_hand hand;
    substitution *g = &result.substitution;
    g->subject.bytes = luaL_checklstring(L, SUBJECT, &g->subject.length);
    g->pattern.bytes = luaL_checklstring(L, PATTERN, &g->pattern.length);
    int type = lua_type(L, REPLACEMENT);
    g->most = luaL_optinteger(L, MOST, (lua_Integer)g->subject.length + 1);
    switch (type) {
    case LUA_TNUMBER:
    case LUA_TSTRING: {
        size_t length;
        const char *text = lua_tolstring(L, REPLACEMENT, &length);
        g->kind = memchr(text, '%', length) == NULL ? TEXT : TEMPLATE;
        break;
    }
    case LUA_TTABLE:
        g->kind = TABLE;
        break;
    default:
        luaL_argexpected(L, type == LUA_TFUNCTION, REPLACEMENT, "string/function/table");
        g->kind = FUNCTION;
        break;
    }
    lua_settop(L, MATCHER);
    g->copied = g->subject.bytes;
    g->count = 0;
    g->kept = false;
    g->length = 0;
    g->room = AT_HAND;
    g->bytes = result.bytes;
    cg_match *m = cg_match_begin(L, &hand, g->subject, g->pattern, true);
    g->anchored = m->anchored;
    cg_match_from(m, g->subject.bytes, NULL);
    return run(L, g, m);
}

void cg_open_gsub(lua_State *L) {
    lua_pushnil(L);
    lua_pushcclosure(L, string_gsub, 1);
    lua_setfield(L, -2, "gsub");
}

/* One search: its begin, the looks at the clock on the way, and the move to where it outlives its C frame. */
#include <limits.h>
#include <string.h>

#include "pattern.h"

enum { STEPS = 1024 };   /* between two looks at the clock: some microseconds */
enum { MOST_GROUPS = 8 }; /* looked into for the lead; fewer than may be, so that none of their errors is missed */

static int full_tank(lua_State *L) {
    return cg_state_of(L)->check_every != 0 ? 1 : STEPS; /* tests break it at every step */
}

/* The end of the set at p, or NULL where it has none: that is an error only once a search gets there. */
static const char *set_end(const char *p, const char *pattern_end) {
    p += p[1] == '^' ? 2 : 1;
    for (bool first = true; first || *p != ']'; first = false) {
        if (p >= pattern_end) {
            return NULL;
        }
        p += *p == '%' && p + 1 < pattern_end ? 2 : 1;
    }
    return p + 1;
}

/* Finds the item that takes the first byte of every match: attempts begin only where it does. */
static void find_lead(cg_match *m) {
    m->lead = NULL;
    m->lead_byte = -1;
    const char *p = m->pattern;
    for (int groups = 0; *p == '('; p += p[1] == ')' ? 2 : 1) {
        if (++groups > MOST_GROUPS) {
            return;
        }
    }
    if (p >= m->pattern_end) {
        return;
    }
    const char *end = p + 1;
    int byte = (unsigned char)*p;
    switch (*p) {
    case '^': case '$': case '*': case '+': case '?': case '.': case ')': case '-':
        return;
    case '[':
        byte = -1;
        end = set_end(p, m->pattern_end);
        break;
    case '%': {
        char what = p[1];
        bool is_upper = what >= 'A' && what <= 'Z';
        bool is_lower = what >= 'a' && what <= 'z';
        if (what == 'b') {
            m->lead_byte = m->pattern_end - p < 4 ? -1 : (unsigned char)p[2];
            return;
        }
        if (what == 'f' || (what >= '0' && what <= '9') || p + 1 == m->pattern_end) {
            return;
        }
        byte = is_upper || is_lower ? -1 : (unsigned char)what;
        end = p + 2;
        break;
    }
    default:
        break;
    }
    if (end == NULL || *end == '*' || *end == '?' || *end == '-') {
        return;
    }
    m->lead_byte = byte;
    m->lead = p;
    m->lead_end = end;
}

cg_match *cg_match_begin(lua_State *L, cg_match_at_hand *hand, cg_text subject, cg_text pattern, bool anchors) {
    cg_match *m = &hand->match;
    m->anchored = anchors && pattern.bytes[0] == '^'; /* behind the last byte of a string there is a zero */
    m->subject = subject.bytes;
    m->subject_end = subject.bytes + subject.length;
    m->pattern = pattern.bytes + m->anchored;
    m->pattern_end = pattern.bytes + pattern.length;
    if (m->anchored) {
        m->lead = NULL;
        m->lead_byte = -1;
    } else {
        find_lead(m);
    }
    m->kept = false;
    m->fuel = full_tank(L);
    m->level = 0;
    m->room = CG_CHOICES_AT_HAND;
    m->choices = hand->choices;
    return m;
}

/* Into a userdata at `slot`, with room for so many choices. */
static cg_match *move(lua_State *L, cg_match *m, int slot, int room) {
    if (lua_gettop(L) < slot) {
        lua_settop(L, slot);
    }
    cg_match *moved = lua_newuserdatauv(L, sizeof *m + (size_t)room * sizeof *m->choices, 0);
    *moved = *m;
    moved->kept = true;
    moved->room = room;
    moved->choices = (cg_choice *)(moved + 1);
    memcpy(moved->choices, m->choices, (size_t)m->count * sizeof *m->choices);
    lua_replace(L, slot);
    return moved;
}

cg_match_outcome cg_match_search(lua_State *L, cg_match **m, int slot) {
    for (;;) {
        cg_match_outcome outcome = cg_match_run(L, *m);
        if (outcome == CG_OUT_OF_ROOM) {
            if ((*m)->room > INT_MAX / 4) {
                luaL_error(L, "pattern too complex");
            }
            *m = move(L, *m, slot, 2 * (*m)->room);
        } else if (outcome == CG_OUT_OF_FUEL) {
            (*m)->fuel = full_tank(L);
            if (cg_slice_is_over(cg_state_of(L))) {
                return outcome;
            }
        } else {
            return outcome;
        }
    }
}

cg_match *cg_match_give_way(lua_State *L, cg_match *m, int slot, lua_KContext context, lua_KFunction k) {
    if (!m->kept && cg_can_park(L)) {
        m = move(L, m, slot, m->room);
    }
    cg_give_way(L, context, k);
    return m;
}

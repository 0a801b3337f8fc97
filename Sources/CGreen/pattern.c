/*
 * The matcher: a loop with a stack of choices in place of recursion, so that it can stop after any step and go on
 * later, as far as it likes from the C frame that began. It reads the pattern as it goes, and complains only about an
 * item that it reaches, as stock Lua does. One difference: a pattern is never "too complex".
 */
#include "pattern_item.h"

enum { SEEK_AT_ONCE = 32768 }; /* bytes that memchr looks through in one step */

/* The capture that a `)` closes. */
static int innermost_open(lua_State *L, const cg_match *m) {
    for (int i = m->level - 1; i >= 0; i--) {
        if (m->captures[i].length == CG_UNFINISHED) {
            return i;
        }
    }
    return luaL_error(L, "invalid pattern capture");
}

/* The capture that %1 to %9 in a pattern stand for. */
static const cg_capture *referred(lua_State *L, const cg_match *m, int digit) {
    int index = digit - '1';
    if (index < 0 || index >= m->level || m->captures[index].length == CG_UNFINISHED) {
        luaL_error(L, "invalid capture index %%%d", index + 1);
    }
    return &m->captures[index];
}

static bool is_frontier(const cg_match *m, const char *s, const char *set, const char *end) {
    int before = s == m->subject ? 0 : byte_at(s - 1);
    return !is_in_set(before, set, end - 1) && is_in_set(byte_at(s), set, end - 1); /* a zero stands at the end */
}

/* What one look at a long item costs, in steps. */
static int price(const char *p, const char *end) {
    ptrdiff_t length = end - p;
    return length < 16 ? 0 : (int)(length < INT_MAX / 2 ? length / 16 : INT_MAX / 2);
}

cg_match_outcome cg_match_run(lua_State *L, cg_match *m) {
    const char *const subject_end = m->subject_end;
    const char *const pattern_end = m->pattern_end;
    const char *s = m->at; /* the next byte */
    const char *p = m->item;
    const char *end;       /* of the item at p */
    int64_t fuel = m->fuel;

#define STOP(phase_, outcome)         \
    do {                              \
        m->phase = (phase_);          \
        m->at = s;                    \
        m->item = p;                  \
        m->fuel = fuel < 0 ? 0 : (int)fuel; \
        return (outcome);             \
    } while (0)
/* Before anything of the item has been done: it is done again with more room. */
#define NEED_ROOM()                              \
    if (m->count == m->room) {                   \
        STOP(CG_AT_ITEM, CG_OUT_OF_ROOM);        \
    }
#define PUSH(...) (m->choices[m->count++] = (cg_choice){__VA_ARGS__})

    switch (m->phase) {
    case CG_AT_ITEM: goto at_item;
    case CG_IN_RUN: end = item_end(L, p, pattern_end); goto in_run;
    case CG_IN_BALANCE: goto in_balance;
    default: break;
    }

at_start:
    s = m->start;
    p = m->pattern;
    if (fuel <= 0) {
        STOP(CG_AT_START, CG_OUT_OF_FUEL);
    }
    m->count = 0;
    m->level = 0;
    if (m->lead_byte >= 0 && (s == subject_end || byte_at(s) != m->lead_byte)) {
        size_t left = (size_t)(subject_end - s);
        size_t look = left < SEEK_AT_ONCE ? left : SEEK_AT_ONCE;
        const char *found = memchr(s, m->lead_byte, look);
        m->start = found != NULL ? found : s + look;
        fuel -= (m->start - s) / 64;
        s = m->start;
        if (found == NULL) {
            if (look == left) {
                STOP(CG_AT_START, CG_NOT_FOUND);
            }
            goto at_start;
        }
    } else if (m->lead_byte < 0 && m->lead != NULL) {
        int each = 1 + price(m->lead, m->lead_end);
        const char *limit = subject_end - s > fuel / each ? s + 1 + fuel / each : subject_end;
        while (s < limit && !takes(s, m->lead, m->lead_end)) {
            s++;
        }
        fuel -= (s - m->start) * each;
        m->start = s;
        if (s == limit) {
            if (s == subject_end) {
                STOP(CG_AT_START, CG_NOT_FOUND);
            }
            goto at_start;
        }
    }

at_item:
    if (p == pattern_end) {
        if (s == m->last) {
            goto next_start;
        }
        STOP(CG_AT_START, CG_FOUND);
    }
    if (fuel <= 0) {
        STOP(CG_AT_ITEM, CG_OUT_OF_FUEL);
    }
    fuel--;
    switch (*p) {
    case '(': {
        bool is_position = p[1] == ')';
        NEED_ROOM();
        if (m->level == CG_CAPTURES) {
            luaL_error(L, "too many captures");
        }
        if (m->count > 0) { /* else nothing is left to try with it taken back */
            PUSH(.kind = CG_DROP);
        }
        m->captures[m->level++] = (cg_capture){.start = s, .length = is_position ? CG_POSITION : CG_UNFINISHED};
        p += is_position ? 2 : 1;
        goto at_item;
    }
    case ')': {
        NEED_ROOM();
        int closed = innermost_open(L, m);
        if (m->count > 0) {
            PUSH(.kind = CG_REOPEN, .capture = closed);
        }
        m->captures[closed].length = s - m->captures[closed].start;
        p++;
        goto at_item;
    }
    case '$':
        if (p + 1 != pattern_end) {
            break;
        }
        if (s != subject_end) {
            goto fail;
        }
        p++;
        goto at_item;
    case '%':
        switch (p[1]) {
        case 'b':
            if (pattern_end - p < 4) {
                luaL_error(L, "malformed pattern (missing arguments to '%%b')");
            }
            if (s == subject_end || *s != p[2]) {
                goto fail;
            }
            s++;
            m->depth = 1;
            goto in_balance;
        case 'f':
            if (p[2] != '[') {
                luaL_error(L, "missing '[' after '%%f' in pattern");
            }
            end = item_end(L, p + 2, pattern_end);
            fuel -= price(p, end);
            if (!is_frontier(m, s, p + 2, end)) {
                goto fail;
            }
            p = end;
            goto at_item;
        case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9': {
            const cg_capture *capture = referred(L, m, p[1]);
            if (capture->length < 0 || capture->length > subject_end - s) {
                goto fail;
            }
            fuel -= capture->length / 64;
            if (memcmp(capture->start, s, (size_t)capture->length) != 0) {
                goto fail;
            }
            s += capture->length;
            p += 2;
            goto at_item;
        }
        default:
            break;
        }
        break;
    default:
        break;
    }

    end = item_end(L, p, pattern_end);
    fuel -= price(p, end);
    switch (*end) { /* a zero behind the last item */
    case '?':
        NEED_ROOM();
        if (s < subject_end && takes(s, p, end)) {
            PUSH(.kind = CG_FEWER, .at = s + 1, .limit = s, .after = end + 1);
            s++;
        }
        p = end + 1;
        goto at_item;
    case '-':
        NEED_ROOM();
        PUSH(.kind = CG_MORE, .at = s, .limit = p, .after = end + 1);
        p = end + 1;
        goto at_item;
    case '+':
        NEED_ROOM();
        if (s == subject_end || !takes(s, p, end)) {
            goto fail;
        }
        s++;
        m->least = s;
        goto in_run;
    case '*':
        NEED_ROOM();
        m->least = s;
        goto in_run;
    default:
        if (s == subject_end || !takes(s, p, end)) {
            goto fail;
        }
        s++;
        p = end;
        goto at_item;
    }

in_run:
    while (s < subject_end) {
        if (fuel <= 0) {
            STOP(CG_IN_RUN, CG_OUT_OF_FUEL);
        }
        int each = 1 + price(p, end);
        int64_t most = *p == '.' ? subject_end - s : 1 + fuel / each;
        const char *limit = subject_end - s > most ? s + most : subject_end;
        const char *stop = run_end(s, limit, p, end);
        fuel -= *p == '.' ? 1 : (stop - s) * each;
        s = stop;
        if (s < limit) {
            break;
        }
    }
    p = end + 1;
    if (s > m->least) {
        PUSH(.kind = CG_FEWER, .at = s, .limit = m->least, .after = p);
    }
    goto at_item;

in_balance:;
    size_t depth = m->depth;
    for (; s < subject_end; s++) {
        if (fuel <= 0) {
            m->depth = depth;
            STOP(CG_IN_BALANCE, CG_OUT_OF_FUEL);
        }
        fuel--;
        if (*s == p[3]) {
            if (--depth == 0) {
                s++;
                p += 4;
                goto at_item;
            }
        } else if (*s == p[2]) {
            depth++;
        }
    }

fail:
    while (m->count > 0) {
        cg_choice *choice = &m->choices[m->count - 1];
        switch (choice->kind) {
        case CG_FEWER:
            s = --choice->at;
            p = choice->after;
            m->count -= s == choice->limit;
            goto at_item;
        case CG_MORE:
            s = choice->at;
            if (s < subject_end && takes(s, choice->limit, choice->after - 1)) {
                choice->at = ++s;
                fuel -= price(choice->limit, choice->after);
                p = choice->after;
                goto at_item;
            }
            break;
        case CG_REOPEN:
            m->captures[choice->capture].length = CG_UNFINISHED;
            break;
        case CG_DROP:
            m->level--;
            break;
        }
        m->count--;
    }
next_start:
    if (m->anchored || m->start >= subject_end) {
        STOP(CG_AT_START, CG_NOT_FOUND);
    }
    m->start++;
    goto at_start;
#undef STOP
#undef NEED_ROOM
#undef PUSH
}

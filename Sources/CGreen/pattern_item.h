/* One item of a pattern and one byte: character classes and sets (manual 6.4.1). Included by pattern.c alone, and in a
 * header so that everything here is inlined into its loop. */
#ifndef CG_PATTERN_ITEM_H
#define CG_PATTERN_ITEM_H

#include <ctype.h>
#include <string.h>

#include "pattern.h"

static inline int byte_at(const char *s) {
    return (unsigned char)*s;
}

/* Behind a class or a set that begins at p. Raises where it has no end: only an item that is reached is read. */
static inline const char *item_end(lua_State *L, const char *p, const char *pattern_end) {
    if (*p == '%') {
        if (p + 1 == pattern_end) {
            luaL_error(L, "malformed pattern (ends with '%%')");
        }
        return p + 2;
    }
    if (*p != '[') {
        return p + 1;
    }
    p += p[1] == '^' ? 2 : 1;
    for (bool first = true; first || *p != ']'; first = false) { /* a first ] stands for itself */
        if (p == pattern_end) {
            luaL_error(L, "malformed pattern (missing ']')");
        }
        p += *p == '%' && p + 1 < pattern_end ? 2 : 1;
    }
    return p + 1;
}

/* A letter's class; any other character stands for itself. An upper-case letter is the class's opposite. */
static inline bool is_in_class(int c, int letter) {
    bool is;
    switch (letter | 0x20) {
    case 'a': is = isalpha(c); break;
    case 'c': is = iscntrl(c); break;
    case 'd': is = isdigit(c); break;
    case 'g': is = isgraph(c); break;
    case 'l': is = islower(c); break;
    case 'p': is = ispunct(c); break;
    case 's': is = isspace(c); break;
    case 'u': is = isupper(c); break;
    case 'w': is = isalnum(c); break;
    case 'x': is = isxdigit(c); break;
    case 'z': is = c == 0; break; /* of Lua 5.1, and still there */
    default: return c == letter;
    }
    return is != ((letter & 0x20) == 0);
}

/* The set from `[` at p to its `]` at close. A range that ends in % leaves the ] to be escaped, as in stock Lua. */
static inline bool is_in_set(int c, const char *p, const char *close) {
    bool wanted = true;
    p++;
    if (*p == '^') {
        wanted = false;
        p++;
    }
    while (p < close) {
        if (*p == '%') {
            if (is_in_class(c, byte_at(p + 1))) {
                return wanted;
            }
            p += 2;
        } else if (p[1] == '-' && p + 2 < close) {
            if (byte_at(p) <= c && c <= byte_at(p + 2)) {
                return wanted;
            }
            p += 3;
        } else {
            if (byte_at(p) == c) {
                return wanted;
            }
            p++;
        }
    }
    return !wanted;
}

/* Whether the item p..<end takes the byte at s, which is one of the subject's. */
static inline bool takes(const char *s, const char *p, const char *end) {
    switch (*p) {
    case '.': return true;
    case '%': return is_in_class(byte_at(s), byte_at(p + 1));
    case '[': return is_in_set(byte_at(s), p, end - 1);
    default: return *s == *p;
    }
}

/* Where the run of bytes that the item takes ends, at s or later, at limit at the latest. */
static inline const char *run_end(const char *s, const char *limit, const char *p, const char *end) {
#define RUN_WHILE(test)          \
    while (s < limit && (test)) { \
        s++;                     \
    }                            \
    return s
    switch (*p) {
    case '.': return limit;
    case '%':
        switch (p[1]) {
        case 'a': RUN_WHILE(isalpha(byte_at(s)));
        case 'd': RUN_WHILE(isdigit(byte_at(s)));
        case 's': RUN_WHILE(isspace(byte_at(s)));
        case 'S': RUN_WHILE(!isspace(byte_at(s)));
        case 'w': RUN_WHILE(isalnum(byte_at(s)));
        default: RUN_WHILE(is_in_class(byte_at(s), byte_at(p + 1)));
        }
    case '[':
        if (end - p == 4 && p[1] == '^' && p[2] != '%') {
            const char *found = s < limit ? memchr(s, p[2], (size_t)(limit - s)) : NULL;
            return found != NULL ? found : limit;
        }
        RUN_WHILE(is_in_set(byte_at(s), p, end - 1));
    default: RUN_WHILE(*s == *p);
    }
#undef RUN_WHILE
}

#endif

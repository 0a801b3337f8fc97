/*
 * The parts of a list that are still to be sorted, for quicksort without recursion: the smaller part first, so that no
 * more wait than the logarithm of the length. Indexes are those of the list, both ends included.
 */
#ifndef CG_SORT_PARTS_H
#define CG_SORT_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <lua.h>

enum { CG_MOST_PARTS = 32, CG_RANDOM_FROM = 100 };

typedef struct cg_part { unsigned low, high, random; } cg_part;

typedef struct cg_parts {
    cg_part now;
    int count;
    cg_part later[CG_MOST_PARTS];
} cg_parts;

static inline void cg_begin_parts(cg_parts *parts, unsigned length) {
    parts->now = (cg_part){.low = 1, .high = length};
    parts->count = 0;
}

/* Where the pivot is looked for: in the middle, or near it by chance, where that went badly before. */
static inline unsigned cg_choose_pivot(const cg_part *now) {
    unsigned span = now->high - now->low;
    if (span < CG_RANDOM_FROM || now->random == 0) {
        return now->low + span / 2;
    }
    unsigned quarter = span / 4;
    return now->low + quarter + now->random % (2 * quarter);
}

static inline unsigned cg_chance(const void *seed) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t mixed = ((uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)seed) * 0x9E3779B97F4A7C15u;
    return (unsigned)(mixed >> 32) | 1u;
}

/* The pivot is in its place `i`: the smaller side is sorted next, the other one later. */
static inline void cg_divide(cg_parts *parts, unsigned i) {
    cg_part below = parts->now, above = parts->now;
    below.high = i - 1;
    above.low = i + 1;
    bool below_first = i - parts->now.low < parts->now.high - i;
    cg_part larger = below_first ? above : below;
    unsigned smaller = below_first ? i - parts->now.low : parts->now.high - i;
    if ((larger.high - larger.low) / 128 > smaller && larger.high > larger.low) {
        larger.random = cg_chance(parts);
    }
    parts->later[parts->count++] = larger;
    parts->now = below_first ? below : above;
}

/* Goes on to the next part of two elements or more; false where there is none. */
static inline bool cg_next_part(cg_parts *parts) {
    while (parts->now.low >= parts->now.high) {
        if (parts->count == 0) {
            return false;
        }
        parts->now = parts->later[--parts->count];
    }
    return true;
}

/* ---- sort.c: all of these have the table at index 1 and a comparator, or nil, at index 2 ---- */

/* Sorts the first `length` elements, whatever they are; may raise and wait, and answers the number of results. */
int cg_sort_list(lua_State *L, lua_Integer length);

/* ---- sort_numbers.c: without a comparator; false, and nothing done, where the list is not one of theirs ---- */

/* A thousand at most; never raises. */
bool cg_sort_few_numbers(lua_State *L, lua_Integer length);
/* May raise, and gives way. */
bool cg_sort_numbers(lua_State *L, lua_Integer length, int *results);

#endif

/*
 * The memory of a state: lua_Alloc that counts bytes and refuses past the limit.
 *
 * Most of what Lua makes is small and soon gone. Lists of its own serve that in a few instructions, which malloc's,
 * short ones for each thread and behind a lock as soon as there are two, cannot: the collector gives back hundreds of
 * blocks at once.
 */
#include <stdlib.h>

#include "internal.h"

/* With the address sanitizer each block is the system's own, so that it sees the use of what was given back. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEPS_SPARES 0
#endif
#endif
#ifndef KEEPS_SPARES
#define KEEPS_SPARES 1
#endif

/* The classes are the sizes that glibc's malloc hands out anyway, 16 * n + 8: asking for all of one wastes nothing. */
static inline size_t class_of(size_t size) { return (size + 7) / 16; }
static inline size_t class_bytes(size_t class_) { return 16 * class_ + 8; }

/* Whether growing by `more` bytes must be refused. */
static bool refuses(cg_state *state, size_t more) {
    if (state->fail_countdown != 0 && (state->fail_countdown == 1 || --state->fail_countdown == 0)) {
        state->fail_countdown = 1;
        return true;
    }
    size_t limit = state->memory.limit, bytes = state->memory.bytes;
    bool is_past = limit != 0 && (bytes > limit || more > limit - bytes);
    state->was_refused |= is_past;
    state->memory.refusals += is_past;
    return is_past;
}

/* Where there is little left each may take a part of that, which shrinks with it: nobody fills it in small pieces. */
size_t cg_edge(lua_State *L, int64_t taken) {
    const cg_memory *memory = &cg_state_of(L)->memory;
    if (memory->limit == 0) {
        return SIZE_MAX;
    }
    size_t most = CG_SHARED_PART(memory->limit);
    if (memory->bytes < most) {
        return most;
    }
    int64_t share = cg_share_of_left(L);
    return memory->bytes + (share > taken ? (size_t)(share - taken) : 0);
}

static __attribute__((noinline)) void come_near(cg_state *state) {
    state->edge = SIZE_MAX;
    state->is_short = true;
    state->slice_over = 1;
    cg_ask_at_next_instruction(state->running);
}

static inline void count(cg_state *state, size_t size, size_t had) {
    state->memory.bytes += size - had;
    if (state->memory.bytes > state->memory.peak) {
        state->memory.peak = state->memory.bytes;
    }
    if (state->memory.bytes > state->edge) {
        come_near(state);
    }
}

void cg_count_outside(lua_State *L, ptrdiff_t bytes) {
    count(cg_state_of(L), (size_t)bytes, 0);
}

/* Gives so many bytes of the kept blocks back to malloc, or all there are. */
static __attribute__((noinline)) void give_up(cg_state *state, size_t bytes) {
    size_t left = bytes < state->memory.kept ? state->memory.kept - bytes : 0;
    while (state->memory.kept > left) {
        cg_spare *spare = state->spares[state->given_up];
        if (spare == NULL) {
            state->given_up = (state->given_up + 1) % CG_CLASSES;
            continue;
        }
        state->spares[state->given_up] = spare->next;
        state->memory.kept -= class_bytes(state->given_up);
        free(spare);
    }
}

/* Every block is malloc's, and as large as its class: so any of them may be grown, freed or kept. */
static __attribute__((noinline)) void *grow(cg_state *state, void *block, size_t had, size_t size) {
    if (size > had) {
        if (refuses(state, size - had)) {
            return NULL;
        }
        state->memory.allocations++;
        size_t limit = state->memory.limit, needed = state->memory.bytes + state->memory.kept + (size - had);
        if (limit != 0 && needed > limit) { /* what the process has is within the limit as well */
            give_up(state, needed - limit);
        }
    }
    size_t wanted = size <= CG_LARGEST_KEPT ? class_bytes(class_of(size)) : size;
    void *made = realloc(block, wanted);
    if (made == NULL && state->memory.kept > 0) {
        give_up(state, state->memory.kept);
        made = realloc(block, wanted);
    }
    if (made == NULL) {
        if (size > had) {
            return NULL;
        }
        made = block; /* Lua counts it as shrunk, and so must we: that must never fail (manual 4.6, lua_Alloc) */
    }
    count(state, size, had);
    return made;
}

static inline void give_back(cg_state *state, void *block, size_t size) {
    if (block == NULL) {
        return;
    }
    state->memory.bytes -= size;
    if (!KEEPS_SPARES || size > CG_LARGEST_KEPT) {
        free(block);
        return;
    }
    size_t class_ = class_of(size);
    cg_spare *spare = block;
    spare->next = state->spares[class_];
    state->spares[class_] = spare;
    state->memory.kept += class_bytes(class_);
    size_t most = CG_MOST_KEPT + CG_KEPT_TIMES * state->memory.bytes;
    if (state->memory.kept > most) { /* the less is in use, the less is kept; not all at once, which may take long */
        size_t more = state->memory.kept - most;
        give_up(state, more < CG_GIVEN_UP_AT_ONCE ? more : CG_GIVEN_UP_AT_ONCE);
    }
}

/* For a new block `old` is a type tag, not a size. */
void *cg_allocate(void *context, void *block, size_t old, size_t size) {
    cg_state *state = context;
    if (size == 0) {
        give_back(state, block, old);
        return NULL;
    }
    if (block == NULL && size <= CG_LARGEST_KEPT) {
        size_t class_ = class_of(size);
        cg_spare *spare = state->spares[class_];
        if (spare != NULL && state->fail_countdown == 0
            && (state->memory.limit == 0 || state->memory.bytes + size <= state->memory.limit)) {
            state->spares[class_] = spare->next;
            state->memory.kept -= class_bytes(class_);
            state->memory.allocations++;
            count(state, size, 0);
            return spare;
        }
    }
    return grow(state, block, block == NULL ? 0 : old, size);
}

void cg_free_spares(cg_state *state) { give_up(state, state->memory.kept); }

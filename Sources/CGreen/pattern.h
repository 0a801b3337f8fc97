/* Lua's patterns (manual 6.4.1) matched in steps: what the files that find, match and replace share. */
#ifndef CG_PATTERN_H
#define CG_PATTERN_H

#include "internal.h"

enum { CG_CAPTURES = 32 }; /* most captures of a pattern */
enum { CG_UNFINISHED = -1, CG_POSITION = -2 }; /* instead of a capture's length: not closed yet; `()` */

typedef struct cg_capture {
    const char *start;
    ptrdiff_t length;
} cg_capture;

/*
 * What to try instead when the rest of the pattern fails, or to put back on the way there. The matcher keeps a stack of
 * these where a recursive one would keep calls. Each item of the pattern has at most one on it, however long the
 * subject: so the stack is no longer than the pattern.
 */
typedef struct cg_choice {
    enum { CG_FEWER, CG_MORE, CG_REOPEN, CG_DROP } kind;
    int capture;       /* CG_REOPEN: which one was closed */
    const char *at;    /* CG_FEWER, CG_MORE: where the repetition ends by now */
    const char *limit; /* CG_FEWER: where it ends at the shortest; CG_MORE: the item that is repeated */
    const char *after; /* the rest of the pattern */
} cg_choice;

/*
 * One search, in progress or not begun. It lies on the C stack until it must outlive the C frame (a yield) or needs
 * more choices than fit there; then it moves into a userdata. Its strings must stay on the Lua stack.
 */
typedef struct cg_match {
    const char *subject, *subject_end;
    const char *pattern, *pattern_end; /* behind the anchor */
    const char *start;                 /* of the attempt under way; of the match that was found */
    const char *at;                    /* where it has got to; the end of the match that was found */
    const char *item;                  /* the item of the pattern that is next */
    const char *last;                  /* a match that ends here counts as none; NULL: all count */
    const char *least;                 /* in a run of a greedy item: its shortest end */
    size_t depth;                      /* in %b: how many are open */
    int phase;
    const char *lead, *lead_end;       /* the item that takes a match's first byte; NULL: not known */
    int lead_byte; /* the byte itself; -1: not known */
    bool anchored; /* one attempt only */
    bool kept;     /* in a userdata */
    int fuel;      /* steps until the next look at the clock */
    int level;     /* captures begun */
    int count, room;
    cg_choice *choices;
    cg_capture captures[CG_CAPTURES];
} cg_match;

enum { CG_CHOICES_AT_HAND = 16 };
typedef struct cg_match_at_hand {
    cg_match match;
    cg_choice choices[CG_CHOICES_AT_HAND];
} cg_match_at_hand;

typedef enum cg_match_outcome { CG_FOUND, CG_NOT_FOUND, CG_OUT_OF_FUEL, CG_OUT_OF_ROOM } cg_match_outcome;

typedef struct cg_text {
    const char *bytes;
    size_t length;
} cg_text;

/* The search for a pattern from a place of the subject on. `anchors`: a first `^` is an anchor. Harmless. */
cg_match *cg_match_begin(lua_State *L, cg_match_at_hand *hand, cg_text subject, cg_text pattern, bool anchors);
/* Next: from `start` on, and a match that ends at `last` counts as none. */
static inline void cg_match_from(cg_match *m, const char *start, const char *last);

/* pattern.c. Runs until there is an answer, or fuel or room is used up. Raises for a malformed pattern only. */
cg_match_outcome cg_match_run(lua_State *L, cg_match *m);

/* Runs until there is an answer, or (CG_OUT_OF_FUEL) the slice is over: then cg_match_give_way is due. The stack index
 * `slot` is the matcher's, should it have to move. May raise. */
cg_match_outcome cg_match_search(lua_State *L, cg_match **m, int slot);
/* Gives up the slice: goes on in `k`, where the matcher is lua_touserdata(L, slot), or returns it. May raise, yield. */
cg_match *cg_match_give_way(lua_State *L, cg_match *m, int slot, lua_KContext context, lua_KFunction k);

/* Pushes all captures, or `whole` where there are none (nothing for NULL bytes); how many. May raise. */
int cg_push_captures(lua_State *L, const cg_match *m, cg_text whole);
/* Pushes one of them, counted from 0; `whole` for the first where there are none. May raise. */
void cg_push_capture(lua_State *L, const cg_match *m, int index, cg_text whole);

/* Where an index into a string of so many bytes, as scripts give it, begins: 0 is the first byte. */
size_t cg_string_start(lua_Integer index, size_t length);

void cg_open_find(lua_State *L);   /* find and match, into the table on top */
void cg_open_gmatch(lua_State *L); /* the same for the others */
void cg_open_gsub(lua_State *L);
void cg_open_rep(lua_State *L);

/* Where a matcher has got to. */
enum { CG_AT_START, CG_AT_ITEM, CG_IN_RUN, CG_IN_BALANCE };

static inline void cg_match_from(cg_match *m, const char *start, const char *last) {
    m->phase = CG_AT_START;
    m->start = start;
    m->last = last;
}

static inline cg_text cg_text_between(const char *start, const char *end) {
    return (cg_text){.bytes = start, .length = (size_t)(end - start)};
}

#endif

/*
 * table.sort (manual 6.6) that may wait in the comparator and in metamethods, and gives way in long tables.
 *
 * It compares and exchanges in the order that Lua's own does (quicksort with the median of three as pivot, Sedgewick's
 * partition, the smaller part first): so elements that compare equal end up in the same places, and a comparator that
 * contradicts itself is found out in the same cases. The parts still to be sorted are a list, not C frames.
 */
#include <limits.h>

#include "await.h"
#include "sort_parts.h"

enum { TABLE = 1, COMPARATOR = 2, FRAME = 3, PIVOT = 4 };
/* Lua's own function sorts so many numbers, or strings as short as that, in about a millisecond. */
enum { QUICK_LENGTH = 1000, SHORT_STRING = 100 };

typedef struct frame {
    bool is_plain;            /* no metamethod is called to read or write: looked at again after each wait */
    bool has_comparator;
    int type;                 /* of all elements so far, numbers or strings, compared without metamethods; or LUA_TNONE */
    bool is_less;             /* the answer then */
    cg_parts parts;
    unsigned pivot, i, j, x, y;
    int pair;
} frame;

/* Making one costs as much as sorting a few elements, so one is kept for the next sort. */
static frame *push_frame(lua_State *L) {
    cg_state *state = cg_state_of(L);
    if (state->sort_spare == 0) {
        lua_pushboolean(L, 0);
        state->sort_spare = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    if (state->sorting != NULL || lua_rawgeti(L, LUA_REGISTRYINDEX, state->sort_spare) != LUA_TUSERDATA) {
        /* Another sort waits, or died: its frame is its own from now on. */
        lua_settop(L, FRAME - 1);
        lua_newuserdatauv(L, sizeof(frame), 0);
        lua_pushvalue(L, -1);
        lua_rawseti(L, LUA_REGISTRYINDEX, state->sort_spare);
    }
    frame *my = lua_touserdata(L, FRAME);
    state->sorting = my;
    return my;
}

static void give_back(lua_State *L, const frame *my) {
    cg_state *state = cg_state_of(L);
    if (state->sorting == my) {
        state->sorting = NULL;
    }
}

static int sort_on(lua_State *L, int status, lua_KContext place);

static inline void get(lua_State *L, const frame *my, unsigned n, lua_KContext place, lua_KFunction go_on) {
    if (my->is_plain) {
        lua_geti(L, TABLE, n); /* quicker than lua_rawgeti, of all things */
    } else {
        cg_get_at(L, TABLE, n, place, go_on);
    }
}

static inline void set(lua_State *L, const frame *my, unsigned n, lua_KContext place, lua_KFunction go_on) {
    if (my->is_plain) {
        lua_seti(L, TABLE, n);
    } else {
        cg_set_at(L, TABLE, n, place, go_on);
    }
}

/* Whether the value at `a` comes before the one at `b`: known at once, or else pushed. */
static inline void compare(lua_State *L, frame *my, int a, int b, lua_KContext place, lua_KFunction go_on) {
    if (my->has_comparator) {
        lua_pushvalue(L, COMPARATOR);
        lua_pushvalue(L, a < 0 ? a - 1 : a);
        lua_pushvalue(L, b < 0 ? b - 2 : b);
        lua_callk(L, 2, 1, place, go_on);
    } else if (my->type != LUA_TNONE && lua_type(L, a) == my->type && lua_type(L, b) == my->type) {
        my->is_less = lua_compare(L, a, b, LUA_OPLT);
    } else {
        my->type = LUA_TNONE;
        cg_less(L, a, b, place, go_on);
    }
}

/* Others may have run, and given the list a metatable. */
static void look_again(lua_State *L, frame *my) {
    if (my->is_plain && lua_getmetatable(L, TABLE)) { /* hardly ever */
        lua_pop(L, 1);
        my->is_plain = cg_is_plain(L, TABLE, CG_READS | CG_WRITES);
        my->type = my->is_plain ? my->type : LUA_TNONE;
    }
}

static inline bool take_answer(lua_State *L, frame *my) {
    if (my->type != LUA_TNONE) {
        return my->is_less;
    }
    look_again(L, my);
    return cg_pop_answer(L);
}

/* The type that lua_compare needs no metamethod for, of the first element. */
static int simple_type(lua_State *L) {
    int type = lua_geti(L, TABLE, 1);
    lua_pop(L, 1);
    return type == LUA_TNUMBER || type == LUA_TSTRING ? type : LUA_TNONE;
}

/* Whether Lua's own function may have the list: nothing in it can wait, or be stopped. */
static bool has_quick_elements(lua_State *L, lua_Integer count) {
    int type = simple_type(L);
    for (lua_Integer i = 1; type != LUA_TNONE && i <= count; i++) {
        if (lua_geti(L, TABLE, i) != type || (type == LUA_TSTRING && lua_rawlen(L, -1) > SHORT_STRING)) {
            type = LUA_TNONE;
        }
        lua_pop(L, 1);
    }
    return type != LUA_TNONE;
}

/* The places of the median of three, a pair at a time: low and high, low and middle, middle and high. */
static void choose_pair(frame *my) {
    my->x = my->pair == 2 ? my->pivot : my->parts.now.low;
    my->y = my->pair == 1 ? my->pivot : my->parts.now.high;
}

static int invalid_order(lua_State *L) { return luaL_error(L, "invalid order function for sorting"); }

/* The two scans of the partition where comparing calls no metamethod, pushing what they stop at. False, and nothing
 * pushed, when the slice is over before that, at least one element further on; or in front of one of another type. */
static bool skip_lesser(lua_State *L, frame *my) {
    cg_state *state = cg_state_of(L);
    unsigned last = my->parts.now.high - 1;
    do {
        if (lua_geti(L, TABLE, my->i + 1) != my->type) {
            my->type = LUA_TNONE;
            lua_pop(L, 1);
            return false;
        }
        my->i++;
        if (!lua_compare(L, -1, PIVOT, LUA_OPLT)) {
            return true;
        }
        if (my->i == last) {
            invalid_order(L);
        }
        lua_pop(L, 1);
    } while (!cg_slice_is_over(state));
    return false;
}

static bool skip_greater(lua_State *L, frame *my) {
    cg_state *state = cg_state_of(L);
    do {
        if (lua_geti(L, TABLE, my->j - 1) != my->type) {
            my->type = LUA_TNONE;
            lua_pop(L, 1);
            return false;
        }
        my->j--;
        if (!lua_compare(L, PIVOT, -1, LUA_OPLT)) {
            return true;
        }
        if (my->j < my->i) {
            invalid_order(L);
        }
        lua_pop(L, 1);
    } while (!cg_slice_is_over(state));
    return false;
}

static int sort_gave_way(lua_State *L, int status, lua_KContext place);

static int sort_on(lua_State *L, int status, lua_KContext place) {
    (void)status;
    frame *my = lua_touserdata(L, FRAME);
    switch (place) {
    case 0:
        while (cg_next_part(&my->parts)) {
            my->pivot = cg_choose_pivot(&my->parts.now);
            for (my->pair = 0; my->pair < (my->parts.now.high - my->parts.now.low == 1 ? 1 : 3); my->pair++) {
                choose_pair(my);
                CG_GIVE_WAY(L, sort_gave_way)
                CG_AWAIT(sort_on, get, L, my, my->x)
                CG_AWAIT(sort_on, get, L, my, my->y)
                CG_AWAIT(sort_on, compare, L, my, -1, -2)
                if (!take_answer(L, my)) {
                    lua_pop(L, 2);
                    continue;
                }
                CG_AWAIT(sort_on, set, L, my, my->x)
                CG_AWAIT(sort_on, set, L, my, my->y)
                my->pair += my->pair == 1; /* the middle is the low one now: no need to look at the high one */
            }
            if (my->parts.now.high - my->parts.now.low <= 2) {
                my->parts.now.low = my->parts.now.high;
                continue;
            }
            /* The pivot moves out of the way, next to the high one, and a copy stays at hand. */
            CG_AWAIT(sort_on, get, L, my, my->pivot)
            if (lua_type(L, PIVOT) != my->type) {
                my->type = LUA_TNONE; /* another one than was compared, put there meanwhile */
            }
            lua_pushvalue(L, PIVOT);
            CG_AWAIT(sort_on, get, L, my, my->parts.now.high - 1)
            CG_AWAIT(sort_on, set, L, my, my->pivot)
            CG_AWAIT(sort_on, set, L, my, my->parts.now.high - 1)
            my->i = my->parts.now.low;
            my->j = my->parts.now.high - 1;
            for (;;) {
                while (my->type != LUA_TNONE && !skip_lesser(L, my)) {
                    CG_GIVE_WAY(L, sort_gave_way)
                }
                while (my->type == LUA_TNONE) {
                    CG_GIVE_WAY(L, sort_gave_way)
                    CG_AWAIT(sort_on, get, L, my, ++my->i)
                    CG_AWAIT(sort_on, compare, L, my, -1, PIVOT)
                    if (!take_answer(L, my)) {
                        break;
                    }
                    if (my->i == my->parts.now.high - 1) {
                        return invalid_order(L);
                    }
                    lua_pop(L, 1);
                }
                while (my->type != LUA_TNONE && !skip_greater(L, my)) {
                    CG_GIVE_WAY(L, sort_gave_way)
                }
                while (my->type == LUA_TNONE) {
                    CG_GIVE_WAY(L, sort_gave_way)
                    CG_AWAIT(sort_on, get, L, my, --my->j)
                    CG_AWAIT(sort_on, compare, L, my, PIVOT, -1)
                    if (!take_answer(L, my)) {
                        break;
                    }
                    if (my->j < my->i) {
                        return invalid_order(L);
                    }
                    lua_pop(L, 1);
                }
                if (my->j < my->i) {
                    break;
                }
                CG_AWAIT(sort_on, set, L, my, my->i)
                CG_AWAIT(sort_on, set, L, my, my->j)
            }
            lua_pop(L, 1); /* what is left: the pivot and what stands in its place */
            CG_AWAIT(sort_on, set, L, my, my->parts.now.high - 1)
            CG_AWAIT(sort_on, set, L, my, my->i)
            cg_divide(&my->parts, my->i);
        }
    }
    give_back(L, my);
    return 0;
}

static int sort_gave_way(lua_State *L, int status, lua_KContext place) {
    cg_after_slice(L);
    look_again(L, lua_touserdata(L, FRAME));
    return sort_on(L, status, place);
}

int cg_sort_list(lua_State *L, lua_Integer length) {
    if (length < 2) {
        return 0;
    }
    luaL_argcheck(L, length < INT_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, COMPARATOR)) {
        luaL_checktype(L, COMPARATOR, LUA_TFUNCTION);
    }
    lua_settop(L, COMPARATOR);
    frame *my = push_frame(L);
    my->is_plain = cg_is_plain(L, TABLE, CG_READS | CG_WRITES);
    my->has_comparator = !lua_isnil(L, COMPARATOR);
    my->type = my->is_plain && !my->has_comparator ? simple_type(L) : LUA_TNONE;
    cg_begin_parts(&my->parts, (unsigned)length);
    return sort_on(L, LUA_OK, 0);
}

static int begin_measured(lua_State *L, int status, lua_KContext place) {
    (void)status, (void)place;
    return cg_sort_list(L, cg_pop_length(L));
}

int cg_table_sort(lua_State *L) {
    if (lua_istable(L, TABLE) && cg_is_bare(L, TABLE)) {
        lua_Integer length = (lua_Integer)lua_rawlen(L, TABLE);
        int results = 0;
        if (length < 2 || !lua_isnoneornil(L, COMPARATOR)) {
            return cg_sort_list(L, length);
        }
        if (length <= QUICK_LENGTH) {
            if (cg_sort_few_numbers(L, length)) {
                return 0;
            }
            if (has_quick_elements(L, length)) {
                return cg_state_of(L)->own[CG_OWN_SORT](L);
            }
        } else if (cg_sort_numbers(L, length, &results)) {
            return results;
        }
        return cg_sort_list(L, length);
    }
    cg_check_list(L, TABLE, CG_READS | CG_WRITES | CG_MEASURES);
    cg_length(L, TABLE, 0, begin_measured);
    return begin_measured(L, LUA_OK, 0);
}

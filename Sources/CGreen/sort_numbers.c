/*
 * table.sort (manual 6.6) of lists of integers, and of lists of floats: in C's own memory, several times quicker.
 *
 * As 64-bit keys whose order is that of the numbers. Equal keys are equal numbers, so there is one result only, and it is
 * Lua's. Where that does not hold (NaN, which has no order, -0.0, which equals 0.0, floats among integers) the list is
 * not taken. It is not taken either where it is so long that to read or to write it would itself need slices.
 */
#include <string.h>

#include "await.h"
#include "sort_parts.h"

enum { TABLE = 1, COMPARATOR = 2, FRAME = 3 };
enum { FEW_NUMBERS = 1000, MOST_NUMBERS = 1 << 19, SMALL_PART = 16 };

/* Keys count from 1, as the elements do. */
typedef struct numbers {
    unsigned count;
    bool are_floats;
    uint64_t fingerprint; /* of the list as it was read */
    int64_t *keys;
} numbers;

typedef struct frame {
    numbers list;
    cg_parts parts;
    bool has_given_way;
    int64_t keys[];
} frame;

_Static_assert(sizeof(lua_Number) == sizeof(int64_t) && sizeof(lua_Integer) == sizeof(int64_t), "keys have 64 bits");

/* The bits of positive floats are in their order, those of negative ones in the opposite one. Its own inverse. */
static inline int64_t turn_negative(int64_t bits) { return bits < 0 ? bits ^ INT64_MAX : bits; }

static inline bool take_float(lua_Number x, int64_t *key) {
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    *key = turn_negative(bits);
    return x == x && bits != INT64_MIN;
}

static inline lua_Number give_float(int64_t key) {
    lua_Number x;
    key = turn_negative(key);
    memcpy(&x, &key, sizeof x);
    return x;
}

/* Reads the list, also where there is no place for the keys; false where it is not one of these. */
static bool read_list(lua_State *L, numbers *list) {
    list->fingerprint = 0;
    for (unsigned i = 1; i <= list->count; i++) {
        bool is_taken = lua_geti(L, TABLE, i) == LUA_TNUMBER, is_float = !lua_isinteger(L, -1);
        int64_t key = 0;
        list->are_floats = i == 1 ? is_float : list->are_floats;
        is_taken = is_taken && is_float == list->are_floats;
        if (is_float) {
            is_taken = is_taken && take_float(lua_tonumber(L, -1), &key);
        } else {
            key = lua_tointeger(L, -1);
        }
        lua_pop(L, 1);
        if (!is_taken) {
            return false;
        }
        list->fingerprint = (list->fingerprint ^ (uint64_t)key) * 0x9E3779B97F4A7C15u;
        list->fingerprint ^= list->fingerprint >> 32; /* a product's low bits know nothing of the high ones */
        if (list->keys != NULL) {
            list->keys[i] = key;
        }
    }
    return true;
}

static void write_list(lua_State *L, const numbers *list) {
    for (unsigned i = 1; i <= list->count; i++) {
        if (list->are_floats) {
            lua_pushnumber(L, give_float(list->keys[i]));
        } else {
            lua_pushinteger(L, list->keys[i]);
        }
        lua_seti(L, TABLE, i);
    }
}

static inline void exchange(int64_t *a, int64_t *b) {
    int64_t kept = *a;
    *a = *b;
    *b = kept;
}

static inline void put_in_order(int64_t *a, int64_t *b) {
    if (*b < *a) {
        exchange(a, b);
    }
}

static void insert_each(int64_t *keys, const cg_part *part) {
    for (unsigned i = part->low + 1; i <= part->high; i++) {
        int64_t key = keys[i];
        unsigned place = i;
        for (; place > part->low && key < keys[place - 1]; place--) {
            keys[place] = keys[place - 1];
        }
        keys[place] = key;
    }
}

/* Sorts a small part, or parts a large one around its pivot. */
static inline void sort_part(int64_t *keys, cg_parts *parts) {
    unsigned low = parts->now.low, high = parts->now.high, middle = cg_choose_pivot(&parts->now);
    if (high - low < SMALL_PART) {
        insert_each(keys, &parts->now);
        parts->now.low = high;
        return;
    }
    put_in_order(&keys[low], &keys[high]);
    put_in_order(&keys[low], &keys[middle]);
    put_in_order(&keys[middle], &keys[high]);
    int64_t pivot = keys[middle];
    exchange(&keys[middle], &keys[high - 1]);
    unsigned i = low, j = high - 1;
    for (;;) { /* the low and the pivot itself stop these two */
        while (keys[++i] < pivot) {
        }
        while (pivot < keys[--j]) {
        }
        if (j < i) {
            break;
        }
        exchange(&keys[i], &keys[j]);
    }
    exchange(&keys[high - 1], &keys[i]);
    cg_divide(parts, i);
}

bool cg_sort_few_numbers(lua_State *L, lua_Integer length) {
    int64_t keys[FEW_NUMBERS + 1];
    numbers list = {.count = (unsigned)length, .keys = keys};
    if (length > FEW_NUMBERS || !read_list(L, &list)) {
        return false;
    }
    cg_parts parts;
    cg_begin_parts(&parts, list.count);
    while (cg_next_part(&parts)) {
        sort_part(keys, &parts);
    }
    write_list(L, &list);
    return true;
}

/* Others ran meanwhile: what they have put into the list must not be lost. */
static bool is_as_it_was(lua_State *L, const numbers *list) {
    numbers now = {.count = list->count};
    return cg_is_bare(L, TABLE) && read_list(L, &now) && now.fingerprint == list->fingerprint
        && now.are_floats == list->are_floats;
}

static int sort_on(lua_State *L, int status, lua_KContext place);

static int sort_gave_way(lua_State *L, int status, lua_KContext place) {
    ((frame *)lua_touserdata(L, FRAME))->has_given_way = true;
    cg_after_slice(L);
    return sort_on(L, status, place);
}

static int sort_on(lua_State *L, int status, lua_KContext place) {
    (void)status;
    frame *my = lua_touserdata(L, FRAME);
    switch (place) {
    case 0:
        while (cg_next_part(&my->parts)) {
            sort_part(my->list.keys, &my->parts);
            CG_GIVE_WAY(L, sort_gave_way)
        }
    }
    if (my->has_given_way && !is_as_it_was(L, &my->list)) {
        lua_settop(L, COMPARATOR);
        return cg_sort_list(L, my->list.count);
    }
    write_list(L, &my->list);
    return 0;
}

bool cg_sort_numbers(lua_State *L, lua_Integer length, int *results) {
    size_t size = sizeof(frame) + sizeof(int64_t) * ((size_t)length + 1);
    const cg_memory *memory = &cg_state_of(L)->memory;
    /* Where there is no room: Lua's own needs none. */
    if (length > MOST_NUMBERS || (memory->limit != 0 && memory->bytes + size > memory->limit)) {
        return false;
    }
    lua_settop(L, COMPARATOR);
    frame *my = lua_newuserdatauv(L, size, 0);
    my->list = (numbers){.count = (unsigned)length, .keys = my->keys};
    my->has_given_way = false;
    if (!read_list(L, &my->list)) {
        lua_settop(L, COMPARATOR);
        return false;
    }
    cg_begin_parts(&my->parts, my->list.count);
    *results = sort_on(L, LUA_OK, 0);
    return true;
}

/*
 * The table library (manual 6.6), with one difference to Lua's own: what it does to a table with metamethods may wait
 * in them, and work on long tables gives way when the slice is over. Tables without metamethods take a short way.
 */
#include <limits.h>

#include "await.h"

/* Moves from[first] to to[where] and so on, `step` (1 or -1) at a time, up to `count` elements of tables that have no
 * metatable: how many, 0 where one of them has. Not more than may be done
 * between two looks at the slice. */
static lua_Integer move_plain(
    lua_State *L, int from, lua_Integer first, int to, lua_Integer where, int step, lua_Integer count) {
    if (!lua_istable(L, from) || !cg_is_bare(L, from) || !lua_istable(L, to) || !cg_is_bare(L, to)) {
        return 0;
    }
    count = count < CG_QUICK_STEPS ? count : CG_QUICK_STEPS;
    for (lua_Integer i = 0; i < count; i++) {
        lua_geti(L, from, first + i * step); /* quicker than lua_rawgeti, of all things */
        lua_seti(L, to, where + i * step);
    }
    return count;
}

/* ---- insert: table, position, value; then numbers ---- */

enum { TABLE = 1, POSITION = 2, VALUE = 3, NUMBERS = 4 };
enum { COUNT, END, AT, I, INSERT_NUMBERS };

static int insert_gave_way(lua_State *L, int status, lua_KContext place);

static int insert_on(lua_State *L, int status, lua_KContext place) {
    (void)status;
    lua_Integer *my = lua_touserdata(L, NUMBERS);
    switch (place) {
    case 0:
        cg_check_list(L, TABLE, CG_READS | CG_WRITES | CG_MEASURES);
        lua_Integer count = lua_gettop(L);
        if (count == 2) {
            lua_pushnil(L);
            lua_insert(L, POSITION);
        }
        lua_settop(L, VALUE);
        my = cg_push_numbers(L, INSERT_NUMBERS);
        my[COUNT] = count;
        CG_AWAIT(insert_on, cg_length, L, TABLE)
        my[END] = (lua_Integer)((lua_Unsigned)cg_pop_length(L) + 1u);
        my[AT] = my[END];
        if (my[COUNT] == 3) {
            my[AT] = luaL_checkinteger(L, POSITION);
            luaL_argcheck(L, (lua_Unsigned)my[AT] - 1u < (lua_Unsigned)my[END], POSITION, "position out of bounds");
        } else if (my[COUNT] != 2) {
            return luaL_error(L, "wrong number of arguments to 'insert'");
        }
        for (my[I] = my[END]; my[I] > my[AT]; my[I]--) {
            CG_GIVE_WAY(L, insert_gave_way)
            lua_Integer moved = move_plain(L, TABLE, my[I] - 1, TABLE, my[I], -1, my[I] - my[AT]);
            if (moved > 0) {
                my[I] -= moved - 1;
                continue;
            }
            CG_AWAIT(insert_on, cg_get_at, L, TABLE, my[I] - 1)
            CG_AWAIT(insert_on, cg_set_at, L, TABLE, my[I])
        }
        lua_pushvalue(L, VALUE);
        CG_AWAIT(insert_on, cg_set_at, L, TABLE, my[AT])
    }
    return 0;
}

CG_GAVE_WAY(insert_gave_way, insert_on)

static int table_insert(lua_State *L) {
    int count = lua_gettop(L);
    if (count == 2 && cg_is_plain(L, TABLE, CG_WRITES | CG_MEASURES)) {
        lua_seti(L, TABLE, (lua_Integer)lua_rawlen(L, TABLE) + 1);
        return 0;
    }
    if (cg_is_bare(L, TABLE) && lua_rawlen(L, TABLE) <= CG_QUICK_STEPS) {
        return cg_state_of(L)->own[CG_OWN_INSERT](L);
    }
    return insert_on(L, LUA_OK, 0);
}

/* ---- remove: table, position, numbers; then the result ---- */

enum { REMOVE_NUMBERS = 3 };

static int remove_gave_way(lua_State *L, int status, lua_KContext place);

static int remove_on(lua_State *L, int status, lua_KContext place) {
    (void)status;
    lua_Integer *my = lua_touserdata(L, REMOVE_NUMBERS);
    switch (place) {
    case 0:
        cg_check_list(L, TABLE, CG_READS | CG_WRITES | CG_MEASURES);
        lua_settop(L, POSITION);
        my = cg_push_numbers(L, 2);
        CG_AWAIT(remove_on, cg_length, L, TABLE)
        my[0] = cg_pop_length(L);
        my[1] = luaL_optinteger(L, POSITION, my[0]);
        if (my[1] != my[0]) {
            /* The place behind the last is allowed, too. The message names the list, as Lua 5.4.4 has it. */
            luaL_argcheck(L, (lua_Unsigned)my[1] - 1u <= (lua_Unsigned)my[0], TABLE, "position out of bounds");
        }
        CG_AWAIT(remove_on, cg_get_at, L, TABLE, my[1])
        for (; my[1] < my[0]; my[1]++) {
            CG_GIVE_WAY(L, remove_gave_way)
            lua_Integer moved = move_plain(L, TABLE, my[1] + 1, TABLE, my[1], 1, my[0] - my[1]);
            if (moved > 0) {
                my[1] += moved - 1;
                continue;
            }
            CG_AWAIT(remove_on, cg_get_at, L, TABLE, my[1] + 1)
            CG_AWAIT(remove_on, cg_set_at, L, TABLE, my[1])
        }
        lua_pushnil(L);
        CG_AWAIT(remove_on, cg_set_at, L, TABLE, my[1])
    }
    return 1;
}

CG_GAVE_WAY(remove_gave_way, remove_on)

static int table_remove(lua_State *L) {
    bool from_end = lua_gettop(L) == 1;
    if (cg_is_bare(L, TABLE)) {
        if (from_end || lua_rawlen(L, TABLE) <= CG_QUICK_STEPS) {
            return cg_state_of(L)->own[CG_OWN_REMOVE](L);
        }
    } else if (from_end && cg_is_plain(L, TABLE, CG_MEASURES)) {
        /* What is there is read and written without a look at the metatable. */
        lua_Integer size = (lua_Integer)lua_rawlen(L, TABLE);
        if (lua_rawgeti(L, TABLE, size) != LUA_TNIL) {
            lua_pushnil(L);
            lua_rawseti(L, TABLE, size);
            return 1;
        }
        lua_pop(L, 1);
    }
    return remove_on(L, LUA_OK, 0);
}

/* ---- move: from, first, last, where, to; then numbers ---- */

enum { TO = 5, MOVE_NUMBERS = 6 };
enum { FIRST, WHERE, LENGTH, STEP, MOVED, MOVE_COUNT };

static int move_gave_way(lua_State *L, int status, lua_KContext place);

/* Whether the last is to be moved first, because the places overlap: as far as the numbers tell. */
static bool may_overlap(const lua_Integer *my) {
    return my[WHERE] > my[FIRST] && my[WHERE] <= my[FIRST] + my[LENGTH] - 1;
}

static int move_on(lua_State *L, int status, lua_KContext place) {
    (void)status;
    lua_Integer *my = lua_touserdata(L, MOVE_NUMBERS);
    switch (place) {
    case 0:
        my = cg_push_numbers(L, MOVE_COUNT);
        my[FIRST] = lua_tointeger(L, 2);
        my[WHERE] = lua_tointeger(L, 4);
        my[LENGTH] = lua_tointeger(L, 3) - my[FIRST] + 1;
        my[STEP] = 0;
        if (may_overlap(my)) {
            CG_AWAIT(move_on, cg_equal, L, TABLE, TO)
            my[STEP] = cg_pop_answer(L) ? -1 : 0;
        }
        if (my[STEP] < 0) {
            my[FIRST] += my[LENGTH] - 1;
            my[WHERE] += my[LENGTH] - 1;
        } else {
            my[STEP] = 1;
        }
        /* Counted, since the last index may be the largest there is. */
        while (my[LENGTH] > 0) {
            CG_GIVE_WAY(L, move_gave_way)
            my[MOVED] = move_plain(L, TABLE, my[FIRST], TO, my[WHERE], (int)my[STEP], my[LENGTH]);
            if (my[MOVED] == 0) {
                CG_AWAIT(move_on, cg_get_at, L, TABLE, my[FIRST])
                CG_AWAIT(move_on, cg_set_at, L, TO, my[WHERE])
                my[MOVED] = 1;
            }
            my[LENGTH] -= my[MOVED];
            my[FIRST] = (lua_Integer)((lua_Unsigned)my[FIRST] + (lua_Unsigned)(my[STEP] * my[MOVED]));
            my[WHERE] = (lua_Integer)((lua_Unsigned)my[WHERE] + (lua_Unsigned)(my[STEP] * my[MOVED]));
        }
    }
    lua_pushvalue(L, TO);
    return 1;
}

CG_GAVE_WAY(move_gave_way, move_on)

static int table_move(lua_State *L) {
    int to = lua_isnoneornil(L, TO) ? TABLE : TO;
    /* Numbers that are none count as 0 here: the errors are Lua's own then. */
    lua_Unsigned span = (lua_Unsigned)lua_tointeger(L, 3) - (lua_Unsigned)lua_tointeger(L, 2);
    if (span <= CG_QUICK_STEPS && cg_is_bare(L, TABLE) && (to == TABLE || cg_is_bare(L, to))) {
        return cg_state_of(L)->own[CG_OWN_MOVE](L);
    }
    lua_Integer first = luaL_checkinteger(L, 2);
    lua_Integer last = luaL_checkinteger(L, 3);
    lua_Integer where = luaL_checkinteger(L, 4);
    cg_check_list(L, TABLE, CG_READS);
    cg_check_list(L, to, CG_WRITES);
    if (last < first) {
        lua_pushvalue(L, to);
        return 1;
    }
    luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
    luaL_argcheck(L, where <= LUA_MAXINTEGER - (last - first), 4, "destination wrap around");
    lua_settop(L, TO);
    lua_pushvalue(L, to);
    lua_replace(L, TO);
    return move_on(L, LUA_OK, 0);
}

/* ---- unpack: list, first, last, numbers; then the values ---- */

enum { UNPACK_NUMBERS = 4 };

static void make_room(lua_State *L, lua_Integer first, lua_Integer last) {
    lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first;
    if (count >= INT_MAX - LUA_MINSTACK || !lua_checkstack(L, (int)count + 1 + LUA_MINSTACK)) {
        luaL_error(L, "too many results to unpack");
    }
}

static int unpack_gave_way(lua_State *L, int status, lua_KContext place);

static int unpack_on(lua_State *L, int status, lua_KContext place) {
    (void)status;
    lua_Integer *my = lua_touserdata(L, UNPACK_NUMBERS);
    switch (place) {
    case 0:
        lua_settop(L, 3);
        my = cg_push_numbers(L, 3);
        my[0] = luaL_optinteger(L, 2, 1);
        if (lua_isnil(L, 3)) {
            CG_AWAIT(unpack_on, cg_length, L, TABLE)
            my[1] = cg_pop_length(L);
        } else {
            my[1] = luaL_checkinteger(L, 3);
        }
        if (my[0] > my[1]) {
            return 0;
        }
        make_room(L, my[0], my[1]);
        for (my[2] = 0; my[2] <= my[1] - my[0]; my[2]++) {
            CG_GIVE_WAY(L, unpack_gave_way)
            CG_AWAIT(unpack_on, cg_get_at, L, TABLE, my[0] + my[2])
        }
    }
    return lua_gettop(L) - UNPACK_NUMBERS;
}

CG_GAVE_WAY(unpack_gave_way, unpack_on)

/* A list without metatable goes to Lua's own, however long: the stack bounds it to some milliseconds. */
static int table_unpack(lua_State *L) {
    return cg_is_bare(L, TABLE) ? cg_state_of(L)->own[CG_OWN_UNPACK](L) : unpack_on(L, LUA_OK, 0);
}

int cg_open_table(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"insert", table_insert}, {"remove", table_remove}, {"move", table_move}, {"unpack", table_unpack},
        {"concat", cg_table_concat}, {"sort", cg_table_sort}, {NULL, NULL},
    };
    _Static_assert(CG_OWN_INSERT == 0 && CG_OWN_SORT == 5, "in the order of the functions");
    luaopen_table(L);
    for (int i = 0; functions[i].name != NULL; i++) {
        lua_getfield(L, -1, functions[i].name);
        cg_state_of(L)->own[i] = lua_tocfunction(L, -1);
        lua_pop(L, 1);
    }
    luaL_setfuncs(L, functions, 0);
    return 1;
}

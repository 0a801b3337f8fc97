/*
 * The calls that an error came through and that are gone: of script-made coroutines that died of it, and of protected
 * calls that let it go on. Noted as text in a buffer of the state, for the traceback of whoever is told the error.
 */
#include <string.h>

#include "internal.h"

enum { MOST_NOTED = 12, MOST_LOCALS = 16 }; /* calls of each; values of a C function that are looked at */

/* The same value, or its text with places put before it, as wrap, assert and error do. */
bool cg_is_noted(lua_State *L, int index) {
    if (cg_state_of(L)->deaths_length == 0 || !lua_checkstack(L, 2)) {
        return false;
    }
    lua_pushvalue(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &cg_death_key);
    bool is_same = lua_rawequal(L, -1, -2);
    if (!is_same && lua_type(L, -1) == LUA_TSTRING && lua_type(L, -2) == LUA_TSTRING) {
        size_t length, whole;
        const char *noted = lua_tolstring(L, -1, &length);
        const char *text = lua_tolstring(L, -2, &whole);
        is_same = length > 0 && whole > length && memcmp(text + whole - length, noted, length) == 0;
    }
    lua_pop(L, 2);
    return is_same;
}

void cg_forget_deaths(lua_State *L) {
    cg_state *state = cg_state_of(L);
    state->deaths_length = 0;
    if (lua_checkstack(L, 1)) {
        lua_pushboolean(L, 0);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &cg_death_key);
    }
}

/* Before calls are noted: of which error. */
static bool begin(lua_State *L) {
    if (!lua_checkstack(L, 2)) {
        return false;
    }
    if (!cg_is_noted(L, -1)) {
        cg_state_of(L)->deaths_length = 0;
    }
    return true;
}

static void end(lua_State *L) {
    if (lua_isnil(L, -1)) {
        lua_pushboolean(L, 0); /* nil would take the key away */
    } else {
        lua_pushvalue(L, -1);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &cg_death_key); /* the key exists: no memory is needed */
}

/* The calls of `of` from `level` to `last`. */
static void note(cg_state *state, lua_State *of, int level, int last) {
    size_t length = state->deaths_length;
    size_t room = sizeof state->deaths - 2 * sizeof CG_RESUMED_BY;
    lua_Debug frame;
    for (; level <= last && length < room && lua_getstack(of, level, &frame); level++) {
        if (lua_getinfo(of, "Sln", &frame)) {
            length += cg_describe_call(&frame, state->deaths + length, room - length);
        }
    }
    state->deaths_length = length;
}

void cg_note_death(lua_State *L, lua_State *co) {
    if (!begin(L)) {
        return;
    }
    cg_state *state = cg_state_of(L);
    note(state, co, 0, MOST_NOTED - 1);
    if (state->deaths_length < sizeof state->deaths - sizeof CG_RESUMED_BY) {
        memcpy(state->deaths + state->deaths_length, CG_RESUMED_BY, sizeof CG_RESUMED_BY - 1);
        state->deaths_length += sizeof CG_RESUMED_BY - 1;
    }
    end(L);
}

/* Whether a call has this function among its values: the protected call that it is the message handler of. */
static bool is_handled_by(lua_State *L, const lua_Debug *frame, lua_CFunction handler) {
    for (int n = 1; n <= MOST_LOCALS && lua_getlocal(L, frame, n) != NULL; n++) {
        bool is_it = lua_tocfunction(L, -1) == handler;
        lua_pop(L, 1);
        if (is_it) {
            return true;
        }
    }
    return false;
}

void cg_note_calls_above(lua_State *L, const lua_Debug *below) {
    if (!begin(L)) {
        return;
    }
    lua_Debug frame;
    int count = 0;
    while (count < MOST_NOTED && lua_getstack(L, count, &frame) && frame.i_ci != below->i_ci) {
        count++;
    }
    note(cg_state_of(L), L, 0, count - 1);
    end(L);
}

size_t cg_noted(lua_State *L, int index, const char **text) {
    cg_state *state = cg_state_of(L);
    *text = state->deaths;
    return cg_is_noted(L, index) ? state->deaths_length : 0;
}

int cg_note_calls(lua_State *L) {
    lua_settop(L, 1);
    if (!begin(L)) {
        return 1;
    }
    lua_Debug frame;
    int last = 0;
    while (last < MOST_NOTED && lua_getstack(L, last + 1, &frame)) {
        if (lua_getinfo(L, "S", &frame) && frame.what[0] == 'C' && is_handled_by(L, &frame, cg_note_calls)) {
            break;
        }
        last++;
    }
    note(cg_state_of(L), L, 1, last);
    end(L);
    return 1;
}

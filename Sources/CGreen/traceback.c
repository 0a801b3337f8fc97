/* Where a coroutine stands: tracebacks that go through the coroutines inside it, and "file:line" of its functions. */
#include <stdio.h>
#include <string.h>

#include "internal.h"

enum { ROOM_FOR_A_REPORT = 262144 }; /* bytes */
enum { MOST_NESTED = 200 }; /* coroutines inside one another */

static const char HEADER[] = "stack traceback:";

/* The coroutine that the call at `level` of L resumed, by resume or by a wrapped function; NULL when it is another. */
static lua_State *inner_of(lua_State *L, int level) {
    lua_Debug frame;
    if (!lua_getstack(L, level, &frame) || !lua_checkstack(L, 2) || !lua_getinfo(L, "f", &frame)) {
        return NULL;
    }
    lua_CFunction function = lua_tocfunction(L, -1);
    const char *found = NULL;
    if (function == cg_co_wrapped) {
        found = lua_getupvalue(L, -1, 1);
    } else if (function == cg_co_resume) {
        found = lua_getlocal(L, &frame, 1);
    }
    lua_State *inner = found == NULL ? NULL : lua_tothread(L, -1);
    lua_pop(L, found == NULL ? 1 : 2);
    return inner;
}

/* Whether calls of `inner` are still to be seen, and it is not one of those that stand around it: an error that tells a
 * script that it cannot be resumed names such a one. */
static bool is_inside(lua_State *inner, int count, lua_State *const chain[MOST_NESTED]) {
    lua_Debug frame;
    if (inner == NULL || lua_status(inner) > LUA_YIELD || !lua_getstack(inner, 0, &frame)) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        if (chain[i] == inner) {
            return false;
        }
    }
    return true;
}

/* `of` and the coroutines inside it, the outermost first; how many. */
static int chain_of(lua_State *of, int level, lua_State *chain[MOST_NESTED]) {
    int count = 1;
    chain[0] = of;
    while (count < MOST_NESTED) {
        lua_State *inner = inner_of(chain[count - 1], count == 1 ? level : 0);
        if (!is_inside(inner, count, chain)) {
            break;
        }
        chain[count++] = inner;
    }
    return count;
}

void cg_push_traceback(lua_State *L, lua_State *of, int level, int error) {
    cg_state *state = cg_state_of(L);
    lua_State *chain[MOST_NESTED];
    int count = chain_of(of, level, chain);
    luaL_checkstack(L, LUA_MINSTACK, NULL); /* luaL_traceback of 5.4.4 relies on room being there */
    bool has_deaths = error != 0 && cg_is_noted(L, error);
    lua_pushstring(L, HEADER);
    if (has_deaths) {
        lua_pushlstring(L, state->deaths, state->deaths_length);
        lua_concat(L, 2);
    }
    for (int i = count - 1; i >= 0; i--) {
        cg_push_calls(L, chain[i], i == 0 ? level : 0);
        if (i > 0) {
            lua_pushstring(L, CG_RESUMED_BY);
            lua_concat(L, 2);
        }
        lua_concat(L, 2);
    }
}

static int traceback(lua_State *L) {
    lua_State *of = lua_touserdata(L, 1);
    int level = *(const int *)lua_touserdata(L, 2);
    int error = 0;
    if (of != L && lua_status(of) > LUA_YIELD && lua_gettop(of) > 0 && lua_checkstack(of, 1)) {
        lua_pushvalue(of, -1);
        lua_xmove(of, L, 1);
        error = lua_gettop(L);
    }
    cg_push_traceback(L, of, level + (of == L ? 1 : 0), error); /* of itself: one level more for this function */
    return 1;
}

static int protected_traceback(lua_State *onto, lua_State *of, int level) {
    if (!lua_checkstack(onto, 5)) { /* `of` may have no room at all, and need none */
        return cg_out_of_stack(onto);
    }
    lua_pushcfunction(onto, traceback);
    lua_pushlightuserdata(onto, of);
    lua_pushlightuserdata(onto, &level);
    return lua_pcall(onto, 2, 1, 0);
}

/* Where a script has used up its memory there would be none to say where: so the limit is raised a little for that. */
int cg_traceback(lua_State *onto, lua_State *of, int level) {
    int status = protected_traceback(onto, of, level);
    cg_memory *memory = &cg_state_of(onto)->memory;
    if (status == LUA_ERRMEM && memory->limit != 0) {
        size_t limit = memory->limit;
        lua_pop(onto, 1);
        memory->limit = memory->bytes > limit ? memory->bytes + ROOM_FOR_A_REPORT : limit + ROOM_FOR_A_REPORT;
        status = protected_traceback(onto, of, level);
        memory->limit = limit;
    }
    return status;
}

/* ---- places ---- */

void cg_where(lua_State *of, char *buffer, size_t size) {
    lua_State *chain[MOST_NESTED];
    buffer[0] = 0;
    for (int i = chain_of(of, 0, chain) - 1; i >= 0; i--) {
        lua_Debug frame;
        for (int level = 0; lua_getstack(chain[i], level, &frame); level++) {
            if (lua_getinfo(chain[i], "Sl", &frame) && frame.currentline > 0) {
                snprintf(buffer, size, "%s:%d", frame.short_src, frame.currentline);
                return;
            }
        }
    }
}

static void write_definition(const lua_Debug *frame, char *buffer, size_t size) {
    if (frame->linedefined > 0) {
        snprintf(buffer, size, "%s:%d", frame->short_src, frame->linedefined);
    } else {
        snprintf(buffer, size, "%s", frame->short_src);
    }
}

void cg_where_defined(lua_State *L, int index, char *buffer, size_t size) {
    lua_Debug frame;
    buffer[0] = 0;
    if (lua_type(L, index) == LUA_TFUNCTION && lua_checkstack(L, 1)) {
        lua_pushvalue(L, index);
        if (lua_getinfo(L, ">S", &frame)) {
            write_definition(&frame, buffer, size);
        }
    }
}

void cg_where_begun(lua_State *of, char *buffer, size_t size) {
    lua_Debug frame;
    int below = 1; /* a level that is not there, once found; getting one is a walk, so not one by one */
    buffer[0] = 0;
    if (cg_is_deep(of)) {
        return; /* too long a walk */
    }
    while (lua_getstack(of, below, &frame)) {
        below *= 2;
    }
    int level = below / 2;
    while (level + 1 < below) {
        int middle = level + (below - level) / 2;
        if (lua_getstack(of, middle, &frame)) {
            level = middle;
        } else {
            below = middle;
        }
    }
    for (; level >= 0 && lua_getstack(of, level, &frame); level--) {
        if (lua_getinfo(of, "S", &frame) && (frame.what[0] != 'C' || level == 0)) {
            write_definition(&frame, buffer, size);
            return;
        }
    }
}

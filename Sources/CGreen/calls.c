/*
 * The calls of a coroutine as text. Lua finds a call by walking there from the innermost one, and luaL_traceback does
 * that some fifty times to show both ends: of 190,000 calls, which lie anywhere in memory, that takes up to a second, in
 * which nobody else runs. So of deep stacks the inner end alone is shown.
 */
#include <stdio.h>
#include <string.h>

#include "internal.h"

enum { DEEP = 1000, SHOWN = 20, LONGEST_CALL = 2 * LUA_IDSIZE + 200 };

static const char HEADER[] = "stack traceback:";

size_t cg_describe_call(const lua_Debug *frame, char *buffer, size_t size) {
    char place[LUA_IDSIZE + 16], function[LUA_IDSIZE + 80];
    if (frame->currentline > 0) {
        snprintf(place, sizeof place, "%s:%d", frame->short_src, frame->currentline);
    } else {
        snprintf(place, sizeof place, "%s", frame->short_src);
    }
    if (frame->namewhat[0] != 0) {
        snprintf(function, sizeof function, "%s '%.64s'", frame->namewhat, frame->name);
    } else if (frame->what[0] == 'm') {
        snprintf(function, sizeof function, "main chunk");
    } else if (frame->what[0] == 'C') {
        snprintf(function, sizeof function, "?");
    } else {
        snprintf(function, sizeof function, "function <%s:%d>", frame->short_src, frame->linedefined);
    }
    int length = snprintf(buffer, size, "\n\t%s: in %s", place, function);
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

bool cg_is_deep(lua_State *of) {
    lua_Debug frame;
    return lua_getstack(of, DEEP, &frame) != 0;
}

void cg_push_calls(lua_State *L, lua_State *of, int level) {
    if (!cg_is_deep(of)) {
        luaL_traceback(L, of, NULL, level);
        lua_pushstring(L, lua_tostring(L, -1) + sizeof HEADER - 1);
        lua_remove(L, -2);
        return;
    }
    char text[SHOWN * LONGEST_CALL + 100];
    size_t length = 0;
    lua_Debug frame;
    for (int shown = 0; shown < SHOWN && lua_getstack(of, level + shown, &frame); shown++) {
        if (lua_getinfo(of, "Sln", &frame)) {
            length += cg_describe_call(&frame, text + length, LONGEST_CALL);
        }
    }
    length += (size_t)snprintf(text + length, 100, "\n\t...\t(of more than %d calls the outer ones are not shown)", DEEP);
    lua_pushlstring(L, text, length);
}

/* debug.traceback (manual 6.10): Lua's own, but for deep stacks. */
static int traceback(lua_State *L) {
    lua_State *of = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    int message = of == L && !lua_isthread(L, 1) ? 1 : 2;
    if (!cg_is_deep(of) || (!lua_isnoneornil(L, message) && !lua_isstring(L, message))) {
        return cg_state_of(L)->own[CG_OWN_TRACEBACK](L);
    }
    int level = (int)luaL_optinteger(L, message + 1, of == L ? 1 : 0);
    luaL_checkstack(of, 1, NULL);
    lua_settop(L, message);
    if (lua_isnil(L, message)) {
        lua_pushliteral(L, "");
    } else {
        lua_pushliteral(L, "\n");
    }
    lua_pushstring(L, HEADER);
    cg_push_calls(L, of, level);
    lua_concat(L, lua_isnil(L, message) ? 3 : 4);
    return 1;
}

void cg_replace_traceback(lua_State *L) {
    lua_getfield(L, -1, "traceback");
    cg_state_of(L)->own[CG_OWN_TRACEBACK] = lua_tocfunction(L, -1);
    lua_pop(L, 1);
    lua_pushcfunction(L, traceback);
    lua_setfield(L, -2, "traceback");
}

int cg_open_debug(lua_State *L) {
    luaopen_debug(L);
    cg_replace_traceback(L);
    return 1;
}

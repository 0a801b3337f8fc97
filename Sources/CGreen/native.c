/* The trampoline: calls a Swift function, and does what its code asks for once the Swift frame is gone. */
#include <string.h>

#include "internal.h"

static int finish(lua_State *L, const cg_native *native, int code);

static const cg_native *native_of(lua_State *L) {
    return lua_touserdata(L, lua_upvalueindex(1));
}

/* After a park or a call: the same closure's frame, so the native is still upvalue 1 (manual 4.5). `handler`: the index
 * of the message handler of a protected call, or 0. */
static int resumed(lua_State *L, int status, lua_KContext handler) {
    if (handler != 0) {
        lua_remove(L, (int)handler);
    }
    cg_state_of(L)->call_status = status == LUA_YIELD ? LUA_OK : status;
    const cg_native *native = native_of(L);
    luaL_checkstack(L, LUA_MINSTACK, "too many results");
    return finish(L, native, native->resumed(L));
}

/* A mistake in the native, not in the script: said instead of calling what is not there. */
static int bad_code(lua_State *L, const cg_native *native, int code) {
    return luaL_error(L, "bug: native '%s' answered %d, which it cannot mean", native->name, code);
}

/* Pushes "file:line: " of the innermost function that a script wrote: the host's own chunks, whose names begin with
 * "=[Green", are where a mistake is noticed, and not where it was made. [-0, +1, m] */
static void push_where(lua_State *L) {
    lua_Debug frame;
    int level = 1;
    for (int above = 1; lua_getstack(L, above, &frame) != 0; above++) {
        lua_getinfo(L, "S", &frame);
        if (strncmp(frame.source, "=[Green", 7) == 0) {
            level = above + 1;
        } else if (frame.what[0] != 'C') {
            break;
        }
    }
    luaL_where(L, level);
}

static int finish(lua_State *L, const cg_native *native, int code) {
    for (;;) {
        if (code >= 0) {
            return code;
        }
        switch (code) {
        case CG_RAISE:
            return lua_error(L);
        case CG_RAISE_AT:
            push_where(L);
            lua_insert(L, -2);
            lua_concat(L, 2);
            return lua_error(L);
        case CG_ARGUMENT:
            return luaL_argerror(L, (int)lua_tointeger(L, -2), lua_tostring(L, -1));
        case CG_PARK:
            if (native->resumed == NULL) {
                return bad_code(L, native, code);
            }
            if (!cg_can_park(L)) {
                return luaL_error(L, "'%s' cannot wait here", native->name);
            }
            return cg_yield_park(L, 0, resumed);
        default:
            break;
        }
        bool protected = code <= CG_PCALL;
        int function = (protected ? CG_PCALL : CG_CALL) - code;
        int count = lua_gettop(L) - function;
        if (native->resumed == NULL || function < 1 || count < 0) {
            return bad_code(L, native, code);
        }
        luaL_checkstack(L, LUA_MINSTACK, "too many arguments");
        int status = LUA_OK;
        if (protected) {
            /* For the traceback, if the native lets the error go on. */
            lua_pushcfunction(L, cg_note_calls);
            lua_insert(L, function);
            status = lua_pcallk(L, count, LUA_MULTRET, function, function, resumed);
            lua_remove(L, function);
        } else {
            lua_callk(L, count, LUA_MULTRET, 0, resumed);
        }
        cg_state_of(L)->call_status = status;
        luaL_checkstack(L, LUA_MINSTACK, "too many results");
        code = native->resumed(L);
    }
}

static int trampoline(lua_State *L) {
    const cg_native *native = native_of(L);
    return finish(L, native, native->call(L));
}

const cg_native *cg_native_at(lua_State *L, int index) {
    if (lua_tocfunction(L, index) != trampoline || lua_getupvalue(L, index, 1) == NULL) {
        return NULL;
    }
    const cg_native *native = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return native;
}

static int push_native(lua_State *L) {
    int upvalues = lua_gettop(L) - 1; /* argument 1, the native, becomes upvalue 1 */
    lua_pushcclosure(L, trampoline, upvalues + 1);
    return 1;
}

int cg_push_native(lua_State *L, const cg_native *native, int n) {
    return cg_protect(L, push_native, (void *)native, n, 1);
}

int cg_call_status(lua_State *L) {
    return cg_state_of(L)->call_status;
}

bool cg_can_park(lua_State *L) {
    return cg_state_of(L)->barriers == 0 && lua_isyieldable(L);
}

int cg_yield_park(lua_State *L, lua_KContext context, lua_KFunction k) {
    cg_state_of(L)->parking = true;
    return lua_yieldk(L, 0, context, k);
}

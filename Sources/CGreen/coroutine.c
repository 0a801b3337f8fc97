/*
 * The coroutine library, with one difference to Lua's own: a park passes through. When code inside a script-made
 * coroutine waits, the scheduler's yield must not come out of the script's coroutine.resume; so resume and wrap pass
 * it on outwards, and pass the later resumption inwards. Everything else follows the manual (6.2).
 *
 * To a script, the coroutine a green itself runs on is the main one: nobody but the scheduler resumes it. Seen from
 * elsewhere it is "normal", as the state's own main coroutine always is.
 */
#include "internal.h"

enum { FAILED = -1, PARKED = -2 };
enum { MOST_STACK = 1 << 20 }; /* bytes; the functions of one coroutine take less, and the smallest stack is larger */

/* What Lua's own messages call it, by version. */
#define COROUTINE (LUA_VERSION_RELEASE_NUM >= 50405 ? "coroutine" : "thread")

static lua_State *check_coroutine(lua_State *L, int index) {
    lua_State *co = lua_tothread(L, index);
    luaL_argexpected(L, co, index, COROUTINE);
    return co;
}

static bool is_outermost(lua_State *L) {
    cg_state *state = cg_state_of(L);
    return L == state->main || L == state->green;
}

static const char *status_of(lua_State *L, lua_State *co) {
    if (co == L) {
        return "running";
    }
    if (*cg_extra(co) & CG_PARKED_BIT) {
        return "normal"; /* it waits, and belongs to whoever resumed it */
    }
    if (co == cg_state_of(L)->main) {
        return "normal"; /* between calls from Swift it looks suspended, or dead */
    }
    switch (lua_status(co)) {
    case LUA_YIELD:
        return "suspended";
    case LUA_OK: {
        lua_Debug frame;
        if (lua_getstack(co, 0, &frame)) {
            return "normal"; /* it runs, and resumed another */
        }
        return lua_gettop(co) == 0 ? "dead" : "suspended";
    }
    default:
        return "dead";
    }
}

/* A yield is a longjmp, after which the processor predicts no return rightly: each C frame less between a resumption
 * and Lua is some nanoseconds. */
#define BELOW_A_YIELD static inline __attribute__((always_inline))

/* Runs the closers of `co` (lua_resetthread): each in C frames on top of this one's, which Lua does not count (it counts
 * those of one coroutine). So a chain of coroutines that close one another would use up the thread's stack; past a
 * bound this is refused with FAILED and the error on L, and `co` is as it was. */
static int reset(lua_State *L, lua_State *co) {
    cg_state *state = cg_state_of(L);
    if (cg_stack_used() > MOST_STACK) {
        lua_pushliteral(L, "C stack overflow (coroutines that close one another)");
        return FAILED;
    }
    cg_forget_handlers(co);
    state->running = co;
    int status = lua_resetthread(co);
    state->running = L;
    return status;
}

/* Resumes `co` with the n values on its stack; the count of results moved to L, FAILED with the error, or PARKED.
 * Raises what nothing may catch. */
BELOW_A_YIELD int run(lua_State *L, lua_State *co, int n) {
    cg_state *state = cg_state_of(L);
    if (state->stopping) { /* a closer that is such a function, and no Lua code that ends at its first instruction */
        lua_rawgetp(L, LUA_REGISTRYINDEX, &cg_stop_key);
        lua_error(L);
    }
    int barrier = lua_isyieldable(L) ? 0 : 1;
    int results = 0;
    *cg_extra(co) &= ~CG_PARKED_BIT;
    state->barriers += barrier;
    cg_count_steps(state, co);
    state->running = co;
    int status = lua_resume(co, L, n, &results);
    state->running = L;
    state->barriers -= barrier;
    if (status == LUA_YIELD && state->parking) {
        *cg_extra(co) |= CG_PARKED_BIT;
        return PARKED;
    }
    if (status != LUA_OK && status != LUA_YIELD) {
        cg_allow_hooks(co);
        lua_xmove(co, L, 1);
        if (state->stopping) {
            lua_error(L);
        }
        cg_note_death(L, co);
        return FAILED;
    }
    if (!lua_checkstack(L, results + 1)) {
        lua_pop(co, results);
        lua_pushliteral(L, "too many results to resume");
        return FAILED;
    }
    lua_xmove(co, L, results);
    return results;
}

/* The first step: checks that `co` may be resumed, and gives it the n arguments on top of L. */
BELOW_A_YIELD int start(lua_State *L, lua_State *co, int n) {
    bool is_ready = lua_status(co) == LUA_YIELD && (*cg_extra(co) & CG_PARKED_BIT) == 0 && co != cg_state_of(L)->main;
    const char *status = is_ready ? "suspended" : status_of(L, co);
    if (status[0] != 's') {
        lua_pushfstring(L, "cannot resume %s coroutine", status[0] == 'd' ? "dead" : "non-suspended");
        return FAILED;
    }
    if (!lua_checkstack(co, n)) {
        lua_pushliteral(L, "too many arguments to resume");
        return FAILED;
    }
    lua_xmove(L, co, n);
    return run(L, co, n);
}

static int resume_again(lua_State *L, int status, lua_KContext context);

BELOW_A_YIELD int give_resume(lua_State *L, int outcome) {
    if (outcome == PARKED) {
        return cg_yield_park(L, 0, resume_again);
    }
    bool ok = outcome != FAILED;
    int results = ok ? outcome : 1;
    lua_pushboolean(L, ok);
    lua_insert(L, -(results + 1));
    return results + 1;
}

static int resume_again(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    return give_resume(L, run(L, lua_tothread(L, 1), 0));
}

int cg_co_resume(lua_State *L) {
    lua_State *co = check_coroutine(L, 1);
    return give_resume(L, start(L, co, lua_gettop(L) - 1));
}

static int wrap_again(lua_State *L, int status, lua_KContext context);

static int fail_wrap(lua_State *L, lua_State *co) {
    int status = lua_status(co);
    if (status != LUA_OK && status != LUA_YIELD) { /* it died of the error: close its variables, which may raise */
        lua_pushvalue(L, -1);
        lua_xmove(L, co, 1);
        status = reset(L, co);
        if (status != FAILED) {
            lua_xmove(co, L, 1);
        }
    }
    if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

BELOW_A_YIELD int give_wrap(lua_State *L, lua_State *co, int outcome) {
    if (outcome == PARKED) {
        return cg_yield_park(L, 0, wrap_again);
    }
    return outcome == FAILED ? fail_wrap(L, co) : outcome;
}

static int wrap_again(lua_State *L, int status, lua_KContext context) {
    (void)status, (void)context;
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    return give_wrap(L, co, run(L, co, 0));
}

int cg_co_wrapped(lua_State *L) {
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    return give_wrap(L, co, start(L, co, lua_gettop(L)));
}

bool cg_is_wrapped(lua_CFunction function) {
    return function == cg_co_wrapped;
}

static int co_create(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    cg_state *state = cg_state_of(L);
    if (state->has_stepped && state->step > 1 && state->meter != NULL) {
        /* What it runs before its first step is over is not counted: so that is, here. */
        state->meter->steps -= state->meter->steps > state->step ? state->step : state->meter->steps;
    }
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int co_wrap(lua_State *L) {
    co_create(L);
    lua_pushcclosure(L, cg_co_wrapped, 1);
    return 1;
}

static int co_yield(lua_State *L) {
    if (is_outermost(L)) {
        return luaL_error(L, "attempt to yield from outside a coroutine");
    }
    return lua_yield(L, lua_gettop(L));
}

static int co_status(lua_State *L) {
    lua_pushstring(L, status_of(L, check_coroutine(L, 1)));
    return 1;
}

static int co_isyieldable(lua_State *L) {
    lua_State *co = lua_isnone(L, 1) ? L : check_coroutine(L, 1);
    lua_pushboolean(L, !is_outermost(co) && lua_isyieldable(co));
    return 1;
}

static int co_running(lua_State *L) {
    lua_pushthread(L);
    lua_pushboolean(L, is_outermost(L));
    return 2;
}

static int co_close(lua_State *L) {
    lua_State *co = check_coroutine(L, 1);
    const char *status = status_of(L, co);
    if (status[0] != 'd' && status[0] != 's') {
        return luaL_error(L, "cannot close a %s coroutine", status);
    }
    int closed = reset(L, co);
    if (closed == LUA_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    if (closed == FAILED) {
        return lua_error(L);
    }
    if (cg_state_of(L)->stopping) {
        lua_xmove(co, L, 1);
        return lua_error(L);
    }
    lua_pushboolean(L, 0);
    lua_xmove(co, L, 1);
    return 2;
}

int cg_open_coroutine(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"close", co_close},     {"create", co_create}, {"isyieldable", co_isyieldable},
        {"resume", cg_co_resume},   {"running", co_running}, {"status", co_status},
        {"wrap", co_wrap},       {"yield", co_yield},   {NULL, NULL},
    };
    luaL_newlib(L, functions);
    return 1;
}

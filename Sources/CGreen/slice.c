/*
 * The end of a slice. Lua's hooks cost nothing only while none is set, so none is until the timer of run.c finds a slice
 * over. Then a count hook is set on the innermost running coroutine, which takes itself off, asks the scheduler, and
 * yields. Long C functions ask for the same flag themselves.
 *
 * Count hooks alone may yield; call, return and line hooks must not, so this one is never combined with them.
 */
#include "internal.h"

/* What the scheduler wants. Answers true to give way; otherwise the run goes on, or does not return here. */
static bool asks(lua_State *L, cg_state *state) {
    cg_tell_if_blocked(L);
    if (state->stopping && cg_can_raise_in_hooks()) {
        cg_postpone_handler(L);
        cg_ask_at_next_instruction(L); /* and at the next instruction again, until it has come out of its green */
        lua_rawgetp(L, LUA_REGISTRYINDEX, &cg_stop_key);
        lua_error(L);
    }
    int answer = state->slice_end == NULL ? CG_GO_ON : state->slice_end(L, cg_can_park(L));
    if (answer < CG_GO_ON && !cg_can_raise_in_hooks()) {
        answer = CG_GO_ON;
    }
    switch (answer) {
    case CG_GO_ON:
        state->slice_over = 0; /* the next tick asks again */
        return false;
    case CG_GIVE_WAY:
        return cg_can_park(L);
    case CG_STOP:
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &cg_stop_key); /* the key exists: no memory is needed */
        state->stopping = true;
        cg_ask_at_next_instruction(L);
        break;
    default:
        /* What catches it begins a slice: with nobody's turn in between, the calls that are noted are still its own. */
        state->slice_over = 0;
        if (!state->has_stepped) {
            lua_sethook(L, NULL, 0, 0);
        }
        break;
    }
    cg_postpone_handler(L);
    lua_error(L);
    return false;
}

static void count_steps(lua_State *L, cg_state *state) {
    if (lua_gethookcount(L) == state->step) {
        cg_meter *meter = state->meter;
        meter->steps -= meter->steps > state->step ? state->step : meter->steps;
    } else { /* armed for one instruction; not at each step, since setting it walks all the calls */
        lua_sethook(L, cg_slice_hook, LUA_MASKCOUNT, state->step);
    }
}

void cg_slice_hook(lua_State *L, lua_Debug *frame) {
    (void)frame;
    cg_state *state = cg_state_of(L);
    if (state->has_stepped) {
        count_steps(L, state);
    } else {
        lua_sethook(L, NULL, 0, 0);
    }
    if (asks(L, state)) {
        state->preempted = L;
        state->parking = true;
        lua_yield(L, 0);
    }
}

void cg_give_way(lua_State *L, lua_KContext context, lua_KFunction k) {
    cg_state *state = cg_state_of(L);
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    if (asks(L, state)) {
        state->preempted = L;
        cg_yield_park(L, context, k);
    }
}

void cg_after_slice(lua_State *L) {
    cg_state *state = cg_state_of(L);
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    state->slice_over = 0;
    asks(L, state); /* what asks to give way again so soon can wait until the next check */
}

void cg_set_slice(lua_State *L, int64_t nanoseconds, cg_slice_end _Nullable ended) {
    cg_state *state = cg_state_of(L);
    state->slice = nanoseconds;
    state->slice_end = ended;
}

void cg_count_instructions(lua_State *L, int step) {
    cg_state *state = cg_state_of(L);
    state->has_stepped = step > 0;
    state->step = step;
}

bool cg_is_slice_over(lua_State *L) {
    return cg_slice_is_over(cg_state_of(L));
}

void cg_end_slices(lua_State *L, int every_) {
    cg_state *state = cg_state_of(L);
    state->check_every = every_;
    state->checks = 0;
}

void cg_set_stop_error(lua_State *L) {
    lua_rawsetp(L, LUA_REGISTRYINDEX, &cg_stop_key);
}

bool cg_is_spent_outside(lua_State *L, int64_t most) {
    const cg_meter *meter = &cg_state_of(L)->outside;
    return (most != 0 && meter->used >= most) || (meter->limit != 0 && meter->used >= meter->limit);
}

lua_State *cg_preempted_in(lua_State *L) {
    return cg_state_of(L)->preempted;
}

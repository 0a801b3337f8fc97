/* Running greens: the scheduler's resume and reset. */
#include "internal.h"

int cg_resume(lua_State *green, int n, cg_meter *meter, int *results) {
    cg_state *state = cg_state_of(green);
    /* A native of a running green may drive another one: the outer one's marks come back afterwards. */
    lua_State *outer = state->green;
    int barriers = state->barriers;
    state->green = green;
    *cg_extra(green) &= ~CG_PARKED_BIT;
    state->parking = false;
    state->barriers = 0;
    state->preempted = NULL;
    if (state->deaths_length != 0) {
        cg_forget_deaths(green);
    }
    cg_run run;
    cg_run_begin(&run, state, green, meter);
    cg_count_steps(state, green);
    int status = lua_resume(green, state->main, n, results);
    cg_run_end(&run, state);
    state->stopping = false;
    state->green = outer;
    state->barriers = barriers;
    state->parking = false;
    *cg_extra(green) |= CG_PARKED_BIT; /* no script may resume or close it */
    if (status == LUA_OK) {
        return CG_DONE;
    }
    if (status == LUA_YIELD) {
        /* A yield without the mark can only be some C module's own lua_yield; it is taken as giving way. */
        lua_settop(green, lua_gettop(green) - *results);
        return state->preempted != NULL ? CG_PREEMPTED : CG_PARKED;
    }
    cg_allow_hooks(green);
    return CG_FAILED;
}

int cg_reset(lua_State *green, cg_meter *meter) {
    cg_state *state = cg_state_of(green);
    cg_forget_handlers(green);
    cg_run run;
    cg_run_begin(&run, state, green, meter);
    int status = lua_resetthread(green);
    cg_run_end(&run, state);
    state->stopping = false;
    lua_settop(green, 0);
    lua_sethook(green, NULL, 0, 0);
    return status;
}

void cg_stop(lua_State *green, cg_meter *meter) {
    cg_state_of(green)->stopping = true;
    cg_ask_at_next_instruction(green);
    cg_reset(green, meter);
}

int cg_status(lua_State *L) {
    return lua_status(L);
}

bool cg_is_running(lua_State *L) {
    return cg_state_of(L)->green != NULL;
}

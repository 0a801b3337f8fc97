/* One Lua state: opening, closing, its libraries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "internal.h"

_Static_assert(CG_OK == LUA_OK && CG_YIELD == LUA_YIELD && CG_ERRRUN == LUA_ERRRUN, "statuses of lua.h");
_Static_assert(CG_ERRSYNTAX == LUA_ERRSYNTAX && CG_ERRMEM == LUA_ERRMEM && CG_ERRERR == LUA_ERRERR, "statuses");
_Static_assert(CG_TNIL == LUA_TNIL && CG_TFUNCTION == LUA_TFUNCTION && CG_TTHREAD == LUA_TTHREAD, "types of lua.h");
_Static_assert(LUA_EXTRASPACE >= sizeof(uintptr_t), "the state's address lives in the extra space");

const char cg_memory_key = 0;
const char cg_stop_key = 0;
const char cg_traceback_key = 0;
const char cg_death_key = 0;

/* Unreachable by design: every call that can raise runs protected. Says which one did not, and stops. */
static int panic(lua_State *L) {
    const char *message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "error object is no string";
    fprintf(stderr, "greenhouse: bug: unprotected error in the membrane: %s\n", message);
    return 0; /* Lua aborts */
}

static int build(lua_State *L) {
    /* First of all: then the registry has its low numbers in its array. */
    lua_newtable(L);
    cg_state_of(L)->vault = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushliteral(L, "not enough memory");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &cg_memory_key);
    lua_pushboolean(L, 0);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &cg_traceback_key);
    lua_pushboolean(L, 0);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &cg_death_key);
    lua_pushliteral(L, "stopped");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &cg_stop_key);
    cg_find_hook_switch(L);
    cg_find_handler_place(L);
    cg_find_closers(L);
    cg_make_handlers(L);
    return 0;
}

/* Answers the bytes that were never given back. */
static size_t give_up(cg_state *state) {
    size_t left = state->memory.bytes;
    cg_free_spares(state);
    free(state);
    return left;
}

lua_State *cg_open(void *host) {
    size_t left;
    return cg_open_failing(host, 0, &left);
}

lua_State *cg_open_failing(void *host, uint64_t countdown, size_t *left) {
    *left = 0;
    cg_state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        return NULL;
    }
    state->host = host;
    state->edge = SIZE_MAX;
    state->fail_countdown = countdown;
    lua_State *L = lua_newstate(cg_allocate, state);
    if (L == NULL) {
        *left = give_up(state);
        return NULL;
    }
    state->main = L;
    *cg_extra(L) = (uintptr_t)state;
    lua_atpanic(L, panic);
    lua_pushcfunction(L, build);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
        lua_close(L);
        *left = give_up(state);
        return NULL;
    }
    return L;
}

size_t cg_close(lua_State *L) {
    cg_state *state = cg_state_of(L);
    state->fail_countdown = 0;
    state->memory.limit = 0;
    state->closing = true;
    lua_close(state->main);
    return give_up(state);
}

const char *cg_release(void) {
    return LUA_RELEASE;
}

void *cg_host(lua_State *L) {
    return cg_state_of(L)->host;
}

lua_State *cg_main(lua_State *L) {
    return cg_state_of(L)->main;
}

cg_memory cg_memory_of(lua_State *L) {
    return cg_state_of(L)->memory;
}

void cg_set_memory_limit(lua_State *L, size_t bytes) {
    cg_state_of(L)->memory.limit = bytes;
}

void cg_fail_allocations(lua_State *L, uint64_t countdown) {
    cg_state_of(L)->fail_countdown = countdown;
}

static int open_libraries(lua_State *L) {
    static const struct { int bit; const char *name; lua_CFunction open; } libraries[] = {
        {CG_LIB_BASE, LUA_GNAME, cg_open_base},        {CG_LIB_PACKAGE, LUA_LOADLIBNAME, cg_open_package},
        {CG_LIB_COROUTINE, LUA_COLIBNAME, cg_open_coroutine}, {CG_LIB_TABLE, LUA_TABLIBNAME, cg_open_table},
        {CG_LIB_STRING, LUA_STRLIBNAME, cg_open_string}, {CG_LIB_MATH, LUA_MATHLIBNAME, luaopen_math},
        {CG_LIB_UTF8, LUA_UTF8LIBNAME, luaopen_utf8},  {CG_LIB_IO, LUA_IOLIBNAME, luaopen_io},
        {CG_LIB_OS, LUA_OSLIBNAME, luaopen_os},        {CG_LIB_DEBUG, LUA_DBLIBNAME, cg_open_debug},
        /* Last: where the whole library is open, it stays. */
        {CG_LIB_TIME, LUA_OSLIBNAME, cg_open_time},    {CG_LIB_TRACEBACK, LUA_DBLIBNAME, cg_open_traceback},
    };
    int mask = (int)*(const int *)lua_touserdata(L, 1);
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        if (mask & libraries[i].bit) {
            luaL_requiref(L, libraries[i].name, libraries[i].open, 1);
            if (libraries[i].bit == CG_LIB_BASE) {
                cg_open_pcall(L);
            }
            if (libraries[i].bit == CG_LIB_STRING) {
                cg_replace_format(L);
            }
            cg_note_suspendable(L, libraries[i].bit);
            lua_pop(L, 1);
        }
    }
    return 0;
}

int cg_open_libraries(lua_State *L, int mask) {
    return cg_protect(L, open_libraries, &mask, 0, 0);
}

static int collect(lua_State *L) {
    cg_state_of(L)->was_refused = false;
    lua_gc(L, LUA_GCCOLLECT);
    return 0;
}

typedef struct steps { int64_t until; bool has_ended; } steps;

static int64_t time_used(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int collect_some(lua_State *L) {
    steps *all = lua_touserdata(L, 1);
    if (lua_gc(L, LUA_GCINC, 0, 0, 0) == LUA_GCGEN) { /* to enter that mode again collects all there is */
        lua_gc(L, LUA_GCGEN, 0, 0);
        all->has_ended = true;
        return 0;
    }
    int speed = lua_gc(L, LUA_GCSETSTEPMUL, 8); /* with Lua's own 100 one step frees 100,000 objects */
    do {
        all->has_ended = lua_gc(L, LUA_GCSTEP, 0) != 0;
    } while (!all->has_ended && time_used() < all->until);
    lua_gc(L, LUA_GCSETSTEPMUL, speed);
    return 0;
}

bool cg_collect_for(lua_State *L, int64_t nanoseconds, cg_meter *meter) {
    int64_t begin = time_used();
    steps all = {.until = begin + nanoseconds};
    bool has_failed = cg_protect(L, collect_some, &all, 0, 0) != LUA_OK;
    if (meter != NULL) {
        meter->used += time_used() - begin;
    }
    return has_failed || all.has_ended;
}

bool cg_is_near_limit(lua_State *L) {
    const cg_memory *memory = &cg_state_of(L)->memory;
    return memory->limit != 0 && memory->bytes > CG_SHARED_PART(memory->limit);
}

int64_t cg_share_of_left(lua_State *L) {
    const cg_memory *memory = &cg_state_of(L)->memory;
    if (memory->limit == 0) {
        return INT64_MAX;
    }
    return memory->bytes < memory->limit ? (int64_t)((memory->limit - memory->bytes) / 32) : 0;
}

bool cg_is_short_of_memory(lua_State *L) {
    return cg_state_of(L)->is_short;
}

bool cg_has_room(lua_State *L, size_t bytes) {
    const cg_memory *memory = &cg_state_of(L)->memory;
    return memory->limit == 0 || (memory->bytes < memory->limit && bytes <= memory->limit - memory->bytes);
}

void cg_begin_conversion(lua_State *L) {
    cg_state *state = cg_state_of(L);
    if (state->conversions++ == 0) {
        state->converted = 0;
    }
}

void cg_end_conversion(lua_State *L) {
    cg_state_of(L)->conversions--;
}

bool cg_convert(lua_State *L, size_t bytes) {
    cg_state *state = cg_state_of(L);
    if (state->conversions == 0 || state->memory.limit == 0) {
        return true;
    }
    if (bytes > CG_MOST_CONVERTED - state->converted) {
        return false;
    }
    state->converted += bytes;
    return true;
}

bool cg_was_refused(lua_State *L) {
    return cg_state_of(L)->was_refused;
}

int cg_collect(lua_State *L) {
    return cg_protect(L, collect, NULL, 0, 0);
}

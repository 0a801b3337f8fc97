/* One Lua state: opening, closing, and an allocator that counts bytes and refuses past the limit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

_Static_assert(CG_OK == LUA_OK && CG_YIELD == LUA_YIELD && CG_ERRRUN == LUA_ERRRUN, "statuses of lua.h");
_Static_assert(CG_ERRSYNTAX == LUA_ERRSYNTAX && CG_ERRMEM == LUA_ERRMEM && CG_ERRERR == LUA_ERRERR, "statuses");
_Static_assert(CG_TNIL == LUA_TNIL && CG_TFUNCTION == LUA_TFUNCTION && CG_TTHREAD == LUA_TTHREAD, "types of lua.h");
_Static_assert(LUA_EXTRASPACE >= sizeof(uintptr_t), "the state's address lives in the extra space");

const char cg_memory_key = 0;
const char cg_stop_key = 0;
const char cg_traceback_key = 0;
const char cg_death_key = 0;

/* Whether growing by `more` bytes must be refused. */
static bool refuses(cg_state *state, size_t more) {
    if (state->fail_countdown != 0 && (state->fail_countdown == 1 || --state->fail_countdown == 0)) {
        state->fail_countdown = 1;
        return true;
    }
    return state->memory.limit != 0 && more > state->memory.limit - (state->memory.bytes < state->memory.limit
                                                                         ? state->memory.bytes
                                                                         : state->memory.limit);
}

/* With the address sanitizer each block is the system's own, so that it sees the use of what was given back. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEPS_SPARES 0
#endif
#endif
#ifndef KEEPS_SPARES
#define KEEPS_SPARES 1
#endif

/* The classes are the sizes that glibc's malloc hands out anyway, 16 * n + 8: asking for all of one wastes nothing. */
static size_t class_of(size_t size) { return size <= 24 ? 1 : (size + 7) / 16; }
static size_t class_bytes(size_t class_) { return 16 * class_ + 8; }

/* Every block is malloc's, and as large as its class: so any of them may be grown, freed or kept. */
static void *grow(void *block, size_t size) {
    return realloc(block, size <= CG_LARGEST_KEPT ? class_bytes(class_of(size)) : size);
}

/* Most of what Lua makes is small and soon gone. Its own lists serve that in a few instructions, which malloc's, short
 * ones for each thread, cannot: the collector gives back hundreds of blocks at once. */
static void *make(cg_state *state, size_t size) {
    if (size <= CG_LARGEST_KEPT) {
        size_t class_ = class_of(size);
        cg_spare *spare = state->spares[class_];
        if (spare != NULL) {
            state->spares[class_] = spare->next;
            state->kept -= class_bytes(class_);
            return spare;
        }
    }
    return grow(NULL, size);
}

static void give_back(cg_state *state, void *block, size_t size) {
    size_t class_ = class_of(size);
    if (!KEEPS_SPARES || block == NULL || size > CG_LARGEST_KEPT || state->kept > CG_MOST_KEPT) {
        free(block);
        return;
    }
    cg_spare *spare = block;
    spare->next = state->spares[class_];
    state->spares[class_] = spare;
    state->kept += class_bytes(class_);
}

/* lua_Alloc. For a new block `old` is a type tag, not a size; shrinking must never fail (manual 4.6, lua_Alloc). */
static void *allocate(void *context, void *block, size_t old, size_t size) {
    cg_state *state = context;
    size_t had = block == NULL ? 0 : old;
    if (size == 0) {
        give_back(state, block, had);
        state->memory.bytes -= had;
        return NULL;
    }
    if (size > had) {
        if (refuses(state, size - had)) {
            return NULL;
        }
        state->memory.allocations++;
    }
    void *made = block == NULL ? make(state, size) : grow(block, size);
    if (made == NULL) {
        if (size > had) {
            return NULL;
        }
        made = block; /* Lua counts it as shrunk, and so must we */
    }
    state->memory.bytes += size - had;
    if (state->memory.bytes > state->memory.peak) {
        state->memory.peak = state->memory.bytes;
    }
    return made;
}

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
    cg_make_handlers(L);
    return 0;
}

/* Answers the bytes that were never given back. */
static size_t give_up(cg_state *state) {
    size_t left = state->memory.bytes;
    for (size_t class_ = 0; class_ < CG_CLASSES; class_++) {
        while (state->spares[class_] != NULL) {
            cg_spare *spare = state->spares[class_];
            state->spares[class_] = spare->next;
            free(spare);
        }
    }
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
    state->fail_countdown = countdown;
    lua_State *L = lua_newstate(allocate, state);
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
        {CG_LIB_OS, LUA_OSLIBNAME, luaopen_os},        {CG_LIB_DEBUG, LUA_DBLIBNAME, luaopen_debug},
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
    lua_gc(L, LUA_GCCOLLECT);
    return 0;
}

int cg_collect(lua_State *L) {
    return cg_protect(L, collect, NULL, 0, 0);
}

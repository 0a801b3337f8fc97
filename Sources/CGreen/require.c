/*
 * `require` (manual 6.3) that may wait: in searchers, loaders and modules. Beyond the manual: where another green is
 * loading the module, it waits until that has ended, so that no module is loaded twice or handed out half-made. Then
 * either it is there, or the loading failed and this green tries.
 *
 * Where two greens each load a module that the other one wants, that would wait for ever: there the module is handed
 * out as it is, if it has put itself into package.loaded, or else that is an error. A green that wants the module that
 * itself is loading loads it again, as in Lua's own `require`.
 */
#include "await.h"

enum { MOST_NESTED = 60 };
enum { NAME = 1, LOADED = 2, LOADING = 3, SEARCHERS = 4, MESSAGE = 5, NUMBERS = 6 };

static const char loading_key = 0;     /* by name: the `loading` of each module that is being loaded */
static const char waiting_key = 0;     /* by green: the `loading` it waits for; what is left behind is harmless */
static const char metatable_key = 0;   /* of `loading` */
static const char event_maker_key = 0;

/* One module that is being loaded: closed when `require` is left in whatever way. Its user values: */
enum { MODULE_NAME = 1, EVENT = 2 };
typedef struct loading {
    const lua_State *owner;
    int nested;               /* how often its owner began to load it again meanwhile */
    bool has_ended;
} loading;

static const lua_State *running_green(lua_State *L) {
    cg_state *state = cg_state_of(L);
    return state->green != NULL ? state->green : state->main;
}

/* Pushes the entry of one of the tables above, for the key on top [-1, +1]. */
static int look_up(lua_State *L, const void *table) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, table);
    lua_insert(L, -2);
    int type = lua_rawget(L, -2);
    lua_remove(L, -2);
    return type;
}

/* table[key] = value, both on top [-2, +0]. */
static void note(lua_State *L, const void *table) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, table);
    lua_insert(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* __close and __gc of a `loading`. */
static int end_loading(lua_State *L) {
    loading *my = lua_touserdata(L, 1);
    if (my == NULL || my->has_ended) {
        return 0;
    }
    my->has_ended = true;
    cg_state_of(L)->loading--;
    lua_getiuservalue(L, 1, MODULE_NAME);
    lua_pushnil(L);
    note(L, &loading_key);
    if (lua_getiuservalue(L, 1, EVENT) != LUA_TNIL) {
        lua_getfield(L, -1, "set");
        lua_insert(L, -2);
        lua_call(L, 1, 0);
    }
    return 0;
}

/* Makes this green the one that loads the module, until its frame is left. */
static void begin_loading(lua_State *L) {
    loading *my = lua_newuserdatauv(L, sizeof *my, 2);
    my->has_ended = true;
    my->owner = running_green(L);
    my->nested = 0;
    lua_replace(L, LOADING);
    lua_pushvalue(L, NAME);
    lua_setiuservalue(L, LOADING, MODULE_NAME);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key);
    lua_setmetatable(L, LOADING);
    lua_toclose(L, LOADING);
    lua_pushlightuserdata(L, (void *)my->owner);
    lua_pushnil(L);
    note(L, &waiting_key);
    lua_pushvalue(L, NAME);
    lua_pushvalue(L, LOADING);
    note(L, &loading_key);
    cg_state_of(L)->loading++;
    my->has_ended = false;
}

/* This very green is loading the module further out. Lua's C stack ends such a loop; across waits there is none. */
static void check_nesting(lua_State *L) {
    loading *outer = lua_touserdata(L, LOADING);
    if (++outer->nested > MOST_NESTED) {
        luaL_error(L, "module '%s' requires itself without end, directly or through others", lua_tostring(L, NAME));
    }
}

/* Whether the green that loads the module on top waits, perhaps through others, for one that this green loads. */
static bool would_wait_for_itself(lua_State *L) {
    const lua_State *me = running_green(L);
    bool found = false;
    lua_pushvalue(L, -1);
    while (!found && lua_type(L, -1) == LUA_TUSERDATA) {
        const loading *its = lua_touserdata(L, -1);
        found = its->owner == me;
        lua_pop(L, 1);
        lua_pushlightuserdata(L, (void *)its->owner);
        look_up(L, &waiting_key);
    }
    lua_pop(L, 1);
    return found;
}

/* Whether another green is loading the module: its `loading` is at LOADING then. */
static bool is_loaded_elsewhere(lua_State *L) {
    if (cg_state_of(L)->loading == 0) {
        lua_pushnil(L);
        lua_replace(L, LOADING);
        return false;
    }
    lua_pushvalue(L, NAME);
    bool is_loading = look_up(L, &loading_key) == LUA_TUSERDATA;
    const loading *its = lua_touserdata(L, -1);
    lua_replace(L, LOADING);
    return is_loading && its->owner != running_green(L);
}

/* Pushes `wait` of the event of the `loading` at LOADING, and the event. */
static void push_wait(lua_State *L) {
    if (lua_getiuservalue(L, LOADING, EVENT) == LUA_TNIL) {
        lua_pop(L, 1);
        if (lua_rawgetp(L, LUA_REGISTRYINDEX, &event_maker_key) == LUA_TNIL) {
            luaL_error(L, "module '%s' is being loaded by another green", lua_tostring(L, NAME));
        }
        lua_call(L, 0, 1);
        lua_pushvalue(L, -1);
        lua_setiuservalue(L, LOADING, EVENT);
    }
    lua_getfield(L, -1, "wait");
    lua_insert(L, -2);
    lua_pushlightuserdata(L, (void *)running_green(L));
    lua_pushvalue(L, LOADING);
    note(L, &waiting_key);
}

static void not_found(lua_State *L) {
    luaL_error(L, "module '%s' not found:%s", lua_tostring(L, NAME), lua_tostring(L, MESSAGE));
}

/* What a searcher answered, two values on top: true where it is a loader; the text of a refusal is kept. */
static bool is_loader(lua_State *L) {
    if (lua_type(L, -2) == LUA_TFUNCTION) {
        return true;
    }
    if (lua_isstring(L, -2)) {
        lua_pushvalue(L, MESSAGE);
        lua_pushliteral(L, "\n\t");
        lua_pushvalue(L, -4);
        lua_concat(L, 3);
        lua_replace(L, MESSAGE);
    }
    lua_pop(L, 2);
    return false;
}

static int require_on(lua_State *L, int status, lua_KContext place) {
    (void)status;
    lua_Integer *next = lua_touserdata(L, NUMBERS);
    switch (place) {
    case 0:
        for (;;) {
            lua_pushvalue(L, NAME);
            CG_AWAIT(require_on, cg_get_key, L, LOADED)
            bool is_elsewhere = is_loaded_elsewhere(L);
            if (lua_toboolean(L, -1) && (!is_elsewhere || (lua_pushvalue(L, LOADING), would_wait_for_itself(L)))) {
                lua_settop(L, LOADING + 1);
                return 1;
            }
            lua_settop(L, LOADING);
            if (!is_elsewhere) {
                break;
            }
            if (would_wait_for_itself(L)) {
                return luaL_error(L, "module '%s' is being loaded by a green that waits for a module this one loads",
                                  lua_tostring(L, NAME));
            }
            push_wait(L);
            CG_AWAIT(require_on, lua_callk, L, 1, 0)
            lua_settop(L, LOADING);
            lua_pushlightuserdata(L, (void *)running_green(L));
            lua_pushnil(L);
            note(L, &waiting_key);
        }
        if (lua_isnil(L, LOADING)) {
            begin_loading(L);
        } else {
            check_nesting(L);
        }
        lua_pushliteral(L, "searchers");
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, -2);
        CG_AWAIT(require_on, cg_get_key, L, SEARCHERS)
        lua_replace(L, SEARCHERS);
        if (!lua_istable(L, SEARCHERS)) {
            return luaL_error(L, "'package.searchers' must be a table");
        }
        lua_pushliteral(L, "");
        next = cg_push_numbers(L, 1);
        *next = 0;
        do {
            if (lua_rawgeti(L, SEARCHERS, ++*next) == LUA_TNIL) {
                not_found(L);
            }
            lua_pushvalue(L, NAME);
            CG_AWAIT(require_on, lua_callk, L, 1, 2)
        } while (!is_loader(L));
        lua_insert(L, -2); /* what the searcher found, loader */
        lua_pushvalue(L, NAME);
        lua_pushvalue(L, -3);
        CG_AWAIT(require_on, lua_callk, L, 2, 1)
        if (!lua_isnil(L, -1)) {
            lua_pushvalue(L, NAME);
            lua_insert(L, -2);
            CG_AWAIT(require_on, cg_set_key, L, LOADED)
        } else {
            lua_pop(L, 1);
        }
        lua_pushvalue(L, NAME);
        CG_AWAIT(require_on, cg_get_key, L, LOADED)
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            lua_pushvalue(L, NAME);
            lua_pushboolean(L, 1);
            CG_AWAIT(require_on, cg_set_key, L, LOADED)
            lua_pushboolean(L, 1);
        }
        lua_insert(L, -2);
    }
    return 2;
}

static int package_require(lua_State *L) {
    luaL_checkstring(L, NAME);
    lua_settop(L, NAME);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    if (cg_state_of(L)->loading == 0) {
        lua_pushvalue(L, NAME);
        lua_rawget(L, LOADED);
        if (lua_toboolean(L, -1)) {
            return 1;
        }
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    return require_on(L, LUA_OK, 0);
}

bool cg_is_require(lua_CFunction function) {
    return function == package_require;
}

static int set_event_maker(lua_State *L) {
    lua_rawsetp(L, LUA_REGISTRYINDEX, &event_maker_key);
    return 0;
}

int cg_set_event_maker(lua_State *L) {
    lua_pushcfunction(L, set_event_maker);
    lua_insert(L, -2);
    return lua_pcall(L, 1, 0, 0);
}

int cg_open_package(lua_State *L) {
    static const luaL_Reg metamethods[] = {{"__close", end_loading}, {"__gc", end_loading}, {NULL, NULL}};
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &loading_key);
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &waiting_key);
    luaL_newlib(L, metamethods);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_key);
    luaopen_package(L);
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, package_require, 1);
    lua_setglobal(L, "require");
    return 1;
}

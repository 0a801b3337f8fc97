/* Classes: metatables whose members are natives and numbered properties, and userdata that carry them. */
#include <string.h>

#include "internal.h"

/* A getter that parked has its value on top now. */
static int got_member(lua_State *L, int status, lua_KContext context) {
    (void)L, (void)status, (void)context;
    return 1;
}

/* __index: upvalue 1 is the members table, upvalue 2 the getter closure or nil. */
static int index_member(lua_State *L) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNUMBER) {
        return 1; /* a method, or nil */
    }
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_insert(L, 1);
    lua_callk(L, 3, 1, 0, got_member);
    return 1;
}

/* __newindex: upvalues as above with the setter. */
static int set_member(lua_State *L) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNUMBER || lua_isnil(L, lua_upvalueindex(2))) {
        const char *field = luaL_tolstring(L, 2, NULL);
        bool named = luaL_getmetafield(L, 1, "__name") == LUA_TSTRING;
        return luaL_error(L, "cannot set field '%s' of a %s", field, named ? lua_tostring(L, -1) : luaL_typename(L, 1));
    }
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_insert(L, 1);
    lua_call(L, 4, 0);
    return 0;
}

/* Little that is outside is only counted, from when there is a reference to it until that is released. */
static bool counts_reference(const cg_class *class_) {
    return class_->outside > 0 && class_->outside < CG_PADDED;
}

static int finalize(lua_State *L) {
    const cg_class *class_ = lua_touserdata(L, lua_upvalueindex(1));
    /* With the debug library a script can call this on anything, and more than once. */
    void *payload = cg_object(L, 1, class_);
    if (payload != NULL) {
        bool is_counted = counts_reference(class_) && *(void **)payload != NULL;
        class_->release(L, payload);
        if (is_counted) {
            cg_count_outside(L, -(ptrdiff_t)class_->outside);
        }
    }
    return 0;
}

static void push_closure(lua_State *L, const cg_native *native) {
    if (native == NULL) {
        lua_pushnil(L);
    } else if (cg_push_native(L, native, 0) != LUA_OK) {
        lua_error(L);
    }
}

static void set_natives(lua_State *L, const cg_member *members) {
    for (; members != NULL && members->name != NULL; members++) {
        if (members->method != NULL) {
            push_closure(L, members->method);
        } else {
            lua_pushinteger(L, members->property);
        }
        lua_setfield(L, -2, members->name);
    }
}

static int register_class(lua_State *L) {
    const cg_class *class_ = lua_touserdata(L, 1);
    lua_newtable(L); /* the metatable */
    lua_pushstring(L, class_->name);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable"); /* scripts neither see nor swap it */
    lua_newtable(L); /* the members */
    set_natives(L, class_->members);
    lua_pushvalue(L, -1);
    push_closure(L, class_->get);
    lua_pushcclosure(L, index_member, 2);
    lua_setfield(L, -3, "__index");
    lua_pushvalue(L, -1);
    push_closure(L, class_->set);
    lua_pushcclosure(L, set_member, 2);
    lua_setfield(L, -3, "__newindex");
    lua_setfield(L, -2, "members");
    set_natives(L, class_->metamethods);
    if (class_->release != NULL) {
        lua_pushlightuserdata(L, (void *)class_);
        lua_pushcclosure(L, finalize, 1);
        lua_setfield(L, -2, "__gc");
    }
    cg_state *state = cg_state_of(L);
    const void *metatable = lua_topointer(L, -1);
    int *ref = &state->metatable_refs[class_->id];
    if (*ref != 0) {
        lua_rawseti(L, LUA_REGISTRYINDEX, *ref);
    } else {
        *ref = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    state->metatables[class_->id] = metatable;
    return 0;
}

int cg_register_class(lua_State *L, const cg_class *class_) {
    return cg_protect(L, register_class, (void *)class_, 0, 0);
}

typedef struct { const cg_class *class_; size_t size; int values; void *payload; } making;

/* An object with a finalizer is there for one collection more than others, and what it holds outside of Lua's memory
 * nobody counts. A program that makes little else (one that starts green after green) would have its memory grow with
 * each collection. */
enum { BEHIND_AN_OBJECT = 128, COUNTED_AT_ONCE = 1024 };

static void count_object(lua_State *L) {
    cg_state *state = cg_state_of(L);
    if (++state->objects == COUNTED_AT_ONCE) {
        state->objects = 0;
        if (lua_gc(L, LUA_GCISRUNNING)) {
            lua_gc(L, LUA_GCSTEP, BEHIND_AN_OBJECT * COUNTED_AT_ONCE / 1024);
        }
    }
}

static int new_object(lua_State *L) {
    making *my = lua_touserdata(L, 1);
    if (my->class_->release != NULL && cg_state_of(L)->closing) {
        return luaL_error(L, "the Lua state is closing: no %s can be made any more", my->class_->name);
    }
    /* Never touched, what is much takes hardly any memory; but it has the collector come, and the limit hold. */
    size_t padding = counts_reference(my->class_) ? 0 : my->class_->outside;
    my->payload = lua_newuserdatauv(L, my->size + padding, my->values);
    memset(my->payload, 0, my->size);
    if (lua_rawgeti(L, LUA_REGISTRYINDEX, cg_state_of(L)->metatable_refs[my->class_->id]) != LUA_TTABLE) {
        return luaL_error(L, "class '%s' is not registered with this Lua state", my->class_->name);
    }
    lua_setmetatable(L, -2);
    if (my->class_->release != NULL) {
        count_object(L);
    }
    return 1;
}

int cg_new_object(lua_State *L, const cg_class *class_, size_t size, int values, void **payload) {
    making my = {.class_ = class_, .size = size, .values = values};
    int status = cg_protect(L, new_object, &my, 0, 1);
    *payload = status == LUA_OK ? my.payload : NULL;
    return status;
}

void *cg_object(lua_State *L, int index, const cg_class *class_) {
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) {
        return NULL;
    }
    const void *metatable = lua_topointer(L, -1);
    lua_pop(L, 1);
    return metatable == cg_state_of(L)->metatables[class_->id] ? lua_touserdata(L, index) : NULL;
}

void cg_push_metatable(lua_State *L, const cg_class *class_) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, cg_state_of(L)->metatable_refs[class_->id]);
}

void cg_get_user_value(lua_State *L, int index, int n) { lua_getiuservalue(L, index, n); }
void cg_set_user_value(lua_State *L, int index, int n) { lua_setiuservalue(L, index, n); }

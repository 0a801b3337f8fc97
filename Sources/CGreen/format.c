/* string.format that may wait in __tostring: those arguments become text first, and Lua's own function does the rest. */
#include <string.h>

#include "await.h"

/* Whether the value's text is to be asked for with a call. */
static bool asks_for_text(lua_State *L, int index) {
    int type = lua_type(L, index);
    if ((type != LUA_TTABLE && type != LUA_TUSERDATA) || !cg_push_tostring(L, index)) {
        return false;
    }
    lua_pop(L, 1);
    return true;
}

/* Whether the conversion accepts the argument: where it does not, nothing behind it is asked for its text. */
static bool accepts(lua_State *L, char conversion, int argument) {
    int is_good = 0;
    if (conversion != '\0' && strchr("cdiouxX", conversion) != NULL) {
        lua_tointegerx(L, argument, &is_good);
    } else if (conversion != '\0' && strchr("aAeEfFgG", conversion) != NULL) {
        lua_tonumberx(L, argument, &is_good);
    } else {
        is_good = (conversion == 's' || conversion == 'p' || conversion == 'q') && !lua_isnone(L, argument);
    }
    return is_good;
}

/* The argument that the next %s behind `done` shows, and that asks for its text; 0: none. */
static int next_argument(lua_State *L, int done) {
    int argument = 1;
    size_t length;
    const char *format = lua_tolstring(L, 1, &length); /* may hold zeros; another one stands behind its end */
    const char *end = format + length;
    while ((format = memchr(format, '%', (size_t)(end - format))) != NULL) {
        if (*++format == '%') {
            format++;
            continue;
        }
        format += strspn(format, "-+ #0123456789.");
        argument++;
        if (!accepts(L, *format, argument)) {
            break;
        }
        if (*format == 's' && argument > done && asks_for_text(L, argument)) {
            return argument;
        }
    }
    return 0;
}

/* Goes on behind argument `done`, whose text is on top. */
static int format_on(lua_State *L, int status, lua_KContext done) {
    (void)status;
    int argument = (int)done;
    do {
        if (argument > 0) {
            cg_check_text(L);
            lua_replace(L, argument);
        }
        argument = next_argument(L, argument);
        if (argument != 0) {
            cg_push_tostring(L, argument);
            lua_pushvalue(L, argument);
            lua_callk(L, 1, 1, argument, format_on);
        }
    } while (argument != 0);
    return cg_state_of(L)->own[CG_OWN_FORMAT](L);
}

static int string_format(lua_State *L) {
    for (int i = lua_gettop(L); i > 1; i--) {
        if (asks_for_text(L, i) && lua_isstring(L, 1)) {
            return format_on(L, LUA_OK, 0);
        }
    }
    return cg_state_of(L)->own[CG_OWN_FORMAT](L);
}

void cg_replace_format(lua_State *L) {
    lua_getfield(L, -1, "format");
    lua_CFunction own = lua_tocfunction(L, -1);
    lua_pop(L, 1);
    if (own != string_format) {
        cg_state_of(L)->own[CG_OWN_FORMAT] = own;
        lua_pushcfunction(L, string_format);
        lua_setfield(L, -2, "format");
    }
}

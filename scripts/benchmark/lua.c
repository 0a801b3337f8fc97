// The plainest host of Lua: runs one script with the standard libraries, on the shared library that Greenhouse links.
// Beside lua5.4, whose program holds a copy of its own, it shows which part of a ratio is how the library was built.
// Usage: lua SCRIPT
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>

int main(int argc, char **argv) {
    if (argc != 2) return fprintf(stderr, "usage: lua SCRIPT\n"), 2;
    lua_State *L = luaL_newstate();
    if (!L) return fprintf(stderr, "lua: not enough memory\n"), 1;
    luaL_openlibs(L);
    int failed = luaL_dofile(L, argv[1]);
    if (failed) fprintf(stderr, "lua: %s\n", luaL_tolstring(L, -1, NULL));
    lua_close(L);
    return failed;
}

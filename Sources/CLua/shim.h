/* Debian's Lua 5.4 (liblua5.4-dev). Only CGreen, the membrane, may include this. */
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

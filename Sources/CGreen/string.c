/* The string library: Lua's own, with the functions that can work for long, or call scripts, replaced. */
#include "pattern.h"

int cg_open_string(lua_State *L) {
    luaopen_string(L); /* strings' metatable has this same table as its __index */
    cg_open_find(L);
    cg_open_gmatch(L);
    cg_open_gsub(L);
    cg_open_rep(L);
    return 1;
}

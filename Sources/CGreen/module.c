#include "internal.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef struct arguments {
    const char *file;
    const char *opener;
} arguments;

/* A template of a search path with the file in it; false where it does not fit or is relative to the current folder,
 * which anybody may write to. */
static bool place(const char *template, size_t length, const char *file, char *buffer, size_t size) {
    const char *mark = memchr(template, '?', length);
    if (mark == NULL || template[0] != '/') {
        return false;
    }
    int before = (int)(mark - template);
    int after = (int)length - before - 1;
    int written = snprintf(buffer, size, "%.*s%s%.*s", before, template, file, after, mark + 1);
    return written > 0 && (size_t)written < size;
}

static int open_module(lua_State *L) {
    const arguments *my = lua_touserdata(L, 1);
    const char *path = LUA_CPATH_DEFAULT;
    char file[512];
    while (*path != '\0') {
        size_t length = strcspn(path, ";");
        /* Never closed: its functions may be called for as long as the process lives. */
        void *library = place(path, length, my->file, file, sizeof file) ? dlopen(file, RTLD_NOW | RTLD_LOCAL) : NULL;
        if (library != NULL) {
            void *found = dlsym(library, my->opener);
            if (found == NULL) {
                return luaL_error(L, "%s has no %s", file, my->opener);
            }
            lua_CFunction opener;
            memcpy(&opener, &found, sizeof opener);
            lua_pushcfunction(L, opener);
            lua_call(L, 0, 1);
            return 1;
        }
        path += length + (path[length] == ';');
    }
    return luaL_error(L, "the C module '%s' is not installed", my->file);
}

int cg_open_c_module(lua_State *L, const char *file, const char *opener) {
    arguments my = {file, opener};
    return cg_protect(L, open_module, &my, 0, 1);
}

/* Where the warnings of scripts go (manual 4.6, lua_WarnFunction; 6.1, warn). */
#include <string.h>

#include "internal.h"

/* Warnings come in pieces; one that does not fit is cut. A control message is a whole warning of one piece. */
static void take(void *context, const char *piece, int more) {
    cg_state *state = context;
    if (state->warning_length == 0 && !more && piece[0] == '@') {
        if (strcmp(piece, "@on") == 0) {
            state->warns_not = false;
        } else if (strcmp(piece, "@off") == 0) {
            state->warns_not = true;
        }
        return;
    }
    size_t length = strlen(piece);
    size_t room = sizeof state->warning - state->warning_length;
    if (length > room) {
        length = room;
    }
    memcpy(state->warning + state->warning_length, piece, length);
    state->warning_length += length;
    if (!more) {
        if (!state->warns_not && state->warned != NULL) {
            state->warned(state->main, state->warning, state->warning_length);
        }
        state->warning_length = 0;
    }
}

void cg_set_warned(lua_State *L, cg_warned warned) {
    cg_state *state = cg_state_of(L);
    state->warned = warned;
    lua_setwarnf(L, take, state);
}

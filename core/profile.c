#include "mw/profile.h"

bool mw_profile_eq(const struct mw_profile *a, const struct mw_profile *b) {
    return strcmp(a->nick, b->nick) == 0 && strcmp(a->avatar, b->avatar) == 0;
}

void mw_profile_merge(struct mw_profile *into, const struct mw_profile *news) {
    if (news->nick[0]) memcpy(into->nick, news->nick, sizeof into->nick);
    if (news->avatar[0]) memcpy(into->avatar, news->avatar, sizeof into->avatar);
}

/* The NUL too, so that "ab" and "c" differ from "a" and "bc". */
static uint64_t add_text(uint64_t print, const char *text) {
    do
        print = (print ^ (unsigned char)*text) * 1099511628211U;
    while (*text++);
    return print;
}

uint64_t mw_profile_print(const struct mw_profile *p) {
    return add_text(add_text(14695981039346656037U, p->nick), p->avatar);
}

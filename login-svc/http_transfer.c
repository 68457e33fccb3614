#include "http_transfer.h"

#include "mw/secret.h"

#include <stdlib.h>

struct transfer *transfer_new(const char *url, size_t target_at) {
    size_t size = mw_cstr(url).len + 1;
    struct transfer *t = calloc(1, sizeof *t + size);
    if (!t) return NULL;
    t->size = size;
    memcpy(t->url, url, size);
    if (target_at > 0) t->target = t->url + target_at;
    return t;
}

void transfer_forget_answer(struct transfer *t) {
    if (t->answer) mw_wipe(t->answer, t->answer_len);
    t->answer_len = 0;
    t->too_big = false;
}

void transfer_free(struct transfer *t) {
    transfer_forget_answer(t);
    free(t->answer);
    mw_wipe(t->url, t->size);
    free(t);
}

size_t transfer_take(char *data, size_t one, size_t len, void *arg) {
    struct transfer *t = arg;
    (void)one;
    if (len > HTTP_ANSWER_MAX - t->answer_len) {
        t->too_big = true;
        return 0;
    }
    if (t->answer_len + len > t->answer_cap) {
        size_t cap = t->answer_cap ? t->answer_cap : 512;
        while (cap < t->answer_len + len)
            cap *= 2;
        char *grown = realloc(t->answer, cap);
        if (!grown) return 0;
        t->answer = grown;
        t->answer_cap = cap;
    }
    memcpy(t->answer + t->answer_len, data, len);
    t->answer_len += len;
    return len;
}

#include "http_transfer.h"

#include "mw/secret.h"

#include <stdlib.h>

/* libcurl takes a URL apart and puts it together again several times for every call, at a third of the call's cost: so
 * it gets path and query apart, to be sent as they are. Not where a proxy has to be shown all of it. */
static size_t find_target(const char *url) {
    bool proxied = getenv("http_proxy") || getenv("all_proxy") || getenv("ALL_PROXY"); /* as libcurl looks for them */
    if (proxied && mw_str_starts(mw_cstr(url), MW_STR("http://"))) return 0;
    const char *host = strstr(url, "://"), *path = host ? strchr(host + 3, '/') : NULL;
    return path ? (size_t)(path - url) : 0;
}

struct transfer *transfer_new(const char *url) {
    size_t url_len = mw_cstr(url).len, target_at = find_target(url), size = url_len + 2;
    struct transfer *t = calloc(1, sizeof *t + size);
    if (!t) return NULL;
    t->size = size;
    if (target_at == 0) {
        memcpy(t->url, url, url_len);
    } else {
        memcpy(t->url, url, target_at);
        memcpy(t->url + target_at + 1, url + target_at, url_len - target_at);
        t->target = t->url + target_at + 1;
    }
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

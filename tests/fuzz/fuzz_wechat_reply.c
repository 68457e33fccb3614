/* What WeChat, or whoever stands in its place, answers: every body has a verdict, and nobody is logged in by a body
 * that does not say so in full. */
#include "wechat.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static bool is_all_of(const char *text, const char *letters) {
    return text[strspn(text, letters)] == '\0';
}

static const char id_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void check(const struct wechat_reply *r, long status, struct mw_str body) {
    must(r->verdict >= WECHAT_NO_ANSWER && r->verdict <= WECHAT_MISCONFIGURED, "the verdict is one of ours");
    must((r->setting != NULL) == (r->verdict == WECHAT_MISCONFIGURED), "a setting is named when one is wrong");
    must(memchr(r->rid, '\0', sizeof r->rid) && is_all_of(r->rid, "0123456789abcdef-"), "rid may be logged");
    if (r->verdict != WECHAT_LOGGED_IN) return;
    must(status == 200 && r->errcode == 0, "a success is one");
    must(r->openid[0] && is_all_of(r->openid, id_letters), "openid in shape");
    must(is_all_of(r->unionid, id_letters), "unionid in shape");
    must(memmem(body.ptr, body.len, "openid", 6) || memchr(body.ptr, '\\', body.len), "the body named an openid");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct mw_str body = mw_bytes(data, size);
    static const long statuses[] = {200, 500};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        struct wechat_reply reply;
        memset(&reply, 0x55, sizeof reply);
        wechat_read_reply(statuses[i], body, &reply);
        check(&reply, statuses[i], body);
    }
    return 0;
}

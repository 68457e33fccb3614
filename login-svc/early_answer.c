#include "early_answer.h"

#include <stdlib.h>
#include <sys/socket.h>

#define HEAD_MAX 512

static void put_number(struct mw_buf *b, const char *name, int64_t value) {
    mw_buf_put(b, mw_cstr(name));
    mw_buf_puti(b, value);
    mw_buf_put(b, MW_STR("\r\n"));
}

static void put_answer(struct mw_buf *b, const struct reply *r, const char *reason) {
    mw_buf_put(b, MW_STR("HTTP/1.1 "));
    mw_buf_puti(b, r->status);
    mw_buf_putc(b, ' ');
    mw_buf_put(b, mw_cstr(reason));
    mw_buf_put(b, MW_STR("\r\nConnection: close\r\nCache-Control: no-store\r\n"));
    if (r->body) mw_buf_put(b, MW_STR("Content-Type: application/json; charset=utf-8\r\n"));
    if (r->allow[0]) {
        mw_buf_put(b, MW_STR("Allow: "));
        mw_buf_put(b, mw_cstr(r->allow));
        mw_buf_put(b, MW_STR("\r\n"));
    }
    if (r->challenge) mw_buf_put(b, MW_STR("WWW-Authenticate: Bearer\r\n"));
    if (r->retry_after_s > 0) put_number(b, "Retry-After: ", r->retry_after_s);
    put_number(b, "Content-Length: ", (int64_t)r->body_len);
    mw_buf_put(b, MW_STR("\r\n"));
    if (r->body) mw_buf_put(b, mw_bytes(r->body, r->body_len));
}

void early_answer_send(int fd, const struct reply *reply, const char *reason) {
    const size_t cap = HEAD_MAX + reply->body_len;
    struct mw_buf b = mw_buf_over(malloc(cap), cap);
    if (!b.ptr) return;
    put_answer(&b, reply, reason);
    if (!b.overflow) (void)send(fd, b.ptr, b.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    free(b.ptr);
    (void)shutdown(fd, SHUT_WR);
}

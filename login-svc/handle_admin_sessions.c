#include "api.h"
#include "handlers.h"
#include "service.h"

#include <stdlib.h>

#define PAGE 200
#define ROW_MAX 128 /* one session's JSON */

static void put_session(struct mw_buf *b, const struct mw_session_brief *s) {
    mw_buf_put(b, MW_STR("{\"id\":"));
    mw_buf_put_json(b, mw_cstr(s->sid));
    mw_buf_put(b, MW_STR(",\"createdAt\":"));
    mw_buf_puti(b, s->created_s * 1000);
    mw_buf_put(b, MW_STR(",\"expiresAt\":"));
    mw_buf_puti(b, s->expires_s * 1000);
    mw_buf_putc(b, '}');
}

static void answer_page(struct call *call, const struct mw_session_brief *page, size_t count, int64_t now_s) {
    const size_t cap = (PAGE + 1) * ROW_MAX;
    struct mw_buf b = mw_buf_over(malloc(cap), cap);
    if (!b.ptr) {
        api_fail(call, API_INTERNAL, NULL);
        return;
    }
    mw_buf_put(&b, MW_STR("{\"sessions\":["));
    for (size_t i = 0, put = 0; i < count; i++) {
        if (mw_expired(page[i].expires_s, now_s)) continue;
        if (put++ > 0) mw_buf_putc(&b, ',');
        put_session(&b, &page[i]);
    }
    mw_buf_putc(&b, ']');
    if (count == PAGE) { /* there may be more: where to go on */
        mw_buf_put(&b, MW_STR(",\"next\":"));
        mw_buf_put_json(&b, mw_cstr(page[count - 1].sid));
    }
    mw_buf_put(&b, MW_STR("}\n"));
    api_answer_text(call, &b, NULL);
}

void handle_admin_sessions(struct service *svc, struct call *call) {
    struct mw_session_brief page[PAGE];
    size_t count = 0;
    struct mw_str uid = call->req.fields[FIELD_UID], after = call->req.fields[FIELD_AFTER];
    if (!mw_is_uid(uid) || (after.ptr && !mw_is_sid(after))) {
        api_fail(call, API_BAD_REQUEST, "Ask for ?uid=, and for more with &after= the sid that next named.");
        return;
    }
    enum mw_err err = readers_find_user(svc->readers, uid);
    if (err == MW_OK) err = readers_list_sessions(svc->readers, uid, after, page, PAGE, &count);
    if (err == MW_OK)
        answer_page(call, page, count, service_now_s(svc));
    else if (err == MW_ENOENT)
        api_fail(call, API_NOT_FOUND, "There is no such user.");
    else
        api_fail(call, API_STORE_UNAVAILABLE, NULL);
}

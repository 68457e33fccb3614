#include "notify.h"

#define NOTICE_TOPIC_MAX (sizeof("user//notice") + MW_UID_LEN)

static void send_notice(const struct client *c, const struct mw_notice *notice) {
    char topic[NOTICE_TOPIC_MAX];
    char text[MW_NOTICE_MAX];
    struct mw_buf b = mw_buf_over(topic, sizeof topic);
    mw_buf_put(&b, MW_STR("user/"));
    mw_buf_put(&b, mw_cstr(c->uid));
    mw_buf_put(&b, MW_STR("/notice"));
    const char *name = mw_buf_cstr(&b);
    size_t len = mw_notice_write(text, notice);
    /* Not delivered: the client is refused all the same, and learns of it by its PUBACK or the closed connection. */
    if (name) (void)host_publish(c->id, name, mw_bytes(text, len), 0, false);
}

bool notify_allowed(struct client *c) {
    return mw_bucket_take(&c->notices, NOTICES_PER_S, NOTICES_PER_S, host_mono_ms(), NULL);
}

void notify_refusal(struct client *c, const struct mw_notice *notice) {
    send_notice(c, notice);
}

void notify_end(struct client *c, enum mw_reason reason) {
    send_notice(c, &(struct mw_notice){.reason = reason});
}

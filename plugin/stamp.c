#include "stamp.h"

char *stamp_make(struct plugin *pl, const struct client *c, const struct publish *p, const struct admitted *found,
                 size_t *len) {
    struct mw_topic topic = mw_topic_parse(p->topic);
    int64_t now_ms = host_unix_ms();
    size_t cap = mw_m2_size_max(c->from_len, p->payload.len);
    char *text = host_malloc(cap);
    if (text == NULL) return NULL;
    *len = mw_m2_write(text, cap, mw_msgid_next(&pl->ids, now_ms), now_ms, &topic,
                       (struct mw_str){c->from, c->from_len}, p->payload, found->first_member);
    if (*len > 0) return text;
    host_free(text);
    return NULL;
}

void stamp_publish(struct plugin *pl, const struct client *c, const struct publish *p, const struct admitted *found) {
    char topic[sizeof("room/") + MW_ROOM_MAX];
    size_t len = 0;
    if (found->finished || !mw_str_copy(topic, sizeof topic, p->topic)) return;
    char *text = stamp_make(pl, c, p, found, &len);
    if (text) (void)host_publish(NULL, topic, mw_bytes(text, len), p->qos, false);
    host_free(text);
}

enum verdict stamp_message(struct plugin *pl, struct mosquitto_evt_message *ev) {
    const struct publish p = {.ptr = ev->client,
                              .topic = mw_cstr(ev->topic),
                              .payload = mw_bytes(ev->payload, ev->payloadlen),
                              .qos = ev->qos};
    struct admitted found = pl->admitted;
    pl->admitted = (struct admitted){0};
    struct client *c = clients_get(&pl->clients, p.ptr);
    if (c == NULL) return VERDICT_NOT_OURS;
    if (pl->stamped && pl->stamped == ev->payload) return VERDICT_ALLOW; /* 2.1, with the plugin in the list twice */

    /* ACL_CHECK comes right before, with the same bytes. Should a broker ever do it otherwise, judge again rather than
     * trust. */
    if (found.ptr != p.ptr || found.payload != p.payload.ptr || found.len != p.payload.len) {
        struct mw_m1 m1 = {0};
        const char *why = NULL;
        if (access_judge(pl, c, &p, host_unix_ms() / 1000, &found, &m1, &why) != MW_REASON_NONE) return VERDICT_DENY;
    }
    if (c->subject.role == MW_ROLE_USER) ev->retain = false;
    if (found.finished) return VERDICT_ALLOW;

    size_t len = 0;
    char *text = stamp_make(pl, c, &p, &found, &len);
    if (text == NULL || len > UINT32_MAX) {
        host_free(text);
        return VERDICT_DENY;
    }
    pl->stamped = text;
    ev->payload = text; /* the broker frees the old one, and ours later */
    ev->payloadlen = (uint32_t)len;
    return VERDICT_ALLOW;
}

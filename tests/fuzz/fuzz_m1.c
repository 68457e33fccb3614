/* Payloads of any bytes: whatever is taken as m1 becomes an m2 that every JSON parser reads alike, with our sender. */
#include "mw/json.h"
#include "mw/m1.h"
#include "mw/m2.h"
#include "mw/utf8.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UID "abcdefgh234567zz"

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static void check_stamped(struct mw_str m2, const struct mw_topic *topic, const struct mw_from *from) {
    struct cJSON *object = NULL;
    const char *why = NULL;

    must(mw_json_check(m2, NULL) == MW_OK, "m2 is strict JSON");
    must(mw_json_parse_object(m2, &object, NULL) == MW_OK, "m2 has no member twice");
    const struct cJSON *sender = cJSON_GetObjectItemCaseSensitive(object, "from");
    must(mw_str_eq(mw_json_string(sender, "uid"), MW_STR(UID)), "the sender is ours");
    must(mw_str_eq(mw_json_string(object, "id"), MW_STR("7")), "the id is ours");
    must(mw_str_eq(mw_json_string(object, "room"), MW_STR("lob\"by")), "the room is ours");
    must(memmem(m2.ptr, m2.len, from->text, from->len) != NULL, "the fragment stands in it as it was made");
    must(mw_m2_check(m2, topic, m2.len, &why) == MW_OK, "what we write passes as a finished message");
    cJSON_Delete(object);
}

static void check_taken(struct mw_str payload, const struct mw_m1 *m) {
    const struct mw_topic topic = mw_topic_parse(MW_STR("room/lob\"by"));
    struct mw_from from;

    must(m->type >= MW_M1_TEXT && m->type <= MW_M1_RECALL, "the type is known");
    must(m->type == MW_M1_CUSTOM || !m->transient, "only custom messages are transient");
    must((m->type == MW_M1_RECALL) == (m->of[0] != '\0'), "a recall names its message");
    must(m->first_member < payload.len && payload.ptr[m->first_member] == '"', "the first member is found");

    mw_from_make(MW_STR(UID), MW_STR("\"from\":\\"), MW_STR("https://a/b"), &from);
    const size_t cap = mw_m2_size_max(from.len, payload.len);
    char *out = malloc(cap);
    if (!out) return;
    const size_t len =
        mw_m2_write(out, cap, 7, 1763800000123, &topic, (struct mw_str){from.text, from.len}, payload, m->first_member);
    must(len > 0, "what was taken is written");
    check_stamped((struct mw_str){out, len}, &topic, &from);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct mw_m1_rules rules = {.max_bytes = 8192, .media_url = MW_STR("https://m/")};
    const struct mw_topic topic = mw_topic_parse(MW_STR("room/lobby"));
    const struct mw_str payload = mw_bytes(data, size);
    const char *why = NULL;
    struct mw_m1 m;

    const enum mw_err err = mw_m1_check(payload, &rules, &m, &why);
    bool controls = true;
    must(memchr(m.ref, '\0', sizeof m.ref) != NULL, "ref ends");
    must(mw_utf8_check(mw_cstr(m.ref), NULL, &controls) && !controls, "ref is printable, refused or not");
    if (err == MW_OK)
        check_taken(payload, &m);
    else
        must(why != NULL && why[0] != '\0', "a refusal says why");

    why = NULL;
    if (mw_m2_check(payload, &topic, 8192, &why) == MW_OK)
        must(err != MW_OK, "what carries a sender is no m1");
    else
        must(why != NULL, "a refusal says why");
    return 0;
}

#include "token_view.h"

#include "mw/base64.h"
#include "mw/json.h"
#include "mw/skey.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define RAW_MAX 65536

/* Valid UTF-8 without its control characters: the terminal obeys those. */
static void put_safe(struct mw_str text) {
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        const unsigned char next = i + 1 < text.len ? (unsigned char)text.ptr[i + 1] : 0;
        if (c < 0x20 || c == 0x7f) {
            (void)fputc('?', stdout);
        } else if (c == 0xc2 && next >= 0x80 && next <= 0x9f) { /* U+0080..009F */
            (void)fputc('?', stdout);
            i++;
        } else {
            (void)fputc(c, stdout);
        }
    }
}

/* "3 h 20 min": the two largest units. */
static void put_span(int64_t span_s) {
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    size_t i = 0;
    while (i < 3 && span_s < units[i].seconds)
        i++;
    (void)printf("%" PRId64 " %s", span_s / units[i].seconds, units[i].name);
    const int64_t rest = span_s % units[i].seconds;
    if (i < 3 && rest >= units[i + 1].seconds)
        (void)printf(" %" PRId64 " %s", rest / units[i + 1].seconds, units[i + 1].name);
}

static void put_date(int64_t at_s, int64_t now_s) {
    const time_t at = (time_t)at_s;
    struct tm utc;
    char text[64];
    (void)printf("%" PRId64, at_s);
    if (!gmtime_r(&at, &utc) || strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc) == 0) return;
    (void)printf("  (%s, %s", text, at_s > now_s ? "in " : "");
    put_span(at_s > now_s ? at_s - now_s : now_s - at_s);
    (void)printf("%s)", at_s > now_s ? "" : " ago");
}

static bool is_date(const char *name) {
    return strcmp(name, "iat") == 0 || strcmp(name, "exp") == 0 || strcmp(name, "nbf") == 0;
}

static void put_member(const struct cJSON *object, const struct cJSON *member, int64_t now_s) {
    int64_t at_s = 0;
    (void)fputs("  ", stdout);
    put_safe(mw_cstr(member->string));
    (void)printf("%*s", (int)(strlen(member->string) < 8 ? 8 - strlen(member->string) : 1), "");
    if (is_date(member->string) && mw_json_int(object, member->string, 0, INT64_MAX, &at_s)) {
        put_date(at_s, now_s);
    } else if (cJSON_IsString(member)) {
        put_safe(mw_cstr(member->valuestring));
    } else {
        char *text = cJSON_PrintUnformatted(member);
        put_safe(mw_cstr(text));
        cJSON_free(text);
    }
    (void)fputc('\n', stdout);
}

static void put_segment(const char *title, struct mw_str text, int64_t now_s) {
    static uint8_t raw[RAW_MAX];
    struct cJSON *tree = NULL;
    const char *why = "";
    size_t len = 0;
    if (mw_base64url_decode(text, raw, sizeof raw, &len) != MW_OK) {
        (void)printf("%s: not base64url\n", title);
        return;
    }
    if (mw_json_parse_object(mw_bytes(raw, len), &tree, &why) != MW_OK) {
        (void)printf("%s: not readable: %s\n", title, why);
        return;
    }
    (void)printf("%s\n", title);
    const struct cJSON *member = NULL;
    cJSON_ArrayForEach(member, tree) put_member(tree, member, now_s);
    cJSON_Delete(tree);
}

/* The part before the first dot, or all of it; *rest is what follows, absent when there is no dot. */
static struct mw_str cut(struct mw_str text, struct mw_str *rest) {
    const char *dot = text.len ? memchr(text.ptr, '.', text.len) : NULL;
    const size_t len = dot ? (size_t)(dot - text.ptr) : text.len;
    *rest = dot ? mw_str_skip(text, len + 1) : (struct mw_str){NULL, 0};
    return (struct mw_str){text.ptr, len};
}

void token_view_print(struct mw_str token, int64_t now_s) {
    struct mw_str rest, signature;
    const struct mw_str header = cut(token, &rest);
    if (!rest.ptr) {
        (void)puts("no dot in it: this is not a JWT");
        return;
    }
    put_segment("header", header, now_s);
    put_segment("claims", cut(rest, &signature), now_s);
}

#include "call.h"

#include "mw/parse.h"

static const struct {
    struct mw_str name;
    bool in_header, in_query;
    bool first_counts; /* given twice, the first one stands; else that is a conflict */
} known[] = {
    [FIELD_CODE] = {{"X-WX-Code", sizeof "X-WX-Code" - 1}, true, true, false},
    [FIELD_ENCRYPTED_DATA] = {{"X-WX-Encrypted-Data", sizeof "X-WX-Encrypted-Data" - 1}, true, true, false},
    [FIELD_IV] = {{"X-WX-IV", sizeof "X-WX-IV" - 1}, true, true, false},
    [FIELD_ID] = {{"X-WX-Id", sizeof "X-WX-Id" - 1}, true, true, false},
    [FIELD_SKEY] = {{"X-WX-Skey", sizeof "X-WX-Skey" - 1}, true, true, false},
    [FIELD_AUTHORIZATION] = {{"Authorization", sizeof "Authorization" - 1}, true, false, false},
    [FIELD_UID] = {{"uid", sizeof "uid" - 1}, false, true, false},
    [FIELD_AFTER] = {{"after", sizeof "after" - 1}, false, true, false},
    [FIELD_CONTENT_TYPE] = {{"Content-Type", sizeof "Content-Type" - 1}, true, false, true},
    [FIELD_CONTENT_LENGTH] = {{"Content-Length", sizeof "Content-Length" - 1}, true, false, false},
    [FIELD_TRANSFER_ENCODING] = {{"Transfer-Encoding", sizeof "Transfer-Encoding" - 1}, true, false, false},
    [FIELD_HOST] = {{"Host", sizeof "Host" - 1}, true, false, false},
    [FIELD_RANGE] = {{"Range", sizeof "Range" - 1}, true, false, true},
    [FIELD_IF_RANGE] = {{"If-Range", sizeof "If-Range" - 1}, true, false, true},
    [FIELD_IF_NONE_MATCH] = {{"If-None-Match", sizeof "If-None-Match" - 1}, true, false, true},
    [FIELD_IF_MODIFIED_SINCE] = {{"If-Modified-Since", sizeof "If-Modified-Since" - 1}, true, false, true},
};
_Static_assert(sizeof known / sizeof known[0] == FIELD_COUNT, "one name for each field");

const char *request_field_name(enum field field) {
    return known[field].name.ptr;
}

static char lower(char c) {
    if (c < 'A' || c > 'Z') return c;
    return (char)(c - 'A' + 'a');
}

static bool same_name(struct mw_str a, struct mw_str b) {
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i])) return false;
    return true;
}

/* FIELD_COUNT when it is none of ours. */
static size_t find(struct mw_str name) {
    size_t i = 0;
    while (i < FIELD_COUNT && !same_name(name, known[i].name))
        i++;
    return i;
}

static struct mw_str trim(struct mw_str s) {
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = mw_str_skip(s, 1);
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

static void count_bytes(struct request *req, struct mw_str name, struct mw_str value) {
    req->fields_bytes += name.len + value.len;
    if (req->fields_bytes > FIELDS_BYTES_MAX) req->too_big = true;
}

void request_add_header(struct request *req, struct mw_str name, struct mw_str value) {
    count_bytes(req, name, value);
    value = trim(value);
    size_t field = find(name);
    if (field == FIELD_COUNT || !known[field].in_header || value.len == 0) return;
    if (value.len > FIELD_VALUE_MAX) req->too_big = true;
    if (req->fields[field].ptr && known[field].first_counts) return;
    if (req->fields[field].ptr) {
        req->conflict = true;
        req->length_twice |= field == FIELD_CONTENT_LENGTH || field == FIELD_TRANSFER_ENCODING;
    }
    req->fields[field] = value;
}

void request_add_query(struct request *req, struct mw_str name, struct mw_str value) {
    count_bytes(req, name, value);
    size_t field = find(name);
    if (field == FIELD_COUNT || !known[field].in_query || value.len == 0) return;
    if (value.len > FIELD_VALUE_MAX) req->too_big = true;
    /* The same thing said twice is fine here: some clients put a session into both places. */
    if (req->fields[field].ptr && !mw_str_eq(req->fields[field], value)) req->conflict = true;
    req->fields[field] = value;
}

uint64_t request_length(const struct request *req) {
    uint64_t length = 0;
    const enum mw_err err = mw_parse_u64(req->fields[FIELD_CONTENT_LENGTH], UINT64_MAX - 1, &length);
    return err == MW_ETOOBIG ? UINT64_MAX : err == MW_OK ? length : 0;
}

bool request_length_is_clear(const struct request *req) {
    const struct mw_str encoding = req->fields[FIELD_TRANSFER_ENCODING];
    if (req->length_twice) return false;
    return !encoding.ptr || (same_name(encoding, MW_STR("chunked")) && !req->fields[FIELD_CONTENT_LENGTH].ptr);
}

struct mw_str request_bearer(const struct request *req) {
    const struct mw_str authorization = req->fields[FIELD_AUTHORIZATION];
    static const char scheme[] = "bearer ";
    const size_t len = sizeof scheme - 1;
    if (authorization.len <= len) return (struct mw_str){NULL, 0};
    for (size_t i = 0; i < len; i++)
        if ((authorization.ptr[i] | 0x20) != (scheme[i] | 0x20)) return (struct mw_str){NULL, 0};
    return mw_str_skip(authorization, len);
}

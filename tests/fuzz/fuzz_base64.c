/* Any text: what is decoded has this one spelling and no other. Any bytes: they survive. */
#include "mw/base32.h"
#include "mw/base64.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static const struct codec {
    enum mw_err (*decode)(struct mw_str text, uint8_t *out, size_t cap, size_t *len);
    void (*put)(struct mw_buf *b, struct mw_str raw);
} codecs[] = {{mw_base64_decode, mw_base64_put}, {mw_base64url_decode, mw_base64url_put}};

static void check_text(const struct codec *codec, struct mw_str text) {
    const size_t cap = text.len / 4 * 3 + 3;
    uint8_t *raw = malloc(cap), *tight = NULL;
    char *again = malloc(text.len + 1);
    size_t len = 0, tight_len = 0;
    if (!raw || !again || codec->decode(text, raw, cap, &len) != MW_OK) goto done;

    struct mw_buf b = mw_buf_over(again, text.len);
    codec->put(&b, mw_bytes(raw, len));
    must(!b.overflow && mw_str_eq(mw_buf_str(&b), text), "the spelling is the only one");
    tight = malloc(len ? len : 1);
    if (!tight) goto done;
    must(codec->decode(text, tight, len, &tight_len) == MW_OK && tight_len == len, "its own length is enough");
    if (len > 0) must(codec->decode(text, tight, len - 1, &tight_len) == MW_ETOOBIG, "one byte less is not");
done:
    free(tight);
    free(again);
    free(raw);
}

static void check_bytes(const struct codec *codec, struct mw_str raw) {
    const size_t cap = MW_BASE64_LEN(raw.len);
    char *text = malloc(cap ? cap : 1);
    uint8_t *back = malloc(raw.len ? raw.len : 1);
    size_t len = 0;
    if (text && back) {
        struct mw_buf b = mw_buf_over(text, cap);
        codec->put(&b, raw);
        must(codec->decode(mw_buf_str(&b), back, raw.len, &len) == MW_OK, "what was encoded is decoded");
        must(len == raw.len && memcmp(back, raw.ptr, len) == 0, "the bytes survive");
    }
    free(back);
    free(text);
}

static void check_base32(struct mw_str raw) {
    char *text = malloc(MW_BASE32_LEN(raw.len) + 1);
    if (!text) return;
    struct mw_buf b = mw_buf_over(text, MW_BASE32_LEN(raw.len));
    mw_base32_put(&b, raw);
    must(!b.overflow && mw_is_base32(mw_buf_str(&b), MW_BASE32_LEN(raw.len)), "base32 has its length and letters");
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct mw_str input = mw_bytes(data, size);
    if (!data) return 0;
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        check_text(&codecs[i], input);
        check_bytes(&codecs[i], input);
    }
    check_base32(input);
    return 0;
}

/* Bodies of any bytes, in pieces of any size: the same parts come out as from one piece, and every byte of them was in
 * the body. The first byte is the size of the pieces; the boundary is "B". */
#include "mw/multipart.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* Writes down what was read; gives the last event. */
static enum mw_multipart_event read_all(struct mw_str body, size_t piece, struct mw_buf *out) {
    struct mw_multipart m;
    size_t shown = 0, done = 0;
    must(mw_multipart_start(&m, MW_STR("multipart/form-data; boundary=B")) == MW_OK, "the boundary is good");
    for (;;) {
        const struct mw_multipart_step step = mw_multipart_next(&m, mw_bytes(body.ptr + done, shown - done));
        must(step.used <= shown - done, "no more is used than was shown");
        must(step.event != MW_MULTIPART_MORE || shown - done - step.used < MW_MULTIPART_WINDOW_MIN, "it gets on");
        done += step.used;
        if (step.event == MW_MULTIPART_PART) mw_buf_putc(out, step.is_file ? 'F' : 'P');
        if (step.event == MW_MULTIPART_DATA) {
            must(step.data.len > 0 && step.data.ptr >= body.ptr && step.data.ptr + step.data.len <= body.ptr + done,
                 "data stands in what was used");
            mw_buf_put(out, step.data);
        }
        must((step.event == MW_MULTIPART_BAD) == (step.why != NULL), "a refusal says why");
        if (step.event == MW_MULTIPART_END || step.event == MW_MULTIPART_BAD) return step.event;
        if (step.event == MW_MULTIPART_MORE && shown == body.len) return step.event;
        if (step.event == MW_MULTIPART_MORE) shown = shown + piece < body.len ? shown + piece : body.len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    const struct mw_str body = mw_bytes(data + 1, size - 1);
    const size_t cap = 2 * size + 16;
    char *mem = malloc(2 * cap);
    if (!mem) return 0;
    struct mw_buf whole = mw_buf_over(mem, cap), pieces = mw_buf_over(mem + cap, cap);
    const enum mw_multipart_event a = read_all(body, body.len + 1, &whole);
    const enum mw_multipart_event b = read_all(body, (size_t)data[0] + 1, &pieces);
    must(a == b, "pieces end as the whole does");
    must(!whole.overflow && mw_str_eq(mw_buf_str(&whole), mw_buf_str(&pieces)), "pieces give what the whole gives");

    struct mw_multipart m; /* and any bytes as the header */
    must(mw_multipart_start(&m, body) != MW_OK || m.delimiter_len > 4, "a boundary is never empty");
    free(mem);
    return 0;
}

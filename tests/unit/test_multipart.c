#include "mw/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define TYPE "multipart/form-data; boundary=B"
#define FILE_HEAD "Content-Disposition: form-data; name=\"f\"; filename=\"a.jpg\"\r\n"
#define FIELD_HEAD "Content-Disposition: form-data; name=\"f\"\r\n"

/* What was read, written down: "F" and "P" for a part that is a file or none, its bytes, "." for the end, "!" for bad,
 * "~" for cut. */
static void read_all(struct mw_str body, size_t piece, char *out, size_t cap) {
    struct mw_multipart m;
    struct mw_buf b = mw_buf_over(out, cap);
    size_t shown = 0, done = 0;
    assert_int_equal(mw_multipart_start(&m, MW_STR(TYPE)), MW_OK);
    for (;;) {
        const struct mw_multipart_step step = mw_multipart_next(&m, mw_bytes(body.ptr + done, shown - done));
        assert_true(step.used <= shown - done);
        done += step.used;
        if (step.event == MW_MULTIPART_PART) mw_buf_putc(&b, step.is_file ? 'F' : 'P');
        if (step.event == MW_MULTIPART_DATA) {
            assert_true(step.data.len > 0);
            mw_buf_put(&b, step.data);
        }
        if (step.event == MW_MULTIPART_BAD) assert_non_null(step.why);
        if (step.event == MW_MULTIPART_END || step.event == MW_MULTIPART_BAD) {
            mw_buf_putc(&b, step.event == MW_MULTIPART_END ? '.' : '!');
            break;
        }
        if (step.event != MW_MULTIPART_MORE) continue;
        if (shown == body.len) {
            mw_buf_putc(&b, '~');
            break;
        }
        shown = shown + piece < body.len ? shown + piece : body.len;
    }
    assert_non_null(mw_buf_cstr(&b));
}

static const struct {
    struct mw_str body;
    const char *want;
} bodies[] = {
#define ROW(body, want)                                                                                                \
    { {(body), sizeof(body) - 1}, want }
    ROW("--B\r\n" FILE_HEAD "\r\nhello\r\n--B--\r\n", "Fhello."),
    ROW("--B\r\n" FILE_HEAD "\r\nhello\r\n--B--", "Fhello."),
    ROW("\r\n--B\r\n" FILE_HEAD "\r\nhello\r\n--B--", "Fhello."),
    ROW("--B  \t\r\n" FILE_HEAD "\r\nhello\r\n--B \r\n" FIELD_HEAD "\r\nx\r\n--B--", "FhelloPx."),
    ROW("--B\r\n" FIELD_HEAD "\r\nx\r\n--B\r\n" FILE_HEAD "\r\n\r\n--B--", "PxF."),
    ROW("--B\r\n" FILE_HEAD "Content-Type: text/html\r\n\r\n\r\n--B--", "F."),
    ROW("--B\r\n\r\nno headers\r\n--B--", "Pno headers."),
    ROW("--B\r\ncontent-disposition:FORM-DATA ;FileName=a\r\n\r\nx\r\n--B--", "Fx."),
    ROW("--B\r\nContent-Disposition: form-data; filename*=UTF-8''a\r\n\r\nx\r\n--B--", "Fx."),
    ROW("--B\r\nContent-Disposition: form-data; name=\"filename=x; filename\"\r\n\r\nx\r\n--B--", "Px."),
    ROW("--B\r\nContent-Disposition: form-data; name=\"\\\"; filename=\"\r\n\r\nx\r\n--B--", "Px."),
    ROW("--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\\\"\r\n\r\nx\r\n--B--", "Fx."),
    ROW("--B\r\nContent-Disposition: form-data; name=\"f\\\"\r\n\r\nx\r\n--B--", "Px."),
    ROW("--B\r\nContent-Disposition: form-data; filename=\"../../etc/passwd\"\r\n\r\nx\r\n--B--", "Fx."),
    ROW("--B\r\nContent-Disposition: form-data; filename=\xe5\x9b\xbe \xe7\x89\x87.jpg\r\n\r\nx\r\n--B--", "Fx."),
    ROW("--B\r\n" FILE_HEAD "Content-Transfer-Encoding: binary\r\n\r\nx\r\n--B--", "Fx."),
    /* What only looks like a boundary. */
    ROW("--B\r\n" FILE_HEAD "\r\na\r\n-\r\n--\r\n--A\r\r\n--b--B\n--B\r--B\r\n--B--",
        "Fa\r\n-\r\n--\r\n--A\r\r\n--b--B\n--B\r--B."),
    /* Behind the end anything may stand. */
    ROW("--B\r\n" FILE_HEAD "\r\nx\r\n--B--\r\n--B\r\n" FILE_HEAD "\r\ny\r\n--B--", "Fx."),
    ROW("--B--", "."),
    /* Cut. */
    ROW("", "~"),
    ROW("--", "~"),
    ROW("--B", "~"),
    ROW("--B\r", "~"),
    ROW("--B\r\n" FILE_HEAD, "~"),
    ROW("--B\r\n" FILE_HEAD "\r\nhello", "Fhello~"),
    ROW("--B\r\n" FILE_HEAD "\r\nhello\r\n--B", "Fhello~"),
    ROW("--B\r\n" FILE_HEAD "\r\nhello\r\n--B-", "Fhello~"),
    /* Bad. */
    ROW("hello", "!"),
    ROW("--A\r\n" FILE_HEAD "\r\nhello\r\n--A--", "!"),
    ROW("preamble\r\n--B\r\n" FILE_HEAD "\r\nhello\r\n--B--", "!"),
    ROW("--BB\r\n" FILE_HEAD "\r\nhello\r\n--BB--", "!"),
    ROW("--B\n" FILE_HEAD "\r\nhello\r\n--B--", "!"),
    ROW("--B\r\n" FILE_HEAD "\r\nhello\r\n--Bx\r\n--B--", "Fhello!"),
    ROW("--B\r\nno colon\r\n\r\nx\r\n--B--", "!"),
    ROW("--B\r\n: no name\r\n\r\nx\r\n--B--", "!"),
    ROW("--B\r\nA: b\r\n folded\r\n\r\nx\r\n--B--", "!"),
    ROW("--B\r\nA: b\x01\r\n\r\nx\r\n--B--", "!"),
    ROW("--B\r\nA: b\nC: d\r\n\r\nx\r\n--B--", "!"),
    ROW("--B\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n--B--", "!"),
    ROW("--B\r\nContent-Disposition: form-data; filename\r\n\r\nx\r\n--B--", "!"),
    ROW("--B\r\nContent-Disposition: form-data; filename=\"a\r\n\r\nx\r\n--B--", "!"),
    ROW("--B\r\nContent-Disposition: form-data; filename=\"a\"b\r\n\r\nx\r\n--B--", "!"),
    ROW("--B\r\nContent-Disposition: form-data; filename=\"a\\\"b\r\n\r\nx\r\n--B--", "!"),
    ROW("--B\r\nContent-Disposition: form-data; filename=\"\\\r\n\r\nx\r\n--B--", "!"),
    ROW("--B\r\n" FILE_HEAD "Content-Transfer-Encoding: base64\r\n\r\naGk=\r\n--B--", "!"),
#undef ROW
};

/* The same whatever pieces it comes in. */
static void next__each_body_in_any_pieces__the_same(void **state) {
    char got[256];
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        for (size_t piece = 1; piece <= bodies[i].body.len + 1; piece++) {
            read_all(bodies[i].body, piece, got, sizeof got);
            if (strcmp(got, bodies[i].want) != 0) fail_msg("row %zu, pieces of %zu: %s", i, piece, got);
        }
    }
}

/* No beginning of a body passes for the whole. */
static void next__cut_at_every_byte__never_ends(void **state) {
    static const char whole[] = "--B\r\n" FIELD_HEAD "\r\nfield\r\n--B\r\n" FILE_HEAD "\r\nhello\r\n--B--";
    char got[256];
    (void)state;
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        read_all(mw_bytes(whole, len), 7, got, sizeof got);
        if (got[strlen(got) - 1] != '~') fail_msg("cut at %zu: %s", len, got);
    }
}

static void next__endless_headers_or_padding__refused(void **state) {
    static char body[2 * MW_MULTIPART_HEAD_MAX];
    char got[64];
    (void)state;
    for (int blank = 0; blank < 2; blank++) {
        struct mw_buf b = mw_buf_over(body, sizeof body);
        mw_buf_put(&b, blank ? MW_STR("--B") : MW_STR("--B\r\nA: "));
        while (!b.overflow)
            mw_buf_putc(&b, blank ? ' ' : 'x');
        read_all(mw_buf_str(&b), 4096, got, sizeof got);
        assert_string_equal(got, "!");
    }
}

static void start__content_types__rows(void **state) {
#define A70 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    static const struct {
        const char *type, *boundary; /* NULL: refused */
    } rows[] = {
        {"multipart/form-data; boundary=B", "B"},
        {"Multipart/Form-Data;charset=utf-8 ; BOUNDARY=\"a b'()+_,-./:=?\"", "a b'()+_,-./:=?"},
        {"multipart/form-data; boundary=----WebKitFormBoundaryx1", "----WebKitFormBoundaryx1"},
        {"multipart/form-data; boundary=B;", "B"},
        {"multipart/form-data; boundary=" A70, A70},
        {"multipart/form-data; boundary=a" A70, NULL},
        {"multipart/form-data", NULL},
        {"multipart/form-data;", NULL},
        {"multipart/form-data; boundary", NULL},
        {"multipart/form-data; boundary=", NULL},
        {"multipart/form-data; boundary=\"\"", NULL},
        {"multipart/form-data; boundary=\"B", NULL},
        {"multipart/form-data; boundary=\"B \"", NULL},
        {"multipart/form-data; boundary=\"a\\\"b\"", NULL},
        {"multipart/form-data; boundary=a\xc3\xa4", NULL},
        {"multipart/form-data; boundary=B; boundary=C", NULL},
        {"multipart/form-data boundary=B", NULL},
        {"multipart/mixed; boundary=B", NULL},
        {"application/x-www-form-urlencoded", NULL},
        {"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_multipart m;
        const enum mw_err err = mw_multipart_start(&m, mw_cstr(rows[i].type));
        if (err != (rows[i].boundary ? MW_OK : MW_EINVAL)) fail_msg("row %zu: %s", i, mw_err_text(err));
        if (err == MW_OK && !mw_str_eq(mw_bytes(m.delimiter + 4, m.delimiter_len - 4), mw_cstr(rows[i].boundary)))
            fail_msg("row %zu: another boundary", i);
    }
    struct mw_multipart m;
    assert_int_equal(mw_multipart_start(&m, mw_cstr(NULL)), MW_EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next__each_body_in_any_pieces__the_same),
        cmocka_unit_test(next__cut_at_every_byte__never_ends),
        cmocka_unit_test(next__endless_headers_or_padding__refused),
        cmocka_unit_test(start__content_types__rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

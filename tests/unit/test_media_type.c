#include "mw/media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BYTES(literal)                                                                                                 \
    { literal, sizeof(literal) - 1 }

static void media__each_type__has_its_words(void **state) {
    static const struct {
        enum mw_media_type type;
        const char *ext, *mime;
        bool image;
    } rows[] = {
        {MW_MEDIA_JPEG, "jpg", "image/jpeg", true},      {MW_MEDIA_PNG, "png", "image/png", true},
        {MW_MEDIA_GIF, "gif", "image/gif", true},        {MW_MEDIA_WEBP, "webp", "image/webp", true},
        {MW_MEDIA_MP4, "mp4", "video/mp4", false},       {MW_MEDIA_MP3, "mp3", "audio/mpeg", false},
        {MW_MEDIA_AAC, "aac", "audio/aac", false},       {MW_MEDIA_M4A, "m4a", "audio/mp4", false},
        {MW_MEDIA_AMR, "amr", "audio/amr", false},       {MW_MEDIA_WAV, "wav", "audio/wav", false},
        {MW_MEDIA_PDF, "pdf", "application/pdf", false},
    };
    _Static_assert(sizeof rows / sizeof rows[0] == MW_MEDIA_COUNT - 1, "a row for each type");
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char name[MW_MEDIA_NAME_MAX + 1];
        assert_string_equal(mw_media_ext(rows[i].type), rows[i].ext);
        assert_string_equal(mw_media_mime(rows[i].type), rows[i].mime);
        assert_int_equal(mw_media_is_image(rows[i].type), rows[i].image);
        assert_in_range(snprintf(name, sizeof name, HASH ".%s", rows[i].ext), 1, MW_MEDIA_NAME_MAX);
        if (mw_media_name_type(mw_cstr(name)) != rows[i].type) fail_msg("%s", name);
    }
}

static void media__no_type__has_none(void **state) {
    static const int none[] = {MW_MEDIA_NONE, MW_MEDIA_COUNT, MW_MEDIA_COUNT + 1, -1, 1000};
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_null(mw_media_ext((enum mw_media_type)none[i]));
        assert_null(mw_media_mime((enum mw_media_type)none[i]));
        assert_false(mw_media_is_image((enum mw_media_type)none[i]));
    }
}

static void media__names_of_other_forms__are_refused(void **state) {
    static const struct mw_str rows[] = {
        {NULL, 0},
        BYTES(""),
        BYTES("a.jpg"),
        BYTES(HASH),
        BYTES(HASH "."),
        BYTES(HASH ".jpeg"),
        BYTES(HASH ".JPG"),
        BYTES(HASH ".jp"),
        BYTES(HASH ".jpg "),
        BYTES(HASH ".jpg\0"),
        BYTES(HASH ".jpg.jpg"),
        BYTES(HASH ".html"),
        BYTES(HASH ".svg"),
        BYTES(HASH "jpg"),
        BYTES(HASH "/jpg"),
        BYTES(HASH "0.jpg"),
        BYTES("0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef.jpg"),
        BYTES("g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.jpg"),
        BYTES("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde/.jpg"),
        BYTES("../3456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.jpg"),
        BYTES("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde.jpg"),
        BYTES("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\0.jpg"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (mw_media_name_type(rows[i]) != MW_MEDIA_NONE) fail_msg("row %zu %s", i, rows[i].ptr);
}

/* "https://ours" may not let "https://ours.theirs" in. */
static void media__url__is_the_base_and_a_name(void **state) {
    static const struct {
        const char *url, *base;
        enum mw_media_type type;
    } rows[] = {
        {"https://ours/" HASH ".png", "https://ours/", MW_MEDIA_PNG},
        {"https://ours/" HASH ".png", "https://ours", MW_MEDIA_PNG},
        {"https://ours/m/" HASH ".pdf", "https://ours/m/", MW_MEDIA_PDF},
        {HASH ".png", "", MW_MEDIA_NONE},
        {HASH ".png", NULL, MW_MEDIA_NONE},
        {"/" HASH ".png", "", MW_MEDIA_NONE},
        {NULL, "https://ours/", MW_MEDIA_NONE},
        {"https://ours/", "https://ours/", MW_MEDIA_NONE},
        {"https://ours", "https://ours", MW_MEDIA_NONE},
        {"https://ours", "https://ours/", MW_MEDIA_NONE},
        {"https://ours/a.png", "https://ours/", MW_MEDIA_NONE},
        {"https://ours//" HASH ".png", "https://ours", MW_MEDIA_NONE},
        {"https://ours" HASH ".png", "https://ours", MW_MEDIA_NONE},
        {"https://ours.theirs/" HASH ".png", "https://ours", MW_MEDIA_NONE},
        {"https://ours/../" HASH ".png", "https://ours/", MW_MEDIA_NONE},
        {"https://theirs/" HASH ".png", "https://ours/", MW_MEDIA_NONE},
        {"HTTPS://ours/" HASH ".png", "https://ours/", MW_MEDIA_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (mw_media_url_type(mw_cstr(rows[i].url), mw_cstr(rows[i].base)) != rows[i].type)
            fail_msg("row %zu %s", i, rows[i].url);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(media__each_type__has_its_words),
        cmocka_unit_test(media__no_type__has_none),
        cmocka_unit_test(media__names_of_other_forms__are_refused),
        cmocka_unit_test(media__url__is_the_base_and_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

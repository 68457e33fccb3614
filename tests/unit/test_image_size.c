#include "mw/media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define BYTES(literal)                                                                                                 \
    { literal, sizeof(literal) - 1 }

/* A file in pieces of one size, each a copy of its own, so that a read past the end is found. */
static enum mw_err read_in(struct mw_str file, enum mw_media_type type, size_t piece, struct mw_image *image) {
    mw_image_start(image, type);
    for (size_t at = 0; at < file.len; at += piece) {
        const size_t len = file.len - at < piece ? file.len - at : piece;
        uint8_t *copy = malloc(len);
        if (!copy) fail();
        memcpy(copy, file.ptr + at, len);
        mw_image_feed(image, copy, len);
        free(copy);
    }
    return mw_image_end(image);
}

/* JPEG: 3 wide, 2 high. */
#define SOI "\xff\xd8"
#define FRAME(marker) "\xff" marker "\0\x0b\x08\0\2\0\3\1\1\x11\0"
#define SCAN "\xff\xda\0\x08\1\1\0\0\x3f\0\x55"
#define APP0 "\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
#define TURN_LE(value) "\x12\1\3\0\1\0\0\0" value "\0\0"
#define TURN_BE(value) "\1\x12\0\3\0\0\0\1\0" value "\0\0"
#define MAKER_LE "\x0f\1\2\0\4\0\0\0abc\0"
#define EXIF_LE(len, entries) "\xff\xe1\0" len "Exif\0\0II*\0\x08\0\0\0" entries
#define EXIF_BE(len, entries) "\xff\xe1\0" len "Exif\0\0MM\0*\0\0\0\x08" entries

/* PNG: 5 wide, 7 high. Checksums are not looked at. */
#define PNG_START "\x89PNG\r\n\x1a\n"
#define SUM "\1\2\3\4"
#define IHDR "\0\0\0\x0dIHDR\0\0\0\5\0\0\0\7\x08\2\0\0\0" SUM
#define IDAT "\0\0\0\3IDATabc" SUM
#define IEND "\0\0\0\0IEND" SUM

/* GIF: 4 wide, 6 high. */
#define GIF_START "GIF89a\4\0\6\0\0\0\0"
#define GIF_IMAGE ",\0\0\0\0\4\0\6\0\0\2\3abc\0"

/* WebP: 9 wide, 8 high. */
#define LOSSY "VP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\x09\0\x08\0"
#define LOSSLESS "VP8L\5\0\0\0\x2f\x08\xc0\x01\0"
#define EXTENDED "VP8X\x0a\0\0\0\0\0\0\0\x08\0\0\x07\0\0"

#define JPEG MW_MEDIA_JPEG
#define PNG MW_MEDIA_PNG
#define GIF MW_MEDIA_GIF
#define WEBP MW_MEDIA_WEBP

/* `whole`: how much of the file must be there; 0: all of it. */
static const struct good {
    enum mw_media_type type;
    struct mw_str file;
    uint32_t width, height, orientation;
    size_t whole;
} good[] = {
    {JPEG, BYTES(SOI FRAME("\xc0") SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI FRAME("\xc1") SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI FRAME("\xc2") SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI APP0 "\xff\xfe\0\2\xff\xdb\0\3\0" FRAME("\xc0") "\xff\xc4\0\2" SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI "\xff\xff\xff\xe5\0\4\xff\xd9\xff\xff" FRAME("\xc0") "\xff" SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI FRAME("\xc0") "\xff\xc8\0\2\xff\xcc\0\2\xff\xc4\0\2" SCAN), 3, 2, 1, 0}, /* no frames */
    {JPEG, BYTES(SOI "\xff\x01\xff\xd0\xff\xd7" FRAME("\xc0") SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI FRAME("\xc0") SCAN "\xff\xd9 and more"), 3, 2, 1, sizeof(SOI FRAME("\xc0") SCAN) - 1},
    {JPEG, BYTES(SOI EXIF_LE("\x22", "\1\0" TURN_LE("\1\0")) "\0\0\0\0" FRAME("\xc0") SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI EXIF_LE("\x1e", "\1\0" TURN_LE("\3\0")) FRAME("\xc0") SCAN), 3, 2, 3, 0},
    {JPEG, BYTES(SOI EXIF_LE("\x1e", "\1\0" TURN_LE("\4\0")) FRAME("\xc0") SCAN), 3, 2, 4, 0},
    {JPEG, BYTES(SOI EXIF_LE("\x1e", "\1\0" TURN_LE("\5\0")) FRAME("\xc0") SCAN), 2, 3, 5, 0},
    {JPEG, BYTES(SOI EXIF_LE("\x2a", "\2\0" MAKER_LE TURN_LE("\6\0")) FRAME("\xc0") SCAN), 2, 3, 6, 0},
    {JPEG, BYTES(SOI EXIF_BE("\x1e", "\0\1" TURN_BE("\x08")) FRAME("\xc0") SCAN), 2, 3, 8, 0},
    {JPEG, BYTES(SOI FRAME("\xc2") EXIF_BE("\x1e", "\0\1" TURN_BE("\7")) SCAN), 2, 3, 7, 0}, /* behind the frame */
    /* the directory stands further on */
    {JPEG,
     BYTES(SOI "\xff\xe1\0\x20"
               "Exif\0\0II*\0\x0a\0\0\0zz\1\0" TURN_LE("\6\0") FRAME("\xc0") SCAN),
     2, 3, 6, 0},
    /* only the first EXIF segment counts, and another APP1 is none */
    {JPEG, BYTES(SOI "\xff\xe1\0\x14http://ns.adobe.co" EXIF_LE("\x1e", "\1\0" TURN_LE("\6\0")) FRAME("\xc0") SCAN), 2,
     3, 6, 0},
    {JPEG,
     BYTES(SOI EXIF_LE("\x1e", "\1\0" TURN_LE("\1\0")) EXIF_LE("\x1e", "\1\0" TURN_LE("\6\0")) FRAME("\xc0") SCAN), 3,
     2, 1, 0},
    /* EXIF that makes no sense says nothing */
    {JPEG,
     BYTES(SOI "\xff\xe1\0\x08"
               "Exif\0\0" FRAME("\xc0") SCAN),
     3, 2, 1, 0},
    {JPEG,
     BYTES(SOI "\xff\xe1\0\x1e"
               "Exif\0\0IM*\0\x08\0\0\0\1\0" TURN_LE("\6\0") FRAME("\xc0") SCAN),
     3, 2, 1, 0},
    {JPEG,
     BYTES(SOI "\xff\xe1\0\x1e"
               "Exif\0\0II+\0\x08\0\0\0\1\0" TURN_LE("\6\0") FRAME("\xc0") SCAN),
     3, 2, 1, 0},
    {JPEG,
     BYTES(SOI "\xff\xe1\0\x1e"
               "Exif\0\0II*\0\x07\0\0\0\1\0" TURN_LE("\6\0") FRAME("\xc0") SCAN),
     3, 2, 1, 0},
    {JPEG,
     BYTES(SOI "\xff\xe1\0\x1e"
               "Exif\0\0II*\0\x15\0\0\0\1\0" TURN_LE("\6\0") FRAME("\xc0") SCAN),
     3, 2, 1, 0},
    {JPEG,
     BYTES(SOI "\xff\xe1\0\x1e"
               "Exif\0\0II*\0\xff\xff\xff\xff\1\0" TURN_LE("\6\0") FRAME("\xc0") SCAN),
     3, 2, 1, 0},
    {JPEG,
     BYTES(SOI "\xff\xe1\0\x1e"
               "Exif\0\0II*\0\x14\0\0\0\1\0" MAKER_LE FRAME("\xc0") SCAN),
     3, 2, 1, 0}, /* the last two bytes */
    {JPEG, BYTES(SOI EXIF_LE("\x1e", "\0\0" TURN_LE("\6\0")) FRAME("\xc0") SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI EXIF_LE("\x1e", "\xff\xff" MAKER_LE) FRAME("\xc0") SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI EXIF_LE("\x1e", "\1\0" TURN_LE("\x09\0")) FRAME("\xc0") SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI EXIF_LE("\x1e", "\1\0" TURN_LE("\0\0")) FRAME("\xc0") SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI EXIF_LE("\x1e", "\1\0" TURN_LE("\6\1")) FRAME("\xc0") SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI EXIF_LE("\x1e", "\1\0\x12\1\4\0\1\0\0\0\6\0\0\0") FRAME("\xc0") SCAN), 3, 2, 1, 0},
    {JPEG, BYTES(SOI EXIF_LE("\x1e", "\1\0\x12\1\3\0\2\0\0\0\6\0\0\0") FRAME("\xc0") SCAN), 3, 2, 1, 0},

    {PNG, BYTES(PNG_START IHDR IDAT IEND), 5, 7, 1, 0},
    {PNG, BYTES(PNG_START IHDR "\0\0\0\0tEXt" SUM "\0\0\0\1PLTEx" SUM IDAT IDAT "\0\0\0\0zTXt" SUM IEND), 5, 7, 1, 0},
    {PNG, BYTES(PNG_START IHDR IDAT IEND "more"), 5, 7, 1, sizeof(PNG_START IHDR IDAT IEND) - 1},
    {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\xff\xff\0\0\0\1\x01\3\0\0\1" SUM IDAT IEND), 65535, 1, 1, 0},
    {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\0\1\0\0\xff\xff\x01\3\0\0\1" SUM IDAT IEND), 1, 65535, 1, 0},
    {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\x40\0\0\0\x40\0\x10\6\0\0\0" SUM IDAT IEND), 16384, 16384, 1, 0},

    {GIF, BYTES(GIF_START GIF_IMAGE ";"), 4, 6, 1, sizeof(GIF_START GIF_IMAGE) - 1},
    {GIF,
     BYTES("GIF87a\4\0\6\0\x81\0\0abcdefghijkl"
           ",\0\0\0\0\4\0\6\0\0\1\3abc\0"),
     4, 6, 1, 0}, /* four colours, a bit each */
    {GIF, BYTES("GIF87a\4\0\6\0\x80\0\0abcdef" GIF_IMAGE), 4, 6, 1, 0},
    {GIF,
     BYTES("GIF89a\4\0\6\0\0\0\0"
           ",\0\0\0\0\4\0\6\0\x80"
           "abcdef\x0b\1x\0"),
     4, 6, 1, 0}, /* its own colours */
    {GIF, BYTES(GIF_START "!\xf9\4\0\0\0\0\0!\xff\x0bNETSCAPE2.0\3\1\0\0\0!\xfe\0" GIF_IMAGE), 4, 6, 1, 0},

    {WEBP, BYTES("RIFF\x16\0\0\0WEBP" LOSSY), 9, 8, 1, 0},
    {WEBP,
     BYTES("RIFF\x16\0\0\0WEBP"
           "VP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\x09\x40\x08\xc0"),
     9, 8, 1, 0}, /* scaled */
    {WEBP, BYTES("RIFF\x12\0\0\0WEBP" LOSSLESS "\0"), 9, 8, 1, 0},
    {WEBP, BYTES("RIFF\x11\0\0\0WEBP" LOSSLESS), 9, 8, 1, 0}, /* the last chunk without its padding */
    {WEBP, BYTES("RIFF\x28\0\0\0WEBP" EXTENDED LOSSY), 9, 8, 1, 0},
    {WEBP,
     BYTES("RIFF\x36\0\0\0WEBP" EXTENDED "ICCP\1\0\0\0x\0"
           "EXIF\0\0\0\0"
           "ANMF\2\0\0\0xy"
           "XMP "),
     9, 8, 1, 0},
    {WEBP, BYTES("RIFF\x16\0\0\0WEBP" LOSSY "more"), 9, 8, 1, 30},
    {WEBP,
     BYTES("RIFF\x18\0\0\0WEBP"
           "VP8 \x0b\0\0\0\x10\0\0\x9d\x01\x2a\x09\0\x08\0x\0"),
     9, 8, 1, 0},
};

static void image__good_files__have_their_size_in_pieces_of_any_size(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        for (size_t piece = 1; piece <= good[i].file.len; piece++) {
            struct mw_image image;
            const enum mw_err err = read_in(good[i].file, good[i].type, piece, &image);
            if (err != MW_OK || image.bad || image.width != good[i].width || image.height != good[i].height ||
                image.orientation != good[i].orientation)
                fail_msg("row %zu in pieces of %zu: %d, %u x %u, turn %u", i, piece, (int)err, image.width,
                         image.height, image.orientation);
        }
    }
}

static void image__cut_anywhere__is_bad(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        const size_t whole = good[i].whole ? good[i].whole : good[i].file.len;
        for (size_t len = 0; len < whole; len++) {
            struct mw_image image;
            const struct mw_str cut = {good[i].file.ptr, len};
            if (read_in(cut, good[i].type, len + 1, &image) != MW_EINVAL) fail_msg("row %zu cut at %zu", i, len);
            assert_true(image.bad);
        }
        struct mw_image image;
        const struct mw_str enough = {good[i].file.ptr, whole};
        if (read_in(enough, good[i].type, whole, &image) != MW_OK) fail_msg("row %zu at %zu", i, whole);
    }
}

static void image__files_that_lie__are_bad(void **state) {
    static const struct {
        enum mw_media_type type;
        struct mw_str file;
    } rows[] = {
        {JPEG, BYTES("\xff\xd9" FRAME("\xc0") SCAN)},
        {JPEG, BYTES(SOI "\0" FRAME("\xc0") SCAN)},
        {JPEG, BYTES(SOI "\xff\0\0\2" FRAME("\xc0") SCAN)},
        {JPEG, BYTES(SOI "\xff\0" FRAME("\xc0") SCAN)},
        {JPEG, BYTES(SOI SOI FRAME("\xc0") SCAN)},
        {JPEG, BYTES(SOI FRAME("\xc0") "\xff\xd9" SCAN)},
        {JPEG, BYTES(SOI SCAN FRAME("\xc0") SCAN)},
        {JPEG, BYTES(SOI FRAME("\xc0") FRAME("\xc0") SCAN)},
        {JPEG, BYTES(SOI FRAME("\xc0") FRAME("\xc3") SCAN)},
        {JPEG, BYTES(SOI FRAME("\xc0") FRAME("\xcf") SCAN)},
        {JPEG, BYTES(SOI FRAME("\xc3") SCAN)}, /* lossless */
        {JPEG, BYTES(SOI FRAME("\xc9") SCAN)}, /* arithmetic */
        {JPEG, BYTES(SOI FRAME("\xcf") SCAN)},
        {JPEG, BYTES(SOI "\xff\xe0\0\0" FRAME("\xc0") SCAN)},
        {JPEG, BYTES(SOI "\xff\xe0\0\1" FRAME("\xc0") SCAN)},
        {JPEG, BYTES(SOI "\xff\xe0\0\4a" FRAME("\xc0") SCAN)},
        {JPEG, BYTES(SOI "\xff\xe0\0\3ab" FRAME("\xc0") SCAN)},
        {JPEG, BYTES(SOI "\xff\xe0\xff\xff" FRAME("\xc0") SCAN)},
        {JPEG, BYTES(SOI "\xff\xc0\0\x0b\x08\0\2\0\0\1\1\x11\0" SCAN)},         /* no width */
        {JPEG, BYTES(SOI "\xff\xc0\0\x0b\x08\0\0\0\3\1\1\x11\0" SCAN)},         /* no height */
        {JPEG, BYTES(SOI "\xff\xc0\0\x0b\x08\xff\xff\xff\xff\1\1\x11\0" SCAN)}, /* 4 billion pixels */
        {JPEG, BYTES(SOI "\xff\xc0\0\x08\x08\0\2\0\3\0" SCAN)},                 /* no components */
        {JPEG, BYTES(SOI "\xff\xc0\0\x0b\x08\0\2\0\3\3\1\x11\0" SCAN)},
        {JPEG, BYTES(SOI "\xff\xc0\0\x0c\x08\0\2\0\3\1\1\x11\0\0" SCAN)},
        {JPEG, BYTES(SOI "\xff\xc0\0\7\x08\0\2\0\3" SCAN)},

        {PNG, BYTES("\x89PNG\r\r\x1a\n" IHDR IDAT IEND)},
        {PNG, BYTES(PNG_START IDAT IHDR IDAT IEND)},
        {PNG, BYTES(PNG_START IHDR IEND)},
        {PNG, BYTES(PNG_START IHDR IDAT "\0\0\0\1IENDx" SUM)},
        {PNG, BYTES(PNG_START IHDR "\0\0\0\4IDATabc" SUM IEND)},
        {PNG, BYTES(PNG_START IHDR "\0\0\0\2IDATabc" SUM IEND)},
        {PNG, BYTES(PNG_START IHDR "\x80\0\0\0IDAT" IDAT IEND)},
        {PNG, BYTES(PNG_START IHDR "\xff\xff\xff\xff"
                                   "tEXt" IDAT IEND)},
        {PNG, BYTES(PNG_START IHDR "\0\0\0\0t\0Xt" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0eIHDR\0\0\0\5\0\0\0\7\x08\2\0\0\0" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\0\0\0\0\0\7\x08\2\0\0\0" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\0\5\0\0\0\0\x08\2\0\0\0" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\1\0\0\0\0\0\7\x08\2\0\0\0" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\0\5\0\1\0\0\x08\2\0\0\0" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\xff\xff\xff\xff\0\0\0\7\x08\2\0\0\0" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\x40\0\0\0\x40\1\x08\2\0\0\0" SUM IDAT IEND)}, /* a row too many */
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\0\5\0\0\0\7\x04\2\0\0\0" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\0\5\0\0\0\7\x20\0\0\0\0" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\0\5\0\0\0\7\x08\1\0\0\0" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\0\5\0\0\0\7\x08\7\0\0\0" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\0\5\0\0\0\7\x08\2\1\0\0" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\0\5\0\0\0\7\x08\2\0\1\0" SUM IDAT IEND)},
        {PNG, BYTES(PNG_START "\0\0\0\x0dIHDR\0\0\0\5\0\0\0\7\x08\2\0\0\2" SUM IDAT IEND)},

        {GIF, BYTES("GIF90a\4\0\6\0\0\0\0" GIF_IMAGE ";")},
        {GIF, BYTES("GIF89a\0\0\6\0\0\0\0" GIF_IMAGE ";")},
        {GIF, BYTES("GIF89a\4\0\0\0\0\0\0" GIF_IMAGE ";")},
        {GIF, BYTES("GIF89a\xff\xff\xff\xff\0\0\0" GIF_IMAGE ";")},
        {GIF, BYTES(GIF_START ";")},
        {GIF, BYTES(GIF_START "!\xfe\0")},
        {GIF, BYTES(GIF_START "?" GIF_IMAGE ";")},
        {GIF, BYTES(GIF_START GIF_IMAGE "?")},
        {GIF, BYTES(GIF_START ",\0\0\0\0\0\0\6\0\0\2\3abc\0;")},
        {GIF, BYTES(GIF_START ",\0\0\0\0\xff\xff\xff\xff\0\2\3abc\0;")},
        {GIF, BYTES(GIF_START ",\0\0\0\0\4\0\6\0\0\0\3abc\0;")},
        {GIF, BYTES(GIF_START ",\0\0\0\0\4\0\6\0\0\x0c\3abc\0;")},
        {GIF, BYTES(GIF_START ",\0\0\0\0\4\0\6\0\0\2\xff"
                              "abc\0;")},

        {WEBP, BYTES("RIFX\x16\0\0\0WEBP" LOSSY)},
        {WEBP, BYTES("RIFF\x16\0\0\0WEBQ" LOSSY)},
        {WEBP, BYTES("RIFF\x0b\0\0\0WEBP" LOSSY)},
        {WEBP, BYTES("RIFF\0\0\0\0WEBP" LOSSY)},
        {WEBP, BYTES("RIFF\x15\0\0\0WEBP" LOSSY)}, /* shorter than its chunk */
        {WEBP, BYTES("RIFF\x17\0\0\0WEBP" LOSSY)},
        {WEBP, BYTES("RIFF\xff\xff\xff\xffWEBP" LOSSY)},
        {WEBP, BYTES("RIFF\x16\0\0\0WEBP"
                     "VP8 \x0b\0\0\0\x10\0\0\x9d\x01\x2a\x09\0\x08\0")},
        {WEBP, BYTES("RIFF\x16\0\0\0WEBP"
                     "VP8 \xff\xff\xff\xff\x10\0\0\x9d\x01\x2a\x09\0\x08\0")},
        {WEBP, BYTES("RIFF\x16\0\0\0WEBP"
                     "VP8 \x09\0\0\0\x10\0\0\x9d\x01\x2a\x09\0\x08\0")},
        {WEBP, BYTES("RIFF\x16\0\0\0WEBP"
                     "VP8 \x0a\0\0\0\x11\0\0\x9d\x01\x2a\x09\0\x08\0")}, /* no key frame */
        {WEBP, BYTES("RIFF\x16\0\0\0WEBP"
                     "VP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2b\x09\0\x08\0")},
        {WEBP, BYTES("RIFF\x16\0\0\0WEBP"
                     "VP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\0\0\x08\0")},
        {WEBP, BYTES("RIFF\x16\0\0\0WEBP"
                     "VP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\x09\0\0\xc0")},
        {WEBP, BYTES("RIFF\x16\0\0\0WEBP"
                     "VP9 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\x09\0\x08\0")},
        {WEBP, BYTES("RIFF\x12\0\0\0WEBP"
                     "VP8L\5\0\0\0\x2e\x08\xc0\x01\0\0")},
        {WEBP, BYTES("RIFF\x12\0\0\0WEBP"
                     "VP8L\5\0\0\0\x2f\x08\xc0\x01\x20\0")}, /* another version */
        {WEBP, BYTES("RIFF\x12\0\0\0WEBP"
                     "VP8L\4\0\0\0\x2f\x08\xc0\x01\0\0")},
        {WEBP, BYTES("RIFF\x16\0\0\0WEBP" EXTENDED)}, /* no picture */
        {WEBP, BYTES("RIFF\x28\0\0\0WEBP" EXTENDED "EXIF\x0a\0\0\0          ")},
        {WEBP, BYTES("RIFF\x28\0\0\0WEBP" EXTENDED "VP8 \x0b\0\0\0          ")},
        {WEBP, BYTES("RIFF\x28\0\0\0WEBP"
                     "VP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\0\0\0" LOSSY)},
        {WEBP, BYTES("RIFF\x28\0\0\0WEBP"
                     "VP8X\x0a\0\0\0\0\0\0\0\0\0\1\0\0\0" LOSSY)}, /* 65537 wide */
        {WEBP, BYTES("RIFF\x1e\0\0\0WEBP"
                     "ANMF\x0a\0\0\0          "
                     "EXIF\0\0\0\0")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t piece = 1; piece <= rows[i].file.len; piece++) {
            struct mw_image image;
            if (read_in(rows[i].file, rows[i].type, piece, &image) != MW_EINVAL || !image.bad)
                fail_msg("row %zu in pieces of %zu", i, piece);
        }
    }
}

/* PNG 11.2.2 */
static void image__png_colours__are_those_that_there_are(void **state) {
    static const struct {
        int colour, depth;
    } known[] = {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {3, 1},
                 {3, 2}, {3, 4}, {3, 8}, {4, 8}, {4, 16}, {6, 8}, {6, 16}};
    static const char file[] = PNG_START IHDR IDAT IEND;
    char copy[sizeof file];
    (void)state;
    memcpy(copy, file, sizeof file);
    for (int colour = 0; colour < 256; colour++) {
        for (int depth = 0; depth < 256; depth++) {
            bool want = false;
            struct mw_image image;
            for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
                want |= known[i].colour == colour && known[i].depth == depth;
            copy[24] = (char)depth;
            copy[25] = (char)colour;
            const bool good_one = read_in(mw_bytes(copy, sizeof file - 1), PNG, sizeof file, &image) == MW_OK;
            if (good_one != want) fail_msg("colour %d, depth %d", colour, depth);
        }
    }
}

static void image__endless_segments__are_passed_over_and_bad(void **state) {
    static const struct {
        enum mw_media_type type;
        struct mw_str start, again;
    } rows[] = {{JPEG, BYTES(SOI), BYTES("\xff\xe1\0\2")},
                {JPEG, BYTES(SOI), BYTES("\xff")},
                {JPEG, BYTES(SOI FRAME("\xc0")), BYTES("\xff\x01")},
                {PNG, BYTES(PNG_START IHDR), BYTES("\0\0\0\0tEXt" SUM)},
                {PNG, BYTES(PNG_START IHDR), BYTES(IDAT)},
                {GIF, BYTES(GIF_START), BYTES("!\xfe\0")},
                {GIF, BYTES(GIF_START ",\0\0\0\0\4\0\6\0\0\2"), BYTES("\1x")},
                {WEBP, BYTES("RIFF\xff\xff\xff\xffWEBP" EXTENDED), BYTES("ANMF\0\0\0\0")}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mw_image image;
        mw_image_start(&image, rows[i].type);
        mw_image_feed(&image, (const uint8_t *)rows[i].start.ptr, rows[i].start.len);
        for (int n = 0; n < 100000; n++)
            mw_image_feed(&image, (const uint8_t *)rows[i].again.ptr, rows[i].again.len);
        if (image.done || image.bad) fail_msg("row %zu ended", i);
        if (mw_image_end(&image) != MW_EINVAL || !image.bad) fail_msg("row %zu", i);
    }
}

static void image__done__needs_no_more_bytes(void **state) {
    const struct mw_str file = MW_STR(SOI FRAME("\xc0") SCAN);
    struct mw_image image;
    (void)state;
    mw_image_start(&image, JPEG);
    for (size_t i = 0; i < file.len; i++) {
        assert_false(image.done);
        mw_image_feed(&image, (const uint8_t *)file.ptr + i, 1);
    }
    assert_true(image.done);
    mw_image_feed(&image, (const uint8_t *)SOI, 2);
    assert_int_equal(mw_image_end(&image), MW_OK);
    assert_int_equal(image.width, 3);
}

static void image__of_a_type_that_is_none__is_bad(void **state) {
    static const enum mw_media_type types[] = {MW_MEDIA_NONE, MW_MEDIA_MP4, MW_MEDIA_PDF, MW_MEDIA_COUNT};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct mw_image image;
        assert_int_equal(read_in(good[0].file, types[i], 1, &image), MW_EINVAL);
        assert_true(image.bad);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(image__good_files__have_their_size_in_pieces_of_any_size),
        cmocka_unit_test(image__cut_anywhere__is_bad),
        cmocka_unit_test(image__files_that_lie__are_bad),
        cmocka_unit_test(image__png_colours__are_those_that_there_are),
        cmocka_unit_test(image__endless_segments__are_passed_over_and_bad),
        cmocka_unit_test(image__done__needs_no_more_bytes),
        cmocka_unit_test(image__of_a_type_that_is_none__is_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

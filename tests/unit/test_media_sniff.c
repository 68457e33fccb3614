#include "mw/media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define BYTES(literal)                                                                                                 \
    { literal, sizeof(literal) - 1 }

/* A copy of its own size, so that a read past the end is found. */
static enum mw_media_type sniff(struct mw_str file) {
    uint8_t *copy = malloc(file.len > 0 ? file.len : 1);
    if (!copy) fail();
    if (file.len > 0) memcpy(copy, file.ptr, file.len);
    const enum mw_media_type type = mw_media_sniff(copy, file.len);
    free(copy);
    return type;
}

#define PNG_START "\x89PNG\r\n\x1a\n"
#define FTYP(brands, size) "\0\0\0" size "ftyp" brands
#define MDAT "\0\0\0\x10mdat\0\0\0\0\0\0\0\0"
#define WAV_FORMAT "\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0"
#define NARROW "\x04\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c" /* one AMR frame of 13 bytes */
/* 24 bytes of MPEG 2 layer III, 8 kbit/s at 24 kHz; ADTS of 9 bytes. */
#define MP3_24 "\xff\xf3\x14\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define ADTS_9 "\xff\xf1\x60\x40\x01\x3f\xfc\x01\x02"
#define ADTS_11_CRC "\xff\xf0\x60\x40\x01\x7f\xfc\x01\x02\x03\x04"
#define ID3(size) "ID3\3\0\0\0\0\0" size

static void sniff__each_type__is_known_by_its_bytes(void **state) {
    static const struct {
        struct mw_str file;
        enum mw_media_type type;
    } rows[] = {
        {BYTES("\xff\xd8\xff\xe0"), MW_MEDIA_JPEG},
        {BYTES("\xff\xd8\xff\xdb"), MW_MEDIA_JPEG},
        {BYTES("\xff\xd8\xff\xc0"), MW_MEDIA_JPEG},
        {BYTES("\xff\xd8\xff\xda"), MW_MEDIA_JPEG},
        {BYTES("\xff\xd8\xff\xff\xff\xfe"), MW_MEDIA_JPEG},
        {BYTES(PNG_START "\0\0\0\x0dIHDR"), MW_MEDIA_PNG},
        {BYTES("GIF87a\1\0\1\0\0\0\0,"), MW_MEDIA_GIF},
        {BYTES("GIF89a\1\0\1\0\x80\0\0rgbrgb!"), MW_MEDIA_GIF},
        {BYTES("GIF89a\1\0\1\0\xf1\0\0rgbrgbrgbrgb,"), MW_MEDIA_GIF},
        {BYTES("RIFF\x1a\0\0\0WEBPVP8 \x0e\0\0\0"), MW_MEDIA_WEBP},
        {BYTES("RIFF\x1a\0\0\0WEBPVP8L\x0e\0\0\0"), MW_MEDIA_WEBP},
        {BYTES("RIFF\x1a\0\0\0WEBPVP8X\x0e\0\0\0"), MW_MEDIA_WEBP},
        {BYTES(FTYP("isom\0\0\2\0isommp41", "\x18") MDAT), MW_MEDIA_MP4},
        {BYTES(FTYP("mp42\0\0\0\0", "\x10") MDAT), MW_MEDIA_MP4},
        {BYTES(FTYP("mp42\0\0\0\0", "\x10") "\0\0\0\0mdat"), MW_MEDIA_MP4},
        {BYTES(FTYP("mp42\0\0\0\0", "\x10") "\0\0\0\1mdat"), MW_MEDIA_MP4}, /* its length follows, in eight bytes */
        {BYTES(FTYP("qt  \0\0\2\0qt  ", "\x14") "\0\0\0\x08wide"), MW_MEDIA_MP4},
        {BYTES(FTYP("3gp4\0\0\2\0isom3gp4", "\x18") MDAT), MW_MEDIA_MP4},
        {BYTES(FTYP("XAVC\0\0\2\0XAVCmp42", "\x18") MDAT), MW_MEDIA_MP4},
        {BYTES(FTYP("zzzzheicmp42", "\x14") MDAT), MW_MEDIA_MP4}, /* what looks like a brand is the minor version */
        {BYTES(FTYP("M4A \0\0\2\0M4A mp42isom", "\x1c") MDAT), MW_MEDIA_M4A},
        {BYTES(FTYP("M4B \0\0\2\0M4A mp42isom", "\x1c") MDAT), MW_MEDIA_M4A},
        {BYTES(MP3_24 MP3_24), MW_MEDIA_MP3},
        {BYTES(MP3_24), MW_MEDIA_MP3}, /* the file ends with its frame */
        {BYTES(MP3_24 "\xff\xf3\x24\xc4"), MW_MEDIA_MP3},
        {BYTES(ID3("\0") MP3_24), MW_MEDIA_MP3},
        {BYTES(ID3("\4") "TIT2" MP3_24 MP3_24), MW_MEDIA_MP3},
        {BYTES(ID3("\4") "TIT2\0\0\0" MP3_24 MP3_24), MW_MEDIA_MP3},
        {BYTES("ID3\4\0\x10\0\0\0\4TIT23DI\4\0\x10\0\0\0\4" MP3_24 MP3_24), MW_MEDIA_MP3},
        {BYTES(ADTS_9 ADTS_9), MW_MEDIA_AAC},
        {BYTES(ADTS_11_CRC ADTS_11_CRC), MW_MEDIA_AAC},
        {BYTES(ID3("\4") "PRIV" ADTS_9 ADTS_9), MW_MEDIA_AAC},
        {BYTES("#!AMR\n" NARROW), MW_MEDIA_AMR},
        {BYTES("#!AMR\n" NARROW "\x7c\x7c" NARROW "\x3c"), MW_MEDIA_AMR}, /* the last frame cut */
        {BYTES("#!AMR-WB\n\x7c\x74\x4c\1\2\3\4\5"), MW_MEDIA_AMR},
        {BYTES("RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" WAV_FORMAT), MW_MEDIA_WAV},
        {BYTES("RIFF\x24\0\0\0WAVEJUNK\3\0\0\0abc\0fmt \x12\0\0\0" WAV_FORMAT "\0\0"), MW_MEDIA_WAV},
        {BYTES("%PDF-1.7"), MW_MEDIA_PDF},
        {BYTES("%PDF-2.0\n"), MW_MEDIA_PDF},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (sniff(rows[i].file) != rows[i].type) fail_msg("row %zu: %d", i, (int)sniff(rows[i].file));
}

/* Each row is close to one that is taken. */
static void sniff__other_files__are_none_of_ours(void **state) {
    static const struct mw_str rows[] = {
        BYTES(""),
        BYTES("\xff"),
        BYTES("hello, world: this is a text of some length"),
        BYTES("<!DOCTYPE html><script>alert(1)</script>"),
        BYTES("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        BYTES("#!/bin/sh\nid\n"),
        BYTES("PK\3\4\x14\0\0\0\0\0"),
        /* JPEG */
        BYTES("\xff\xd8"),
        BYTES("\xff\xd8\xff"),
        BYTES("\xff\xd8\xff\xff\xff"),
        BYTES("\xff\xd8\xff\xd8"),
        BYTES("\xff\xd8\xff\xd9"),
        BYTES("\xff\xd8\xff\xd0"),
        BYTES("\xff\xd8\xff\xbf"),
        BYTES("\xff\xd8\xff\0"),
        BYTES("\xff\xd8\xff<script>"),
        BYTES("\n\xff\xd8\xff\xe0"),
        /* PNG */
        BYTES(PNG_START),
        BYTES(PNG_START "\0\0\0\x0dIHD"),
        BYTES(PNG_START "\0\0\0\x0eIHDR"),
        BYTES(PNG_START "\0\0\0\x0dIDAT"),
        BYTES("\x89PNG\n\n\x1a\n\0\0\0\x0dIHDR"),
        /* GIF */
        BYTES("GIF89a"),
        BYTES("GIF88a\1\0\1\0\0\0\0,"),
        BYTES("GIF89a\1\0\1\0\0\0\0"),
        BYTES("GIF89a\1\0\1\0\0\0\0;"),
        BYTES("GIF89a\1\0\1\0\x80\0\0,"),
        BYTES("GIF89a=1;alert(1)//!,!,!,"),
        /* RIFF */
        BYTES("RIFF\x1a\0\0\0WEBPVP8 \x0e\0\0"),
        BYTES("RIFF\x1a\0\0\0WEBPVP9 \x0e\0\0\0"),
        BYTES("RIFX\x1a\0\0\0WEBPVP8 \x0e\0\0\0"),
        BYTES("RIFF\x1a\0\0\0AVI VP8 \x0e\0\0\0"),
        BYTES("RIFF\x24\0\0\0WAVEfmt \x0f\0\0\0" WAV_FORMAT),
        BYTES("RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\0\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0"), /* no channels */
        BYTES("RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\0\0\0\0\x80\x3e\0\0\2\0\x10\0"),     /* no samples */
        BYTES("RIFF\x24\0\0\0WAVEdata\4\0\0\0abcdfmt \x10\0\0\0" WAV_FORMAT),
        BYTES("RIFF\x24\0\0\0WAVEJUNK\xff\xff\xff\xff"
              "fmt \x10\0\0\0" WAV_FORMAT),
        BYTES("RIFF\x24\0\0\0WAVEJUNK\xf4\xff\xff\xff"
              "fmt \x10\0\0\0" WAV_FORMAT),
        /* ISO base media */
        BYTES(FTYP("isom\0\0\2\0", "\x10")),
        BYTES(FTYP("isom\0\0\2\0", "\x10") "\0\0\0\x10mda"),
        BYTES(FTYP("isom\0\0\2\0", "\x10") "\0\0\0\x07mdat"),
        BYTES(FTYP("isom\0\0\2\0", "\x10") "\0\0\0\x10md\x01t"),
        BYTES(FTYP("isom\0\0\2\0", "\x10") "<script>alert(1)</script>"),
        BYTES(FTYP("isom\0\0\2\0", "\x0c") MDAT),
        BYTES(FTYP("isom\0\0\2\0", "\x12") MDAT),
        BYTES(FTYP("isom\0\0\2\0", "\xfc") MDAT),
        BYTES("\1\0\0\x10"
              "ftypisom\0\0\2\0" MDAT),
        BYTES(FTYP("zzzz\0\0\2\0yyyy", "\x14") MDAT),
        BYTES(FTYP("zzzzisomyyyy", "\x14") MDAT), /* a minor version is no brand */
        BYTES(FTYP("heic\0\0\0\0mif1heic", "\x18") MDAT),
        BYTES(FTYP("mif1\0\0\0\0mif1isom", "\x18") MDAT),
        BYTES(FTYP("avif\0\0\0\0mp42", "\x14") MDAT),
        BYTES(FTYP("mp42\0\0\0\0avis", "\x14") MDAT),
        BYTES("\0\0\0\x10"
              "moov" MDAT MDAT),
        /* frames */
        BYTES("\xff\xf3\x14"),
        BYTES(MP3_24 "\0"),
        BYTES(MP3_24 "<script>"),
        BYTES(MP3_24 "\xff\xf3\x18\xc0"), /* another rate */
        BYTES(MP3_24 "\xff\xfb\x14\xc0"), /* another version */
        BYTES("\xff\xf5\x14\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
              "\xff\xf5\x14\xc0"),                 /* layer II */
        BYTES("\xff\xf3\x04\xc0\xff\xf3\x04\xc0"), /* no rate of its own */
        BYTES("\xff\xf3\xf4\xc0\xff\xf3\xf4\xc0"),
        BYTES("\xff\xf3\x1c\xc0\xff\xf3\x1c\xc0"),
        BYTES("\xff\xeb\x14\xc0\xff\xeb\x14\xc0"),
        BYTES("\xff\xf3\x14\xc2\xff\xf3\x14\xc2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), /* emphasis 2 is reserved */
        BYTES("\xff\xfeh\0e\0l\0l\0o\0"),
        BYTES("\xfe\xff\0h\0e\0l\0l\0o"),
        BYTES("ID3"),
        BYTES(ID3("\4") "TIT2"),
        BYTES(ID3("\4") "TIT2<html>" MP3_24),
        BYTES("ID3\3\0\0\0\0\0\x84TIT2" MP3_24 MP3_24),
        BYTES("ID3\5\0\0\0\0\0\4TIT2" MP3_24 MP3_24),
        BYTES("ID3\3\xff\0\0\0\0\4TIT2" MP3_24 MP3_24),
        BYTES("ID3\3\0\0\x7f\x7f\x7f\x7fTIT2"), /* a tag that the file has no room for */
        BYTES(ADTS_9 "\xff\xf1\x64\x40\x01\x3f\xfc"),
        BYTES(ADTS_9 "\xff\xf1\x60\x40\x01\x3f"),
        BYTES("\xff\xf1\x74\x40\x01\x3f\xfc\x01\x02"),                 /* rate 13 is reserved */
        BYTES("\xff\xf1\x60\x40\0\xff\xfc\xff\xf1\x60\x40\0\xff\xfc"), /* frames of headers alone */
        BYTES(ID3("\4") "PRIV\xfe\xf1\x60\x40\x01\x3f\xfc\x01\x02"),   /* no sync */
        BYTES(ID3("\4") "PRIV\xff\xe1\x60\x40\x01\x3f\xfc\x01\x02"),
        /* AMR */
        BYTES("#!AMR\n"),
        BYTES("#!AMR"),
        BYTES("#!AMR_MC1.0\n" NARROW),
        BYTES("#!AMR\n" NARROW "\x84"),
        BYTES("#!AMR\n\x54"),
        BYTES("#!AMR-WB\n\x54"),
        BYTES("#!AMR\nexit 0\n"),
        BYTES("#!AMR\n<script>1</script>"), /* one frame of 32 bytes, cut */
        /* PDF */
        BYTES("%PDF-"),
        BYTES("%PDF-1."),
        BYTES("%PDF-1:4"),
        BYTES("%PDF-x.4"),
        BYTES("%PDF-1.x"),
        BYTES(" %PDF-1.4"),
        BYTES("\xef\xbb\xbf%PDF-1.4"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (sniff(rows[i]) != MW_MEDIA_NONE) fail_msg("row %zu: %d", i, (int)sniff(rows[i]));
}

/* A whole head, and not a byte more is looked at. */
static enum mw_media_type sniff_head(struct mw_str start, uint8_t fill, struct mw_str end) {
    static uint8_t head[MW_MEDIA_HEAD_LEN];
    memset(head, fill, sizeof head);
    memcpy(head, start.ptr, start.len);
    memcpy(head + sizeof head - end.len, end.ptr, end.len);
    return sniff(mw_bytes(head, sizeof head));
}

static void sniff__what_lies_behind_the_head__counts_behind_a_tag_only(void **state) {
    static const struct {
        struct mw_str start, end;
        enum mw_media_type type;
    } rows[] = {
        {BYTES("ID3\3\0\0\0\0\x1f\x76"
               "APIC"),
         BYTES(""), MW_MEDIA_MP3}, /* the tag's length is the head's */
        {BYTES("ID3\3\0\0\0\x01\0\0APIC"), BYTES(""), MW_MEDIA_MP3},
        {BYTES("ID3\3\0\0\x01\0\0\0APIC\0"), BYTES(""), MW_MEDIA_MP3},
        {BYTES("ID3\2\0\0\0\x01\0\0PIC\0"), BYTES(""), MW_MEDIA_MP3},
        {BYTES("ID3\3\0\0\0\x01\0\0<htm"), BYTES(""), MW_MEDIA_NONE},
        {BYTES("ID3\3\0\0\0\0\x1f\x6e"
               "APIC"),
         BYTES(ADTS_9), MW_MEDIA_NONE},                                    /* 1 before; no frame there */
        {BYTES("ID3\3\0\0\0\0\x1f\x5eTIT2"), BYTES(MP3_24), MW_MEDIA_MP3}, /* ends with the head */
        {BYTES("ID3\3\0\0\0\0\x1f\x62TIT2"), BYTES("\xff\xf3\x14\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), MW_MEDIA_MP3},
        {BYTES("ID3\3\0\0\0\0\x1f\x6dTIT2"), BYTES(ADTS_9), MW_MEDIA_AAC},
        {BYTES("\xff\xf1\x60\x43\xff\xff\xfc"), BYTES(""), MW_MEDIA_NONE}, /* 8191 bytes, and nothing came before */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const enum mw_media_type type = sniff_head(rows[i].start, 0x55, rows[i].end);
        if (type != rows[i].type) fail_msg("row %zu: %d", i, (int)type);
    }
}

static void sniff__more_than_a_head__is_not_looked_at(void **state) {
    static uint8_t file[MW_MEDIA_HEAD_LEN + 100];
    (void)state;
    memset(file, 0x7c, sizeof file); /* AMR frames of one byte */
    memcpy(file, "#!AMR\n", 6);
    file[MW_MEDIA_HEAD_LEN] = 0xff;
    assert_int_equal(mw_media_sniff(file, sizeof file), MW_MEDIA_AMR);
    file[MW_MEDIA_HEAD_LEN - 1] = 0xff;
    assert_int_equal(mw_media_sniff(file, sizeof file), MW_MEDIA_NONE);
}

/* Whether a file is taken that has the frame, so long, twice. */
static enum mw_media_type sniff_two(struct mw_str start, size_t length) {
    static uint8_t file[MW_MEDIA_HEAD_LEN];
    memset(file, 0, sizeof file);
    memcpy(file, start.ptr, start.len);
    memcpy(file + length, start.ptr, start.len);
    return sniff(mw_bytes(file, length + start.len));
}

static void sniff__frames_of_each_rate__are_as_long_as_they_say(void **state) {
    static const struct {
        struct mw_str start;
        size_t length;
        enum mw_media_type type;
    } rows[] = {
        {BYTES("\xff\xfb\x10\0"), 104, MW_MEDIA_MP3}, /* 32 kbit/s of 44.1 kHz */
        {BYTES("\xff\xfb\x20\0"), 130, MW_MEDIA_MP3}, /* and so on up to 320 */
        {BYTES("\xff\xfb\x30\0"), 156, MW_MEDIA_MP3},
        {BYTES("\xff\xfb\x40\0"), 182, MW_MEDIA_MP3},
        {BYTES("\xff\xfb\x50\0"), 208, MW_MEDIA_MP3},
        {BYTES("\xff\xfb\x60\0"), 261, MW_MEDIA_MP3},
        {BYTES("\xff\xfb\x70\0"), 313, MW_MEDIA_MP3},
        {BYTES("\xff\xfb\x80\0"), 365, MW_MEDIA_MP3},
        {BYTES("\xff\xfb\x90\0"), 417, MW_MEDIA_MP3},
        {BYTES("\xff\xfb\xa0\0"), 522, MW_MEDIA_MP3},
        {BYTES("\xff\xfb\xb0\0"), 626, MW_MEDIA_MP3},
        {BYTES("\xff\xfb\xc0\0"), 731, MW_MEDIA_MP3},
        {BYTES("\xff\xfb\xd0\0"), 835, MW_MEDIA_MP3},
        {BYTES("\xff\xfb\xe0\0"), 1044, MW_MEDIA_MP3},
        {BYTES("\xff\xfb\x92\0"), 418, MW_MEDIA_MP3},   /* padded */
        {BYTES("\xff\xfa\x94\x43"), 384, MW_MEDIA_MP3}, /* 48 kHz, with a checksum, emphasis 3 */
        {BYTES("\xff\xfb\x98\0"), 576, MW_MEDIA_MP3},   /* 32 kHz */
        {BYTES("\xff\xf3\x10\0"), 26, MW_MEDIA_MP3},    /* MPEG 2: 8 kbit/s of 22.05 kHz */
        {BYTES("\xff\xf3\x24\0"), 48, MW_MEDIA_MP3},    /* 16 of 24 */
        {BYTES("\xff\xf3\x38\0"), 108, MW_MEDIA_MP3},   /* 24 of 16 */
        {BYTES("\xff\xf3\x48\0"), 144, MW_MEDIA_MP3},
        {BYTES("\xff\xf3\x58\0"), 180, MW_MEDIA_MP3},
        {BYTES("\xff\xf3\x68\0"), 216, MW_MEDIA_MP3},
        {BYTES("\xff\xf3\x78\0"), 252, MW_MEDIA_MP3},
        {BYTES("\xff\xf3\x88\0"), 288, MW_MEDIA_MP3},
        {BYTES("\xff\xf3\x98\0"), 360, MW_MEDIA_MP3},
        {BYTES("\xff\xf3\xa8\0"), 432, MW_MEDIA_MP3},
        {BYTES("\xff\xf3\xb8\0"), 504, MW_MEDIA_MP3},
        {BYTES("\xff\xf3\xc8\0"), 576, MW_MEDIA_MP3},
        {BYTES("\xff\xf3\xd8\0"), 648, MW_MEDIA_MP3},
        {BYTES("\xff\xf3\xe8\0"), 720, MW_MEDIA_MP3},
        {BYTES("\xff\xe3\x80\0"), 417, MW_MEDIA_MP3}, /* MPEG 2.5: 64 of 11.025 */
        {BYTES("\xff\xe3\x18\0"), 72, MW_MEDIA_MP3},  /* 8 of 8 */
        {BYTES("\xff\xf1\x60\x41\x77\0\xfc"), 3000, MW_MEDIA_AAC},
        {BYTES("\xff\xf9\x70\x80\x40\x1f\xfc"), 512, MW_MEDIA_AAC}, /* MPEG 2, rate 12 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (sniff_two(rows[i].start, rows[i].length) != rows[i].type) fail_msg("row %zu", i);
        if (sniff_two(rows[i].start, rows[i].length - 1) != MW_MEDIA_NONE) fail_msg("row %zu, a byte less", i);
        if (sniff_two(rows[i].start, rows[i].length + 1) != MW_MEDIA_NONE) fail_msg("row %zu, a byte more", i);
    }
}

static void sniff__amr_frames_of_each_kind__are_as_long_as_they_say(void **state) {
    static const struct {
        struct mw_str signature;
        uint8_t length[16]; /* 0: there is no such frame */
    } bands[] = {{BYTES("#!AMR\n"), {13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1}},
                 {BYTES("#!AMR-WB\n"), {18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1}}};
    (void)state;
    for (size_t band = 0; band < 2; band++) {
        for (uint8_t kind = 0; kind < 16; kind++) {
            const size_t at = bands[band].signature.len, length = bands[band].length[kind];
            char file[128];
            memset(file, 0x7c, sizeof file); /* frames of one byte */
            memcpy(file, bands[band].signature.ptr, at);
            file[at] = (char)(kind << 3 | 4);
            const enum mw_media_type want = length > 0 ? MW_MEDIA_AMR : MW_MEDIA_NONE;
            if (sniff(mw_bytes(file, sizeof file)) != want) fail_msg("band %zu, frame %u", band, kind);
            file[at + length] = (char)0xfc; /* no frame: seen where the next one is, and nowhere before */
            if (sniff(mw_bytes(file, sizeof file)) != MW_MEDIA_NONE)
                fail_msg("band %zu, frame %u is longer", band, kind);
            file[at + length] = 0x7c;
            if (length < 2) continue;
            file[at + length - 1] = (char)0xfc;
            if (sniff(mw_bytes(file, sizeof file)) != want) fail_msg("band %zu, frame %u is shorter", band, kind);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sniff__each_type__is_known_by_its_bytes),
        cmocka_unit_test(sniff__other_files__are_none_of_ours),
        cmocka_unit_test(sniff__frames_of_each_rate__are_as_long_as_they_say),
        cmocka_unit_test(sniff__amr_frames_of_each_kind__are_as_long_as_they_say),
        cmocka_unit_test(sniff__what_lies_behind_the_head__counts_behind_a_tag_only),
        cmocka_unit_test(sniff__more_than_a_head__is_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

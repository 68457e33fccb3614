/* Files of any bytes: the type is told by the head alone, and names say what they are given to say. */
#include "mw/media.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* What begins each of them, and nothing else. */
static bool begins_like(enum mw_media_type type, struct mw_str file) {
    const uint8_t *p = (const uint8_t *)file.ptr;
    switch (type) {
    case MW_MEDIA_JPEG:
        return mw_str_starts(file, MW_STR("\xff\xd8\xff"));
    case MW_MEDIA_PNG:
        return mw_str_starts(file, MW_STR("\x89PNG"));
    case MW_MEDIA_GIF:
        return mw_str_starts(file, MW_STR("GIF8"));
    case MW_MEDIA_WEBP:
    case MW_MEDIA_WAV:
        return mw_str_starts(file, MW_STR("RIFF"));
    case MW_MEDIA_MP4:
    case MW_MEDIA_M4A:
        return mw_str_starts(mw_str_skip(file, 4), MW_STR("ftyp"));
    case MW_MEDIA_MP3:
    case MW_MEDIA_AAC:
        return mw_str_starts(file, MW_STR("ID3")) || (p[0] == 0xff && p[1] >= 0xe0);
    case MW_MEDIA_AMR:
        return mw_str_starts(file, MW_STR("#!AMR"));
    case MW_MEDIA_PDF:
        return mw_str_starts(file, MW_STR("%PDF-"));
    case MW_MEDIA_NONE:
    case MW_MEDIA_COUNT:
    default:
        return false;
    }
}

static void check_name(struct mw_str name) {
    const enum mw_media_type type = mw_media_name_type(name);
    if (type == MW_MEDIA_NONE) return;
    const struct mw_str ext = mw_str_skip(name, MW_MEDIA_HASH_LEN + 1);
    must(name.len <= MW_MEDIA_NAME_MAX, "a name is not longer than its bound");
    must(mw_str_eq(ext, mw_cstr(mw_media_ext(type))), "a name ends with its type");
    must(!memchr(name.ptr, '/', name.len) && !memchr(name.ptr, '\0', name.len), "a name leads nowhere else");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct mw_str file = mw_bytes(data, size);
    if (!data) return 0;
    const enum mw_media_type type = mw_media_sniff(data, size);
    must(type >= MW_MEDIA_NONE && type < MW_MEDIA_COUNT, "the type is known");
    if (type != MW_MEDIA_NONE) must(begins_like(type, file), "a file begins as its type does");
    if (size > MW_MEDIA_HEAD_LEN) {
        uint8_t *head = malloc(MW_MEDIA_HEAD_LEN);
        if (!head) return 0;
        memcpy(head, data, MW_MEDIA_HEAD_LEN);
        must(mw_media_sniff(head, MW_MEDIA_HEAD_LEN) == type, "the head tells all");
        free(head);
    }
    check_name(file);
    return 0;
}

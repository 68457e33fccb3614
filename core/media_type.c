#include "mw/media.h"

static const struct {
    struct mw_str ext, mime;
    bool image;
} types[] = {
    [MW_MEDIA_JPEG] = {{"jpg", 3}, {"image/jpeg", 10}, true},
    [MW_MEDIA_PNG] = {{"png", 3}, {"image/png", 9}, true},
    [MW_MEDIA_GIF] = {{"gif", 3}, {"image/gif", 9}, true},
    [MW_MEDIA_WEBP] = {{"webp", 4}, {"image/webp", 10}, true},
    [MW_MEDIA_MP4] = {{"mp4", 3}, {"video/mp4", 9}, false},
    [MW_MEDIA_MP3] = {{"mp3", 3}, {"audio/mpeg", 10}, false},
    [MW_MEDIA_AAC] = {{"aac", 3}, {"audio/aac", 9}, false},
    [MW_MEDIA_M4A] = {{"m4a", 3}, {"audio/mp4", 9}, false},
    [MW_MEDIA_AMR] = {{"amr", 3}, {"audio/amr", 9}, false},
    [MW_MEDIA_WAV] = {{"wav", 3}, {"audio/wav", 9}, false},
    [MW_MEDIA_PDF] = {{"pdf", 3}, {"application/pdf", 15}, false},
};
_Static_assert(sizeof types / sizeof types[0] == MW_MEDIA_COUNT, "one row for each type");

static bool is_known(enum mw_media_type type) {
    return type > MW_MEDIA_NONE && type < MW_MEDIA_COUNT;
}

const char *mw_media_ext(enum mw_media_type type) {
    return is_known(type) ? types[type].ext.ptr : NULL;
}

const char *mw_media_mime(enum mw_media_type type) {
    return is_known(type) ? types[type].mime.ptr : NULL;
}

bool mw_media_is_image(enum mw_media_type type) {
    return is_known(type) && types[type].image;
}

static bool is_lower_hex(struct mw_str s) {
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return true;
}

enum mw_media_type mw_media_name_type(struct mw_str name) {
    if (!name.ptr || name.len <= MW_MEDIA_HASH_LEN || name.ptr[MW_MEDIA_HASH_LEN] != '.') return MW_MEDIA_NONE;
    if (!is_lower_hex((struct mw_str){name.ptr, MW_MEDIA_HASH_LEN})) return MW_MEDIA_NONE;
    const struct mw_str ext = mw_str_skip(name, MW_MEDIA_HASH_LEN + 1);
    for (enum mw_media_type type = MW_MEDIA_NONE + 1; type < MW_MEDIA_COUNT; type++)
        if (mw_str_eq(types[type].ext, ext)) return type;
    return MW_MEDIA_NONE;
}

enum mw_media_type mw_media_url_type(struct mw_str url, struct mw_str media_url) {
    if (media_url.len == 0 || !mw_str_starts(url, media_url)) return MW_MEDIA_NONE;
    struct mw_str name = mw_str_skip(url, media_url.len);
    if (media_url.ptr[media_url.len - 1] != '/') { /* else "https://ours" would let "https://ours.theirs" in */
        if (!mw_str_starts(name, MW_STR("/"))) return MW_MEDIA_NONE;
        name = mw_str_skip(name, 1);
    }
    return mw_media_name_type(name);
}

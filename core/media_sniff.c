#include "media_sniff.h"

#include "media_bytes.h"

static bool starts(const uint8_t *head, size_t len, struct mw_str signature) {
    return mw_str_starts(mw_bytes(head, len), signature);
}

/* SOI and a marker behind it, with fill bytes or without: never one that stands alone. */
static enum mw_media_type sniff_jpeg(const uint8_t *head, size_t len) {
    if (!starts(head, len, MW_STR("\xff\xd8\xff"))) return MW_MEDIA_NONE;
    size_t at = 3;
    while (at < len && head[at] == 0xff)
        at++;
    if (at == len || head[at] < 0xc0 || (head[at] >= 0xd0 && head[at] <= 0xd9)) return MW_MEDIA_NONE;
    return MW_MEDIA_JPEG;
}

static enum mw_media_type sniff_png(const uint8_t *head, size_t len) {
    return starts(head, len, MW_STR("\x89PNG\r\n\x1a\n\0\0\0\rIHDR")) ? MW_MEDIA_PNG : MW_MEDIA_NONE;
}

/* The first block behind the global colours is an extension or an image: "GIF89a=1;" of a script is not. */
static enum mw_media_type sniff_gif(const uint8_t *head, size_t len) {
    const size_t screen_end = 13;
    if (!starts(head, len, MW_STR("GIF87a")) && !starts(head, len, MW_STR("GIF89a"))) return MW_MEDIA_NONE;
    if (len < screen_end) return MW_MEDIA_NONE;
    const unsigned flags = head[10];
    const size_t at = screen_end + (flags & 0x80 ? (size_t)6 << (flags & 7) : 0);
    return at < len && (head[at] == 0x21 || head[at] == 0x2c) ? MW_MEDIA_GIF : MW_MEDIA_NONE;
}

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

/* Readers find "%PDF-" anywhere in the first kilobyte; here it stands first, or the file may be something else too. */
static enum mw_media_type sniff_pdf(const uint8_t *head, size_t len) {
    const struct mw_str signature = MW_STR("%PDF-");
    if (!starts(head, len, signature) || len < signature.len + 3) return MW_MEDIA_NONE;
    const uint8_t *version = head + signature.len;
    return is_digit(version[0]) && version[1] == '.' && is_digit(version[2]) ? MW_MEDIA_PDF : MW_MEDIA_NONE;
}

/* No two can claim the same file: each begins with bytes that no other begins with. */
enum mw_media_type mw_media_sniff(const uint8_t *head, size_t len) {
    static enum mw_media_type (*const sniffers[])(const uint8_t *head, size_t len) = {
        sniff_jpeg, sniff_png, sniff_gif, sniff_pdf, sniff_riff, sniff_iso, sniff_amr, sniff_frames};
    enum mw_media_type type = MW_MEDIA_NONE;
    if (len > MW_MEDIA_HEAD_LEN) len = MW_MEDIA_HEAD_LEN;
    for (size_t i = 0; i < sizeof sniffers / sizeof sniffers[0] && type == MW_MEDIA_NONE; i++)
        type = sniffers[i](head, len);
    return type;
}

#include "media_bytes.h"
#include "media_sniff.h"

#define BOX_HEADER 8
#define FTYP_MAX 1024
#define FTYP_FIXED 16 /* header, major brand, minor version; compatible brands follow */

/* "qt  " is what phones call their own videos when they hand out the original: an MP4 but for the brand, and players
 * read both alike. "3gp" is the same of older phones. An image's brand anywhere makes it no video, as those of HEIC and
 * AVIF name general brands beside it. */
static const struct {
    char brand[5];
    enum mw_media_type type;
} brands[] = {
    {"isom", MW_MEDIA_MP4},  {"iso2", MW_MEDIA_MP4},  {"iso3", MW_MEDIA_MP4},  {"iso4", MW_MEDIA_MP4},
    {"iso5", MW_MEDIA_MP4},  {"iso6", MW_MEDIA_MP4},  {"iso7", MW_MEDIA_MP4},  {"iso8", MW_MEDIA_MP4},
    {"iso9", MW_MEDIA_MP4},  {"mp41", MW_MEDIA_MP4},  {"mp42", MW_MEDIA_MP4},  {"avc1", MW_MEDIA_MP4},
    {"M4V ", MW_MEDIA_MP4},  {"M4VH", MW_MEDIA_MP4},  {"M4VP", MW_MEDIA_MP4},  {"MSNV", MW_MEDIA_MP4},
    {"dash", MW_MEDIA_MP4},  {"qt  ", MW_MEDIA_MP4},  {"3gp4", MW_MEDIA_MP4},  {"3gp5", MW_MEDIA_MP4},
    {"3gp6", MW_MEDIA_MP4},  {"3gp7", MW_MEDIA_MP4},  {"3g2a", MW_MEDIA_MP4},  {"M4A ", MW_MEDIA_M4A},
    {"M4B ", MW_MEDIA_M4A},  {"heic", MW_MEDIA_NONE}, {"heix", MW_MEDIA_NONE}, {"heim", MW_MEDIA_NONE},
    {"heis", MW_MEDIA_NONE}, {"hevc", MW_MEDIA_NONE}, {"hevx", MW_MEDIA_NONE}, {"hevm", MW_MEDIA_NONE},
    {"hevs", MW_MEDIA_NONE}, {"mif1", MW_MEDIA_NONE}, {"mif2", MW_MEDIA_NONE}, {"msf1", MW_MEDIA_NONE},
    {"miaf", MW_MEDIA_NONE}, {"avif", MW_MEDIA_NONE}, {"avis", MW_MEDIA_NONE}, {"crx ", MW_MEDIA_NONE},
};
#define BRANDS (sizeof brands / sizeof brands[0])

/* BRANDS: none that we know. */
static size_t find_brand(const uint8_t *p) {
    size_t i = 0;
    while (i < BRANDS && !is_tag(p, brands[i].brand))
        i++;
    return i;
}

/* What the types of boxes at the top are made of, so that a mark-up behind the brands is none. */
static bool is_type_letter(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ';
}

/* A file that ends behind its brands holds nothing. */
static bool is_box(const uint8_t *p) {
    const uint32_t size = be32(p);
    for (size_t i = 4; i < BOX_HEADER; i++)
        if (!is_type_letter(p[i])) return false;
    return size <= 1 || size >= BOX_HEADER; /* 0: to the end of the file; 1: a longer size follows */
}

/* The major brand tells the type, or when it is not known the first compatible one that is. */
enum mw_media_type sniff_iso(const uint8_t *head, size_t len) {
    enum mw_media_type type = MW_MEDIA_NONE;
    if (len < FTYP_FIXED || !is_tag(head + 4, "ftyp")) return MW_MEDIA_NONE;
    const uint32_t size = be32(head);
    if (size < FTYP_FIXED || size > FTYP_MAX || size % 4 != 0 || len < size + BOX_HEADER) return MW_MEDIA_NONE;
    for (size_t at = BOX_HEADER; at < size; at += 4) {
        const size_t minor_version = BOX_HEADER + 4;
        const size_t brand = at == minor_version ? BRANDS : find_brand(head + at);
        if (brand == BRANDS) continue;
        if (brands[brand].type == MW_MEDIA_NONE) return MW_MEDIA_NONE;
        if (type == MW_MEDIA_NONE) type = brands[brand].type;
    }
    return is_box(head + size) ? type : MW_MEDIA_NONE;
}

#include "media_bytes.h"
#include "media_sniff.h"

#define RIFF_HEADER 12
#define CHUNK_HEADER 8

/* "fmt " tells how the sound is stored. It comes before the sound, though not always first. */
static enum mw_media_type sniff_wav(const uint8_t *head, size_t len) {
    const uint32_t fmt_size_min = 16;
    for (size_t at = RIFF_HEADER; len - at >= CHUNK_HEADER + fmt_size_min;) {
        const uint32_t size = le32(head + at + 4);
        const uint8_t *body = head + at + CHUNK_HEADER;
        if (is_tag(head + at, "fmt ")) {
            const bool sounds = le16(body + 2) > 0 && le32(body + 4) > 0; /* channels and samples a second */
            return size >= fmt_size_min && sounds ? MW_MEDIA_WAV : MW_MEDIA_NONE;
        }
        const uint64_t next = (uint64_t)at + CHUNK_HEADER + size + (size & 1);
        if (is_tag(head + at, "data") || next > len) return MW_MEDIA_NONE;
        at = (size_t)next;
    }
    return MW_MEDIA_NONE;
}

enum mw_media_type sniff_riff(const uint8_t *head, size_t len) {
    if (len < RIFF_HEADER + CHUNK_HEADER || !is_tag(head, "RIFF")) return MW_MEDIA_NONE;
    if (is_tag(head + 8, "WAVE")) return sniff_wav(head, len);
    if (!is_tag(head + 8, "WEBP")) return MW_MEDIA_NONE;
    const uint8_t *first = head + RIFF_HEADER;
    const bool known = is_tag(first, "VP8 ") || is_tag(first, "VP8L") || is_tag(first, "VP8X");
    return known ? MW_MEDIA_WEBP : MW_MEDIA_NONE;
}

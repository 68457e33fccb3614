/* Numbers as media files write them. */
#ifndef MW_CORE_MEDIA_BYTES_H
#define MW_CORE_MEDIA_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t be16(const uint8_t *p) {
    return (uint32_t)p[0] << 8 | p[1];
}
static inline uint32_t be32(const uint8_t *p) {
    return be16(p) << 16 | be16(p + 2);
}
static inline uint32_t le16(const uint8_t *p) {
    return (uint32_t)p[1] << 8 | p[0];
}
static inline uint32_t le24(const uint8_t *p) {
    return (uint32_t)p[2] << 16 | le16(p);
}
static inline uint32_t le32(const uint8_t *p) {
    return le16(p + 2) << 16 | le16(p);
}

/* Four characters that name a chunk, box or brand. */
static inline bool is_tag(const uint8_t *p, const char tag[static 4]) {
    return memcmp(p, tag, 4) == 0;
}

#endif

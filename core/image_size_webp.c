#include "image_size.h"
#include "media_bytes.h"

#define CHUNK_HEADER 8

enum { RIFF, CHUNK, LOSSY, LOSSLESS, EXTENDED, END };

void image_start_webp(struct mw_image *image) {
    image_want(image, 0, RIFF, 12);
}

/* `left` counts down what the RIFF header promised. */
static void take(struct mw_image *image, uint64_t bytes) {
    if (bytes > image->left) image->bad = true;
    image->left -= bytes <= image->left ? bytes : image->left;
}

static void take_riff(struct mw_image *image, const uint8_t *p) {
    const uint32_t length = le32(p + 4), form = 4; /* which the length counts in */
    image->bad = !is_tag(p, "RIFF") || !is_tag(p + 8, "WEBP") || length < form + CHUNK_HEADER;
    image->left = image->bad ? 0 : length - form;
    image_want(image, 0, CHUNK, CHUNK_HEADER);
}

/* Passes over the rest of a chunk and its padding, which the last one may lack. Behind the last chunk the file is done;
 * what is too short for a chunk is none. */
static void leave_chunk(struct mw_image *image, uint64_t rest, uint64_t size) {
    take(image, rest);
    const uint64_t pad = image->left > 0 ? size & 1 : 0;
    take(image, pad);
    const uint64_t next = rest + pad;
    if (image->left >= CHUNK_HEADER) {
        image_want(image, next, CHUNK, CHUNK_HEADER);
        return;
    }
    const uint64_t last = next + image->left;
    image->bad |= !image->seen;
    image->done = last == 0;
    if (last > 0) image_want(image, last - 1, END, 1);
}

/* The first chunk has the size. In an extended file the others are walked for one that holds a picture: `seen`. */
static void take_chunk(struct mw_image *image, const uint8_t *p) {
    static const struct {
        char tag[5];
        bool picture;
        uint32_t state, need; /* of a first chunk */
    } kinds[] = {{"VP8 ", true, LOSSY, 10},
                 {"VP8L", true, LOSSLESS, 5},
                 {"VP8X", false, EXTENDED, 10},
                 {"ANMF", true, CHUNK, 0}};
    const bool first = image->width == 0;
    size_t kind = 0;
    while (kind < sizeof kinds / sizeof kinds[0] && !is_tag(p, kinds[kind].tag))
        kind++;
    const bool known = kind < sizeof kinds / sizeof kinds[0];

    image->count = le32(p + 4);
    take(image, CHUNK_HEADER);
    if (known) image->seen |= kinds[kind].picture;
    if (!first) {
        leave_chunk(image, image->count, image->count);
    } else if (known && kinds[kind].need > 0 && image->count >= kinds[kind].need) {
        take(image, kinds[kind].need);
        image_want(image, 0, kinds[kind].state, kinds[kind].need);
    } else {
        image->bad = true;
    }
}

/* A key frame's header (RFC 6386 section 9.1). */
static void take_lossy(struct mw_image *image, const uint8_t *p) {
    const bool key_frame = (p[0] & 1) == 0;
    image->bad |= !key_frame || memcmp(p + 3, "\x9d\x01\x2a", 3) != 0;
    image->width = le16(p + 6) & 0x3fff; /* the two bits above tell how to scale, which nobody does */
    image->height = le16(p + 8) & 0x3fff;
}

static void take_lossless(struct mw_image *image, const uint8_t *p) {
    const uint32_t bits = le32(p + 1), version = bits >> 29;
    image->bad |= p[0] != 0x2f || version != 0;
    image->width = (bits & 0x3fff) + 1;
    image->height = (bits >> 14 & 0x3fff) + 1;
}

static void take_extended(struct mw_image *image, const uint8_t *p) {
    image->width = le24(p + 4) + 1;
    image->height = le24(p + 7) + 1;
}

void image_step_webp(struct mw_image *image) {
    static void (*const sizes[])(struct mw_image * image, const uint8_t *p) = {
        [LOSSY] = take_lossy, [LOSSLESS] = take_lossless, [EXTENDED] = take_extended};
    switch (image->state) {
    case RIFF:
        take_riff(image, image->held);
        break;
    case CHUNK:
        take_chunk(image, image->held);
        break;
    case END:
        image->done = true;
        break;
    default:
        sizes[image->state](image, image->held);
        image->bad |= !image_fits(image->width, image->height);
        leave_chunk(image, image->count - image->need, image->count);
    }
}

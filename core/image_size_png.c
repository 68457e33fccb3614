#include "image_size.h"
#include "media_bytes.h"

#define CHUNK_HEADER 8
#define CHECKSUM 4
#define IHDR_LEN 13

enum { SIGNATURE, IHDR, CHUNK, END };

void image_start_png(struct mw_image *image) {
    image_want(image, 0, SIGNATURE, 8);
}

static bool is_letter(uint8_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The bit depths that a colour type may have (PNG 11.2.2), as a set of bits. */
static bool is_colour(uint8_t depth, uint8_t colour) {
    static const uint32_t depths[] = {[0] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16,
                                      [2] = 1u << 8 | 1u << 16,
                                      [3] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8,
                                      [4] = 1u << 8 | 1u << 16,
                                      [6] = 1u << 8 | 1u << 16};
    return colour < sizeof depths / sizeof depths[0] && depth <= 16 && (depths[colour] >> depth & 1);
}

static bool take_header(struct mw_image *image, const uint8_t *p) {
    const uint32_t length = be32(p);
    const uint8_t *body = p + CHUNK_HEADER;
    if (length != IHDR_LEN || !is_tag(p + 4, "IHDR")) return false;
    image->width = be32(body);
    image->height = be32(body + 4);
    const bool methods = body[10] == 0 && body[11] == 0 && body[12] <= 1; /* compression, filter, interlace */
    return image_fits(image->width, image->height) && is_colour(body[8], body[9]) && methods;
}

/* `seen`: the picture's data. */
static void take_chunk(struct mw_image *image, const uint8_t *p) {
    const uint32_t length = be32(p);
    for (size_t i = 4; i < CHUNK_HEADER; i++)
        image->bad |= !is_letter(p[i]);
    image->bad |= length > INT32_MAX;
    if (is_tag(p + 4, "IEND")) {
        image->bad |= length > 0 || !image->seen;
        image_want(image, 0, END, CHECKSUM);
        return;
    }
    image->seen |= is_tag(p + 4, "IDAT");
    image_want(image, (uint64_t)length + CHECKSUM, CHUNK, CHUNK_HEADER);
}

void image_step_png(struct mw_image *image) {
    switch (image->state) {
    case SIGNATURE:
        image->bad = memcmp(image->held, "\x89PNG\r\n\x1a\n", 8) != 0;
        image_want(image, 0, IHDR, CHUNK_HEADER + IHDR_LEN);
        break;
    case IHDR:
        image->bad = !take_header(image, image->held);
        image_want(image, CHECKSUM, CHUNK, CHUNK_HEADER);
        break;
    case CHUNK:
        take_chunk(image, image->held);
        break;
    default:
        image->done = true;
    }
}

#include "image_size.h"
#include "media_bytes.h"

#define SCREEN_LEN 13    /* signature, version and logical screen */
#define DESCRIPTOR_LEN 9 /* of an image, behind its first byte */

enum { SCREEN, BLOCK, LABEL, DESCRIPTOR, CODE_SIZE, PIECE };

void image_start_gif(struct mw_image *image) {
    image_want(image, 0, SCREEN, SCREEN_LEN);
}

static uint64_t colours_len(uint8_t flags) {
    return flags & 0x80 ? UINT64_C(6) << (flags & 7) : 0;
}

static bool take_screen(struct mw_image *image, const uint8_t *p) {
    image->width = le16(p + 6);
    image->height = le16(p + 8);
    return (memcmp(p, "GIF87a", 6) == 0 || memcmp(p, "GIF89a", 6) == 0) && image_fits(image->width, image->height);
}

static void take_block(struct mw_image *image, uint8_t introducer) {
    switch (introducer) {
    case 0x21:
        image_want(image, 0, LABEL, 1);
        break;
    case 0x2c:
        image_want(image, 0, DESCRIPTOR, DESCRIPTOR_LEN);
        break;
    case 0x3b:
        image->done = image->seen;
        image->bad = !image->seen;
        break;
    default:
        image->bad = true;
    }
}

/* `seen`: an image. Without a trailer the file may end wherever a block might begin. */
void image_step_gif(struct mw_image *image) {
    const uint8_t *p = image->held;
    const uint32_t state = image->state;
    image->may_end = false;
    switch (state) {
    case SCREEN:
        image->bad = !take_screen(image, p);
        image_want(image, colours_len(p[10]), BLOCK, 1);
        break;
    case BLOCK:
        take_block(image, p[0]);
        break;
    case DESCRIPTOR:
        image->bad = !image_fits(le16(p + 4), le16(p + 6));
        image_want(image, colours_len(p[8]), CODE_SIZE, 1);
        break;
    case CODE_SIZE:
        image->bad = p[0] < 1 || p[0] > 11; /* codes have at most 12 bits, the first ones one more than this */
        image->seen = true;
        image_want(image, 0, PIECE, 1);
        break;
    case LABEL:
        image_want(image, 0, PIECE, 1);
        break;
    default: /* PIECE: its length, 0 behind the last one */
        image->may_end = p[0] == 0 && image->seen;
        image_want(image, p[0], p[0] ? PIECE : BLOCK, 1);
    }
}

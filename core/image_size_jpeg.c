#include "image_size.h"
#include "media_bytes.h"

#define FRAME_FIXED 6  /* of SOFn: precision, height, width, components */
#define EXIF_HEADER 14 /* "Exif", two zeros, and the header of the TIFF inside */
#define TIFF_HEADER 8
#define IFD_ENTRY 12

enum { START, MARKER, CODE, LENGTH, FRAME, EXIF, IFD, ENTRY, SCAN };
enum { SOF0 = 0xc0, SOF2 = 0xc2, SOF15 = 0xcf, DHT = 0xc4, JPG = 0xc8, DAC = 0xcc };
enum { TEM = 0x01, RST0 = 0xd0, RST7 = 0xd7, SOI = 0xd8, EOI = 0xd9, SOS = 0xda, APP1 = 0xe1, FILL = 0xff };

void image_start_jpeg(struct mw_image *image) {
    image_want(image, 0, START, 2);
}

static void leave_segment(struct mw_image *image) {
    image_want(image, image->left, MARKER, 1);
}

static bool is_frame(uint32_t code) {
    return code >= SOF0 && code <= SOF15 && code != DHT && code != JPG && code != DAC;
}

static void take_code(struct mw_image *image, uint8_t code) {
    image->kind = code;
    if (code == FILL)
        image_want(image, 0, CODE, 1);
    else if (code == TEM || (code >= RST0 && code <= RST7))
        image_want(image, 0, MARKER, 1);
    else if (code == 0 || code == SOI || code == EOI)
        image->bad = true;
    else
        image_want(image, 0, LENGTH, 2);
}

/* Lossless, hierarchical and arithmetic JPEGs are shown by no client: of the frames only SOF0..SOF2 are taken, and one
 * of them, before the scan. `seen`: an EXIF segment; only the first counts. */
static void take_length(struct mw_image *image, const uint8_t *p) {
    const uint32_t length = be16(p), own = 2;
    image->left = length >= own ? length - own : 0;
    image->bad = length < own;
    if (is_frame(image->kind)) {
        image->bad |= image->kind > SOF2 || image->width > 0 || image->left < FRAME_FIXED;
        image_want(image, 0, FRAME, FRAME_FIXED);
    } else if (image->kind == APP1 && !image->seen && image->left >= EXIF_HEADER) {
        image_want(image, 0, EXIF, EXIF_HEADER);
    } else if (image->kind == SOS) {
        image->bad |= image->width == 0;
        image_want(image, image->left, SCAN, 1);
    } else {
        leave_segment(image);
    }
}

static void take_frame(struct mw_image *image, const uint8_t *p) {
    const uint32_t components = p[5], component_len = 3;
    image->left -= FRAME_FIXED;
    image->height = be16(p + 1);
    image->width = be16(p + 3);
    image->bad =
        !image_fits(image->width, image->height) || components == 0 || image->left != components * component_len;
    leave_segment(image);
}

static uint32_t tiff16(const struct mw_image *image, const uint8_t *p) {
    return image->little ? le16(p) : be16(p);
}

static uint32_t tiff32(const struct mw_image *image, const uint8_t *p) {
    return image->little ? le32(p) : be32(p);
}

/* An EXIF segment that makes no sense says nothing; the image is shown all the same. */
static void take_exif(struct mw_image *image, const uint8_t *p) {
    const uint8_t *tiff = p + 6;
    image->left -= EXIF_HEADER;
    image->little = tiff[0] == 'I';
    image->seen = memcmp(p, "Exif\0\0", 6) == 0;
    const bool order = memcmp(tiff, "II", 2) == 0 || memcmp(tiff, "MM", 2) == 0;
    const uint32_t offset = tiff32(image, tiff + 4), count_len = 2;
    if (!image->seen || !order || tiff16(image, tiff + 2) != 42 || offset < TIFF_HEADER ||
        (uint64_t)offset - TIFF_HEADER + count_len > image->left) {
        leave_segment(image);
        return;
    }
    image->left -= offset - TIFF_HEADER + count_len;
    image_want(image, offset - TIFF_HEADER, IFD, count_len);
}

/* `count`: the entries still to come. */
static void next_entry(struct mw_image *image) {
    if (image->count == 0 || image->left < IFD_ENTRY) {
        leave_segment(image);
        return;
    }
    image->count--;
    image->left -= IFD_ENTRY;
    image_want(image, 0, ENTRY, IFD_ENTRY);
}

static void take_entry(struct mw_image *image, const uint8_t *p) {
    enum { ORIENTATION = 0x0112, SHORT = 3 };
    if (tiff16(image, p) != ORIENTATION) {
        next_entry(image);
        return;
    }
    const uint32_t value = tiff16(image, p + 8);
    const bool one_short = tiff16(image, p + 2) == SHORT && tiff32(image, p + 4) == 1;
    if (one_short && value >= 1 && value <= 8) image->orientation = (uint8_t)value;
    leave_segment(image);
}

/* 5 to 8 turn the image by a quarter. */
static void finish(struct mw_image *image) {
    if (image->orientation >= 5) {
        const uint32_t width = image->width;
        image->width = image->height;
        image->height = width;
    }
    image->done = true;
}

void image_step_jpeg(struct mw_image *image) {
    const uint8_t *p = image->held;
    switch (image->state) {
    case START:
        image->bad = p[0] != FILL || p[1] != SOI;
        image_want(image, 0, MARKER, 1);
        break;
    case MARKER:
        image->bad = p[0] != FILL;
        image_want(image, 0, CODE, 1);
        break;
    case CODE:
        take_code(image, p[0]);
        break;
    case LENGTH:
        take_length(image, p);
        break;
    case FRAME:
        take_frame(image, p);
        break;
    case EXIF:
        take_exif(image, p);
        break;
    case IFD:
        image->count = tiff16(image, p);
        next_entry(image);
        break;
    case ENTRY:
        take_entry(image, p);
        break;
    default: /* SCAN: the picture has begun */
        finish(image);
    }
}

/* Images of any bytes: cut into pieces as the first byte says, they are the same image as whole. */
#include "mw/media.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* Each piece is a block of its own, so that sanitizers see every read past its end. */
static enum mw_err read_in(const uint8_t *data, size_t size, size_t piece, enum mw_media_type type,
                           struct mw_image *image) {
    mw_image_start(image, type);
    for (size_t at = 0; at < size; at += piece) {
        const size_t len = size - at < piece ? size - at : piece;
        uint8_t *copy = malloc(len);
        if (!copy) abort();
        memcpy(copy, data + at, len);
        mw_image_feed(image, copy, len);
        free(copy);
    }
    return mw_image_end(image);
}

static void check(const struct mw_image *image, enum mw_err err) {
    must((err == MW_OK) != image->bad, "it is bad or it is well");
    must(err == MW_OK || err == MW_EINVAL, "the error is one of the two");
    must(image->orientation >= 1 && image->orientation <= 8, "it is turned as images are");
    if (err != MW_OK) return;
    must(image->width >= 1 && image->width <= MW_IMAGE_SIDE_MAX, "the width is in its bounds");
    must(image->height >= 1 && image->height <= MW_IMAGE_SIDE_MAX, "the height is in its bounds");
    must((uint64_t)image->width * image->height <= MW_IMAGE_PIXELS_MAX, "the pixels are in their bounds");
}

static void check_as(enum mw_media_type type, const uint8_t *data, size_t size, size_t piece) {
    struct mw_image whole, pieces;
    const enum mw_err err = read_in(data, size, size, type, &whole);
    must(read_in(data, size, piece, type, &pieces) == err, "pieces end as the whole does");
    must(whole.width == pieces.width && whole.height == pieces.height, "pieces have the whole's size");
    must(whole.orientation == pieces.orientation && whole.done == pieces.done, "pieces tell what the whole tells");
    check(&whole, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum mw_media_type types[] = {MW_MEDIA_JPEG, MW_MEDIA_PNG, MW_MEDIA_GIF, MW_MEDIA_WEBP};
    if (size < 2) return 0;
    const size_t piece = (size_t)data[0] + 1;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        check_as(types[i], data + 1, size - 1, piece);
    return 0;
}

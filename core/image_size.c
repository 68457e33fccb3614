#include "image_size.h"

static const struct {
    void (*start)(struct mw_image *image), (*step)(struct mw_image *image);
} readers[MW_MEDIA_COUNT] = {
    [MW_MEDIA_JPEG] = {image_start_jpeg, image_step_jpeg},
    [MW_MEDIA_PNG] = {image_start_png, image_step_png},
    [MW_MEDIA_GIF] = {image_start_gif, image_step_gif},
    [MW_MEDIA_WEBP] = {image_start_webp, image_step_webp},
};

bool image_fits(uint32_t width, uint32_t height) {
    if (width < 1 || width > MW_IMAGE_SIDE_MAX || height < 1 || height > MW_IMAGE_SIDE_MAX) return false;
    return (uint64_t)width * height <= MW_IMAGE_PIXELS_MAX;
}

void mw_image_start(struct mw_image *image, enum mw_media_type type) {
    *image = (struct mw_image){.type = type, .orientation = 1};
    image->bad = !mw_media_is_image(type);
    if (!image->bad) readers[type].start(image);
}

void mw_image_feed(struct mw_image *image, const uint8_t *bytes, size_t len) {
    while (len > 0 && !image->done && !image->bad) {
        const uint64_t wanted = image->skip > 0 ? image->skip : image->need - image->have;
        const size_t n = wanted < len ? (size_t)wanted : len;
        if (image->skip > 0) {
            image->skip -= n;
        } else {
            memcpy(image->held + image->have, bytes, n);
            image->have += (uint32_t)n;
        }
        bytes += n;
        len -= n;
        if (image->have < image->need) continue;
        image->have = 0;
        readers[image->type].step(image);
    }
}

enum mw_err mw_image_end(struct mw_image *image) {
    const bool at_rest = image->may_end && image->have == 0 && image->skip == 0;
    if (!image->done && !at_rest) image->bad = true;
    return image->bad ? MW_EINVAL : MW_OK;
}

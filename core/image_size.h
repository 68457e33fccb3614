/* What the readers of the image formats are made of. A reader is a machine of steps: it asks for a number of bytes,
 * with or without some to pass over before them, and is called when they are held. */
#ifndef MW_CORE_IMAGE_SIZE_H
#define MW_CORE_IMAGE_SIZE_H

#include "mw/media.h"

/* The next step comes in `state`, with `need` bytes (1..sizeof held) held, behind `skip` more. */
static inline void image_want(struct mw_image *image, uint64_t skip, uint32_t state, uint32_t need) {
    image->skip = skip;
    image->state = state;
    image->need = need;
}

/* Whether an image or a frame of it may be so large. */
bool image_fits(uint32_t width, uint32_t height);

/* start asks for the first bytes. step looks at held, and ends with image_want(), done or bad. */
void image_start_jpeg(struct mw_image *image);
void image_step_jpeg(struct mw_image *image);
void image_start_png(struct mw_image *image);
void image_step_png(struct mw_image *image);
void image_start_gif(struct mw_image *image);
void image_step_gif(struct mw_image *image);
void image_start_webp(struct mw_image *image);
void image_step_webp(struct mw_image *image);

#endif

/* The media that the login service takes: what a file is by its bytes alone, and the names that files get.
 * Formats: DESIGN section 6. Pure; any thread. */
#ifndef MW_MEDIA_H
#define MW_MEDIA_H

#include <stdint.h>

#include "mw/err.h"
#include "mw/str.h"

enum mw_media_type {
    MW_MEDIA_NONE = 0, /* none of ours: refused */
    MW_MEDIA_JPEG,
    MW_MEDIA_PNG,
    MW_MEDIA_GIF,
    MW_MEDIA_WEBP,
    MW_MEDIA_MP4,
    MW_MEDIA_MP3,
    MW_MEDIA_AAC, /* ADTS */
    MW_MEDIA_M4A,
    MW_MEDIA_AMR, /* narrow and wide band */
    MW_MEDIA_WAV,
    MW_MEDIA_PDF,
    MW_MEDIA_COUNT
};

#define MW_MEDIA_HASH_LEN 64 /* lower-case hex of SHA-256 */
#define MW_MEDIA_EXT_MAX 4
#define MW_MEDIA_NAME_MAX (MW_MEDIA_HASH_LEN + 1 + MW_MEDIA_EXT_MAX)

/* "jpg", "image/jpeg"; NULL for NONE. Static. */
const char *mw_media_ext(enum mw_media_type type);
const char *mw_media_mime(enum mw_media_type type);
bool mw_media_is_image(enum mw_media_type type);

/* The type that the name says when it has the form that every stored file has, `<64 hex>.<ext>`; else NONE. */
enum mw_media_type mw_media_name_type(struct mw_str name);
/* The same of a URL that is media_url, a '/' unless it ends with one, and such a name. Absent or empty media_url: NONE.
 */
enum mw_media_type mw_media_url_type(struct mw_str url, struct mw_str media_url);

/* How many bytes from the file's start suffice to tell. Fewer are enough when the file is no longer than that. */
#define MW_MEDIA_HEAD_LEN 4096

/* What the first bytes say. head holds the file's first MW_MEDIA_HEAD_LEN bytes, or all of a shorter file. NONE: none
 * of ours, as HTML, SVG, scripts, programs and archives. A signature stands at the very start and has behind it what
 * its format demands there, so that a text that begins like an image is none. What tells MP4 from M4A is the brand:
 * phones' own videos (brand "qt  ", and 3gp) are MP4, and so is sound in a file whose brand does not tell. */
enum mw_media_type mw_media_sniff(const uint8_t *head, size_t len);

/* Width and height of an image as it is shown, so for a JPEG after the turn that its EXIF asks for. Fed with the file's
 * bytes in order, in pieces of any size; holds no more of them than fit into it.
 *
 * An image ends well when every length that it states itself holds, up to its end mark: IEND of a PNG, the RIFF length
 * of a WebP, the trailer of a GIF or the end of a block behind its first image. A JPEG's picture has no length and may
 * come without an end mark: there it is enough that the picture begins. What stands behind all that is let pass, as
 * phones put things there. */
struct mw_image {
    enum mw_media_type type;
    bool done, bad;         /* done: more bytes change nothing any more. bad: this is no image that can be shown */
    uint32_t width, height; /* 1..MW_IMAGE_SIDE_MAX each when it ended well, as shown */
    uint8_t orientation;    /* EXIF: 1..8; 1 when it says nothing */
    /* The reader's own. */
    uint32_t state;
    uint64_t skip, left;  /* bytes to pass over before the next step; bytes left of the part that is being read */
    uint32_t have, need;  /* of held */
    uint32_t count, kind; /* what is still to come of a list; which part it is */
    bool little, seen, may_end;
    uint8_t held[32];
};

#define MW_IMAGE_SIDE_MAX 65535
/* A few bytes can stand for more than a phone has memory for. More than the largest cameras make. */
#define MW_IMAGE_PIXELS_MAX (UINT32_C(1) << 28)

/* type: an image's. */
void mw_image_start(struct mw_image *image, enum mw_media_type type);
void mw_image_feed(struct mw_image *image, const uint8_t *bytes, size_t len);
/* After the last byte. MW_OK: width and height are right. MW_EINVAL: the file is cut, or lies of its size. */
MW_MUST_CHECK enum mw_err mw_image_end(struct mw_image *image);

#endif

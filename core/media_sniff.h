/* The sniffers behind mw_media_sniff() that are more than a look at a signature. Each is given the file's first bytes,
 * as mw_media_sniff() is, and answers NONE for what is not its own. */
#ifndef MW_CORE_MEDIA_SNIFF_H
#define MW_CORE_MEDIA_SNIFF_H

#include "mw/media.h"

/* ISO base media files (ISO 14496-12): MP4 and M4A by the brands of the first box. */
enum mw_media_type sniff_iso(const uint8_t *head, size_t len);
/* Frames that begin with a sync word: MP3 and AAC in ADTS, behind an ID3v2 tag or without one. */
enum mw_media_type sniff_frames(const uint8_t *head, size_t len);
/* AMR, narrow and wide band (RFC 4867 section 5). */
enum mw_media_type sniff_amr(const uint8_t *head, size_t len);
/* RIFF: WebP and WAV. */
enum mw_media_type sniff_riff(const uint8_t *head, size_t len);

#endif

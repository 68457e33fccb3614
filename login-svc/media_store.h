/* The folder that holds the media: files by the name that their content gives them, whole or not at all.
 *
 *   <store>/<64 hex>.<ext>   what is served
 *   <store>/incoming/        what is being written; each file locked by who writes it. The folder is locked itself
 * while a file gets its name (shared) or is swept (alone), so that a sweep never takes a file that has just come again
 *
 * All of it may wait for the disk. Any thread, any number of processes on one machine. */
#ifndef MEDIA_STORE_H
#define MEDIA_STORE_H

#include "mw/err.h"
#include "mw/media.h"

struct media_store;

struct media_error {
    char text[256]; /* one line */
};

enum media_store_mode {
    MEDIA_STORE_AS_IT_IS = 0, /* must be there; without `incoming` for sweeping alone */
    MEDIA_STORE_MAKE,         /* is made when it is missing, but not the folder that it is in */
};

/* Removes what a crash left behind. */
MW_MUST_CHECK enum mw_err media_store_open(const char *path, enum media_store_mode mode, struct media_store **out,
                                           struct media_error *err);
/* Whether it could be made and written. Makes nothing. */
MW_MUST_CHECK enum mw_err media_store_probe(const char *path, struct media_error *err);
/* Takes &st, allows NULL, clears. */
void media_store_close(struct media_store **st);
/* The folder itself. */
int media_store_dir(const struct media_store *st);

/* A file on its way in. fd is -1 when there is none. */
struct media_draft {
    int fd;
    char name[24];
};
#define MEDIA_NO_DRAFT ((struct media_draft){.fd = -1})

/* MW_EFULL: no room; MW_EIO: *err says what, as with the others. */
MW_MUST_CHECK enum mw_err media_draft_begin(struct media_store *st, struct media_draft *out, struct media_error *err);
MW_MUST_CHECK enum mw_err media_draft_write(struct media_draft *d, struct mw_str bytes, struct media_error *err);
/* To the disk. Before media_draft_publish(). */
MW_MUST_CHECK enum mw_err media_draft_sync(struct media_draft *d, struct media_error *err);
/* Gives it its name, in place of a file of the same content: it is there for good once this returns MW_OK. Else the
 * draft is as it was; or, when only the folder could not be synced, the file is there and may be gone after a crash. */
MW_MUST_CHECK enum mw_err media_draft_publish(struct media_store *st, struct media_draft *d, const char *name,
                                              struct media_error *err);
/* Removes it if it was not published. Allows a draft that has no file. */
void media_draft_end(struct media_store *st, struct media_draft *d);

struct media_found {
    int fd; /* the caller's to close */
    uint64_t size;
    int64_t modified_s;
};
/* name: of the form that mw_media_name_type() takes. MW_ENOENT; MW_EIO. */
MW_MUST_CHECK enum mw_err media_store_find(struct media_store *st, const char *name, struct media_found *out,
                                           struct media_error *err);

struct media_swept {
    uint64_t files, bytes;
};
/* Removes the files that came, last time, before before_s. *out holds what was done, also after a failure. */
MW_MUST_CHECK enum mw_err media_store_sweep(struct media_store *st, int64_t before_s, struct media_swept *out,
                                            struct media_error *err);

#endif

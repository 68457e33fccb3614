/* Secrets come from files: read whole, bounded, and refused when everybody on the machine could read them as well. */
#ifndef SECRET_FILE_H
#define SECRET_FILE_H

#include "mw/err.h"
#include "mw/str.h"

struct secret_file_error {
    char text[256]; /* one line that names the file; nothing of what is in it */
};

/* Bytes of the file into out, their number into *len: 1..cap. MW_EIO: not there or not readable; MW_EINVAL: not a plain
 * file, empty, or readable by others; MW_ETOOBIG. *err is filled on every failure. */
MW_MUST_CHECK enum mw_err secret_file_read(const char *path, uint8_t *out, size_t cap, size_t *len,
                                           struct secret_file_error *err);
/* One line of printable ASCII without blanks, its newline cut; NUL-terminated. Else as above. */
MW_MUST_CHECK enum mw_err secret_file_read_line(const char *path, char *out, size_t cap, struct secret_file_error *err);

#endif

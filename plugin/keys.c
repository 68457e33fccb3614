#include "keys.h"

#include "mw/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads at most cap bytes; *why names what stood in the way. */
static enum mw_err read_file(const char *path, char *text, size_t cap, size_t *len, const char **why) {
    enum mw_err err = MW_EIO;
    size_t got = 0;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0) {
        *why = strerror(errno);
        goto done;
    }
    if (!S_ISREG(st.st_mode)) {
        *why = "not a regular file";
        goto done;
    }
    for (;;) {
        ssize_t n = read(fd, text + got, cap - got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            *why = strerror(errno);
            goto done;
        }
        if (n == 0) break;
        got += (size_t)n;
        if (got == cap) {
            *why = "larger than any key file";
            err = MW_ETOOBIG;
            goto done;
        }
    }
    *len = got;
    err = MW_OK;
done:
    if (fd >= 0) close(fd);
    return err;
}

enum mw_err keys_load(const char *path, const struct mw_log *log, struct mw_keyset *keys) {
    static const size_t cap = MW_JWKS_TEXT_MAX + 1;
    const char *why = "no memory";
    size_t len = 0;
    enum mw_err err = MW_ENOMEM;
    struct mw_keyset *next = calloc(1, sizeof *next);
    char *text = malloc(cap);
    if (text == NULL || next == NULL) goto done;
    err = read_file(path, text, cap, &len, &why);
    if (err == MW_OK) err = mw_jwks_parse(mw_bytes(text, len), next, &why);
    if (err == MW_OK) *keys = *next;
done:
    if (err != MW_OK)
        mw_log(log, MW_LOG_ERROR, "keys.refused", "option=plugin_opt_keys file=%s reason=\"%s\"", path, why);
    if (text) mw_wipe(text, cap);
    if (next) mw_keyset_wipe(next);
    free(text);
    free(next);
    return err;
}

#include "secret_file.h"

#include "mw/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static enum mw_err explain(struct secret_file_error *err, const char *path, const char *what, enum mw_err rc) {
    (void)snprintf(err->text, sizeof err->text, "%.150s: %.90s", path, what);
    return rc;
}

static enum mw_err check_file(int fd, const char *path, struct secret_file_error *err) {
    struct stat st;
    if (fstat(fd, &st) != 0) return explain(err, path, strerror(errno), MW_EIO);
    if (!S_ISREG(st.st_mode)) return explain(err, path, "is not a plain file", MW_EINVAL);
    if (st.st_mode & S_IRWXO) return explain(err, path, "is open to every user: chmod o-rwx it", MW_EINVAL);
    return MW_OK;
}

/* Up to cap + 1 bytes would tell that the file is too big; so the last byte is read apart. */
static enum mw_err read_all(int fd, const char *path, uint8_t *out, size_t cap, size_t *len,
                            struct secret_file_error *err) {
    size_t have = 0;
    uint8_t extra;
    for (;;) {
        bool full = have == cap;
        ssize_t n = read(fd, full ? &extra : out + have, full ? 1 : cap - have);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return explain(err, path, strerror(errno), MW_EIO);
        if (n == 0) break;
        if (full) return explain(err, path, "is too big for what it should hold", MW_ETOOBIG);
        have += (size_t)n;
    }
    if (have == 0) return explain(err, path, "is empty", MW_EINVAL);
    *len = have;
    return MW_OK;
}

enum mw_err secret_file_read(const char *path, uint8_t *out, size_t cap, size_t *len, struct secret_file_error *err) {
    /* Not waiting: a FIFO in the file's place must not hold up the start. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return explain(err, path, strerror(errno), MW_EIO);
    enum mw_err rc = check_file(fd, path, err);
    if (rc == MW_OK) rc = read_all(fd, path, out, cap, len, err);
    (void)close(fd);
    return rc;
}

enum mw_err secret_file_read_line(const char *path, char *out, size_t cap, struct secret_file_error *err) {
    char line[1024];
    size_t len = 0;
    enum mw_err rc = secret_file_read(path, (uint8_t *)line, sizeof line, &len, err);
    if (rc != MW_OK) goto done;
    while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
        len--;
    for (size_t i = 0; i < len && rc == MW_OK; i++)
        if (line[i] <= ' ' || line[i] > '~') rc = explain(err, path, "must be one line without blanks", MW_EINVAL);
    if (rc == MW_OK && len == 0) rc = explain(err, path, "is empty", MW_EINVAL);
    if (rc == MW_OK && !mw_str_copy(out, cap, mw_bytes(line, len)))
        rc = explain(err, path, "is too big for what it should hold", MW_ETOOBIG);
done:
    mw_wipe(line, sizeof line);
    return rc;
}

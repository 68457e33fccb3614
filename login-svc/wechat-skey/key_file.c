#include "key_file.h"

#include "mw/base32.h"
#include "mw/secret.h"
#include "secret_file.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum mw_err fail(const char *what, const char *path) {
    complain("cannot %s %s: %s", what, path, strerror(errno));
    return MW_EIO;
}

/* Another name beside the path, which nobody has. */
static enum mw_err temporary_name(const char *path, char out[static PATH_MAX]) {
    uint8_t raw[10];
    struct mw_buf b = mw_buf_over(out, PATH_MAX);
    if (mw_random(raw, sizeof raw) != MW_OK) {
        complain("the system has no random bytes to give");
        return MW_EIO;
    }
    mw_buf_put(&b, mw_cstr(path));
    mw_buf_put(&b, MW_STR(".new-"));
    mw_base32_put(&b, mw_bytes(raw, sizeof raw));
    if (mw_buf_cstr(&b)) return MW_OK;
    complain("%s: the name is too long", path);
    return MW_ETOOBIG;
}

static enum mw_err write_all(int fd, struct mw_str text, const char *path) {
    while (text.len > 0) {
        const ssize_t n = write(fd, text.ptr, text.len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail("write", path);
        text = mw_str_skip(text, (size_t)n);
    }
    return fsync(fd) == 0 ? MW_OK : fail("write", path);
}

/* Owner first: a change of owner may take bits off the mode. */
static enum mw_err set_access(int fd, const char *path, mode_t mode, const struct stat *like) {
    if (like && fchown(fd, like->st_uid, like->st_gid) != 0) return fail("keep the owner and group of", path);
    return fchmod(fd, mode) == 0 ? MW_OK : fail("set the mode of", path);
}

/* A finished file under another name. It begins closed to everybody else, whatever the umask. */
static enum mw_err write_beside(const char *path, mode_t mode, const struct stat *like, struct mw_str text,
                                char beside[static PATH_MAX]) {
    enum mw_err err = temporary_name(path, beside);
    if (err != MW_OK) return err;
    const int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return fail("create", beside);
    err = set_access(fd, beside, mode, like);
    if (err == MW_OK) err = write_all(fd, text, beside);
    if (close(fd) != 0 && err == MW_OK) err = fail("write", beside);
    if (err != MW_OK) (void)unlink(beside);
    return err;
}

/* Makes the new name last, also when the machine loses power now. */
static enum mw_err sync_folder(const char *path) {
    char copy[PATH_MAX];
    if (!mw_str_copy(copy, sizeof copy, mw_cstr(path))) return MW_ETOOBIG;
    const char *folder = dirname(copy);
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail("open", folder);
    const enum mw_err err = fsync(fd) == 0 ? MW_OK : fail("write", folder);
    (void)close(fd);
    return err;
}

enum mw_err key_file_create(const char *path, mode_t mode, struct mw_str text) {
    char beside[PATH_MAX];
    enum mw_err err = write_beside(path, mode, NULL, text, beside);
    if (err != MW_OK) return err;
    if (link(beside, path) != 0) /* unlike rename(), it never takes another's place */
        err = errno == EEXIST ? MW_EEXIST : fail("create", path);
    (void)unlink(beside);
    return err == MW_OK ? sync_folder(path) : err;
}

enum mw_err key_file_replace(const char *path, struct mw_str text) {
    char real[PATH_MAX], beside[PATH_MAX]; /* behind a symbolic link: the file, not the link */
    struct stat like;
    if (!realpath(path, real) || stat(real, &like) != 0) return fail("open", path);
    enum mw_err err = write_beside(real, like.st_mode & 07777, &like, text, beside);
    if (err != MW_OK) return err;
    if (rename(beside, real) != 0) {
        err = fail("replace", path);
        (void)unlink(beside);
        return err;
    }
    return sync_folder(real);
}

enum mw_err key_file_load(const char *path, struct mw_keyset *out) {
    struct secret_file_error unreadable;
    const char *why = "";
    size_t len = 0;
    uint8_t *text = malloc(MW_JWKS_TEXT_MAX);
    if (!text) {
        complain("no memory");
        return MW_ENOMEM;
    }
    enum mw_err err = secret_file_read(path, text, MW_JWKS_TEXT_MAX, &len, &unreadable);
    if (err != MW_OK) {
        complain("%s", unreadable.text);
    } else {
        err = mw_jwks_parse(mw_bytes(text, len), out, &why);
        if (err != MW_OK) complain("%s: %s", path, why);
    }
    mw_wipe(text, MW_JWKS_TEXT_MAX);
    free(text);
    return err;
}

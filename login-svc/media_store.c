#include "media_store.h"

#include "mw/secret.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_MODE 0750
#define FILE_MODE 0640
#define NAME_TRIES 8
#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

struct media_store {
    int dir, incoming;
};

static enum mw_err explain(struct media_error *err, const char *what, int why) {
    (void)snprintf(err->text, sizeof err->text, "%.120s: %.80s", what, strerror(why));
    if (why == ENOSPC || why == EDQUOT || why == EFBIG) return MW_EFULL;
    return why == ENOENT ? MW_ENOENT : MW_EIO;
}

static void close_fd(int *fd) {
    if (*fd >= 0) (void)close(*fd);
    *fd = -1;
}

/* ---- the folder ---- */

static DIR *list_of(int dir) {
    int fd = openat(dir, ".", DIR_FLAGS);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    if (!list) close_fd(&fd);
    return list;
}

/* Goes when nobody holds it any more: whoever writes a draft keeps it locked. */
static void remove_leftover(int incoming, const char *name) {
    int fd = openat(incoming, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) (void)unlinkat(incoming, name, 0);
    close_fd(&fd);
}

static enum mw_err remove_leftovers(int incoming, struct media_error *err) {
    DIR *list = list_of(incoming);
    if (!list) return explain(err, "incoming", errno);
    for (const struct dirent *entry; (entry = readdir(list));)
        if (entry->d_name[0] != '.') remove_leftover(incoming, entry->d_name);
    (void)closedir(list);
    return MW_OK;
}

static enum mw_err open_dir(int at, const char *path, enum media_store_mode mode, int *out, struct media_error *err) {
    if (mode == MEDIA_STORE_MAKE && mkdirat(at, path, DIR_MODE) != 0 && errno != EEXIST)
        return explain(err, path, errno);
    int fd = openat(at, path, DIR_FLAGS);
    if (fd < 0) return explain(err, path, errno);
    *out = fd;
    return MW_OK;
}

/* In a folder as it is there need be none: no service has written there yet. */
static enum mw_err open_incoming(struct media_store *st, enum media_store_mode mode, struct media_error *err) {
    enum mw_err rc = open_dir(st->dir, "incoming", mode, &st->incoming, err);
    if (rc == MW_ENOENT && mode == MEDIA_STORE_AS_IT_IS) return MW_OK;
    if (rc == MW_OK && faccessat(st->incoming, ".", W_OK | X_OK, AT_EACCESS) != 0) rc = explain(err, "incoming", errno);
    return rc == MW_OK ? remove_leftovers(st->incoming, err) : rc;
}

enum mw_err media_store_open(const char *path, enum media_store_mode mode, struct media_store **out,
                             struct media_error *err) {
    struct media_store *st = malloc(sizeof *st);
    if (!st) return explain(err, path, ENOMEM);
    *st = (struct media_store){-1, -1};
    enum mw_err rc = open_dir(AT_FDCWD, path, mode, &st->dir, err);
    if (rc == MW_OK) rc = open_incoming(st, mode, err);
    if (rc == MW_OK)
        *out = st;
    else
        media_store_close(&st);
    return rc;
}

enum mw_err media_store_probe(const char *path, struct media_error *err) {
    struct stat info;
    char parent[1024];
    if (stat(path, &info) == 0) {
        if (!S_ISDIR(info.st_mode)) return explain(err, path, ENOTDIR);
        return faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0 ? MW_OK : explain(err, path, errno);
    }
    if (errno != ENOENT || !mw_str_copy(parent, sizeof parent, mw_cstr(path))) return explain(err, path, errno);
    for (size_t len = strlen(parent); len > 1 && parent[len - 1] == '/'; len--)
        parent[len - 1] = '\0';
    char *slash = strrchr(parent, '/');
    if (slash) slash[slash == parent] = '\0';
    if (faccessat(AT_FDCWD, slash ? parent : ".", W_OK | X_OK, AT_EACCESS) == 0) return MW_OK;
    return explain(err, path, errno);
}

void media_store_close(struct media_store **st) {
    if (!*st) return;
    close_fd(&(*st)->incoming);
    close_fd(&(*st)->dir);
    free(*st);
    *st = NULL;
}

int media_store_dir(const struct media_store *st) {
    return st->dir;
}

/* ---- a file on its way in ---- */

static enum mw_err name_draft(char name[static 24]) {
    uint8_t bytes[8];
    enum mw_err rc = mw_random(bytes, sizeof bytes);
    for (size_t i = 0; rc == MW_OK && i < sizeof bytes; i++)
        (void)snprintf(name + 2 * i, 3, "%02x", bytes[i]);
    return rc;
}

enum mw_err media_draft_begin(struct media_store *st, struct media_draft *out, struct media_error *err) {
    for (int i = 0; i < NAME_TRIES; i++) {
        struct media_draft d = MEDIA_NO_DRAFT;
        struct stat info;
        if (name_draft(d.name) != MW_OK) return explain(err, "a name for the file", EIO);
        d.fd = openat(st->incoming, d.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
        if (d.fd < 0) {
            if (errno == EEXIST) continue;
            return explain(err, "incoming", errno);
        }
        /* Another service that starts right now may take it for a leftover before it is locked: then it has no name
         * any more, and the next one is tried. */
        if (flock(d.fd, LOCK_EX) == 0 && fstat(d.fd, &info) == 0 && info.st_nlink == 1 &&
            fchmod(d.fd, FILE_MODE) == 0) {
            *out = d;
            return MW_OK;
        }
        media_draft_end(st, &d);
    }
    return explain(err, "incoming", EIO);
}

enum mw_err media_draft_write(struct media_draft *d, struct mw_str bytes, struct media_error *err) {
    while (bytes.len > 0) {
        const ssize_t n = write(d->fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return explain(err, "write", n < 0 ? errno : ENOSPC);
        bytes = mw_str_skip(bytes, (size_t)n);
    }
    return MW_OK;
}

enum mw_err media_draft_sync(struct media_draft *d, struct media_error *err) {
    return fsync(d->fd) == 0 ? MW_OK : explain(err, "fsync", errno);
}

/* A lock belongs to what open() gave, so each holder opens the folder anew. -1 on failure; with ENOENT nobody has ever
 * written here. */
static int take_lock(const struct media_store *st, int how) {
    int fd = st->incoming >= 0 ? openat(st->incoming, ".", DIR_FLAGS) : openat(st->dir, "incoming", DIR_FLAGS);
    if (fd < 0) return -1;
    while (flock(fd, how) != 0)
        if (errno != EINTR) {
            const int why = errno;
            close_fd(&fd);
            errno = why;
            return -1;
        }
    return fd;
}

enum mw_err media_draft_publish(struct media_store *st, struct media_draft *d, const char *name,
                                struct media_error *err) {
    int lock = take_lock(st, LOCK_SH);
    if (lock < 0) return explain(err, "lock", errno);
    /* The new file takes the place of one of the same content: whoever reads that reads on, and the date is new. */
    enum mw_err rc = renameat(st->incoming, d->name, st->dir, name) == 0 ? MW_OK : explain(err, "rename", errno);
    close_fd(&lock);
    if (rc != MW_OK) return rc;
    close_fd(&d->fd);
    return fsync(st->dir) == 0 ? MW_OK : explain(err, "fsync of the folder", errno);
}

void media_draft_end(struct media_store *st, struct media_draft *d) {
    if (d->fd < 0) return;
    (void)unlinkat(st->incoming, d->name, 0);
    close_fd(&d->fd);
}

/* ---- a file that is there ---- */

enum mw_err media_store_find(struct media_store *st, const char *name, struct media_found *out,
                             struct media_error *err) {
    struct stat info;
    int fd = openat(st->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return errno == ELOOP ? MW_ENOENT : explain(err, "open", errno);
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size <= 0) {
        close_fd(&fd);
        return MW_ENOENT;
    }
    *out = (struct media_found){.fd = fd, .size = (uint64_t)info.st_size, .modified_s = info.st_mtim.tv_sec};
    return MW_OK;
}

/* ---- sweeping ---- */

static bool is_old(const struct media_store *st, const char *name, int64_t before_s, struct stat *info) {
    return fstatat(st->dir, name, info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info->st_mode) &&
           info->st_mtim.tv_sec < before_s;
}

/* Looks once more under the lock: the same content may have come again since. */
static enum mw_err sweep_one(struct media_store *st, const char *name, int64_t before_s, struct media_swept *out,
                             struct media_error *err) {
    struct stat info;
    enum mw_err rc = MW_OK;
    int lock = take_lock(st, LOCK_EX);
    if (lock < 0 && !(errno == ENOENT && st->incoming < 0)) return explain(err, "lock", errno);
    if (is_old(st, name, before_s, &info)) {
        if (unlinkat(st->dir, name, 0) != 0) {
            rc = explain(err, name, errno);
        } else {
            out->files++;
            out->bytes += (uint64_t)info.st_size;
        }
    }
    close_fd(&lock);
    return rc;
}

enum mw_err media_store_sweep(struct media_store *st, int64_t before_s, struct media_swept *out,
                              struct media_error *err) {
    enum mw_err rc = MW_OK;
    struct stat info;
    *out = (struct media_swept){0, 0};
    DIR *list = list_of(st->dir);
    if (!list) return explain(err, "reading the folder", errno);
    for (const struct dirent *entry; rc == MW_OK && (entry = readdir(list));)
        if (mw_media_name_type(mw_cstr(entry->d_name)) != MW_MEDIA_NONE && is_old(st, entry->d_name, before_s, &info))
            rc = sweep_one(st, entry->d_name, before_s, out, err);
    (void)closedir(list);
    return rc;
}

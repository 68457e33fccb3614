#include "sqlite_gather.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A commit appends its pages to the write-ahead log, and SQLite makes two system calls for each: one for the page's
 * header, 24 bytes, and one for the page. That is half of what a log-in costs the kernel. Here they are put together,
 * and go out in one piece before anything that could tell the difference: a read, a sync, a truncation, the length.
 *
 * Nobody else reads a page of the log before its commit, and with synchronous = FULL a commit ends with a sync. With
 * cache_spill = OFF nothing is appended but by commits. So nothing is held when SQLite lets go of the lock for writing,
 * and a commit that failed leaves nothing behind that could be written later, over another's commit: what could not be
 * written is dropped. */

#define HOLD_MAX 65536

struct wal_file {
    sqlite3_file base; /* first: it is what SQLite knows */
    sqlite3_file *real;
    sqlite3_int64 at; /* where the held bytes belong */
    int held;
    unsigned char *bytes; /* HOLD_MAX of them */
};

static sqlite3_vfs *real_vfs, gather_vfs;

static struct wal_file *wal_of(sqlite3_file *file) {
    return (struct wal_file *)(void *)file;
}

static int let_go(struct wal_file *w) {
    int held = w->held;
    w->held = 0;
    return held > 0 ? w->real->pMethods->xWrite(w->real, w->bytes, held, w->at) : SQLITE_OK;
}

static int on_close(sqlite3_file *file) {
    struct wal_file *w = wal_of(file);
    int rc = let_go(w), closed = w->real->pMethods->xClose(w->real);
    free(w->bytes);
    return rc == SQLITE_OK ? closed : rc;
}

static int on_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at) {
    struct wal_file *w = wal_of(file);
    int rc = let_go(w);
    return rc == SQLITE_OK ? w->real->pMethods->xRead(w->real, to, len, at) : rc;
}

static int on_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at) {
    struct wal_file *w = wal_of(file);
    if (at != w->at + w->held || len > HOLD_MAX - w->held) {
        int rc = let_go(w);
        if (rc != SQLITE_OK) return rc;
        w->at = at;
    }
    if (len > HOLD_MAX) return w->real->pMethods->xWrite(w->real, from, len, at);
    memcpy(w->bytes + w->held, from, (size_t)len);
    w->held += len;
    return SQLITE_OK;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 len) {
    struct wal_file *w = wal_of(file);
    int rc = let_go(w);
    return rc == SQLITE_OK ? w->real->pMethods->xTruncate(w->real, len) : rc;
}

static int on_sync(sqlite3_file *file, int flags) {
    struct wal_file *w = wal_of(file);
    int rc = let_go(w);
    return rc == SQLITE_OK ? w->real->pMethods->xSync(w->real, flags) : rc;
}

static int on_file_size(sqlite3_file *file, sqlite3_int64 *len) {
    struct wal_file *w = wal_of(file);
    int rc = let_go(w);
    return rc == SQLITE_OK ? w->real->pMethods->xFileSize(w->real, len) : rc;
}

static int on_lock(sqlite3_file *file, int kind) {
    struct wal_file *w = wal_of(file);
    return w->real->pMethods->xLock(w->real, kind);
}

static int on_unlock(sqlite3_file *file, int kind) {
    struct wal_file *w = wal_of(file);
    return w->real->pMethods->xUnlock(w->real, kind);
}

static int on_check_lock(sqlite3_file *file, int *reserved) {
    struct wal_file *w = wal_of(file);
    return w->real->pMethods->xCheckReservedLock(w->real, reserved);
}

static int on_control(sqlite3_file *file, int what, void *arg) {
    struct wal_file *w = wal_of(file);
    return w->real->pMethods->xFileControl(w->real, what, arg);
}

static int on_sector_size(sqlite3_file *file) {
    struct wal_file *w = wal_of(file);
    return w->real->pMethods->xSectorSize(w->real);
}

static int on_characteristics(sqlite3_file *file) {
    struct wal_file *w = wal_of(file);
    return w->real->pMethods->xDeviceCharacteristics(w->real);
}

/* Version 1: the log is never mapped, and its locks are the database file's. */
static const sqlite3_io_methods wal_methods = {
    .iVersion = 1,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_file_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_lock,
    .xFileControl = on_control,
    .xSectorSize = on_sector_size,
    .xDeviceCharacteristics = on_characteristics,
};

/* SQLite gives szOsFile bytes at `file`. Those of the real file come behind ours. */
static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    (void)vfs;
    if (!(flags & SQLITE_OPEN_WAL)) return real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
    struct wal_file *w = wal_of(file);
    *w = (struct wal_file){.real = (sqlite3_file *)(void *)(w + 1), .bytes = malloc(HOLD_MAX)};
    int rc = w->bytes ? real_vfs->xOpen(real_vfs, name, w->real, flags, out_flags) : SQLITE_NOMEM;
    if (rc == SQLITE_OK)
        w->base.pMethods = &wal_methods;
    else
        free(w->bytes);
    return rc;
}

static void set_up(void) {
    real_vfs = sqlite3_vfs_find(NULL);
    if (real_vfs == NULL) return;
    gather_vfs = *real_vfs; /* everything but opening is the same */
    gather_vfs.zName = "mw-gather";
    gather_vfs.pNext = NULL;
    gather_vfs.szOsFile += (int)sizeof(struct wal_file);
    gather_vfs.xOpen = on_open;
}

/* SQLite finds a VFS by its name in a list, and this one stands there while a database is opened and no longer: the
 * plugin may be unloaded while the broker goes on using SQLite. */
int sqlite_open_gathering(const char *path, sqlite3 **db, int flags) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    int rc = sqlite3_initialize();
    if (rc != SQLITE_OK) return rc;
    (void)pthread_once(&once, set_up);
    (void)pthread_mutex_lock(&lock);
    rc = real_vfs ? sqlite3_vfs_register(&gather_vfs, 0) : SQLITE_ERROR;
    if (rc == SQLITE_OK) {
        rc = sqlite3_open_v2(path, db, flags, gather_vfs.zName);
        (void)sqlite3_vfs_unregister(&gather_vfs);
    }
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

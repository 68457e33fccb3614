/* Opens a database whose write-ahead log is written in few big pieces. */
#ifndef STORE_SQLITE_GATHER_H
#define STORE_SQLITE_GATHER_H

#include <sqlite3.h>

/* As sqlite3_open_v2() with SQLite's own VFS. The handle must be set to synchronous = FULL and cache_spill = OFF before
 * it writes. Any thread. */
int sqlite_open_gathering(const char *path, sqlite3 **db, int flags);

#endif

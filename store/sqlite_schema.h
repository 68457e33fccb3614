/* The tables of a SQLite store and how an older file is brought up to date. */
#ifndef SQLITE_SCHEMA_H
#define SQLITE_SCHEMA_H

#include "mw/store.h"

struct sqlite3;

/* For a writer: creates or migrates, in one transaction. MW_EINVAL: another program's file, or one that a newer version
 * of this program made. */
MW_MUST_CHECK enum mw_err sqlite_schema_update(struct sqlite3 *db, struct mw_store_error *err);
/* For a reader: MW_OK when the file is of this version. MW_ENOENT: it has no tables yet. */
MW_MUST_CHECK enum mw_err sqlite_schema_check(struct sqlite3 *db, struct mw_store_error *err);

#endif

/* The tables of our SQLite files and how an older file is brought up to date. */
#ifndef SQLITE_SCHEMA_H
#define SQLITE_SCHEMA_H

#include "mw/store.h"

struct sqlite3;

struct sqlite_schema {
    int application_id; /* tells our files from any other program's, and each kind from the others */
    const char *holds;
    const char *not_a_database;
    const char *const *steps; /* step n brings a file of version n to version n + 1 */
    int version;
};

extern const struct sqlite_schema sqlite_sessions_schema, sqlite_history_schema;

/* For a writer, before it changes anything: MW_OK when the file is one of this kind, or empty if it may be. MW_ENOENT:
 * it is empty and may not. MW_EINVAL: another program's file, one of another kind, or one that a newer version of this
 * program made. */
MW_MUST_CHECK enum mw_err sqlite_schema_admit(struct sqlite3 *db, const struct sqlite_schema *schema, bool may_be_empty,
                                              struct mw_store_error *err);
/* For a writer: creates or migrates, in one transaction. MW_EINVAL as above. */
MW_MUST_CHECK enum mw_err sqlite_schema_update(struct sqlite3 *db, const struct sqlite_schema *schema,
                                               struct mw_store_error *err);
/* For a reader: MW_OK when the file is of this version. MW_ENOENT: it has no tables yet. */
MW_MUST_CHECK enum mw_err sqlite_schema_check(struct sqlite3 *db, const struct sqlite_schema *schema,
                                              struct mw_store_error *err);

#endif

// SQLite's own interface (https://sqlite.org/c3ref/intro.html), and what of it is a macro that Swift does not see.
#ifndef METERSTORM_CSQLITE_SHIM_H
#define METERSTORM_CSQLITE_SHIM_H

#include <sqlite3.h>
#include <sys/stat.h>

/// Binds a copy of a text, which may hold NUL. An empty text is not NULL, wherever it points.
static inline int meterstorm_bind_text(sqlite3_stmt *statement, int index, const void *text, sqlite3_uint64 count) {
  return sqlite3_bind_text64(statement, index, text ? (const char *)text : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// Binds a copy of some bytes. None are not NULL, wherever they point.
static inline int meterstorm_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_blob64(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}

/// Whether a file is not there, or holds nothing.
static inline int meterstorm_is_empty(const char *path) {
  struct stat status;
  return stat(path, &status) != 0 || status.st_size == 0;
}

/// Has a session run nothing that a file brings along: no triggers, no views, and none of the functions that are not meant for a schema.
static inline void meterstorm_distrust(sqlite3 *session) {
  sqlite3_db_config(session, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)0);
  sqlite3_db_config(session, SQLITE_DBCONFIG_ENABLE_VIEW, 0, (int *)0);
  sqlite3_db_config(session, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)0);
}

#endif

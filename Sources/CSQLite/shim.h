// SQLite's own interface (https://sqlite.org/c3ref/intro.html), and what of it is a macro that Swift does not see.
#ifndef METERSTORM_CSQLITE_SHIM_H
#define METERSTORM_CSQLITE_SHIM_H

#include <sqlite3.h>

/// Binds a copy of a text, which may hold NUL. An empty text is not NULL, wherever it points.
static inline int meterstorm_bind_text(sqlite3_stmt *statement, int index, const void *text, sqlite3_uint64 count) {
  return sqlite3_bind_text64(statement, index, text ? (const char *)text : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// Binds a copy of some bytes. None are not NULL, wherever they point.
static inline int meterstorm_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_blob64(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}

#endif

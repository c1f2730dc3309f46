import CSQLite

/// What one caller at a time does with an open file: ``SQLiteConnection`` sees to that.
final class SQLiteSession {
  private let handle: OpaquePointer
  /// Every statement that was executed so far, by its text: the texts stand in this module, few and constant.
  private var statements: [String: SQLiteStatement] = [:]
  /// Whether writing is refused.
  private var isReading = false

  /// Opens a file.
  ///
  /// - Throws: also where it is no database.
  init(path: String, isReadOnly: Bool) throws(SQLiteError) {
    handle = try Self.opened(path, isReadOnly: isReadOnly)
    // What another process holds is waited for: five seconds.
    sqlite3_busy_timeout(handle, 5_000)
    try execute(script: "PRAGMA foreign_keys = ON")
    // The last transactions may be lost when the machine, not the process, ends suddenly; the file stays whole.
    if !isReadOnly { try execute(script: "PRAGMA synchronous = NORMAL") }
    // Opening reads nothing: only this tells whether it is a database.
    try execute(script: "SELECT 1 FROM sqlite_master LIMIT 1")
  }

  /// An open file, which runs nothing that it brings along: a database may be somebody else's, and what it would do by itself could change
  /// verdicts as they are written.
  private static func opened(_ path: String, isReadOnly: Bool) throws(SQLiteError) -> OpaquePointer {
    let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_CREATE | SQLITE_OPEN_READWRITE
    let handle = try opened(path, access)
    guard isReadOnly, sqlite3_exec(handle, "SELECT 1 FROM sqlite_master LIMIT 1", nil, nil, nil) != SQLITE_OK,
      [SQLITE_CANTOPEN, SQLITE_READONLY].contains(sqlite3_errcode(handle) & 0xff),
      meterstorm_is_empty(path + "-wal") != 0
    else { return handle }
    // In write-ahead mode, reading makes files beside the database. Where that is not allowed and nothing waits in its log, nobody writes it.
    sqlite3_close_v2(handle)
    let escaped = path.unicodeScalars.reduce(into: "") { text, scalar in
      text += ["?", "#", "%"].contains(scalar) ? "%" + String(scalar.value, radix: 16) : String(scalar)
    }
    return try opened("file:\(escaped)?immutable=1", access | SQLITE_OPEN_URI)
  }

  private static func opened(_ path: String, _ access: Int32) throws(SQLiteError) -> OpaquePointer {
    var handle: OpaquePointer?
    // There is no handle where memory has run out; there is one where the file cannot be opened.
    let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_NOMUTEX | access, nil)
    guard code == SQLITE_OK, let handle else {
      sqlite3_close_v2(handle)
      throw SQLiteError(code: code & 0xff, message: String(cString: sqlite3_errstr(code)))
    }
    meterstorm_distrust(handle)
    return handle
  }

  deinit {
    for statement in statements.values { statement.finalize() }
    sqlite3_close_v2(handle)
  }

  // MARK: Statements

  /// Executes statements without parameters.
  func execute(script: String) throws(SQLiteError) {
    guard !isReading else { throw Self.refused }
    try perform(script)
  }

  /// Executes a statement.
  ///
  /// - Parameter arguments: one for each of its parameters.
  func execute(_ sql: String, _ arguments: [(any SQLiteConvertible)?]) throws(SQLiteError) {
    _ = try rows(sql, arguments)
  }

  /// All rows of the result of a statement.
  ///
  /// - Parameter arguments: one for each of its parameters.
  func rows(_ sql: String, _ arguments: [(any SQLiteConvertible)?] = []) throws(SQLiteError) -> [SQLiteRow] {
    let statement: SQLiteStatement
    if let known = statements[sql] {
      statement = known
    } else {
      statement = try SQLiteStatement(sql, in: handle)
      statements[sql] = statement
    }
    guard !isReading || statement.isReadOnly else { throw Self.refused }
    return try statement.run(arguments)
  }

  /// The first row of the result; `nil` where there is none.
  func row(_ sql: String, _ arguments: [(any SQLiteConvertible)?] = []) throws(SQLiteError) -> SQLiteRow? {
    try rows(sql, arguments).first
  }

  /// The first column of the first row; `nil` where there is no row.
  func value(_ sql: String, _ arguments: [(any SQLiteConvertible)?] = []) throws(SQLiteError) -> SQLiteValue?
  {
    try row(sql, arguments)?.first
  }

  /// The same where it is a whole number.
  func whole(_ sql: String, _ arguments: [(any SQLiteConvertible)?] = []) throws(SQLiteError) -> Int64? {
    guard case .int64(let number)? = try value(sql, arguments) else { return nil }
    return number
  }

  private func perform(_ script: String) throws(SQLiteError) {
    let code = sqlite3_exec(handle, script, nil, nil, nil)
    guard code == SQLITE_OK else { throw SQLiteError(code, in: handle) }
  }

  private static let refused = SQLiteError(
    code: SQLITE_READONLY, message: "attempt to write a readonly database")

  /// The number of the row that was inserted last.
  var lastInsertedRowID: Int64 { sqlite3_last_insert_rowid(handle) }

  /// How many rows the last statement that can write has written.
  var changesCount: Int { Int(sqlite3_changes(handle)) }

  // MARK: Transactions

  /// Does something in a transaction that sees the file as it is at its first statement.
  func read<Value>(_ body: (SQLiteSession) throws -> Value) throws -> Value {
    isReading = true
    defer { isReading = false }
    return try transaction("BEGIN DEFERRED", body)
  }

  /// Does something in a transaction, all of it or nothing. It begins as one that writes: a second process waits there, where it can be
  /// waited for, and not where the first has changed what it has read.
  func write<Value>(_ body: (SQLiteSession) throws -> Value) throws -> Value {
    try transaction("BEGIN IMMEDIATE", body)
  }

  private func transaction<Value>(
    _ begin: String, _ body: (SQLiteSession) throws -> Value
  ) throws -> Value {
    try perform(begin)
    do {
      let value = try body(self)
      try perform("COMMIT")
      return value
    } catch {
      // After some errors, such as a full disk, SQLite has rolled back already.
      if sqlite3_get_autocommit(handle) == 0 { try? perform("ROLLBACK") }
      throw error
    }
  }

  // MARK: The schema

  /// Whether there is a table of a name.
  func tableExists(_ name: String) throws(SQLiteError) -> Bool {
    try value(
      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", [name]) != nil
  }

  /// The names of a table's columns in lower case.
  ///
  /// - Throws: where there is no such table.
  func columns(in table: String) throws(SQLiteError) -> Set<String> {
    let names = try rows("SELECT lower(name) FROM pragma_table_xinfo(?) WHERE hidden <> 1", [table])
    guard !names.isEmpty else { throw SQLiteError(code: SQLITE_ERROR, message: "no such table: \(table)") }
    return Set(names.compactMap { if case .text(let name) = $0.first { name } else { nil } })
  }
}

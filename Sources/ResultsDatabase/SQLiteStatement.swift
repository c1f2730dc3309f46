import CSQLite

/// A prepared statement. It is reset after each use: one that is not holds a lock on the file.
///
/// Only a ``SQLiteSession`` uses it, and finalizes it before it closes.
struct SQLiteStatement {
  private let statement: OpaquePointer
  private let session: OpaquePointer

  /// - Throws: where the text is no statement, or names what is not there.
  init(_ sql: String, in session: OpaquePointer) throws(SQLiteError) {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(
      session, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK else { throw SQLiteError(code, in: session) }
    guard let statement else { preconditionFailure("'\(sql)' has a statement") }
    self.statement = statement
    self.session = session
  }

  func finalize() { sqlite3_finalize(statement) }

  /// Whether it writes nothing into the file.
  var isReadOnly: Bool { sqlite3_stmt_readonly(statement) != 0 }

  /// Executes it to its end.
  ///
  /// - Parameter arguments: one for each of its parameters.
  /// - Returns: all rows of its result.
  func run(_ arguments: [(any SQLiteConvertible)?]) throws(SQLiteError) -> [SQLiteRow] {
    precondition(
      arguments.count == Int(sqlite3_bind_parameter_count(statement)), "a statement has all of its arguments")
    defer {
      // It returns the error of the step once more.
      _ = sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, argument) in zip(Int32(1)..., arguments) {
      try bind(argument?.sqliteValue ?? .null, at: index)
    }
    var rows: [SQLiteRow] = []
    var positions: [String: Int]?
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return rows }
      guard code == SQLITE_ROW else { throw SQLiteError(code, in: session) }
      // Not before the first step: it prepares the statement anew where the schema has changed.
      let found = positions ?? columns()
      positions = found
      rows.append(SQLiteRow(positions: found, values: try values()))
    }
  }

  private func bind(_ value: SQLiteValue, at index: Int32) throws(SQLiteError) {
    let code: Int32
    switch value {
    case .null: code = sqlite3_bind_null(statement, index)
    case .int64(let number): code = sqlite3_bind_int64(statement, index, number)
    case .double(let number): code = sqlite3_bind_double(statement, index, number)
    case .text(var text):
      code = text.withUTF8 { meterstorm_bind_text(statement, index, $0.baseAddress, UInt64($0.count)) }
    case .blob(let bytes):
      code = bytes.withUnsafeBytes {
        meterstorm_bind_blob(statement, index, $0.baseAddress, UInt64($0.count))
      }
    }
    guard code == SQLITE_OK else { throw SQLiteError(code, in: session) }
  }

  /// The position of each column by its name in lower case, of the leftmost where several have one name.
  private func columns() -> [String: Int] {
    let names = (0..<sqlite3_column_count(statement)).map { index in
      (sqlite3_column_name(statement, index).map { String(cString: $0) } ?? "").lowercased()
    }
    return Dictionary(zip(names, 0...), uniquingKeysWith: { first, _ in first })
  }

  private func values() throws(SQLiteError) -> [SQLiteValue] {
    var values: [SQLiteValue] = []
    let count = sqlite3_column_count(statement)
    values.reserveCapacity(Int(count))
    for index in 0..<count { values.append(try value(at: index)) }
    return values
  }

  private func value(at index: Int32) throws(SQLiteError) -> SQLiteValue {
    switch sqlite3_column_type(statement, index) {
    case SQLITE_INTEGER: return .int64(sqlite3_column_int64(statement, index))
    case SQLITE_FLOAT: return .double(sqlite3_column_double(statement, index))
    case SQLITE_TEXT:
      // The text comes before its length: it may have to be converted from UTF-16. There is none where memory has run out.
      guard let text = sqlite3_column_text(statement, index) else {
        throw SQLiteError(code: SQLITE_NOMEM, message: "out of memory")
      }
      // What is not UTF-8 is replaced.
      let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, index)))
      return .text(String(decoding: bytes, as: UTF8.self))
    case SQLITE_BLOB:
      // No bytes are nowhere.
      let bytes = UnsafeRawBufferPointer(
        start: sqlite3_column_blob(statement, index), count: Int(sqlite3_column_bytes(statement, index)))
      return .blob(Array(bytes))
    default: return .null
    }
  }
}

extension SQLiteError {
  /// The error that the last call has left in a session.
  init(_ code: Int32, in session: OpaquePointer) {
    self.init(code: code & 0xff, message: String(cString: sqlite3_errmsg(session)))
  }
}

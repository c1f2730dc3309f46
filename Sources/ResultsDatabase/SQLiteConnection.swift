import Synchronization

/// An open SQLite file, which any thread may use: one caller at a time, the others wait. It is closed with its last reference.
///
/// What is done with it is done by closures that share nothing with the caller, and must not use the same connection again.
final class SQLiteConnection: Sendable {
  private let session: Mutex<SQLiteSession>

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: where it is; `:memory:` is one that ends with the connection.
  ///   - isReadOnly: whether it must be there and stays as it is.
  /// - Throws: where it cannot be opened, is locked or is no database.
  init(path: String, isReadOnly: Bool) throws(SQLiteError) {
    session = Mutex(try SQLiteSession(path: path, isReadOnly: isReadOnly))
  }

  /// Reads in a transaction, in which nothing else changes the file; writing is refused.
  func read<Value: Sendable>(_ body: @Sendable (SQLiteSession) throws -> Value) throws -> Value {
    try session.withLock { try $0.read(body) }
  }

  /// Writes in a transaction, which is rolled back where the closure throws.
  func write<Value: Sendable>(_ body: @Sendable (SQLiteSession) throws -> Value) throws -> Value {
    try session.withLock { try $0.write(body) }
  }

  /// Does what cannot be done in a transaction, or begins its own.
  func writeWithoutTransaction<Value: Sendable>(
    _ body: @Sendable (SQLiteSession) throws -> Value
  ) throws -> Value {
    try session.withLock { try body($0) }
  }
}

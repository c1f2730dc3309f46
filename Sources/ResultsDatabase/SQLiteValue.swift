import CSQLite

/// Why SQLite has refused something.
struct SQLiteError: Error, Sendable {
  /// The primary result code, such as `SQLITE_BUSY` (https://sqlite.org/rescode.html).
  var code: Int32
  /// What SQLite says about it.
  var message: String
}

/// A value as SQLite stores it (https://sqlite.org/datatype3.html).
enum SQLiteValue: Hashable, Sendable {
  case null
  case int64(Int64)
  case double(Double)
  case text(String)
  case blob([UInt8])
}

extension SQLiteValue: CustomStringConvertible {
  var description: String {
    switch self {
    case .null: "NULL"
    case .int64(let number): "\(number)"
    case .double(let number): "\(number)"
    case .text(let text): String(reflecting: text)
    case .blob(let bytes): "\(bytes.count) bytes"
    }
  }
}

/// What can be bound to a parameter of a statement; `nil` is bound as NULL.
protocol SQLiteConvertible {
  var sqliteValue: SQLiteValue { get }
}

extension Int64: SQLiteConvertible {
  var sqliteValue: SQLiteValue { .int64(self) }
}

extension Int: SQLiteConvertible {
  var sqliteValue: SQLiteValue { .int64(Int64(self)) }
}

extension Double: SQLiteConvertible {
  /// SQLite stores what is not a number as NULL.
  var sqliteValue: SQLiteValue { .double(self) }
}

extension String: SQLiteConvertible {
  var sqliteValue: SQLiteValue { .text(self) }
}

/// A row of a result: copies of its values, which outlive the statement.
struct SQLiteRow: Sendable {
  /// The position of each column by its name in lower case: SQLite's names know no case. The rows of a result share one.
  private let positions: [String: Int]
  private let values: [SQLiteValue]

  init(positions: [String: Int], values: [SQLiteValue]) {
    self.positions = positions
    self.values = values
  }

  /// The value of a column; `nil` where the row has none of that name.
  subscript(column: String) -> SQLiteValue? { positions[column.lowercased()].map { values[$0] } }

  /// The value of the first column.
  var first: SQLiteValue { values.first ?? .null }
}

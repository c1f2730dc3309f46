import Foundation
import RunRecord

/// Reads the columns of a row, each in its type and range: a file that another program has written into is refused with the
/// table, the row and the column, and never stops the program.
struct RowReader {
  private let row: SQLiteRow
  private let table: String
  /// What names the row in its table, such as `id 7` or `campaign 1, seed 5`.
  private let name: String

  /// - Parameter key: the columns that name the row.
  init(_ row: SQLiteRow, of table: String, key: [String]) {
    self.row = row
    self.table = table
    name = key.map { "\($0) \(Self.shown(row[$0]))" }.joined(separator: ", ")
  }

  private static func shown(_ value: SQLiteValue?) -> String {
    switch value {
    case nil: "(no such column)"
    case .null?: "NULL"
    case .int64(let number)?: "\(number)"
    case .double(let number)?: "\(number)"
    case .text(let text)?: "'\(text.prefix(40))'"
    case .blob(let bytes)?: "(\(bytes.count) bytes)"
    }
  }

  /// What is wrong with a column.
  func problem(_ column: String, _ text: String) -> ResultsError {
    ResultsError("table \(table), row \(name), column \(column): \(text)")
  }

  private func wrong(_ column: String, _ wanted: String) -> ResultsError {
    problem(column, "\(Self.shown(row[column])) should be \(wanted)")
  }

  /// Whether the file has a column: one of an earlier version that is only read may not.
  func has(_ column: String) -> Bool { row[column] != nil }

  /// A whole number, whatever it is: seeds and row numbers.
  func whole(_ column: String) throws(ResultsError) -> Int64 {
    guard case .int64(let value)? = row[column] else {
      throw wrong(column, "a whole number")
    }
    return value
  }

  func text(_ column: String) throws(ResultsError) -> String {
    guard case .text(let value)? = row[column] else {
      throw wrong(column, "text")
    }
    return value
  }

  func number(_ column: String) throws(ResultsError) -> Double {
    switch row[column] {
    case .double(let value)?: return value
    case .int64(let value)?: return Double(value)
    default: throw wrong(column, "a number")
    }
  }

  func verdict(_ column: String) throws(ResultsError) -> Verdict {
    guard let verdict = Verdict(rawValue: try text(column)) else { throw wrong(column, "a verdict") }
    return verdict
  }

  /// Lines of a text.
  func lines(_ column: String) throws(ResultsError) -> [String] {
    try text(column).split(separator: "\n").map(String.init)
  }

  /// A value that is kept as JSON.
  func json<Value: CheckedRecord>(_ column: String) throws(ResultsError) -> Value {
    do {
      return try Value(checking: Data(try text(column).utf8))
    } catch let error as RecordProblem {
      throw problem(column, error.description)
    } catch let error as ResultsError {
      throw error
    } catch {
      throw problem(column, "\(error)")
    }
  }

  /// Checks what was read of several columns.
  func checked<Value: CheckedRecord>(_ value: Value) throws(ResultsError) -> Value {
    do {
      try value.check()
      return value
    } catch {
      throw ResultsError("table \(table), row \(name): \(error)")
    }
  }
}

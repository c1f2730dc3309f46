import Chronology
import Foundation

/// What is in a CSV file of recorded usage: which column is the time, which are quantities, and when it was recorded.
package struct TraceProfile: Hashable, Sendable {
  /// The column of the time.
  package var timestamp: String
  /// The columns of the quantities: one or two.
  package var quantities: [String]
  /// Rows.
  package var rows: Int
  /// The times of the earliest and the latest row.
  package var first: Instant
  package var last: Instant

  /// The most columns of quantities that one event can have.
  package static let maximumQuantities = 2
  /// Rows by which columns are told apart; the others are read by what these say.
  private static let sample = 1000

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - timestamp: the column of the time; `nil`: the first in which every value is one.
  ///   - quantities: the columns of the quantities; empty: those in which every value is a quantity.
  /// - Throws: `InvalidInput` with line and column, also where columns cannot be told apart.
  package init(file: String, timestamp: String?, quantities: [String]) throws(InvalidInput) {
    let columns = try Self.columns(file)
    let start = Position(file: file, line: 1, column: 1)
    func known(_ name: String) throws(InvalidInput) -> String {
      guard columns.contains(where: { $0.name == name }) else {
        throw InvalidInput(
          "there is no column '\(name)'" + NearestKey.hint(for: name, among: columns.map(\.name)), at: start)
      }
      return name
    }
    if let timestamp {
      self.timestamp = try known(timestamp)
    } else {
      // Plain numbers are times only where no column has dates.
      let dates = columns.filter(\.isDate)
      guard let column = dates.first ?? columns.first(where: { $0.isNumber && Self.soundsLikeTime($0.name) })
      else {
        throw InvalidInput(
          "no column has a time, in ISO-8601 or in seconds since 1970, in every row: "
            + "name it with --timestamp to learn which row has none; there are: "
            + Self.listed(columns.map(\.name)), at: start)
      }
      self.timestamp = column.name
    }
    if quantities.isEmpty {
      let own = self.timestamp
      let numbers = columns.filter { $0.isNumber && $0.name != own }
      guard !numbers.isEmpty else {
        throw InvalidInput(
          "no column has a quantity in every row: name one with --quantity to learn which row has none; "
            + "there are: \(Self.listed(columns.map(\.name).filter { $0 != own }))", at: start)
      }
      guard numbers.count <= Self.maximumQuantities else {
        throw InvalidInput(
          "\(numbers.count) columns have quantities, and an event has at most \(Self.maximumQuantities): "
            + "choose with --quantity among \(Self.listed(numbers.map(\.name)))",
          at: Position(file: file, line: 1, column: numbers[Self.maximumQuantities].column))
      }
      self.quantities = numbers.map(\.name)
    } else {
      var chosen: [String] = []
      for name in quantities { chosen.append(try known(name)) }
      self.quantities = chosen
    }
    let read = try TraceFile.read(
      file: file, timestamp: (self.timestamp, start), quantities: self.quantities.map { ($0, start) })
    rows = read.count
    first = read.map(\.time).min() ?? Instant(nanoseconds: 0)
    last = read.map(\.time).max() ?? first
  }

  private struct Column {
    var name: String
    var column: Int
    var isDate = true
    var isNumber = true
  }

  /// The columns, and what the values of the first rows are.
  private static func columns(_ file: String) throws(InvalidInput) -> [Column] {
    let data = try YAMLReader.data(ofFile: file, maximumBytes: TraceFile.maximumBytes)
    var reader = CSVReader(bytes: Array(data), file: file)
    guard let header = try reader.next() else {
      throw InvalidInput(
        "the trace is empty: a header line is missing", at: Position(file: file, line: 1, column: 1))
    }
    var columns = header.fields.map { field in
      Column(name: String(decoding: reader.bytes(of: field), as: UTF8.self), column: field.column)
    }
    var rows = 0
    while rows < sample, let record = try reader.next() {
      rows += 1
      for (index, field) in record.fields.enumerated() where index < columns.count {
        guard columns[index].isDate || columns[index].isNumber else { continue }
        let text = String(decoding: reader.bytes(of: field), as: UTF8.self)
        if columns[index].isDate, Instant(iso8601: text) == nil { columns[index].isDate = false }
        if columns[index].isNumber, TraceFile.quantity(text) == nil { columns[index].isNumber = false }
      }
    }
    return columns
  }

  private static func soundsLikeTime(_ name: String) -> Bool {
    ["time", "date", "stamp"].contains { name.lowercased().contains($0) } || ["t", "ts"].contains(name)
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(12).map { String($0.prefix(40)) }.joined(separator: ", ")
      + (names.count > 12 ? " and \(names.count - 12) more" : "")
  }
}

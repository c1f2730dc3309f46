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
  /// The column that seems to name customers, and how many different ones it names; `nil`: there is none.
  package var customers: Customers?

  /// A column of customers. Replay does not read it: whose an event is, is drawn.
  package struct Customers: Hashable, Sendable {
    package var column: String
    package var count: Int
  }

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
      else { throw Self.withoutTime(columns, at: start) }
      self.timestamp = column.name
    }
    if quantities.isEmpty {
      let own = self.timestamp
      let numbers = columns.filter { $0.isNumber && $0.name != own }
      guard !numbers.isEmpty else {
        // One that has quantities in other rows is what was meant.
        let close = columns.filter { $0.name != own && $0.quantities > 0 }.max {
          $0.quantities < $1.quantities
        }
        if let close, let wrong = close.notQuantity {
          throw InvalidInput(
            "\(wrong.text) in column '\(close.name)' should be a quantity, as in other rows",
            at: Position(file: file, line: wrong.line, column: wrong.column))
        }
        throw InvalidInput(
          "no column has a quantity in every row: name one with --quantity to see which row has none; "
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
    customers = columns.first { !$0.isDate && !$0.values.isEmpty && Self.soundsLikeCustomer($0.name) }.map {
      Customers(column: $0.name, count: $0.values.count)
    }
    rows = read.count
    first = read.map(\.time).min() ?? Instant(nanoseconds: 0)
    last = read.map(\.time).max() ?? first
  }

  private struct Column {
    var name: String
    var column: Int
    /// The first value that is no time, and the first that is no quantity.
    var notDate: Wrong?
    var notQuantity: Wrong?
    /// How many values are times, and how many are quantities.
    var dates = 0
    var quantities = 0
    var isDate: Bool { notDate == nil }
    var isNumber: Bool { notQuantity == nil }
    /// The different values, where the column seems to name customers.
    var values: Set<String> = []

    /// Looks at a value.
    mutating func tell(_ place: Wrong, _ text: String) {
      if Instant(offset: text) != nil { dates += 1 } else { notDate = notDate ?? place }
      if TraceFile.quantity(text) != nil { quantities += 1 } else { notQuantity = notQuantity ?? place }
    }
  }

  /// A value that does not fit.
  private struct Wrong {
    var line: Int
    var column: Int
    /// In quotation marks, and cut.
    var text: String
  }

  /// What to do about a file in which no column is a time.
  private static func withoutTime(_ columns: [Column], at start: Position) -> InvalidInput {
    let isHeaderless = columns.contains {
      TraceFile.quantity($0.name) != nil || TraceFile.time($0.name) != nil
    }
    if isHeaderless {
      return InvalidInput(
        "the first line has values where a header should name the columns; put one before it, such as 'time,customer,quantity'",
        at: start)
    }
    // What has times in other rows, or is named like one.
    let close =
      columns.filter { $0.dates > 0 }.max { $0.dates < $1.dates } ?? columns.first { soundsLikeTime($0.name) }
    if let close, let wrong = close.dates > 0 || close.quantities == 0 ? close.notDate : close.notQuantity {
      return InvalidInput(
        "\(wrong.text) in column '\(close.name)' should be a time such as 2026-01-31T23:00:00Z or in seconds since 1970",
        at: Position(file: start.file, line: wrong.line, column: wrong.column))
    }
    return InvalidInput(
      "no column has a time in every row, such as 2026-01-31T23:00:00Z or seconds since 1970; "
        + "name it with --timestamp to see which row has none; there are: \(listed(columns.map(\.name)))",
      at: start)
  }

  private static func soundsLikeCustomer(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["customer", "account", "tenant", "subject", "client", "organi", "kunde", "user"]
      .contains { name.contains($0) } || name == "org"
  }

  /// The columns, and what the values of the first rows are.
  private static func columns(_ file: String) throws(InvalidInput) -> [Column] {
    let bytes = try TraceFile.bytes(file)
    if bytes.first(where: { $0 > 32 }) == UInt8(ascii: "{") {
      throw InvalidInput(
        "this is JSON, and init takes CSV; a scenario replays CloudEvents, one on each line, with "
          + "'trace: { file: \(file), format: cloudevents, quantity: data.… }' in its 'load'",
        at: Position(file: file, line: 1, column: 1))
    }
    var reader = CSVReader(bytes: bytes, file: file)
    guard let header = try reader.next() else {
      throw InvalidInput(
        "the trace is empty: a header line is missing", at: Position(file: file, line: 1, column: 1))
    }
    var columns = header.fields.map { field in
      Column(name: String(decoding: reader.bytes(of: field), as: UTF8.self), column: field.column)
    }
    var rows = 0
    let named = columns.map { soundsLikeCustomer($0.name) }
    while let record = try reader.next() {
      rows += 1
      for (index, field) in record.fields.enumerated() where index < columns.count {
        let isTold = rows <= sample
        guard isTold || named[index] else { continue }
        let text = String(decoding: reader.bytes(of: field), as: UTF8.self)
        if named[index] { columns[index].values.insert(text) }
        guard isTold else { continue }
        columns[index].tell(
          Wrong(line: record.line, column: field.column, text: "'\(text.prefix(40))'"), text)
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

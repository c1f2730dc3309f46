import CanonicalModel
import Chronology
import Foundation

/// One row of a trace: its time in the run and up to two quantities in millionths.
package struct TraceRecord: Hashable, Sendable, BitwiseCopyable {
  /// When it happens in the run.
  package var time: Instant
  /// The first quantity in millionths.
  package var quantity0: Int64
  /// The second quantity in millionths; 0 for events that feed one meter.
  package var quantity1: Int64
}

/// Reads recorded usage from a CSV file (RFC 4180; a header line; separated by commas, or by semicolons or tabs where it has no comma).
enum TraceFile {
  /// The largest file in bytes.
  static let maximumBytes = 4 << 30

  /// A row as recorded, and where it stands.
  struct Row {
    var time: Instant
    var quantities: (Int64, Int64)
    var line: Int
  }

  /// Reads the columns of the time and of up to two quantities; none for a meter that only counts.
  static func read(
    file: String, timestamp: (name: String, position: Position),
    quantities: [(name: String, position: Position)]
  ) throws(InvalidInput) -> [Row] {
    var reader = CSVReader(bytes: try bytes(file), file: file)
    guard let header = try reader.next() else {
      throw InvalidInput(
        "the trace is empty: a header line is missing", at: Position(file: file, line: 1, column: 1))
    }
    var names: [String] = []
    for field in header.fields {
      guard let name = String(validating: reader.bytes(of: field), as: UTF8.self) else {
        throw InvalidInput(
          "the trace is not UTF-8 text", at: Position(file: file, line: 1, column: field.column))
      }
      guard !names.contains(name) || name.isEmpty else {
        throw InvalidInput(
          "the column '\(name.prefix(60))' is given more than once; each column needs a name of its own",
          at: Position(file: file, line: header.line, column: field.column))
      }
      names.append(name)
    }
    func column(_ wanted: (name: String, position: Position)) throws(InvalidInput) -> Int {
      if let index = names.firstIndex(of: wanted.name) { return index }
      let shown = names.prefix(20).map { String($0.prefix(40)) }
      throw InvalidInput(
        "the trace \(file) has no column '\(wanted.name)'" + NearestKey.hint(for: wanted.name, among: shown),
        at: wanted.position)
    }
    let timeColumn = try column(timestamp)
    var columns: [Int] = []
    for quantity in quantities { columns.append(try column(quantity)) }
    var rows: [Row] = []
    while let record = try reader.next() {
      guard record.fields.count == names.count else {
        throw InvalidInput(
          "\(record.fields.count) field\(record.fields.count == 1 ? "" : "s") where the header has \(names.count)",
          at: Position(file: file, line: record.line, column: 1))
      }
      func fail(_ column: Int, _ wanted: String) -> InvalidInput {
        let text = String(decoding: reader.bytes(of: record.fields[column]).prefix(60), as: UTF8.self)
        return InvalidInput(
          "'\(text)' in column '\(names[column])' should be \(wanted)",
          at: Position(file: file, line: record.line, column: record.fields[column].column))
      }
      let text = String(decoding: reader.bytes(of: record.fields[timeColumn]), as: UTF8.self)
      guard let time = Self.time(text) else {
        throw fail(timeColumn, "a time such as 2026-01-31T23:00:00Z or in seconds since 1970")
      }
      var values: [Int64] = []
      for column in columns {
        let text = String(decoding: reader.bytes(of: record.fields[column]), as: UTF8.self)
        guard let units = Self.quantity(text) else { throw fail(column, Self.quantityWanted) }
        values.append(units)
      }
      rows.append(
        Row(time: time, quantities: (values.first ?? 0, values.count > 1 ? values[1] : 0), line: record.line))
    }
    guard !rows.isEmpty else {
      throw InvalidInput("the trace has a header and no rows", at: Position(file: file, line: 1, column: 1))
    }
    return rows
  }

  /// The bytes of a file that is text.
  static func bytes(_ file: String) throws(InvalidInput) -> [UInt8] {
    let bytes = Array(try YAMLReader.data(ofFile: file, maximumBytes: maximumBytes))
    let packed: [(mark: [UInt8], name: String, command: String)] = [
      ([0x1F, 0x8B], "compressed by gzip", "gunzip --keep"), ([0x50, 0x4B, 3, 4], "a ZIP archive", "unzip"),
      ([0x28, 0xB5, 0x2F, 0xFD], "compressed by Zstandard", "unzstd"),
      ([0x42, 0x5A, 0x68], "compressed by bzip2", "bunzip2 --keep"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "compressed by xz", "unxz --keep"),
    ]
    if let found = packed.first(where: { bytes.starts(with: $0.mark) }) {
      throw InvalidInput(
        "the file is \(found.name), but traces are read as text; unpack it first: \(found.command) \(file)",
        at: Position(file: file, line: 1, column: 1))
    }
    if bytes.starts(with: Array("PAR1".utf8)) {
      throw InvalidInput(
        "the file is Parquet, but traces are read as text; export it as CSV first",
        at: Position(file: file, line: 1, column: 1))
    }
    return bytes
  }

  /// What a quantity has to be.
  static let quantityWanted = "a quantity from 0 to 10^12 with at most 6 fraction digits"

  /// A quantity in millionths.
  static func quantity(_ text: some StringProtocol) -> Int64? {
    guard let quantity = Quantity(text), quantity >= .zero, let units = Int64(exactly: quantity.units),
      units <= 1_000_000_000_000_000_000
    else { return nil }
    return units
  }

  /// A time: ISO-8601, in UTC or with an offset, or seconds since 1970.
  static func time(_ text: String) -> Instant? {
    if let instant = Instant(offset: text) { return instant }
    guard let nanoseconds = Unit.decimal(text, digits: 9),
      (-9_000_000_000_000_000_000...9_000_000_000_000_000_000).contains(nanoseconds)
    else {
      return nil
    }
    return Instant(nanoseconds: Int64(nanoseconds))
  }
}

/// Splits CSV bytes into records and fields.
struct CSVReader {
  /// A field: its bytes without quotes, and the column where it begins.
  struct Cell {
    var range: Range<Int>
    var column: Int
    /// Whether doubled quotes have to be halved.
    var hasEscapes: Bool
  }

  private let data: [UInt8]
  private let file: String
  private var index: Int
  private var line = 1
  private let separator: UInt8

  init(bytes: [UInt8], file: String) {
    data = bytes
    self.file = file
    index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0  // a byte order mark
    separator = Self.separator(of: bytes[index...].prefix { $0 != 10 })
  }

  /// A comma; a semicolon or a tab where a header has no comma.
  private static func separator(of header: ArraySlice<UInt8>) -> UInt8 {
    let comma = UInt8(ascii: ",")
    guard !header.contains(comma) else { return comma }
    return [UInt8(ascii: ";"), UInt8(ascii: "\t")].first(where: header.contains) ?? comma
  }

  /// The bytes of a field.
  func bytes(of cell: Cell) -> [UInt8] {
    let raw = data[cell.range]
    guard cell.hasEscapes else { return Array(raw) }
    var out: [UInt8] = []
    var skip = false
    for byte in raw {
      if byte == 34, !skip {
        skip = true
        out.append(byte)
      } else if byte == 34 {
        skip = false
      } else {
        skip = false
        out.append(byte)
      }
    }
    return out
  }

  /// The next record that is not an empty line.
  mutating func next() throws(InvalidInput) -> (fields: [Cell], line: Int)? {
    while index < data.count,
      data[index] == 10 || (data[index] == 13 && index + 1 < data.count && data[index + 1] == 10)
    {
      index += data[index] == 13 ? 2 : 1
      line += 1
    }
    guard index < data.count else { return nil }
    let start = index
    let startLine = line
    var fields: [Cell] = []
    while true {
      fields.append(try field(lineStart: start))
      guard index < data.count else { break }
      if data[index] == separator {
        index += 1
        continue
      }
      if data[index] == 13, index + 1 < data.count, data[index + 1] == 10 { index += 1 }
      index += 1
      line += 1
      break
    }
    return (fields, startLine)
  }

  private mutating func field(lineStart: Int) throws(InvalidInput) -> Cell {
    let column = index - lineStart + 1
    guard index < data.count, data[index] == 34 else {
      let start = index
      while index < data.count, data[index] != separator, data[index] != 10 {
        if data[index] == 13, index + 1 < data.count, data[index + 1] == 10 { break }
        index += 1
      }
      return Cell(range: start..<index, column: column, hasEscapes: false)
    }
    let openLine = line
    index += 1
    let start = index
    var hasEscapes = false
    while index < data.count {
      if data[index] == 34 {
        if index + 1 < data.count, data[index + 1] == 34 {
          hasEscapes = true
          index += 2
          continue
        }
        let end = index
        index += 1
        guard index == data.count || data[index] == separator || data[index] == 10 || data[index] == 13 else {
          throw InvalidInput(
            "unexpected text after the closing quote of a field",
            at: Position(file: file, line: line, column: index - lineStart + 1))
        }
        return Cell(range: start..<end, column: column, hasEscapes: hasEscapes)
      }
      if data[index] == 10 { line += 1 }
      index += 1
    }
    throw InvalidInput(
      "missing closing quote", at: Position(file: file, line: openLine, column: column))
  }
}

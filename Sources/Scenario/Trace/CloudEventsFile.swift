import CanonicalModel
import Chronology
import Foundation

/// Reads recorded usage from a file of CloudEvents, one JSON object a line (structured mode, CloudEvents 1.0.2).
enum CloudEventsFile {
  /// A JSON value; numbers keep their written digits.
  private enum Value: Decodable {
    case text(String)
    case number(Decimal)
    case object([String: Value])
    case other

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let object = try? container.decode([String: Value].self) {
        self = .object(object)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if (try? container.decode(Bool.self)) != nil {
        self = .other
      } else if let number = try? container.decode(Decimal.self) {
        self = .number(number)
      } else {
        self = .other
      }
    }

    /// What stands under a path such as `data.tokens`.
    func at(_ path: Substring) -> Value? {
      guard case .object(let members) = self else { return nil }
      if let value = members[String(path)] { return value }
      guard let dot = path.firstIndex(of: ".") else { return nil }
      return members[String(path[..<dot])]?.at(path[path.index(after: dot)...])
    }

    /// The digits or the text.
    var written: String? {
      switch self {
      case .text(let text): text
      case .number(let number): number.description
      case .object, .other: nil
      }
    }
  }

  /// Attributes that every event has.
  private static let required = ["specversion", "id", "source", "type"]

  /// Reads times and up to two quantities.
  ///
  /// - Parameters:
  ///   - type: only events of this type are read; all if `nil`.
  ///   - timestamp: the attribute of the time, `time` as a rule.
  ///   - quantities: paths such as `data.tokens`.
  static func read(
    file: String, type: String?, timestamp: String, quantities: [(name: String, position: Position)]
  ) throws(InvalidInput) -> [TraceFile.Row] {
    let data = Data(try TraceFile.bytes(file))
    let decoder = JSONDecoder()
    var rows: [TraceFile.Row] = []
    var number = 0
    for line in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      guard line.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }) else { continue }
      let position = Position(file: file, line: number, column: 1)
      guard let event = try? decoder.decode(Value.self, from: Data(line)), case .object = event else {
        throw InvalidInput("this line is not a JSON object", at: position)
      }
      if let name = RepeatedMember.name(in: Array(line)) {
        throw InvalidInput("'\(name.prefix(60))' is given more than once in one object", at: position)
      }
      for attribute in required where event.at(Substring(attribute))?.written?.isEmpty ?? true {
        throw InvalidInput("the CloudEvent has no '\(attribute)'", at: position)
      }
      if let type, event.at("type")?.written != type { continue }
      guard let text = event.at(Substring(timestamp))?.written, let time = Instant(offset: text) else {
        throw InvalidInput("'\(timestamp)' should be a time such as 2026-01-31T23:00:00Z", at: position)
      }
      var values: [Int64] = []
      for (name, _) in quantities {
        let written = event.at(Substring(name))?.written
        guard let units = written.flatMap({ TraceFile.quantity($0) }) else {
          throw InvalidInput(
            "'\(name)' should be \(TraceFile.quantityWanted)"
              + (written.map { ", and is '\($0.prefix(60))'" } ?? ", and is missing"), at: position)
        }
        values.append(units)
      }
      rows.append(
        TraceFile.Row(
          time: time, quantities: (values.first ?? 0, values.count > 1 ? values[1] : 0), line: number))
    }
    guard !rows.isEmpty else {
      throw InvalidInput(
        type.map { "the trace has no events of type '\($0)'" } ?? "the trace has no events",
        at: Position(file: file, line: 1, column: 1))
    }
    return rows
  }
}

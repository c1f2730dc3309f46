import Foundation

/// How all records are written.
package enum RecordJSON {
  /// A value as JSON, indented, with sorted keys and a newline at the end: the same bytes for the same value.
  package static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
  }
}

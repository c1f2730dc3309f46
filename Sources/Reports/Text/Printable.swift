import Foundation
import RunRecord

/// Records of which every text can be printed: on one line, and without anything that a terminal, a browser or a CI server obeys.
///
/// A name or a key may come from a file that somebody else has written. With control characters in it, it could colour or clear a
/// terminal, begin a line of its own that looks like a verdict, or give GitHub a command. Whatever prints a record as text passes it
/// through here first; JSON escapes by itself.
package enum Printable {
  /// A run with all of its texts and keys made printable; its command is not changed, as ``ShellWords`` spells control characters out.
  static func record(_ record: RunRecord) -> RunRecord {
    var copy = made(record)
    (copy.commandLine, copy.directory) = (record.commandLine, record.directory)
    return copy
  }

  /// A record with all of its texts and keys made printable.
  static func record<Record: Codable>(_ record: Record) -> Record { made(record) }

  /// A record with all of its texts and keys made printable; the record itself where they are.
  private static func made<Record: Codable>(_ record: Record) -> Record {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = nonConforming.encoding
    guard let json = try? encoder.encode(record), let cleaned = cleaned([UInt8](json)) else { return record }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = nonConforming.decoding
    return (try? decoder.decode(Record.self, from: Data(cleaned))) ?? record
  }

  /// A text on one line: line breaks and tabs are spaces, and what cannot be seen is shown as a replacement character.
  static func text(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { isControl($0) || isSpacing($0) }) else { return text }
    var out = ""
    for scalar in text.unicodeScalars {
      out.unicodeScalars.append(isSpacing(scalar) ? " " : isControl(scalar) ? "\u{FFFD}" : scalar)
    }
    return out
  }

  /// A message of one or several lines without what a terminal or a CI server obeys: control characters are replaced, and no line looks
  /// like a command of GitHub's.
  package static func message(_ text: String) -> String {
    var out = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if !out.isEmpty || line.startIndex != text.startIndex { out += "\n" }
      let shown = line.drop { $0 == " " || $0 == "\t" }
      if shown.hasPrefix("::") || shown.hasPrefix("##[") { out += "\u{FFFD}" }
      for scalar in line.unicodeScalars {
        out.unicodeScalars.append(
          scalar != "\t" && (isControl(scalar) || scalar == "\r") ? "\u{FFFD}" : scalar)
      }
    }
    return out
  }

  /// Whether it is obeyed and not seen: control characters, and what changes the direction of text, so that it may read as something
  /// else. Line breaks and tabs are not among them.
  static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\t", "\n", "\r": false
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{202A}"..."\u{202E}",
      "\u{2066}"..."\u{2069}":
      true
    default: false
    }
  }

  private static func isSpacing(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\t" || scalar == "\n" || scalar == "\r"
  }

  // MARK: JSON

  private static let nonConforming:
    (
      encoding: JSONEncoder.NonConformingFloatEncodingStrategy,
      decoding: JSONDecoder.NonConformingFloatDecodingStrategy
    ) = (
      .convertToString(positiveInfinity: "+inf", negativeInfinity: "-inf", nan: "nan"),
      .convertFromString(positiveInfinity: "+inf", negativeInfinity: "-inf", nan: "nan")
    )

  /// JSON with all texts made printable; `nil` where they are. Outside of texts there is nothing of the kind: it is not indented.
  private static func cleaned(_ json: [UInt8]) -> [UInt8]? {
    var out: [UInt8] = []
    out.reserveCapacity(json.count)
    var hasChanged = false
    var index = 0
    while index < json.count {
      let (scalar, length) = scalar(json[index...])
      if let scalar, isControl(scalar) || isSpacing(scalar) {
        out += isSpacing(scalar) ? [UInt8(ascii: " ")] : Array("\u{FFFD}".utf8)
        hasChanged = true
      } else {
        out += json[index..<index + length]
      }
      index += length
    }
    return hasChanged ? out : nil
  }

  /// The next scalar of a text that may have to be replaced, and how many bytes it takes; `nil` for any other, byte by byte.
  private static func scalar(_ json: ArraySlice<UInt8>) -> (scalar: Unicode.Scalar?, length: Int) {
    let start = json.startIndex
    func byte(_ offset: Int) -> UInt8 { start + offset < json.endIndex ? json[start + offset] : 0 }
    switch byte(0) {
    case UInt8(ascii: "\\"):
      switch byte(1) {
      case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): return ("\n", 2)
      case UInt8(ascii: "b"), UInt8(ascii: "f"): return ("\u{8}", 2)
      case UInt8(ascii: "u"):
        let digits = String(decoding: json.dropFirst(2).prefix(4), as: UTF8.self)
        return (UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init), 6)
      default: return (nil, 2)
      }
    case 0x7F: return ("\u{7F}", 1)
    case 0xC2 where byte(1) <= 0x9F: return ("\u{80}", 2)
    case 0xE2 where byte(1) == 0x80 && (0xA8...0xAE).contains(byte(2)): return ("\u{2028}", 3)
    case 0xE2 where byte(1) == 0x81 && (0xA6...0xA9).contains(byte(2)): return ("\u{2066}", 3)
    default: return (nil, 1)
    }
  }
}

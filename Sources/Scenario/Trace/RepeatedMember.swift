import Foundation

/// Finds a member that comes twice in one object of a JSON text: readers differ on which of the two counts.
struct RepeatedMember {
  private let bytes: [UInt8]
  private var at = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The first name that an object of a valid JSON text has twice; `nil`: there is none.
  static func name(in bytes: [UInt8]) -> String? {
    var finder = RepeatedMember(bytes)
    return finder.find()
  }

  private mutating func find() -> String? {
    /// The names of each object around the place; `nil` for a list.
    var open: [[String]?] = []
    var awaitsName = false
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "{"):
        open.append([])
        awaitsName = true
      case UInt8(ascii: "["):
        open.append(nil)
        awaitsName = false
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        _ = open.popLast()
        awaitsName = false
      case UInt8(ascii: ","): awaitsName = open.last.map { $0 != nil } ?? false
      case UInt8(ascii: "\""):
        let text = string()
        guard awaitsName, let last = open.indices.last else { continue }
        if open[last]?.contains(text) == true { return text }
        open[last]?.append(text)
        awaitsName = false
        continue
      default: break
      }
      at += 1
    }
    return nil
  }

  /// The string that begins here, without its escapes; goes on behind it.
  private mutating func string() -> String {
    let start = at
    var hasEscapes = false
    at += 1
    while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
      if bytes[at] == UInt8(ascii: "\\") {
        hasEscapes = true
        at += 1
      }
      at += 1
    }
    at = min(at + 1, bytes.count)
    if hasEscapes, let text = try? JSONDecoder().decode(String.self, from: Data(bytes[start..<at])) {
      return text
    }
    return String(decoding: bytes[start..<at].dropFirst().dropLast(), as: UTF8.self)
  }
}

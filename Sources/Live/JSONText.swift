/// A value of JSON (RFC 8259) in which numbers keep their written digits: what is money tomorrow must not go through a `Double`.
enum JSONText: Sendable {
  case object([String: JSONText])
  case array([JSONText])
  case string(String)
  case number(String)
  case flag(Bool)
  case null

  /// What is wrong, and where.
  struct Problem: Error, CustomStringConvertible, Sendable {
    var description: String
  }

  /// Reads a whole text in UTF-8; a member that comes twice is an error, as nobody could say which one counts.
  init(_ bytes: [UInt8]) throws(Problem) {
    var reader = JSONReader(bytes)
    self = try reader.document()
  }
}

/// Reads JSON from bytes, as strictly as its standard.
private struct JSONReader {
  private let bytes: [UInt8]
  private var at = 0
  /// Lists and objects within one another.
  private static let maximumDepth = 64

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONText.Problem) -> JSONText {
    let value = try value(depth: 0)
    skipSpace()
    assert(at <= bytes.count, "nothing is read behind the end")
    guard at == bytes.count else { throw problem("nothing should follow the value") }
    return value
  }

  private func problem(_ words: String) -> JSONText.Problem {
    JSONText.Problem(description: "\(words) at byte \(at)")
  }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 32 || byte == 10 || byte == 13 || byte == 9 { at += 1 }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONText.Problem) -> JSONText {
    guard depth <= Self.maximumDepth else {
      throw problem("lists and objects are nested deeper than \(Self.maximumDepth)")
    }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .flag(true))
    case UInt8(ascii: "f"): return try word("false", .flag(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-")?, .some(48...57): return .number(try number())
    default: throw problem("a value is expected")
    }
  }

  private mutating func word(_ text: String, _ value: JSONText) throws(JSONText.Problem) -> JSONText {
    guard bytes[at...].starts(with: text.utf8) else { throw problem("a value is expected") }
    at += text.utf8.count
    assert(at <= bytes.count, "nothing is read behind the end")
    return value
  }

  private mutating func object(depth: Int) throws(JSONText.Problem) -> JSONText {
    assert(next == UInt8(ascii: "{"), "an object begins with its brace")
    at += 1
    var members: [String: JSONText] = [:]
    skipSpace()
    if skip("}") { return .object(members) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw problem("a member's name is expected") }
      let name = try string()
      skipSpace()
      guard skip(":") else { throw problem("':' is expected") }
      let value = try value(depth: depth + 1)
      guard members.updateValue(value, forKey: name) == nil else {
        throw problem("duplicate key '\(name.prefix(40))'")
      }
      skipSpace()
    } while skip(",")
    guard skip("}") else { throw problem("',' or '}' is expected") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(JSONText.Problem) -> JSONText {
    assert(next == UInt8(ascii: "["), "a list begins with its bracket")
    at += 1
    var elements: [JSONText] = []
    skipSpace()
    if skip("]") { return .array(elements) }
    repeat {
      elements.append(try value(depth: depth + 1))
      skipSpace()
    } while skip(",")
    guard skip("]") else { throw problem("',' or ']' is expected") }
    return .array(elements)
  }

  private mutating func number() throws(JSONText.Problem) -> String {
    let start = at
    while let byte = next, (48...57).contains(byte) || [43, 45, 46, 69, 101].contains(byte) { at += 1 }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    guard DecimalText(text) != nil else { throw problem("'\(text.prefix(40))' is not a number") }
    return text
  }

  private mutating func string() throws(JSONText.Problem) -> String {
    assert(next == UInt8(ascii: "\""), "a string begins with its quote")
    at += 1
    var content: [UInt8] = []
    while let byte = next {
      at += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else {
          throw problem("a string is not valid UTF-8")
        }
        return text
      case UInt8(ascii: "\\"): content.append(contentsOf: try escape())
      case 0..<32: throw problem("a control character in a string")
      default: content.append(byte)
      }
    }
    throw problem("unterminated string")
  }

  private mutating func escape() throws(JSONText.Problem) -> [UInt8] {
    guard let byte = next else { throw problem("unterminated string") }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      var code = try unit()
      if (0xD800..<0xDC00).contains(code) {
        guard skip("\\"), skip("u") else { throw problem("half a surrogate pair") }
        let low = try unit()
        guard (0xDC00..<0xE000).contains(low) else { throw problem("half a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      assert(code < 0x110000, "a pair of surrogates, or one unit, is below the end of Unicode")
      guard let scalar = Unicode.Scalar(code) else { throw problem("half a surrogate pair") }
      return Array(String(Character(scalar)).utf8)
    default: throw problem("an unknown escape")
    }
  }

  private mutating func unit() throws(JSONText.Problem) -> UInt32 {
    guard at + 4 <= bytes.count else { throw problem("unterminated string") }
    var code: UInt32 = 0
    for byte in bytes[at..<at + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 128 else {
        throw problem("four hexadecimal digits are expected")
      }
      code = code << 4 | UInt32(digit)
    }
    at += 4
    return code
  }
}

/// A decimal number by its written digits, in the form of a JSON number.
struct DecimalText {
  var isNegative = false
  /// Significant digits, without zeros at either end; none for nothing.
  private(set) var digits: [UInt8] = []
  /// The power of ten by which they are multiplied.
  private(set) var exponent = 0

  /// Reads `-?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?`; `nil` on anything else.
  init?(_ text: some StringProtocol) {
    var rest = text.utf8[...]
    func run() -> [UInt8] {
      let found = rest.prefix { (48...57).contains($0) }
      rest = rest.dropFirst(found.count)
      return found.map { $0 - 48 }
    }
    func skip(_ characters: UInt8...) -> UInt8? {
      guard let first = rest.first, characters.contains(first) else { return nil }
      rest = rest.dropFirst()
      return first
    }
    isNegative = skip(UInt8(ascii: "-")) != nil
    let whole = run()
    guard whole.count == 1 || whole.first.map({ $0 != 0 }) == true else { return nil }
    var fraction: [UInt8] = []
    if skip(UInt8(ascii: ".")) != nil {
      fraction = run()
      guard !fraction.isEmpty else { return nil }
    }
    var power = 0
    if skip(UInt8(ascii: "e"), UInt8(ascii: "E")) != nil {
      let sign = skip(UInt8(ascii: "+"), UInt8(ascii: "-"))
      let written = run()
      guard !written.isEmpty else { return nil }
      // Far beyond any length of digits: further ones change nothing.
      for digit in written { power = min(1 << 40, power * 10 + Int(digit)) }
      if sign == UInt8(ascii: "-") { power = -power }
    }
    guard rest.isEmpty else { return nil }
    exponent = power - fraction.count
    self.digits = Array((whole + fraction).drop { $0 == 0 })
    while self.digits.last == 0 {
      self.digits.removeLast()
      exponent += 1
    }
    if self.digits.isEmpty { exponent = 0 }
    assert(self.digits.first != 0 && self.digits.last != 0, "significant digits have no zeros at either end")
  }
}

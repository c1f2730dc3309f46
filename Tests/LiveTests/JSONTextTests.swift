import Testing

@testable import Live

@Suite("JSON whose numbers keep their digits")
struct JSONTextTests {
  /// A value in one line, members by name.
  private func shown(_ value: JSONText) -> String {
    switch value {
    case .object(let members):
      "{" + members.sorted { $0.key < $1.key }.map { "\($0.key)=\(shown($0.value))" }.joined(separator: ",")
        + "}"
    case .array(let elements): "[" + elements.map(shown).joined(separator: ",") + "]"
    case .string(let text): "'\(text)'"
    case .number(let digits): digits
    case .flag(let flag): "\(flag)"
    case .null: "null"
    }
  }

  private func read(_ text: String) throws -> String { shown(try JSONText(Array(text.utf8))) }

  private func problem(_ bytes: [UInt8]) -> String? {
    do {
      _ = try JSONText(bytes)
      return nil
    } catch {
      return error.description
    }
  }

  @Test(
    "each kind of value is read as it is written",
    arguments: [
      ("{}", "{}"), ("[]", "[]"), ("[ 1 ,\t2\r\n]", "[1,2]"), (" true ", "true"), ("false", "false"),
      ("null", "null"), ("\"\"", "''"), ("{\"b\":[{}],\"a\":null}", "{a=null,b=[{}]}"),
      ("0.10", "0.10"), ("-0", "-0"), ("1E+2", "1E+2"),
      ("12345678901234567890123456789.1", "12345678901234567890123456789.1"),
    ])
  func values(text: String, expected: String) throws { #expect(try read(text) == expected) }

  @Test(
    "escapes stand for what their standard says",
    arguments: [
      (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0041\u00e4\u20AC""#, "Aä€"),
      (#""\ud83d\ude00""#, "😀"), (#""\u0000""#, "\0"), (#""ä""#, "ä"),
    ])
  func escapes(text: String, expected: String) throws { #expect(try read(text) == "'\(expected)'") }

  @Test(
    "what is no JSON is refused with the place",
    arguments: [
      ("", "a value is expected at byte 0"), ("nul", "a value is expected at byte 0"),
      ("1 2", "nothing should follow the value at byte 2"), ("{", "a member's name is expected at byte 1"),
      ("{\"a\" 1}", "':' is expected at byte 5"), ("{\"a\":1", "',' or '}' is expected at byte 6"),
      ("[1", "',' or ']' is expected at byte 2"), ("[1,]", "a value is expected at byte 3"),
      ("{\"a\":1,\"a\":1}", "duplicate key 'a' at byte 12"), ("\"a", "unterminated string at byte 2"),
      ("\"\\", "unterminated string at byte 2"), ("\"\\x\"", "an unknown escape at byte 3"),
      ("\"\\u12\"", "unterminated string at byte 3"),
      ("\"\\u12g4\"", "four hexadecimal digits are expected at byte 3"),
      ("\"\\ud83d\"", "half a surrogate pair at byte 7"), ("\"\\ude00\"", "half a surrogate pair at byte 7"),
      ("\"\\ud83d\\u0041\"", "half a surrogate pair at byte 13"),
      ("\"\u{1}\"", "a control character in a string at byte 2"), ("01", "'01' is not a number at byte 2"),
      ("1.", "'1.' is not a number at byte 2"), ("1e", "'1e' is not a number at byte 2"),
      ("--1", "'--1' is not a number at byte 3"), (".5", "a value is expected at byte 0"),
      ("NaN", "a value is expected at byte 0"), ("'a'", "a value is expected at byte 0"),
    ])
  func refusals(text: String, expected: String) { #expect(problem(Array(text.utf8)) == expected) }

  @Test("a string that is no UTF-8 is refused, wherever it is cut")
  func encoding() {
    let euro: [UInt8] = [0xE2, 0x82, 0xAC]
    #expect(problem([34] + euro + [34]) == nil)
    for count in 1...2 {
      #expect(problem([34] + euro.prefix(count) + [34])?.hasPrefix("a string is not valid UTF-8") == true)
    }
    #expect(
      problem([34, 0xC0, 0x80, 34])?.hasPrefix("a string is not valid UTF-8") == true, "an overlong zero")
  }

  @Test(
    "sixty-four lists within one another are read, no deeper ones, and none of any depth ends the process")
  func depth() {
    func nested(_ depth: Int) -> [UInt8] {
      Array(repeating: UInt8(ascii: "["), count: depth) + Array(repeating: UInt8(ascii: "]"), count: depth)
    }
    #expect(problem(nested(65)) == nil)
    #expect(problem(nested(66)) == "lists and objects are nested deeper than 64 at byte 65")
    #expect(problem(nested(1_000_000))?.hasPrefix("lists and objects are nested deeper than 64") == true)
  }
}

@Suite("Decimal numbers by their digits")
struct DecimalTextTests {
  @Test(
    "digits and power of ten are those of the value, however it is written",
    arguments: [
      ("120", [1, 2], 1), ("1.20", [1, 2], -1), ("0.0012", [1, 2], -4), ("12e-4", [1, 2], -4),
      ("1.2E+3", [1, 2], 2), ("0", [], 0), ("0.000e9", [], 0), ("1e0007", [1], 7),
    ] as [(String, [UInt8], Int)])
  func values(text: String, digits: [UInt8], exponent: Int) throws {
    for sign in ["", "-"] {
      let number = try #require(DecimalText(sign + text))
      #expect(number.digits == digits && number.exponent == exponent && number.isNegative == (sign == "-"))
    }
  }

  @Test(
    "what is no number of JSON is none",
    arguments: ["", "-", "+1", "01", ".1", "1.", "1e", "1e+", "1 ", " 1", "1,0", "0x1", "1e1.5", "١"])
  func refusals(text: String) { #expect(DecimalText(text) == nil) }

  @Test("a power beyond all measure is read without an overflow")
  func farPowers() throws {
    let digits = String(repeating: "9", count: 100)
    #expect(try #require(DecimalText("1e\(digits)")).exponent == 1 << 40)
    #expect(try #require(DecimalText("1e-\(digits)")).exponent == -(1 << 40))
  }
}

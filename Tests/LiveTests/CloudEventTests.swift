import CanonicalModel
import Chronology
import Foundation
import Testing

@testable import Experiments
@testable import Live
@testable import Scenario
@testable import World

@Suite("Usage events as strangers write them")
struct CloudEventTests {
  private static func catalog() throws -> Catalog {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try Assembly(
      ScenarioTemplate(file: root.appendingPathComponent("scenarios/live/month-end.yaml").path).scenario
    ).world.catalog
  }

  private func read(
    _ catalog: Catalog, id: String = "\"1\"", subject: String = "\"c001\"", quantity: String = "1",
    more: String = ""
  ) throws -> UsageEvent {
    let text = """
      {"specversion":"1.0","id":\(id),"source":"\(catalog.sources[0])","type":"\(catalog.eventTypes[0].name)",\
      "subject":\(subject),"time":"2026-01-31T23:00:00Z","data":{"quantity0":\(quantity)\(more)}}
      """
    return try CloudEventCodec(catalog).event(CloudEvent(JSONText(Array(text.utf8))))
  }

  @Test(
    "quantities are exact, by their written digits",
    arguments: [
      ("1000", 1_000_000_000), ("\"1000\"", 1_000_000_000), ("0.000001", 1), ("\"-0.25\"", -250_000),
      ("1.5e3", 1_500_000_000), ("25E-2", 250_000), ("0.10000000000000000000000000000000000", 100_000),
      ("999999999999.999999", 999_999_999_999_999_999), ("-0", 0), ("0e99999999999999999999", 0),
      ("100e-2", 1_000_000), ("123456789.123456", 123_456_789_123_456),
      ("9007199254.740993", 9_007_199_254_740_993),
    ] as [(String, Int64)])
  func exact(_ text: String, _ millionths: Int64) throws {
    #expect(try read(Self.catalog(), quantity: text).quantity0 == millionths)
  }

  @Test(
    "what is no number as a whole, or would have to be rounded, is refused with the reason",
    arguments: [
      "\"1,000\"", "\"12abc\"", "\"0x10\"", "\"1 000\"", "\" 1\"", "\"1 \"", "\"\"", "\"+1\"", "\"1.\"",
      "\".5\"",
      "\"01\"", "\"1_000\"", "\"١٢\"", "\"１\"", "\"NaN\"", "\"Infinity\"", "\"1e\"", "\"--1\"", "\"1.000,5\"",
      "0.0000001", "1.0000001", "0.10000000000000000000000000000000000000000001", "1e12", "1000000000000",
      "1e400",
      "\"1e999999999999999999999\"", "1e-7", "true", "null", "[]", "{}",
    ])
  func refused(_ text: String) throws {
    let catalog = try Self.catalog()
    let refusal = #expect(throws: CloudEventCodec.Refusal.self) { try read(catalog, quantity: text) }
    #expect(try #require(refusal).reason.hasPrefix("data.quantity0"))
  }

  @Test("identifiers are texts: 007 is not 7, and a number is no text")
  func identifiers() throws {
    let catalog = try Self.catalog()
    #expect(try read(catalog, id: "\"7\"").id == 7)
    #expect(try read(catalog, id: "\"18446744073709551615\"").id == .max)
    let texts = [
      "7", "007", "07", "+7", "7.0", " 7", "7 ", "0x7", "٧", "-7", "18446744073709551616", "one", "One", "0",
      "00",
      "4f2c1a34-9c1e-4a5c-8a51-6f0f3d3f1f10", "4f2c1a34-9c1e-4a5c-8a51-6f0f3d3f1f11",
    ]
    let numbers = try texts.map { try read(catalog, id: "\"\($0)\"").id }
    #expect(Set(numbers).count == texts.count, "\(numbers)")
    #expect(try read(catalog, id: "\"007\"").id == numbers[1], "the same text is the same event")
    for wrong in ["7", "null", "\"\"", "[]"] {
      #expect(throws: CloudEventCodec.Refusal.self, "\(wrong)") { try read(catalog, id: wrong) }
    }
  }

  @Test("a subject is a customer's only as it is written: all others wait, and none gets a customer's number")
  func subjects() throws {
    let catalog = try Self.catalog()
    let count = catalog.subscriptions.count
    #expect(try read(catalog, subject: "\"c006\"").subject.index == 5)
    let strangers = [
      "unknown-5", "unknown-05", "unknown-+5", "unknown-299", "unknown-", "unknown-4294967295", "5", "C006",
      "c006 ",
      "c6", "c0006", "nobody",
    ]
    for name in strangers {
      #expect(Int(try read(catalog, subject: "\"\(name)\"").subject.index) >= count, "\(name)")
    }
    // What the load generator writes for a customer that billing does not know.
    #expect(try read(catalog, subject: "\"unknown-300\"").subject.index == 300)
    #expect(throws: CloudEventCodec.Refusal.self) { try read(catalog, subject: "\"\"") }
  }

  @Test(
    "odd dimensions and versions are refused, or wait",
    arguments: [
      ",\"dimension\":-1", ",\"dimension\":1.5", ",\"schemaVersion\":70000", ",\"quantity1\":\"x\"",
    ])
  func others(_ more: String) throws {
    let catalog = try Self.catalog()
    #expect(throws: CloudEventCodec.Refusal.self) { try read(catalog, more: more) }
    #expect(try read(catalog, more: ",\"dimension\":65535,\"schemaVersion\":null").dimension == 65535)
  }

  @Test(
    "JSON is read as strictly as its standard",
    arguments: [
      "", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "[01]", "[1.]", "[+1]", "[.5]", "nul", "\"a",
      "\"\\x\"",
      "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\t\"", "[1] 2", "{\"a\":1,\"a\":2}", "'a'", "NaN",
      "[1 2]",
      String(repeating: "[", count: 70) + String(repeating: "]", count: 70),
    ])
  func strict(_ text: String) {
    #expect(throws: JSONText.Problem.self) { try JSONText(Array(text.utf8)) }
  }

  @Test("texts that are JSON give what they say, escapes included")
  func lenient() throws {
    let text = #" { "a" : [ true , false , null , -0.5E+2 ] , "b" : "\u00e9\ud83d\ude00\n\"\\\/" } "#
    guard case .object(let members) = try JSONText(Array(text.utf8)),
      case .array(let list)? = members["a"], case .string(let string)? = members["b"]
    else {
      Issue.record("no object")
      return
    }
    #expect(string == "é😀\n\"\\/" && list.count == 4)
    guard case .number("-0.5E+2") = list[3] else {
      Issue.record("no number")
      return
    }
    #expect(throws: JSONText.Problem.self) { try JSONText([0x22, 0xFF, 0x22]) }
  }
}

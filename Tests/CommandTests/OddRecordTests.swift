import Foundation
import Testing

@Suite("Records that no run has written")
struct OddRecordTests {
  private static let formats = [
    "text", "json", "timeline", "trace", "html", "markdown", "junit", "openmetrics",
  ]
  private static let record = Command.root.appendingPathComponent("reports/azure-llm-tokens/record.json")

  /// The record with one value of its JSON replaced; `nil` takes the value away.
  private static func changed(_ path: [Any], _ value: Any?) throws -> Data {
    func change(_ node: Any, _ rest: ArraySlice<Any>) -> Any? {
      guard let first = rest.first else { return value }
      if var object = node as? [String: Any], let key = first as? String {
        object[key] = change(object[key] as Any, rest.dropFirst())
        return object
      }
      if var array = node as? [Any], let index = first as? Int, array.indices.contains(index) {
        if let element = change(array[index], rest.dropFirst()) {
          array[index] = element
        } else {
          array.remove(at: index)
        }
        return array
      }
      return node
    }
    let whole = try JSONSerialization.jsonObject(with: Data(contentsOf: record))
    return try JSONSerialization.data(withJSONObject: try #require(change(whole, path[...])))
  }

  @Test(
    "a figure above 9.2e18, a shorter list, a text for a number is refused with the file and the path, exit 65",
    arguments: [
      (["series", "outbox", 0] as [any Sendable], Optional<any Sendable>.none, "series.outbox"),
      (["series", "refused"], [Int](), "series.refused"), (["series", "step"], 1e300, "series.step"),
      (["series", "delivered", 0], -1, "series.delivered[0]"),
      (["timeline", 0, "erps"], [Int](), "timeline[0].erps"),
      (["timeline", 0, "processes", 0], nil, "timeline[0].processes"),
      (["timeline", 0, "at"], "tomorrow", "timeline[0].at"),
      (["simulated", "seconds"], 1e20, "simulated.seconds"),
      (["simulated", "usageEvents"], Int64.max, "simulated.usageEvents"),
      (["simulated", "kernelEvents"], -1, "record.json"),
      (["erps", 0, "calls"], Int64.max, "erps[0].calls"),
      (["erps", 0, "documents"], 1e19, "record.json"),
      (["erps", 0, "postingLatency", "p50"], 1e31, "erps[0].postingLatency.p50"),
      (["indicators", "closeCycleTime", "value"], -1e40, "indicators.closeCycleTime.value"),
      (["invariants", 3, "checks"], "many", "invariants[3].checks"),
      (["invariants", 3, "violationCount"], -5, "invariants[3].violationCount"),
      (["configuration", "entities"], [Int](), "record.json"),
      (["schema"], "meterstorm.run-record/9", "schema"),
      (["verdict"], "perhaps", "verdict"),
      (
        ["controlTotals", "stages", 0, "rows", 0, "count"], Int64.max, "controlTotals.stages[0].rows[0].count"
      ),
      (["trialBalances", 0, "debits"], "1,5", "trialBalances[0].debits"),
    ] as [([any Sendable], (any Sendable)?, String)])
  func refused(_ path: [any Sendable], _ value: (any Sendable)?, _ named: String) throws {
    let scratch = try Scratch()
    let file = scratch.url.appendingPathComponent("record.json")
    try Self.changed(path, value).write(to: file)
    for format in Self.formats {
      let outcome = try Command.run("report", file.path, "--format", format)
      #expect(outcome.status == 65, "\(path) \(format): \(outcome.status) \(outcome.errors)")
      #expect(outcome.errors.contains("record.json") && outcome.errors.contains(named), "\(outcome.errors)")
    }
  }

  @Test(
    "figures at the limits of what is read are printed in every format, to themselves and against another")
  func limits() throws {
    let scratch = try Scratch()
    let file = scratch.url.appendingPathComponent("record.json")
    for (path, value) in [
      (["erps", 0, "calls"], 1_000_000_000_000_000), (["erps", 0, "busySeconds"], 1e11),
      (["indicators", "closeCycleTime", "value"], 1e30), (["indicators", "closeCycleTime", "value"], -1e30),
      (["series", "step"], 0), (["expectations", 0, "measured"], 1e30),
      (["simulated", "start"], "1677-12-31T00:00:00Z"), (["faults", 0, "end"], "2262-01-01T00:00:00Z"),
      (["erps", 0, "postingLatency", "p50"], -1e30), (["erps", 0, "resources", 0, "peak"], 1e30),
    ] as [([Any], Any)] {
      guard let data = try? Self.changed(path, value) else { continue }
      try data.write(to: file)
      for format in Self.formats {
        let outcome = try Command.run("report", file.path, "--format", format)
        #expect(outcome.status == 0, "\(path) \(value) \(format): \(outcome.status) \(outcome.errors)")
      }
      for format in ["text", "markdown", "html"] {
        let outcome = try Command.run(
          "report", file.path, "--against", Self.record.path, "--format", format)
        #expect(outcome.status == 0, "\(path) \(value) \(format): \(outcome.status) \(outcome.errors)")
      }
    }
  }

  @Test("a ledger with a line break in a key, a text for an amount, or no instant is refused with its path")
  func journals() throws {
    let scratch = try Scratch()
    let good = """
      {"entity":"us","number":1,"posted":"2026-01-31T23:00:00Z","key":"invoice/US-1/1","period":"2026-01",
       "currency":"USD","lines":[{"account":"revenue:api","amount":"-5.00"},{"account":"assets:r","amount":"5.00"}]}
      """
    func journal(_ find: String, _ replacement: String) throws -> Command.Outcome {
      let text = "{\"documents\":[\(good.replacingOccurrences(of: find, with: replacement))]}"
      try Data(text.utf8).write(to: scratch.url.appendingPathComponent("journal.json"))
      return try Command.run("report", scratch.url.path, "--format", "hledger")
    }
    #expect(try journal("x", "x").status == 0)
    for (find, replacement, path) in [
      ("US-1/1", "US-1/1\\n  assets:cash  USD 9", "documents[0].key"),
      ("\"-5.00\"", "\"-5,00\"", "lines[0].amount"),
      ("\"-5.00\"", "-5.00", "lines[0].amount"), ("\"-5.00\"", "\"\"", "lines[0].amount"),
      ("2026-01-31T", "2026-02-31T", "documents[0].posted"), ("revenue:api", "a\\u0000b", "lines[0].account"),
      ("\"number\":1", "\"number\":-1", "journal.json"),
    ] {
      let outcome = try journal(find, replacement)
      #expect(outcome.status == 65 && outcome.errors.contains(path), "\(replacement): \(outcome.errors)")
    }
  }
}

import Foundation
import RunRecord
import Testing

/// Figures at the ends of their ranges: nothing observed, more than a range holds, the same thing given twice.
@Suite("Ranges of figures")
struct RangeTests {
  private static func file(_ name: String) -> String {
    Command.root.appendingPathComponent("Tests/Findings/\(name)").path
  }

  private func run(_ name: String, _ options: String...) throws -> (status: Int32, record: RunRecord) {
    let outcome = try Command.run(["run", Self.file(name), "--format", "json", "--quiet"] + options)
    return (outcome.status, try RunRecord(json: Data(outcome.output.utf8)))
  }

  @Test("documents that are posted after 400 days are said to be, and miss what they miss")
  func lateLatency() throws {
    let (status, record) = try run("ranges/posted-after-400-days.yaml")
    // Down from 21 January 2026 for 600 days; January's invoices are issued within the first days of February, day 31 to 34.
    let days = try #require(record.indicators["postingLatency.max"]?.value) / 86_400
    #expect((585.0...590.0).contains(days))
    // February's, which the horizon cuts off on the 9th, are issued in the first days of March: 28 days less, and as many.
    for (name, range) in [("p50", 558.0...564.0), ("p99", 585.0...590.0), ("mean", 572.0...577.0)] {
      let value = try #require(record.indicators["postingLatency.\(name)"]?.value) / 86_400
      #expect(range.contains(value), "\(name)")
    }
    #expect(record.expectations.map(\.verdict) == [.fail])
    #expect(status == 1)
  }

  @Test("what was compared with nothing and what never drained is not met")
  func nothingObserved() throws {
    let (status, record) = try run("ranges/nothing-reconciled.yaml")
    #expect(record.expectations.map(\.verdict) == [.fail, .fail])
    #expect(record.expectations.allSatisfy { $0.measured == nil })
    #expect(status == 1)
  }

  @Test("usage in quarantine is not complete")
  func completeness() throws {
    let (_, record) = try run("money/17-quarantine-hole.yaml")
    let capture = record.controlTotals.capture
    #expect(capture.quarantined > 0)
    #expect(
      record.indicators["ingestionCompleteness"]?.value
        == Double(capture.accepted) / Double(capture.accepted + capture.quarantined))
  }

  @Test("a copy under another identifier that is put aside was never emitted: no more is put aside than was")
  func copies() throws {
    let (status, record) = try run("money/copies-put-aside.yaml")
    #expect(status == 0)
    func unknown(_ name: String) throws -> RunRecord.ControlTotals.Row {
      let stage = record.controlTotals.stages.first { $0.stage == name }
      return try #require(stage?.rows.first { $0.entity == RunRecord.ControlTotals.unknownEntity })
    }
    let (emitted, putAside) = (try unknown("emitted"), try unknown("putAside"))
    #expect(try #require(emitted.count) > 1000)
    #expect(emitted.count == putAside.count && emitted.quantity == putAside.quantity)
    // Three of four deliveries wait in quarantine: what nobody knows, its copies, and the copies of what was billed.
    #expect(record.controlTotals.capture.quarantined > 2 * (emitted.count ?? 0))
  }

  @Test("what is put aside under a minimum spend that it does not fill is worth nothing")
  func putAsideUnderMinimum() throws {
    func putAside(_ name: String) throws -> RunRecord.ControlTotals.Row? {
      try run(name).record.controlTotals.stages.first { $0.stage == "putAside" }?.rows.first
    }
    let plain = try #require(try putAside("money/17-quarantine-hole.yaml"))
    let bounded = try #require(try putAside("money/put-aside-minimum.yaml"))
    #expect(plain.quantity == bounded.quantity)
    #expect(plain.amount == "\(try #require(plain.quantity)).00")
    #expect(bounded.amount == "0.00")
  }

  @Test("a column, a member or a setting that is given twice is refused where it stands")
  func twice() throws {
    let column = try Command.run("run", Self.file("ranges/column-twice.yaml"))
    #expect(column.status == 65)
    #expect(column.errors.contains("column-twice.csv:1:12: the column 'calls' is given more than once"))
    let member = try Command.run("run", Self.file("ranges/member-twice.yaml"))
    #expect(member.status == 65)
    #expect(member.errors.contains("member-twice.jsonl:2:1: 'calls' is given more than once"))
    let setting = try Command.run(
      "run", Self.file("money/17-quarantine-hole.yaml"), "--set", "customers.count=2", "--set",
      "customers.count=3")
    #expect(setting.status == 65)
    #expect(setting.errors.contains("'customers.count' is set more than once"))
  }

  @Test("a planted defect that has nothing to act on is said never to have acted")
  func idleDefect() throws {
    let idle = try Command.run(
      "run", Self.file("ranges/posted-after-400-days.yaml"), "--defect", "identity-last-wins", "--quiet")
    #expect(idle.output.contains("the planted defect identity-last-wins never acted"))
    #expect(
      try run("money/17-quarantine-hole.yaml", "--defect", "identity-last-wins").record.defectActed == false)
    #expect(try run("money/17-quarantine-hole.yaml").record.defectActed == nil)
    let acting = try run("money/17-quarantine-hole.yaml", "--defect", "slow-consumer-clock").record
    #expect(acting.defectActed != false)
  }

  @Test("rows of a quote multiply out")
  func rowsMultiplyOut() throws {
    for (usage, missing) in [("100", "0"), ("35", "45")] {
      let outcome = try Command.run(
        "quote", Self.file("ranges/minimum-book.yaml"), "--usage", usage, "--contract", "--seats", "3",
        "--format", "json")
      let quote = try JSONDecoder().decode(QuoteRecord.self, from: Data(outcome.output.utf8))
      for line in quote.lines {
        let price = try #require(line.unitPrice.flatMap { Decimal(string: $0) })
        let product = try #require(Decimal(string: line.quantity)) * price
        #expect(Decimal(string: line.amount) == product + (Decimal(string: line.flatFee) ?? 0), "\(line)")
      }
      #expect(quote.lines.first { $0.meter == "minimum_spend" }?.amount == missing)
    }
  }
}

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

  @Test("an average over more than 128 bits of level times time is exact")
  func averageOfMuch() throws {
    let scratch = try Scratch()
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: scratch.url.appendingPathComponent(name))
    }
    // 10^12 more in each of 66,000 seconds: the sum of level times nanoseconds has 39 digits.
    var rows = "t,q\n"
    for second in 0..<66_000 { rows += "\(1_767_225_600 + second),1000000000000\n" }
    try write("levels.csv", rows)
    try write(
      "book.yaml", "currency: USD\ncharges: [ { meter: n, model: perUnit, unitPrice: 0.000001 } ]\n")
    try write(
      "levels.yaml",
      """
      name: levels
      start: 2026-01-01
      horizon: 31d
      entities: [ { name: us, currency: USD, erp: ideal } ]
      customers: { count: 1, contracts: book.yaml }
      load: [ { meter: n, aggregation: timeWeightedSum, trace: { file: levels.csv, timestamp: t, quantity: q } } ]
      """)
    let outcome = try Command.run("run", "levels.yaml", "--format", "json", "--quiet", in: scratch.url)
    #expect(outcome.status == 0)
    let record = try RunRecord(json: Data(outcome.output.utf8))
    let metered = record.controlTotals.stages.first { $0.stage == "metered" }?.rows.first
    // Python: sum(Fraction(10**12 * (2678400 - i), 2678400) for i in range(66000)), to the nearest millionth.
    #expect(metered?.quantity == "65186840277777777.777778")
  }

  @Test("what cannot be rated is told in the headline, and why among the cases")
  func unratable() throws {
    let (status, record) = try run("ranges/amounts-too-large.yaml")
    #expect(status == 1)
    #expect(record.brokenInvariants.map(\.name) == ["stage-totals-balance"])
    let text = try Command.run("run", Self.file("ranges/amounts-too-large.yaml"), "--quiet").output
    #expect(text.contains(" · 6 charges could not be rated · no invoice issued · "))
    #expect(text.contains("  unratable: meter n: the amount exceeds 10^12 major units (3)\n"))
  }

  @Test(
    "a verdict on usage that was put aside says so",
    arguments: [
      ("money/17-quarantine-hole.yaml", "excluded · all queues drained"),
      ("ranges/all-put-aside.yaml", " · all 50 events excluded · no invoice issued · all queues drained"),
    ])
  func putAsideIsSaid(file: String, words: String) throws {
    let text = try Command.run("run", Self.file(file), "--quiet").output
    #expect(text.contains(words))
  }

  @Test("a quantity above 10^12 is refused where it stands, and 10^12 is not")
  func tooMuchOfATrace() throws {
    let scratch = try Scratch()
    func status(_ quantity: String) throws -> Int32 {
      try Data("t,q\n2026-01-02T00:00:00Z,\(quantity)\n".utf8).write(
        to: scratch.url.appendingPathComponent("levels.csv"))
      try Data("currency: USD\ncharges: [ { meter: n, model: perUnit, unitPrice: 0.000001 } ]\n".utf8).write(
        to: scratch.url.appendingPathComponent("book.yaml"))
      try Data(
        """
        name: levels
        start: 2026-01-01
        horizon: 31d
        entities: [ { name: us, currency: USD, erp: ideal } ]
        customers: { count: 1, contracts: book.yaml }
        load: [ { meter: n, trace: { file: levels.csv, timestamp: t, quantity: q } } ]
        """.utf8
      ).write(to: scratch.url.appendingPathComponent("levels.yaml"))
      let outcome = try Command.run("run", "levels.yaml", "--quiet", in: scratch.url)
      if outcome.status != 0 {
        #expect(
          outcome.errors
            == "levels.csv:2:22: '\(quantity)' in column 'q' should be a quantity from 0 to 10^12 with at most 6 fraction digits\n"
        )
      }
      return outcome.status
    }
    #expect(try status("1000000000000") == 0)
    #expect(try status("1000000000000.000001") == 65)
    #expect(try status("9223372036854") == 65)
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

import Histogram
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("Expectations on what was never measured")
struct UnmeasuredTests {
  private func run(_ file: String, _ expectations: [String], _ settings: [String] = []) throws -> RunRecord {
    let list = "expectations=[\(expectations.map { "\"\($0)\"" }.joined(separator: ", "))]"
    return try Finding.run(file, settings: settings + [list])
  }

  private func expect(
    _ record: RunRecord, _ reasons: [String?], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(record.expectations.map(\.reason) == reasons, sourceLocation: sourceLocation)
    for expectation in record.expectations where expectation.reason != nil {
      #expect(
        expectation.measured == nil && expectation.verdict == .fail, "\(expectation)",
        sourceLocation: sourceLocation)
    }
  }

  /// The ERP takes every document and rejects it afterwards: five customers, five invoices, none in the ledger.
  private let none = "robustness/pass-nothing-posted.yaml"

  @Test(
    "where no invoice was ever posted, closing and latencies are not measured, and no limit on them is met")
  func nothingPosted() throws {
    let record = try run(
      none, ["closeCycleTime < 300d", "postingLatency.p50 < 300d", "postingLatency.mean > 1s"])
    let reason = "none of the 5 issued invoices is in a ledger"
    expect(record, [reason, reason, reason])
    #expect(record.indicator("closeCycleTime") == nil && record.indicator("postingLatency.max") == nil)
    // By month, the share of months that have met it is known: none.
    let monthly = try run(none, ["closeCycleTime < 300d in 1% of months"]).expectations[0]
    #expect(monthly.measured == 0 && monthly.verdict == .fail && monthly.reason == nil)
  }

  @Test("where a part was posted, an invoice in no ledger is later than any that is in one")
  func partlyPosted() throws {
    // Two entities of the same customers by turns; only the second one's ERP keeps what it takes.
    let entities =
      "entities=[{name: us, currency: USD, erp: {profile: netsuite, laterRejections: 100%, jobTime: 1s}}, "
      + "{name: uk, currency: USD, erp: {profile: netsuite}}]"
    let record = try run(
      none,
      [
        "closeCycleTime < 300d", "closeCycleTime(erp/us) < 300d", "closeCycleTime(erp/uk) < 300d",
        "postingLatency.max < 300d", "postingLatency.mean < 300d", "postingLatency.p99 < 300d",
      ], [entities, "customers.count=200"])
    let issued = record.controlTotals.stages.first { $0.stage == "issued" }?.rows.compactMap(\.count) ?? []
    #expect(issued.count == 2 && issued[0] > 0 && issued[1] > 0)
    let all = "\(issued[0]) of \(issued[0] + issued[1]) issued invoices are in no ledger"
    expect(
      record, [all, "none of the \(issued[0]) issued invoices of us is in a ledger", nil, all, all, all])
    #expect(record.expectations[2].verdict == .pass)
    // The median of all is among the posted ones exactly where they are at least half.
    #expect((record.indicator("postingLatency.p50") != nil) == (issued[1] >= issued[0]))
  }

  @Test("of quantiles only those are known that lie among the posted")
  func quantiles() {
    // 1 to 60 ms, and 40 that have not come: the median of all is the 50th of them; the 90th percentile is among the missing.
    var histogram = Histogram<UInt32>(highestTrackableValue: 1000, numberOfSignificantValueDigits: .three)
    for value in 1...60 as ClosedRange<UInt64> { histogram.record(value) }
    let known = Indicators.statistics(histogram, sum: 1830, missing: 40)
    #expect(known == ["p50": 0.050])
    let all = Indicators.statistics(histogram, sum: 1830)
    #expect(all["p50"] == 0.030 && all["max"] == 0.060 && all["mean"] == 0.031)
  }

  @Test("other indicators say why there is no figure")
  func others() throws {
    let record = try run(
      none, ["drainTime < 1d", "closeCycleTime(erp/uss) < 1d", "drainAfter(erp/us outage) < 1d"]
    )
    expect(
      record,
      [
        "no fault of an ERP has ended",
        "there is no entity 'uss'; did you mean 'us'?", "no such fault of this ERP has ended",
      ])
  }

  @Test("the close of the only entity is that of the run")
  func onlyEntity() throws {
    let record = try run("studies/base.yaml", ["closeCycleTime < 300d", "closeCycleTime(erp/us) < 300d"])
    expect(record, [nil, nil])
    #expect(record.expectations[0].measured == record.expectations[1].measured)
  }
}

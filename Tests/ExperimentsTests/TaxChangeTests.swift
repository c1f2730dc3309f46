import RunRecord
import Testing

@testable import Experiments

@Suite("Taxes whose rates change")
struct TaxChangeTests {
  private func run(changeAt instant: String, seed: UInt64 = 42, _ settings: [String] = []) throws -> RunRecord
  {
    try Finding.run(
      "robustness/tax-change-after-quote.yaml",
      settings: ["entities.0.tax=[{name: A, rate: 5%, changes: [{at: \(instant), rate: 10%}]}]"] + settings,
      seed: seed)
  }

  @Test("tax-change-after-quote: an invoice bears the rate for which the tax engine was asked")
  func afterQuote() throws {
    #expect(try Finding.run("robustness/tax-change-after-quote.yaml").broken == [])
  }

  @Test(
    "holds whenever the rate changes, to the fraction of a second, also with answers that come late",
    arguments: [
      "2026-02-01T01:59:59.999999999Z", "2026-02-01T02:00:00Z", "2026-02-01T02:00:00.000000001Z",
      "2026-02-01T02:00:00.1Z", "2026-02-01T02:00:00.25Z", "2026-02-01T02:00:01Z", "2026-02-01T02:00:20Z",
      "2026-02-01T02:00:45Z",
    ])
  func instants(change: String) throws {
    let late = "faults=[{at: month-end, target: tax, delay: {upTo: 40s}, for: 1d}]"
    let lost = "faults=[{at: month-end, target: tax, drop: {share: 50%}, for: 1d}]"
    for seed in 1...3 as ClosedRange<UInt64> {
      for settings in [[], [late], [lost], ["taxPoint=invoice"]] {
        #expect(try run(changeAt: change, seed: seed, settings + ["customers.count=120"]).broken == [])
      }
    }
  }

  @Test("the rate decides: 5 % before, 10 % after, at the instant for which the engine was asked")
  func rates() throws {
    func tax(_ change: String) throws -> [Double] {
      let record = try run(
        changeAt: change,
        [
          "taxPoint=invoice", "customers.count=1",
          "load=[{meter: tokens, arrivals: {constant: 1/h}, quantity: 100000}]",
        ])
      #expect(record.broken == [])
      let accounts = record.trialBalances.flatMap(\.accounts)
      func credit(_ prefix: String) -> Double {
        accounts.filter { $0.account.hasPrefix(prefix) }.compactMap { Double($0.credit) }.reduce(0, +)
      }
      return [credit("revenue:"), credit("liabilities:tax")]
    }
    // 48 × 100,000 tokens at 0.0000035 are 16.80, or one event fewer: 16.45. Tax 5 %: 0.84 or 0.82, 10 %: 1.68 or 1.65.
    let before = try tax("2026-02-01T02:00:00.000000001Z")
    let after = try tax("2026-02-01T02:00:00Z")
    #expect(before[0] == after[0] && before[0] > 16)
    #expect(abs(before[1] - before[0] * 0.05) < 0.006)
    #expect(abs(after[1] - after[0] * 0.10) < 0.006)
  }
}

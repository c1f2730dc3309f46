import RunRecord
import Scenario
import Testing

@testable import Experiments

/// What the ledgers come to, against figures that were worked out by hand: the findings of `Tests/Findings/money`.
@Suite("Money")
struct MoneyTests {
  /// A finding, and balances of its ledgers in the entity's currency: debits positive.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var balances: [String: String]
    /// How the right figures come about.
    var why: String

    var testDescription: String { name }

    init(_ name: String, _ balances: [String: String], _ why: String) {
      self.name = name
      self.balances = balances
      self.why = why
    }
  }

  static let contracts = [
    Case(
      "idle-month", ["revenue:calls": "-100.00", "revenue:storage": "-19.00"],
      "January 50 at least and 7 + 5; February, without usage, 50 and 7"),
    Case("08-always-flat-fee", ["revenue:api_calls": "-100.00"], "two customers, two months, 25 each"),
    Case("half-month", ["revenue:calls": "-94.00"], "62 x 15/31 + 124 x 16/31"),
    Case(
      "03-arrears-given-back", ["revenue:api_calls": "-39.00"],
      "the quarter is not over, and nothing of it billed"),
    Case(
      "23-same-name-other-interval",
      ["us revenue:support (quarter)": "-30.00", "de revenue:support (month)": "-90.00"],
      "one quarter, three months"),
    Case(
      "01-annual-fee-short-horizon",
      ["revenue:platform_fee": "-193.97", "liabilities:deferred:platform_fee": "-1006.03"],
      "1200 is invoiced, 1200 x 59/365 earned by the end of February"),
    Case(
      "20-annual-prepay",
      [
        "assets:receivable": "18000.00", "liabilities:deferred:platform": "-10060.27",
        "liabilities:deferred:credits": "-5985.85",
      ],
      "12000 x 306/365 deferred, and 6000 less 1415 units at 0.01"),
    Case(
      "anniversary-end", ["assets:receivable": "200.00"],
      "the second period began before the horizon: 100 again"),
    Case("part-run", ["assets:receivable": "35.71"], "28 x 25/28, and 100 less 100 x 25/28 included at 1"),
    Case(
      "part-none-run", ["assets:receivable": "28.00"],
      "without proration, all of the fee and of what it includes"),
    Case("prepaid-run", ["assets:receivable": "150.00"], "100 of credits bought, 50 beyond them"),
    Case("11-tiers-restart", ["revenue:api_calls": "-200.00"], "a change of seats begins no tier anew"),
    Case("25-upgrade-max", ["revenue:seats": "-480.00"], "310 x 14/31 + 620 x 17/31"),
    Case(
      "02-annual-upgrade", ["revenue:platform_fee": "-1804.93", "liabilities:deferred:platform_fee": "0.00"],
      "1200 x 181/365 + 2400 x 184/365"),
    Case("25-one-hour-max", ["revenue:seats": "-310.42"], "310 x 743/744 + 620 x 1/744, rounded once"),
  ]

  @Test("contracts go on beyond the horizon, and every period is rated", arguments: contracts)
  func contract(_ finding: Case) throws {
    try hold(finding)
  }

  static let credits = [
    Case(
      "05-prepaid-late-usage", ["assets:receivable": "1000.00"],
      "nobody runs out of credits: no cash beyond them"),
    Case("15-credits-late-plenty", ["assets:receivable": "100.00"], "whatever comes late, credits are there"),
    Case(
      "20-void-after-drawdown", ["assets:receivable": "5000.00"],
      "what is voided goes back to the grant, and nothing is owed in cash"),
    Case(
      "13-commitment-and-credits",
      ["assets:receivable": "3000.00", "liabilities:deferred:credits": "-1500.00"],
      "three months of 500 at least, all of it from 3000 of credits"),
    Case(
      "03-credit-on-deferred",
      ["assets:receivable": "280.80", "revenue:platform_fee": "-280.80"],
      "1200.00 less 919.20, which were never earned"),
    Case(
      "24-credited-and-voided", ["revenue:credits-given": "734.60", "revenue:api_calls": "-734.60"],
      "959.00 goes back once: 734.60 as a credit, 224.40 with the void"),
    Case(
      "23-prepaid-refunded-and-used",
      ["liabilities:deferred:credits": "0.00", "revenue:api_calls": "-2159.00"],
      "2159 calls at 1.00: 234.00 of them from credits, as 766.00 of 1000.00 went back"),
  ]

  @Test("prepaid credits pay before cash, and have back what is taken back", arguments: credits)
  func credit(_ finding: Case) throws {
    try hold(finding)
  }

  /// Runs a finding: everything holds, and the ledgers are as worked out.
  private func hold(_ finding: Case) throws {
    let record = try Finding.run("money/\(finding.name).yaml")
    #expect(record.verdict == .pass && record.broken.isEmpty, "\(record.broken)")
    for (name, amount) in finding.balances {
      let words = name.split(separator: " ", maxSplits: 1)
      let isNamed = words.count > 1 && record.trialBalances.contains { $0.entity == words[0] }
      let account = isNamed ? String(words[1]) : name
      let balance = record.trialBalances.first { !isNamed || $0.entity == words[0] }?
        .accounts.first { $0.account == account }
      let held = balance.map { $0.debit.isEmpty ? "-\($0.credit)" : $0.debit }
      #expect(held == amount, "\(name): \(finding.why)")
    }
  }
}

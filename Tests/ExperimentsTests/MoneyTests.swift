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

  static let lives = [
    Case(
      "life-term", ["revenue:fee": "-62.00", "revenue:calls": "-7.00"],
      "31 x 22/31 from 10 January, 31, 31 x 9/31 until 10 March; what is used from then on is put aside"),
    Case(
      "life-term-renewed", ["revenue:fee": "-84.00", "revenue:calls": "-12.00"],
      "31 x 22/31, and 31 twice"),
    Case(
      "life-term-short-month", ["revenue:fee": "-30.89", "revenue:calls": "-2.00"],
      "31 x 1/31, and 31 x 27/28 until 28 February"),
    Case(
      "life-trial", ["revenue:fee": "-39.00", "revenue:calls": "-5.00", "assets:receivable": "44.00"],
      "31 x 8/31 from 24 January, and 31; 5 calls after the trial"),
    Case(
      "life-trial-sign-up", ["assets:receivable": "67.00", "revenue:calls": "-5.00"],
      "31 on 24 January and on 24 February, 5 calls"),
    Case(
      "life-trial-yearly", ["assets:receivable": "1129.38", "liabilities:deferred:fee": "-1006.02"],
      "1200 x 342/365 = 1124.38 from 24 January, less 1124.38 x 36/342 = 118.36 earned by the end of February; 5 calls"
    ),
    Case(
      "life-trial-cancelled", ["assets:receivable": "0.00"],
      "whoever leaves in the trial pays nothing"),
    Case(
      "life-billing-day", ["assets:receivable": "79.00"],
      "31 x 5/31 from 10 to 15 January, 31 on 15 January and on 15 February, 12 calls"),
    Case(
      "life-cancelled", ["revenue:fee": "-35.00", "revenue:calls": "-2.00"],
      "28, and 28 less 28 x 21/28"),
    Case(
      "life-cancelled-kept", ["revenue:fee": "-56.00", "revenue:calls": "-2.00"], "28 twice"),
    Case(
      "life-cancelled-yearly", ["revenue:fee": "-295.89", "assets:receivable": "300.89"],
      "1200 x 90/365, 5 calls"),
    Case(
      "life-cancelled-arrears", ["assets:receivable": "12.87", "revenue:support": "-7.87"],
      "12 x 59/90, 5 calls"),
    Case(
      "life-cancelled-late", ["revenue:fee": "-35.00", "revenue:calls": "-2.00"],
      "the same though billing hears of it two days late: what was used meanwhile costs nothing"),
    Case(
      "life-pause", ["revenue:fee": "-74.00", "revenue:calls": "-9.00"],
      "28, 28 x 18/28, 28; 2, 3 and 4 calls"),
    Case(
      "life-pause-extended", ["revenue:fee": "-55.03", "revenue:calls": "-9.00"],
      "28, 28 x 18/28, and 28 x 10/31 until 11 March; 2, 3 and 4 calls"),
    Case(
      "life-prepaid",
      ["assets:receivable": "200.00", "revenue:calls": "-50.00", "revenue:credits": "-150.00"],
      "no credits are bought in a pause: 100 twice, of which 30 and 20 are drawn and the rest expires"),
    Case(
      "life-prepaid-late",
      ["assets:receivable": "200.00", "revenue:calls": "-50.00", "revenue:credits": "-150.00"],
      "what was sold before billing heard of the pause is taken back"),
    Case(
      "life-pause-tiers", ["revenue:calls": "-14.00"],
      "28 x 18/28 = 18 calls are included in what is left of February, and 32 are used before and after the pause"
    ),
  ]

  @Test("contracts begin, renew, pause and end on their own dates", arguments: lives)
  func life(_ finding: Case) throws {
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

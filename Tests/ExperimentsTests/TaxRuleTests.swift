import RunRecord
import Scenario
import Testing

@testable import Experiments

/// What taxes come to by their rules, against figures that were worked out by hand: the findings `13-…`, `15-…` and `tax-…` of `Tests/Findings/money`.
@Suite("Rules of taxes")
struct TaxRuleTests {
  private func run(_ name: String, _ settings: [String] = [], defect: String? = nil) throws -> RunRecord {
    let template = try ScenarioTemplate(
      file: Finding.path("money/\(name).yaml"), settings: settings.compactMap(ScenarioFile.Setting.init))
    let planted = try defect.map { name in try #require(Defect.all.first { $0.name == name }) }
    return try SimulationRun(template.scenario, defect: planted).perform()
  }

  /// The balances of accounts at the end, debits positive; what is not there is zero.
  private func balances(_ record: RunRecord, _ accounts: [String], entity: Int = 0) -> [String] {
    accounts.map { name in
      record.trialBalances[entity].accounts.first { $0.account == name }
        .map { $0.debit.isEmpty ? "-\($0.credit)" : $0.debit } ?? "0.00"
    }
  }

  private func expect(
    _ name: String, _ settings: [String] = [], _ figures: KeyValuePairs<String, String>,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let record = try run(name, settings)
    #expect(record.verdict == .pass && record.broken.isEmpty, "\(record.broken)", sourceLocation: location)
    #expect(
      balances(record, figures.map(\.key)) == figures.map(\.value), "\(figures.map(\.key))",
      sourceLocation: location)
  }

  // MARK: Several taxes on a line

  @Test("13-two-taxes: 224.76 GST and 448.39 QST on one line of 4,495.16, for each of two customers")
  func twoTaxes() throws {
    // And on calls of 10.00 and 9.00: 0.50 and 0.45, 1.00 and 0.90.
    try expect(
      "13-two-taxes", [],
      [
        "liabilities:tax:GST": "-450.47", "liabilities:tax:QST": "-898.68", "revenue:goods": "-8990.32",
        "assets:receivable": "10358.47",
      ])
  }

  private static let priced = [
    "customers.contracts={ca: {currency: CAD, charges: [{meter: api_calls, model: perUnit, unitPrice: 0}], recurring: [{name: goods, price: 758.00}]}}"
  ]

  // MARK: Prices that include taxes

  @Test("13-tax-inclusive: 758.00 is 626.45 and 131.55, for each of two customers")
  func inclusive() throws {
    try expect(
      "13-tax-inclusive", Self.priced,
      ["liabilities:tax:NL": "-263.10", "revenue:goods": "-1252.90", "assets:receivable": "1516.00"])
  }

  @Test("a price includes several taxes: of 100.00, 4.35 at 5 % and 8.68 at 9.975 %")
  func inclusiveOfTwo() throws {
    try expect(
      "13-two-taxes",
      [
        "entities.0.tax.0.inclusive=true",
        Self.priced[0].replacing("758.00", with: "100"), "customers.count=1",
      ],
      [
        "liabilities:tax:GST": "-4.35", "liabilities:tax:QST": "-8.68", "revenue:goods": "-86.97",
        "assets:receivable": "100.00",
      ])
  }

  // MARK: Rates with dates

  @Test("15-advance-fee-cutoff: January's usage is taxed at January's rate, February's fee at February's")
  func dayOfSupply() throws {
    // 19.00 + 14.12 (74.30 at 19 %) + 16.00 + 26.75 (67.20 and 100.00 at 16 %) + 11.90 (74.40).
    try expect(
      "15-advance-fee-cutoff", [],
      ["liabilities:tax:DE": "-87.77", "revenue:api_calls": "-215.90", "assets:receivable": "603.67"])
  }

  @Test("a rate that changes within a period: usage and fees of each side bear the side's rate")
  func midPeriod() throws {
    // 28.50 + 24.00 + 1.90 + 14.40.
    try expect("tax-mid-period", [], ["liabilities:tax:DE": "-68.80", "assets:receivable": "468.80"])
  }

  @Test("a contract that begins after the change within its first period bears the later rate")
  func begins() throws {
    // 31.00 x 11/31 = 11.00 from 21 January, at 16 %: 1.76.
    try expect("tax-after-trial", [], ["liabilities:tax:DE": "-1.76", "assets:receivable": "12.76"])
  }

  @Test("with taxPoint: invoice the rate of the invoice's day counts")
  func dayOfInvoice() throws {
    // 300.00 at 19 % and 100.00 at 16 %.
    try expect("tax-mid-period", ["taxPoint=invoice"], ["liabilities:tax:DE": "-73.00"])
  }

  @Test("usage that comes late is taxed at the rate of its own day")
  func lateUsage() throws {
    try expect("tax-late-usage", [], ["liabilities:tax:DE": "-285.00", "revenue:hours": "-1500.00"])
  }

  @Test(
    "usage that is taken back, and a fee whose unused part is given back, go back at the rate that was charged"
  )
  func back() throws {
    try expect("tax-void", [], ["liabilities:tax:DE": "-70.00", "revenue:calls": "0.00"])
    try expect("tax-cancelled", [], ["liabilities:tax:DE": "-28.88", "assets:receivable": "180.88"])
  }

  @Test("a credit gives back each of its line's rates, also where they have changed since")
  func credit() throws {
    for delay in ["5d", "50d"] {
      try expect(
        "tax-credit", ["credits.delay=\(delay)"],
        ["liabilities:tax:DE": "-15.33", "assets:receivable": "105.33"])
    }
  }

  // MARK: Items, customers, rounding

  @Test(
    "a reduced item, an exempt one, an exempt customer and reverse charge, each with its reason in the record"
  )
  func reasons() throws {
    let record = try run("tax-reasons")
    #expect(record.verdict == .pass && record.broken.isEmpty, "\(record.broken)")
    #expect(
      balances(record, ["liabilities:tax:DE", "liabilities:tax:AT", "assets:receivable"])
        == ["-45.00", "0.00", "765.00"])
    let untaxed = record.controlTotals.stages.first { $0.stage == "untaxed" }?.rows ?? []
    let found = untaxed.map { "\($0.entity) \($0.meter ?? "") \($0.amount ?? "")" }.sorted()
    #expect(
      found == [
        "de AT (exempt customer: resale) 180.00", "de AT (reverse charge) 180.00",
        "de DE (exempt: insurance) 60.00",
      ])
  }

  @Test("taxes are rounded by line or by document, by entity and by tax")
  func rounding() throws {
    let record = try run("tax-rounding")
    #expect(record.verdict == .pass && record.broken.isEmpty, "\(record.broken)")
    #expect(balances(record, ["liabilities:tax:US-A"]) == ["-0.06"])
    #expect(
      balances(record, ["liabilities:tax:UK-A", "liabilities:tax:UK-B"], entity: 1) == ["-0.05", "-0.03"])
  }

  // MARK: Mistakes

  @Test(
    "each mistake with taxes is noticed by its invariant",
    arguments: [
      ("further-taxes-forgotten", "13-two-taxes"), ("included-tax-added", "13-tax-inclusive"),
      ("rate-of-first-day", "tax-mid-period"), ("usage-taxed-by-days", "tax-mid-period"),
      ("credit-taxed-at-its-day", "tax-credit"), ("tax-reason-lost", "tax-reasons"),
    ])
  func mistake(defect: String, finding: String) throws {
    let settings = defect == "credit-taxed-at-its-day" ? ["credits.delay=50d"] : []
    let caughtBy = try #require(Defect.all.first { $0.name == defect }).caughtBy
    #expect(try run(finding, settings).broken == [])
    #expect(try run(finding, settings, defect: defect).broken.contains(caughtBy))
  }

  private static let fault = "faults=[{at: 2026-01-01, for: 6h, target: tax,"

  @Test(
    "an engine that quotes wrong rates is noticed; a design that has quotes confirmed waits until they are right"
  )
  func wrongRates() throws {
    let wrong = ["customers.count=40", Self.fault + " wrongRate: {share: 50%, by: 3%}}]"]
    let record = try run("13-two-taxes", wrong)
    #expect(record.broken.contains("tax-matches-jurisdiction"))
    let confirmed = try run("13-two-taxes", wrong + ["design={billing: {tax: {confirm: true}}}"])
    #expect(confirmed.verdict == .pass && confirmed.broken == [])
  }

  @Test(
    "an engine that changes its mind is noticed where it is asked again, and by a design that has quotes confirmed"
  )
  func changesMind() throws {
    let lost = " timeoutAfterCommit: {share: 60%}}"
    let mind = [
      "customers.count=40",
      Self.fault + lost + ", {at: 2026-01-01, for: 6h, target: tax, changesMind: {share: 100%, by: 3%}}]",
    ]
    #expect(try run("13-two-taxes", mind).broken.contains("tax-matches-jurisdiction"))
    let confirmed = try run("13-two-taxes", mind + ["design={billing: {tax: {confirm: true}}}"])
    #expect(confirmed.verdict == .pass && confirmed.broken == [])
    // Nothing is asked twice without a reason: then nobody is told otherwise.
    let quiet = [mind[0], Self.fault + " changesMind: {share: 100%, by: 3%}}]"]
    #expect(try run("13-two-taxes", quiet).broken == [])
  }

  // MARK: What is refused

  @Test(
    "what contradicts itself is refused where it stands",
    arguments: [
      ("entities.0.tax.0.items=[{item: gods, rate: 7%}]", "charges for 'gods'"),
      ("entities.0.tax.0.items=[{item: goods}]", "give one of them"),
      ("entities.0.tax.0.with=[{name: gst, rate: 1%}]", "the same jurisdiction"),
    ])
  func refused(setting: String, words: String) throws {
    #expect {
      try run("13-two-taxes", [setting])
    } throws: { error in
      "\(error)".contains(words)
    }
  }
}

import CanonicalModel
import Chronology
import Testing

@testable import Verification

/// A lie, and the invariant that must notice it.
struct Lie: CustomTestStringConvertible, Sendable {
  var invariant: String
  var testDescription: String
  var plant: @Sendable (inout PlantedFacts) -> Void

  init(_ invariant: String, _ what: String, _ plant: @escaping @Sendable (inout PlantedFacts) -> Void) {
    self.invariant = invariant
    testDescription = "\(invariant): \(what)"
    self.plant = plant
  }

  static let all = first + further + ofCash + ofTaxes + ofNotes

  private static let first: [Lie] = [
    Lie("no-lost-usage", "an event is never metered") { $0.summaries.removeLast() },
    Lie("no-double-counting", "a copy is metered again") { facts in
      facts.summaries.append(facts.summaries[0])
    },
    Lie("no-double-counting", "an event that nobody emitted is metered") { facts in
      facts.summaries[1].count = 2
      facts.summaries[1].quantity = Quantity(8)
    },
    Lie("capture-balances", "a delivered event is not accounted for") { $0.claim.accepted = 1 },
    Lie("capture-balances", "a duplicate is called accepted") { facts in
      facts.delivered.append(facts.delivered[0])
      facts.claim.received = 3
      facts.claim.accepted = 3
    },
    Lie("capture-balances", "an emitted event is called a duplicate") { facts in
      facts.claim.accepted = 1
      facts.claim.duplicates = 1
    },
    Lie("metering-balances", "an event counts in the next window") { facts in
      facts.summaries[1].window = PlantedFacts.start + .hours(1)
    },
    Lie("metering-balances", "a quantity is off by a millionth") { facts in
      facts.summaries[0].quantity = Quantity(units: 3_999_999)
    },
    Lie("summary-hash-matches", "an event is exchanged for another of the same quantity") { facts in
      facts.summaries[0].digest &+= 1
    },
    Lie("order-insensitive", "a maximum is none of the values") { facts in
      facts.aggregation = .max
      facts.summaries[0].quantity = Quantity(5)
    },
    Lie("order-insensitive", "an approximate count is off by more than its bound") { facts in
      facts.aggregation = .approximateUnique
      facts.summaries[0].quantity = Quantity(6)
    },
    Lie("rating-matches-oracle", "a charge is off by a cent") { facts in
      facts.charges[0].amount = PlantedFacts.cents(201)
    },
    Lie("rating-matches-oracle", "a charge rates another quantity than was metered") { facts in
      facts.charges[0].quantity = Quantity(5)
    },
    Lie("rating-matches-oracle", "a monthly fee is never charged") { $0.charges.removeLast() },
    Lie("rating-matches-oracle", "a monthly fee is off by a cent") { facts in
      facts.price(charge: 2, at: PlantedFacts.cents(999))
    },
    Lie("proration-bounded", "a monthly fee is charged twice over") { facts in
      facts.price(charge: 2, at: PlantedFacts.cents(2000))
    },
    Lie("proration-bounded", "more of a fee is given back than was charged") { facts in
      facts.price(charge: 3, at: PlantedFacts.cents(-1))
    },
    Lie("commitment-identity", "usage below the minimum spend has no true-up") { facts in
      facts.price(charge: 0, at: PlantedFacts.cents(40))
    },
    Lie("rated-equals-invoiced", "a rated charge is on no invoice") { $0.invoices.removeLast() },
    Lie("rated-equals-invoiced", "a rated charge is on two invoices") { facts in
      facts.invoices[1].lines.append(facts.invoices[0].lines[0])
      facts.invoices[1].total += PlantedFacts.cents(200)
    },
    Lie("rated-equals-invoiced", "an invoice line differs from its charge") { facts in
      facts.invoices[0].lines[0].charge.quantity = Quantity(3)
    },
    Lie("invoice-foots", "a total is off by a cent") { $0.invoices[0].total = PlantedFacts.cents(199) },
    Lie("invoice-foots", "a line is in fractions of a cent") { facts in
      facts.invoices[0].lines[0].charge.amount = Money(units: 1)
      facts.invoices[0].total = Money(units: 1)
    },
    Lie("tax-foots", "a tax leaves a line out") { facts in
      facts.invoices[0].taxes[0].taxable = PlantedFacts.cents(1000)
    },
    Lie("tax-foots", "a tax is in fractions of a cent") { facts in
      facts.invoices[0].taxes[0].amount = Money(units: PlantedFacts.cents(120).units + 1)
    },
    Lie("tax-foots", "the ledger owes less tax than was invoiced") { facts in
      facts.documents[0].entry.lines[3].amount = -PlantedFacts.cents(119)
    },
    Lie("tax-matches-jurisdiction", "a tax is off by a cent") { facts in
      facts.invoices[0].taxes[0].amount = PlantedFacts.cents(121)
      facts.invoices[0].total = PlantedFacts.cents(1321)
      facts.post()
    },
    Lie("tax-matches-jurisdiction", "an invoice has no tax") { facts in
      facts.invoices[0].taxes = []
      facts.invoices[0].total = PlantedFacts.cents(1200)
      facts.post()
    },
    Lie("tax-matches-jurisdiction", "a customer is taxed where it is not") { facts in
      facts.invoices[1].taxes = facts.invoices[0].taxes
      facts.invoices[1].taxes[0].taxable = PlantedFacts.cents(200)
      facts.invoices[1].total = PlantedFacts.cents(320)
      facts.post()
    },
    Lie("invoice-foots", "a total leaves the tax out") { $0.invoices[0].total = PlantedFacts.cents(1200) },
    Lie("invoice-numbers-gapless", "a number is left out") { $0.invoices[1].number.sequence = 3 },
    Lie("invoice-numbers-gapless", "a number is used twice") { $0.invoices[1].number.sequence = 1 },
    Lie("invoices-delivered", "an invoice reaches nobody") { $0.received = Array($0.invoices.dropLast()) },
    Lie("invoices-delivered", "a second copy of an invoice has another total") { facts in
      var other = facts.invoices[0]
      other.lines.removeLast()
      facts.received = facts.invoices + [other]
    },
    Lie("retention-not-outrun", "an event expires in the broker") { $0.expired = 1 },
    Lie("acknowledged-is-durable", "an accepted event is forgotten in a crash") { facts in
      facts.remembered = facts.claim
      facts.remembered?.received -= 1
      facts.remembered?.accepted -= 1
    },
    Lie("no-double-posting", "the ledger holds an invoice twice") { facts in
      var again = facts.documents[0]
      again.number = 3
      facts.documents.append(again)
    },
    Lie("no-double-posting", "the ledger holds a document twice that nobody asked for") { facts in
      var stray = facts.documents[0]
      stray.entry.key.sequence = 77
      facts.documents += [stray, stray]
    },
    Lie("no-lost-posting", "an invoice is not in the ledger") { facts in
      facts.documents.remove(at: 1)
      facts.acknowledged.remove(at: 1)
    },
    Lie("no-lost-posting", "a recognition is not in the ledger") { facts in
      facts.documents.remove(at: 3)
      facts.acknowledged.remove(at: 3)
    },
    Lie("posting-order", "a payment is in the ledger before its invoice") { facts in
      facts.documents.insert(facts.documents.remove(at: 4), at: 0)
    },
    Lie("no-posting-into-closed-period", "a document stands in a period that is long closed") { facts in
      facts.documents[0].entry.period = Period(ordinal: PlantedFacts.period.ordinal - 1)
    },
    Lie("posting-matches-invoice", "a document is dated to the next period for no reason") { facts in
      facts.documents[0].entry.period = PlantedFacts.period.next
    },
    Lie("credit-applied-once", "a request leads to two memos") { facts in
      facts.memos.append(facts.memos[0])
      facts.memos[1].key.sequence = 2
      facts.post()
    },
    Lie("credit-applied-once", "more is credited than was asked for") { facts in
      facts.memos[0].net = PlantedFacts.cents(601)
    },
    Lie("credits-capped", "more is credited than was invoiced") { facts in
      facts.memos[0].net = PlantedFacts.cents(1201)
      facts.memos[0].request.net = PlantedFacts.cents(1201)
    },
    Lie("credits-capped", "more tax is credited than was invoiced") { facts in
      facts.memos[0].taxes[0].amount = PlantedFacts.cents(121)
    },
    Lie("credits-approved", "nobody has approved") { $0.memos[0].request.approvedBy = nil },
    Lie("credits-approved", "who asked has approved") { $0.memos[0].request.approvedBy = 7 },
    Lie("no-double-charge", "an invoice is collected twice") { facts in
      facts.collected.append(facts.collected[0])
    },
    Lie("no-double-charge", "more is collected than was invoiced") { facts in
      facts.collected[0].2 = PlantedFacts.cents(201)
    },
    Lie("cash-balances", "money that was collected is nowhere in the ledger") { facts in
      facts.cash.removeFirst()
      facts.post()
    },
    Lie("cash-balances", "an invoice is settled by more than its total") { facts in
      facts.cash[0].applications[0].amount = PlantedFacts.cents(300)
    },
    Lie("subledger-equals-gl", "a credit is given and not booked to the receivable") { facts in
      facts.documents[6].entry.lines[0].account = .creditsGiven
    },
    Lie("cash-balances", "a fee is booked as money at the bank") { facts in
      facts.documents[5].entry.lines[1].account = .bank
    },
    Lie("settlement-ties", "the bank holds more than was paid out") { facts in
      facts.cash[1].fees = PlantedFacts.cents(9)
      facts.post()
    },
    Lie("settlement-ties", "what was collected is never paid out") { facts in
      facts.movements = []
    },
    Lie("no-double-posting", "the ledger holds a recognition twice") { facts in
      facts.documents.append(facts.documents[3])
    },
    Lie("posting-matches-invoice", "the ledger holds another amount") { facts in
      facts.documents[1].entry.lines[0].amount = PlantedFacts.cents(300)
      facts.documents[1].entry.lines[1].amount = -PlantedFacts.cents(300)
    },
    Lie("posting-matches-invoice", "the ledger holds the tax as revenue") { facts in
      facts.documents[0].entry.lines[3].account = .revenue(PlantedFacts.fee)
    },
    Lie("posting-matches-invoice", "the ledger holds another customer") { facts in
      facts.documents[0].entry.account = AccountID(index: 1)
    },
    Lie("posting-matches-invoice", "the ledger holds a document of no invoice") { facts in
      facts.documents[0].entry.key.sequence = 77
    },
    Lie("revenue-conserved", "what was deferred is never recognised") { facts in
      facts.recognitions = []
      facts.post()
    },
    Lie("revenue-conserved", "more is recognised than was deferred") { facts in
      facts.recognitions[0].lines[0].amount = PlantedFacts.cents(1001)
      facts.post()
    },
    Lie("wallet-never-negative", "more credits are drawn than were bought") { facts in
      facts.buyCredits(1000, drawn: 1001, of: 1001)
    },
    Lie("grants-conserved", "usage draws less than it could") { facts in
      facts.buyCredits(1000, drawn: 199, of: 200)
    },
    Lie("grants-conserved", "what is left does not expire") { facts in
      facts.buyCredits(1000, drawn: 200, of: 200)
      facts.recognitions.removeLast()
      facts.post()
    },
    Lie("close-cut-off", "an accrual is no charge's amount") { facts in
      facts.accrue(100, charge: 99)
    },
    Lie("close-cut-off", "an accrual outlives its invoice") { facts in
      facts.accrue(100, charge: 100)
      facts.accruals.removeLast()
      facts.post()
    },
    Lie("close-cut-off", "an accrual is reversed twice") { facts in
      facts.accrue(100, charge: 100)
      facts.accruals.append(facts.accruals[1])
      facts.accruals[2].key.sequence = 2
      facts.post()
    },
    Lie("snapshot-immutable", "a snapshot holds other than the ledger") { facts in
      facts.snapshots[0].debits += PlantedFacts.cents(1)
      facts.reread = facts.snapshots
    },
    Lie("snapshot-immutable", "a snapshot reads otherwise at the end") { facts in
      facts.reread[0].documents += 1
    },
    Lie("snapshot-immutable", "a snapshot is gone") { $0.reread = [] },
    Lie("lineage-complete", "a charge is not found from its usage") { $0.trace.charges = [] },
    Lie("lineage-complete", "a trace leads to another document") { facts in
      facts.trace.documents = [PostingKey(invoice: facts.invoices[0].number): 99]
    },
    Lie("payment-status-ties", "CRM thinks that a paid invoice is open") { facts in
      facts.statuses[1].1 = .open
    },
    Lie("payment-status-ties", "CRM was never told") { $0.statuses = [] },
    Lie("fx-ties", "an invoice is translated at another day's rate") { facts in
      facts.keepBooksInEuros()
      for line in facts.documents[0].entry.lines.indices {
        let amount = facts.documents[0].entry.lines[line].amount
        facts.documents[0].entry.lines[line].functional = Money(units: amount.units / 10 * 6)
      }
    },
    Lie("fx-ties", "revenue is earned at another rate than it was deferred at") { facts in
      facts.keepBooksInEuros()
      for line in facts.documents[3].entry.lines.indices {
        let amount = facts.documents[3].entry.lines[line].amount
        facts.documents[3].entry.lines[line].functional = amount
      }
    },
    Lie("fx-ties", "a document balances in one currency only") { facts in
      facts.keepBooksInEuros()
      facts.documents[1].entry.lines[1].functional = .zero
    },
    Lie("fields-masked", "platform sees who a customer is") { facts in
      facts.cases[0].fields.append(CaseField("customer", "c1", .customer))
    },
    Lie("fields-masked", "RevOps sees an amount") { facts in
      facts.cases[0].owner = .revOps
      facts.cases[0].fields.append(CaseField("amount", "12.00", .financial))
    },
    Lie("exceptions-surface", "usage is put aside and no case tells of it") { facts in
      facts.quarantined = [facts.emitted[1]]
      facts.cases = []
    },
    Lie("revenue-conserved", "the ledger earns less than was recognised") { facts in
      facts.documents[3].entry.lines[0].amount = PlantedFacts.cents(999)
      facts.documents[3].entry.lines[1].amount = PlantedFacts.cents(-999)
    },
    Lie("revenue-conserved", "a period is recognised twice") { facts in
      facts.recognitions.append(facts.recognitions[0])
      facts.recognitions[1].key.sequence = 2
      facts.post()
    },
    Lie("recognised-in-period", "a month earns a cent less than its days") { facts in
      facts.recognitions[0].lines[0].amount = PlantedFacts.cents(999)
      facts.post()
    },
    Lie("served-as-agreed", "a month's fee is served over three") { facts in
      for index in facts.invoices[2].lines.indices {
        facts.invoices[2].lines[index].charge.served = ServiceDates(
          from: PlantedFacts.period.start, until: PlantedFacts.period.end + .days(60))
      }
      facts.post()
    },
    Lie("no-early-recognition", "a fee in advance is revenue at once") { facts in
      facts.documents[2].entry.lines[1].account = .revenue(PlantedFacts.fee)
    },
    Lie("no-early-recognition", "a later period is recognised already") { facts in
      facts.recognitions[0].period = PlantedFacts.period.next
      facts.post()
    },
    Lie("trial-balance-zero", "a document has one side only") { facts in
      facts.documents[0].entry.lines.removeLast()
    },
    Lie("subledger-equals-gl", "a receivable is booked to another account") { facts in
      facts.documents[0].entry.lines[0].account = .deferredRevenue(PlantedFacts.fee)
    },
    Lie("journals-balance", "debits and credits differ by a cent") { facts in
      facts.documents[0].entry.lines[1].amount = -PlantedFacts.cents(199)
    },
    Lie("stage-totals-balance", "the ledger's revenue differs from the invoices'") { facts in
      facts.documents.removeFirst()
    },
    Lie("quarantine-justified", "an event of a registered schema is put aside as unknown") { facts in
      facts.quarantined = [facts.emitted[1]]
    },
    Lie("quarantine-justified", "an event within the horizon is put aside as too old") { facts in
      facts.tooOld = [facts.emitted[0]]
    },
    Lie("drains", "a queue still holds work") { facts in
      facts.stuck = [StuckWork(queue: .outbox("us"), depth: 1, waitsFor: "the ERP of us")]
    },
  ]
}

@Suite("The invariants")
struct InvariantTests {
  private func judge(_ facts: PlantedFacts) -> [InvariantResult] {
    let oracle = Oracle(
      catalog: facts.catalog, window: .hours(1),
      promises: OraclePromises(
        deduplicationHorizon: .days(14), clockTolerance: .minutes(5), brokerDropsUsage: true))
    facts.deliver(oracle)
    return oracle.results
  }

  @Test("all hold where nothing is wrong, and each has checked something")
  func truth() {
    var checks: [String: Int] = [:]
    // With a sum, and with an aggregate that is none.
    for aggregation in [.sum, .max] as [Aggregation] {
      var facts = PlantedFacts()
      facts.aggregation = aggregation
      for result in judge(facts) {
        #expect(result.outcome != .broken, "\(result.definition.name): \(result.findings.violations)")
        checks[result.definition.name, default: 0] += Int(result.findings.checks)
      }
    }
    var prepaid = PlantedFacts()
    prepaid.buyCredits(1000, drawn: 200, of: 200)
    for result in judge(prepaid) {
      #expect(result.outcome != .broken, "\(result.definition.name): \(result.findings.violations)")
      checks[result.definition.name, default: 0] += Int(result.findings.checks)
    }
    var split = PlantedFacts()
    split.split()
    for result in judge(split) {
      #expect(result.outcome != .broken, "\(result.definition.name): \(result.findings.violations)")
      checks[result.definition.name, default: 0] += Int(result.findings.checks)
    }
    var accrued = PlantedFacts()
    accrued.accrue(100, charge: 100)
    for result in judge(accrued)
    where ["close-cut-off", "late-usage-resolved"].contains(result.definition.name) {
      #expect(result.outcome != .broken, "\(result.definition.name): \(result.findings.violations)")
      checks[result.definition.name, default: 0] += Int(result.findings.checks)
    }
    var unbilled = PlantedFacts()
    unbilled.accrueUnbilled()
    for result in judge(unbilled) where result.definition.name == "unbilled-accrued" {
      #expect(result.outcome != .broken, "\(result.findings.violations)")
      checks[result.definition.name, default: 0] += Int(result.findings.checks)
    }
    var surfaced = PlantedFacts()
    surfaced.emitted[1].schemaVersion = 2
    surfaced.quarantined = [surfaced.emitted[1]]
    for result in judge(surfaced)
    where ["exceptions-surface", "quarantine-justified"].contains(result.definition.name) {
      #expect(result.outcome != .broken, "\(result.findings.violations)")
      checks[result.definition.name, default: 0] += Int(result.findings.checks)
    }
    var foreign = PlantedFacts()
    foreign.keepBooksInEuros()
    for result in judge(foreign) {
      #expect(result.outcome != .broken, "\(result.definition.name): \(result.findings.violations)")
      checks[result.definition.name, default: 0] += Int(result.findings.checks)
    }
    for change in [
      { $0.overpay() }, { $0.giveBack() }, { $0.writeOff() }, { $0.changeERP() },
      { $0.term = ContractTerm(months: 1, renews: false) }, { $0.includeTax() }, { $0.changeRate() },
      { $0.giveNote() },
    ]
      as [(inout PlantedFacts) -> Void]
    {
      var moved = PlantedFacts()
      change(&moved)
      for result in judge(moved) {
        #expect(result.outcome != .broken, "\(result.definition.name): \(result.findings.violations)")
        checks[result.definition.name, default: 0] += Int(result.findings.checks)
      }
    }
    for name in Oracle.invariants.map(\.name) {
      #expect(checks[name] ?? 0 > 0, "\(name) has checked nothing")
    }
  }

  @Test("each notices the lie that it is there for", arguments: Lie.all)
  func lies(lie: Lie) throws {
    var facts = PlantedFacts()
    lie.plant(&facts)
    let result = try #require(judge(facts).first { $0.definition.name == lie.invariant })
    #expect(result.outcome == .broken)
    let violation = try #require(result.findings.violations.first)
    #expect(!violation.ids.isEmpty)
    #expect(violation.expected != violation.actual)
    #expect(violation.at >= PlantedFacts.start)
  }

  @Test("every invariant has a lie")
  func coverage() {
    #expect(Set(Oracle.invariants.map(\.name)) == Set(Lie.all.map(\.invariant)))
  }

  @Test("an event that waits in a visible case is neither lost nor missing")
  func visibleCase() {
    var facts = PlantedFacts()
    facts.claim.accepted = 1
    facts.claim.quarantined = 1
    facts.emitted[1].schemaVersion = 2
    facts.quarantined = [facts.emitted[1]]
    #expect(facts.cases.count == 1)
    facts.summaries.removeLast()
    // The customer has no usage, and owes the minimum.
    facts.charges[1].count = 0
    facts.charges[1].quantity = .zero
    facts.charges[1].digest = 0
    facts.charges[1].amount = PlantedFacts.cents(50)
    facts.invoices[1].lines = [InvoiceLine(charge: facts.charges[1])]
    facts.invoices[1].total = PlantedFacts.cents(50)
    facts.collected = []
    facts.movements = []
    facts.cash = []
    facts.memos = []
    facts.statuses = facts.invoices.map { ($0.number, .open) }
    facts.post()
    for result in judge(facts) { #expect(result.outcome != .broken, "\(result.definition.name)") }
  }

  @Test("an invoice that still waits in the outbox is not lost, and the queue is reported as not drained")
  func waiting() {
    var facts = PlantedFacts()
    facts.documents.removeLast()
    facts.acknowledged.removeLast()
    facts.stuck = [StuckWork(queue: .outbox("us"), depth: 1, waitsFor: "the ERP of us")]
    let broken = judge(facts).filter { $0.outcome == .broken }.map(\.definition.name)
    #expect(!broken.contains("no-lost-posting"))
    #expect(broken.contains("drains"))
  }

  @Test("a violation names the very event that was lost")
  func namesTheEvent() throws {
    var facts = PlantedFacts()
    facts.summaries.removeLast()
    let result = try #require(judge(facts).first { $0.definition.name == "no-lost-usage" })
    let ids = try #require(result.findings.violations.first?.ids)
    #expect(ids.contains { $0.contains("producer") && $0.contains("2") }, "\(ids)")
  }

  @Test("nothing that was compared with nothing counts as held")
  func nothing() {
    let catalog = PlantedFacts().catalog
    let oracle = Oracle(catalog: catalog, window: .hours(1))
    oracle.concluded(stuck: [], at: PlantedFacts.start + .days(40))
    // What contracts demand and nobody billed is broken; nothing else can be said of a run in which nothing happened.
    let demanded: Set = ["rating-matches-oracle", "commitment-identity"]
    for result in oracle.results {
      let expected: InvariantOutcome = demanded.contains(result.definition.name) ? .broken : .notExercised
      #expect(result.outcome == expected, "\(result.definition.name)")
    }
  }

  @Test("what is still under way is left out with its reason, and is not called held")
  func leftOut() throws {
    var facts = PlantedFacts()
    facts.documents.removeLast()
    facts.acknowledged.removeLast()
    facts.stuck = [StuckWork(queue: .outbox("us"), depth: 1, waitsFor: "the ERP of us")]
    let ledger = try #require(judge(facts).first { $0.definition.name == "subledger-equals-gl" })
    #expect(ledger.outcome == .notJudged)
    #expect(ledger.findings.leftOut == ["entity us: 1 documents are not in its ledger"])
    facts.stuck = [StuckWork(queue: .metering, depth: 2, waitsFor: "the watermark")]
    let usage = try #require(judge(facts).first { $0.definition.name == "no-lost-usage" })
    #expect(usage.outcome == .notJudged)
    #expect(usage.findings.leftOut == ["usage is still under way: 2 in metering"])
  }

  @Test("a scenario may allow that work is left: then the queues are not judged, and not held either")
  func mayLeaveWork() throws {
    for (isAllowed, outcome) in [(true, InvariantOutcome.notJudged), (false, .broken)] {
      var facts = PlantedFacts()
      facts.stuck = [StuckWork(queue: .exceptions, depth: 5, waitsFor: "a person")]
      let oracle = Oracle(
        catalog: facts.catalog, window: .hours(1), promises: OraclePromises(mayLeaveWork: isAllowed))
      facts.deliver(oracle)
      let drains = try #require(oracle.results.first { $0.definition.name == "drains" })
      #expect(drains.outcome == outcome)
    }
  }
}

import CanonicalModel
import Chronology

/// What was deferred is recognised, once and in full.
struct RevenueConserved: Invariant, HearsInvoiceIssued, HearsRecognised, HearsCredited, HearsWholeDocument,
  JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "revenue-conserved", boundary: .revenue, place: 1,
    statement:
      "per entity, item and service period, recognised + still deferred = invoiced before it was earned, less credits on that, never "
      + "negative; nothing stays deferred after its period, once its last month was closed",
    evidence: "the issued invoices against the recognitions, and those against the ERPs' ledgers",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var deferred: [RevenueKey: Money] = [:]
  private var recognised: [RevenueKey: Money] = [:]
  /// What was given back of it by lines of their own.
  private var givenBack: [RevenueKey: Money] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at _: Instant) {
    for line in invoice.lines where invoice.rebills == nil {
      guard let obligation = books.revenue.obligation(of: line, on: invoice) else { continue }
      deferred[obligation.key, default: .zero] += line.amount
      if line.amount < .zero { givenBack[obligation.key, default: .zero] -= line.amount }
    }
  }

  mutating func hear(recognised document: Recognition, _ books: Books, at now: Instant) {
    for line in document.lines where books.catalog[line.item].kind == .recurring {
      let key = RevenueKey(entity: document.key.entity, item: line.item, period: line.servicePeriod)
      recognised[key, default: .zero] += line.amount
      // What was given back may be of later days than what was recognised: it lowers what is left, day by day, and not what was there.
      let most = (deferred[key] ?? .zero) + (givenBack[key] ?? .zero)
      findings.require(recognised[key] ?? .zero <= most, at: now) {
        Breach(
          ids: books.ids(of: document.key) + books.ids(of: key), expected: "at most \(most) deferred",
          actual: "\(recognised[key] ?? .zero) recognised")
      }
    }
  }

  mutating func hear(credited _: CreditMemo, _ books: Books, at _: Instant) {
    for own in books.latestCredit {
      guard let obligation = books.revenue.obligation(of: own.line, on: own.invoice) else { continue }
      deferred[obligation.key, default: .zero] -= own.unearned
    }
  }

  /// The ledger earns what the recognition says, item by item.
  mutating func hear(wholeDocument document: LedgerDocument, _ books: Books, at now: Instant) {
    guard document.entry.key.kind == .recognition else { return }
    let said = books.amounts(of: document.entry.key) ?? Sums(capacity: 0)
    let posted = Sums(document.entry.lines)
    findings.require(posted == said, at: now) {
      Breach(
        ids: books.ids(of: document), expected: "\(said.debits) earned, by item",
        actual: "\(posted.debits), or other items")
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    for key in deferred.keys.sorted() where key.period.end <= min(now, books.contracts.monthsClosedBy) {
      findings.expect(
        recognised[key] ?? .zero, equals: deferred[key] ?? .zero, at: now, books.ids(of: key) + ["at rest"])
    }
  }
}

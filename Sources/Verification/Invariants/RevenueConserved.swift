import CanonicalModel
import Chronology

/// What was deferred is recognised, once and in full.
struct RevenueConserved: Invariant {
  static let definition = InvariantDefinition(
    name: "revenue-conserved", boundary: .revenue,
    statement:
      "per entity, item and service period, recognised + still deferred = invoiced before it was earned; nothing stays "
      + "deferred after its period",
    evidence: "the issued invoices against the recognitions in the ERPs' ledgers")
  var findings = Findings()
  private var deferred: [RevenueKey: Money] = [:]
  private var recognised: [RevenueKey: Money] = [:]

  mutating func observe(_ invoice: Invoice, _ books: Books) {
    for line in invoice.lines where books.revenue.isDeferred(line, on: invoice) {
      let key = RevenueKey(
        entity: invoice.number.entity, item: line.charge.item, period: line.charge.servicePeriod)
      deferred[key, default: .zero] += line.amount
    }
  }

  mutating func observe(_ document: LedgerDocument, _ books: Books, at now: Instant) {
    guard document.entry.key.kind == .recognition else { return }
    // A document may be dated to a later period; what it recognises is of the period that it was made for.
    let period = books.recognition(document.entry.key)?.period ?? document.entry.period
    for line in document.entry.lines {
      guard case .deferredRevenue(let item) = line.account else { continue }
      let key = RevenueKey(entity: document.entity, item: item, period: period)
      recognised[key, default: .zero] += line.amount
      findings.require(recognised[key] ?? .zero <= deferred[key] ?? .zero, at: now) {
        Breach(
          ids: books.ids(of: document) + books.ids(of: key),
          expected: "at most \(deferred[key] ?? .zero) deferred",
          actual: "\(recognised[key] ?? .zero) recognised")
      }
    }
  }

  mutating func conclude(_ books: Books, at now: Instant) {
    guard !books.hasExceptions, !books.hasUnposted else { return }
    for key in deferred.keys.sorted() where key.period.end <= now {
      findings.expect(
        recognised[key] ?? .zero, equals: deferred[key] ?? .zero, at: now, books.ids(of: key) + ["at rest"])
    }
  }
}

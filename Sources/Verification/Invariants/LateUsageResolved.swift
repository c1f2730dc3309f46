import CanonicalModel
import Chronology

/// Late usage ends somewhere.
struct LateUsageResolved: Invariant, HearsRated, HearsInvoiceIssued, HearsAccrued, HearsChargeHeld,
  JudgesUsage
{
  static let definition = InvariantDefinition(
    name: "late-usage-resolved", boundary: .billing, place: 11,
    statement:
      "usage that came after its period was rated is on an invoice, accrued, or in an exception case",
    evidence: "the charges for late usage against invoices, accruals and held charges",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()
  private var open: [UInt64: RatedCharge] = [:]
  /// Whether there was late usage at all.
  private(set) var hasAny = false

  mutating func hear(rated charge: RatedCharge, _: Books, at _: Instant) {
    guard charge.kind == .lateUsage else { return }
    hasAny = true
    open[charge.id] = charge
  }

  mutating func hear(invoiceIssued invoice: Invoice, _: Books, at _: Instant) {
    guard !open.isEmpty else { return }
    for line in invoice.lines { open[line.charge.id] = nil }
  }

  mutating func hear(accrued accrual: Accrual, _: Books, at _: Instant) {
    for id in accrual.charges { open[id] = nil }
  }
  mutating func hear(chargeHeld charge: RatedCharge, _: Books, at _: Instant) { open[charge.id] = nil }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let now = rest.at
    let first = open.keys.min().flatMap { open[$0] }
    findings.require(first == nil, at: now, isReal: hasAny) {
      Breach(
        ids: first.map { books.ids(of: $0) } ?? [], expected: "on an invoice, accrued or held",
        actual: "\(open.count) charges in none of these, the first of \(first?.amount ?? .zero)")
    }
  }

  func isConcerned(_ books: Books) -> Bool { hasAny }
}

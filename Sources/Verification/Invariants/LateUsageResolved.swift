import CanonicalModel
import Chronology

/// Late usage ends somewhere.
struct LateUsageResolved: Invariant {
  static let definition = InvariantDefinition(
    name: "late-usage-resolved", boundary: .billing,
    statement:
      "usage that came after its period was rated is on an invoice, accrued, or in a case before a person: never nowhere",
    evidence: "the charges for late usage against invoices, accruals and held charges",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()
  private var open: [UInt64: RatedCharge] = [:]
  /// Whether there was late usage at all.
  private(set) var hasAny = false

  mutating func observe(_ charge: RatedCharge) {
    guard charge.kind == .lateUsage else { return }
    hasAny = true
    open[charge.id] = charge
  }

  mutating func observe(_ invoice: Invoice) {
    guard !open.isEmpty else { return }
    for line in invoice.lines { open[line.charge.id] = nil }
  }

  mutating func observe(_ accrual: Accrual) { for id in accrual.charges { open[id] = nil } }
  mutating func hold(_ charge: RatedCharge) { open[charge.id] = nil }

  mutating func conclude(_ books: Books, at now: Instant) {
    let first = open.keys.min().flatMap { open[$0] }
    findings.require(first == nil, at: now, isReal: hasAny) {
      Breach(
        ids: first.map { books.ids(of: $0) } ?? [], expected: "on an invoice, accrued or held",
        actual: "\(open.count) charges nowhere, the first of \(first?.amount ?? .zero)")
    }
  }
}

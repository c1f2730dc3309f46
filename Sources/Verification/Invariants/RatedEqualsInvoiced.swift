import CanonicalModel
import Chronology

/// Every rated charge stands on exactly one line of one invoice.
struct RatedEqualsInvoiced: Invariant {
  static let definition = InvariantDefinition(
    name: "rated-equals-invoiced", boundary: .rating,
    statement: "every rated charge stands unchanged on exactly one line of one issued invoice",
    evidence: "the issued invoices against the rated charges")
  var findings = Findings()
  private var waiting: [UInt64: RatedCharge] = [:]

  mutating func observe(_ charge: RatedCharge, _ books: Books, at now: Instant) {
    let isNew = waiting.updateValue(charge, forKey: charge.id) == nil
    findings.require(isNew, at: now) {
      Breach(ids: books.ids(of: charge), expected: "one charge of the number", actual: "another before it")
    }
  }

  mutating func observe(_ invoice: Invoice, _ books: Books, at now: Instant) {
    for line in invoice.lines {
      let charge = waiting.removeValue(forKey: line.charge.id)
      findings.require(charge == line.charge, at: now) {
        Breach(
          ids: books.ids(of: invoice.number) + books.ids(of: line.charge),
          expected: charge.map { "\($0.quantity) for \($0.amount)" } ?? "a rated charge not yet invoiced",
          actual: "\(line.charge.quantity) for \(line.amount)")
      }
    }
  }

  mutating func conclude(_ books: Books, at now: Instant) {
    findings.require(waiting.isEmpty, at: now) {
      let first = waiting.keys.min().flatMap { waiting[$0] }
      return Breach(
        ids: first.map { books.ids(of: $0) } ?? [], expected: "every rated charge invoiced",
        actual: "\(waiting.count) charges on no invoice")
    }
  }
}

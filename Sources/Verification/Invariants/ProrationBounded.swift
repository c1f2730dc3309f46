import CanonicalModel
import Chronology

/// However often a contract changes, a recurring item costs no more than its dearest whole period.
struct ProrationBounded: Invariant {
  static let definition = InvariantDefinition(
    name: "proration-bounded", boundary: .billing,
    statement:
      "what is invoiced for a recurring item and period is at least nothing and at most its dearest whole price",
    evidence: "the issued invoices against the contracts' history",
    property: .safety, cost: .atRest(.document))
  var findings = Findings()
  private var invoiced: [OracleKey: Money] = [:]

  mutating func observe(_ invoice: Invoice, _ books: Books) {
    for line in invoice.lines
    where invoice.rebills == nil && books.catalog.items[Int(line.charge.item.index)].kind == .recurring {
      invoiced[OracleKey(line.charge), default: .zero] += line.charge.amount
    }
  }

  mutating func conclude(_ books: Books, at now: Instant) {
    for key in invoiced.keys.sorted() {
      guard let amount = invoiced[key] else { continue }
      let name = books.catalog.items[Int(key.item.index)].name
      let most = books.contracts.dearest(name, key.subscription, in: key.period)
      // Each change may round in the customer's favour or not.
      let currency = books.catalog.currency(of: key.subscription)
      let changes = Int128(books.contracts.shares(key.subscription, in: key.period).count)
      let slack = Money(minorUnits: changes, of: currency)
      findings.require(amount >= .zero && amount <= most + slack, at: now) {
        Breach(
          ids: books.ids(of: key), expected: "from 0 to \(most.text(in: currency))",
          actual: amount.text(in: currency))
      }
    }
  }
}

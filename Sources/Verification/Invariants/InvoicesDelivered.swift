import CanonicalModel
import Chronology

/// An invoice that nobody receives is not paid: each reaches its customer, and every copy says the same.
struct InvoicesDelivered: Invariant, HearsInvoiceIssued, HearsInvoiceDelivered, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "invoices-delivered", boundary: .billing, place: 7,
    statement: "every final invoice reaches its customer, and further copies of it are the same",
    evidence: "final invoices; what customers have received",
    property: .liveness, cost: .each(.document))
  var findings = Findings()
  private var sent: [InvoiceNumber: Invoice] = [:]
  private var pending: [InvoiceNumber] = []

  mutating func hear(invoiceIssued invoice: Invoice, _: Books, at _: Instant) {
    pending.append(invoice.number)
  }

  mutating func hear(invoiceDelivered invoice: Invoice, _ books: Books, at instant: Instant) {
    if let first = sent[invoice.number] {
      findings.expect(
        invoice, equals: first, at: instant, show: { "\($0.total) in \($0.lines.count) lines" },
        ["invoice \(invoice.number.text(in: books.catalog))"])
    } else {
      sent[invoice.number] = invoice
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let instant = rest.at
    for number in pending {
      findings.require(sent[number] != nil, at: instant) {
        Breach(
          ids: ["invoice \(number.text(in: books.catalog))"], expected: "received by its customer",
          actual: "never received")
      }
    }
  }
}

import CanonicalModel
import Chronology

/// What a document gives back is told apart from what one asks for, and says of which invoices it is.
struct CreditNotesRefer: Invariant, HearsInvoiceIssued {
  static let definition = InvariantDefinition(
    name: "credit-notes-refer", boundary: .billing, place: 19,
    statement:
      "a document whose total is below zero is a credit note, with a number of the credit notes, and no other is; it names the invoices of the "
      + "same customer on which what it gives back was charged, and no others",
    evidence: "the issued invoices and credit notes",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private struct Service: Hashable {
    var subscription: SubscriptionID
    var item: ItemID
    var period: Period

    init(_ charge: RatedCharge) {
      (subscription, item, period) = (charge.subscription, charge.item, charge.servicePeriod)
    }
  }
  /// The latest invoice on which a service was charged.
  private var charged: [Service: InvoiceNumber] = [:]
  private var owners: [InvoiceNumber: AccountID] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    let ids = books.ids(of: invoice.number)
    findings.expect(
      invoice.number.isCreditNote, equals: invoice.total < .zero, at: now, isReal: invoice.total < .zero,
      show: { $0 ? "a credit note" : "an invoice" }, ids + ["total \(invoice.total)"])
    guard invoice.number.isCreditNote else {
      for line in invoice.lines where line.charge.amount > .zero {
        charged[Service(line.charge)] = invoice.number
      }
      owners[invoice.number] = invoice.account
      return
    }
    var due: Set<InvoiceNumber> = []
    for line in invoice.lines where line.charge.amount < .zero {
      if let number = charged[Service(line.charge)] { due.insert(number) }
    }
    let isOwn = invoice.credits.allSatisfy { owners[$0] == invoice.account }
    findings.require(isOwn && Set(invoice.credits) == due, at: now) {
      Breach(
        ids: ids,
        expected: "of \(due.sorted().map { $0.text(in: books.catalog) }.joined(separator: ", "))",
        actual: "of \(invoice.credits.map { $0.text(in: books.catalog) }.joined(separator: ", "))")
    }
  }
}

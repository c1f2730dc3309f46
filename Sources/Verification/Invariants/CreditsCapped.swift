import CanonicalModel
import Chronology

/// No more is credited than was invoiced.
struct CreditsCapped: Invariant, HearsCredited {
  static let definition = InvariantDefinition(
    name: "credits-capped", boundary: .billing, place: 15,
    statement:
      "the credits of an invoice come to at most its lines, and their taxes to at most the taxes of what it asks for: where it gives something back at "
      + "another rate, that stays",
    evidence: "the credit memos against the issued invoices",
    property: .safety, cost: .each(.document))
  var findings = Findings()
  private var credited: [InvoiceNumber: (net: Money, tax: Money)] = [:]

  mutating func hear(credited memo: CreditMemo, _ books: Books, at now: Instant) {
    let number = memo.request.invoice
    var sums = credited[number] ?? (.zero, .zero)
    sums.net += memo.net
    for tax in memo.taxes { sums.tax += tax.amount }
    credited[number] = sums
    let invoice = books.invoice(PostingKey(invoice: number))
    let net = invoice?.lines.reduce(Money.zero) { $0 + $1.amount } ?? .zero
    let tax = invoice?.taxes.reduce(Money.zero) { $0 + max(.zero, $1.amount) } ?? .zero
    findings.require(sums.net <= net && sums.tax <= tax, at: now) {
      Breach(
        ids: books.ids(of: memo) + books.ids(of: number), expected: "at most \(net) and \(tax) tax",
        actual: "\(sums.net) and \(sums.tax) tax credited")
    }
  }
}

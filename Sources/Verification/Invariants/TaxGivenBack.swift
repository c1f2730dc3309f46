import CanonicalModel
import Chronology

/// What goes back takes its taxes with it, as they were charged.
struct TaxGivenBack: Invariant, HearsCredited {
  static let definition = InvariantDefinition(
    name: "tax-given-back", boundary: .billing, place: 21,
    statement:
      "the credits of an invoice give back each of its taxes at the rate that was charged, on what is credited of the lines that bear it, rounded once "
      + "over all of them; the whole tax with the whole invoice",
    evidence: "the credit memos against the issued invoices",
    property: .safety, cost: .each(.document))
  var findings = Findings()

  private struct Back {
    var net = Money.zero
    var lines: [Int: Money] = [:]
    var taxes: [Money]
  }
  private var given: [InvoiceNumber: Back] = [:]

  mutating func hear(credited memo: CreditMemo, _ books: Books, at now: Instant) {
    let number = memo.request.invoice
    guard let invoice = books.invoice(PostingKey(invoice: number)) else { return }
    var back = given[number] ?? Back(taxes: invoice.taxes.map { _ in .zero })
    back.net += memo.net
    for part in memo.parts { back.lines[part.line, default: .zero] += part.amount }
    let whole = invoice.lines.reduce(Money.zero) { $0 + $1.amount }
    findings.require(memo.taxes.count == invoice.taxes.count, at: now, isReal: !invoice.taxes.isEmpty) {
      Breach(
        ids: books.ids(of: memo) + books.ids(of: number), expected: "\(invoice.taxes.count) taxes",
        actual: "\(memo.taxes.count)")
    }
    for (place, pair) in zip(invoice.taxes, memo.taxes).enumerated() {
      let (tax, credited) = pair
      let due = back.net == whole ? tax.amount : Self.due(tax, place, back, invoice)
      let ids = books.ids(of: memo) + books.ids(of: number) + books.ids(of: tax)
      findings.expect(
        credited.amount, equals: due - back.taxes[place], at: now,
        show: { "\($0.text(in: memo.currency)) of tax" }, ids)
      findings.require(
        credited.jurisdiction == tax.jurisdiction && credited.rate == tax.rate
          && credited.reason == tax.reason, at: now
      ) {
        Breach(ids: ids, expected: "the rate of \(tax.rate) that was charged", actual: "\(credited.rate)")
      }
      back.taxes[place] += credited.amount
    }
    given[number] = back
  }

  /// What a tax comes to on all that was credited of what it is on; no more than was charged.
  private static func due(_ tax: TaxLine, _ place: Int, _ back: Back, _ invoice: Invoice) -> Money {
    let minor = OracleRating.minor(of: invoice.currency)
    var taxable: Int128 = 0
    if invoice.lines.contains(where: { !$0.taxes.isEmpty }) {
      for (line, credited) in back.lines {  // a sum: the order cannot matter
        let own = invoice.lines[line]
        var borne: Int128 = 0
        for part in own.taxes where part.tax == place { borne += part.taxable.units / minor }
        let whole = own.amount.units / minor
        guard whole > 0 else { continue }
        let product = 2 * borne * (credited.units / minor)
        taxable += product < 0 ? -((whole - product) / (2 * whole)) : (product + whole) / (2 * whole)
      }
    } else {
      taxable = back.net.units / minor
    }
    let exact = OracleRating.tax(
      on: [Money(units: taxable * minor)], at: tax.rate, .perInvoice, in: invoice.currency)
    return min(exact, max(.zero, tax.amount))
  }
}

import CanonicalModel
import Chronology

/// Every rated charge stands on exactly one line of one invoice.
struct RatedEqualsInvoiced: Invariant, HearsRated, HearsInvoiceIssued, HearsChargeHeld, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "rated-equals-invoiced", boundary: .rating, place: 6,
    statement: "every rated charge stands unchanged on exactly one line of one issued invoice",
    evidence: "the issued invoices against the rated charges",
    property: .safety, cost: .each(.charge))
  var findings = Findings()
  private var waiting: [ChargeNumber: RatedCharge] = [:]
  private var hasAny = false
  private var held: Set<UInt64> = []
  private var rebilled: Set<InvoiceNumber> = []

  mutating func hear(rated charge: RatedCharge, _ books: Books, at now: Instant) {
    let isNew = waiting.updateValue(charge, forKey: ChargeNumber(charge.id)) == nil
    hasAny = true
    findings.require(isNew, at: now) {
      Breach(ids: books.ids(of: charge), expected: "one charge of the number", actual: "another before it")
    }
  }

  mutating func hear(invoiceIssued invoice: Invoice, _ books: Books, at now: Instant) {
    if let original = invoice.rebills {
      observe(rebill: invoice, of: original, books, at: now)
      return
    }
    for line in invoice.lines {
      if !held.isEmpty, held.remove(line.charge.id) != nil { books.release(line.charge) }
      let charge = waiting.removeValue(forKey: ChargeNumber(line.charge.id))
      findings.require(charge == line.charge, at: now) {
        Breach(
          ids: books.ids(of: invoice.number) + books.ids(of: line.charge),
          expected: charge.map { "\($0.quantity) for \($0.amount)" } ?? "a rated charge not yet invoiced",
          actual: "\(line.charge.quantity) for \(line.charge.amount)")
      }
    }
  }

  /// A charge waits for a person: it is on no invoice, and in sight.
  mutating func hear(chargeHeld charge: RatedCharge, _: Books, at _: Instant) { held.insert(charge.id) }

  /// The same lines as on the invoice that it takes the place of, which was credited in full, and is replaced once.
  private mutating func observe(
    rebill invoice: Invoice, of number: InvoiceNumber, _ books: Books, at now: Instant
  ) {
    let original = books.invoice(PostingKey(invoice: number))
    let credited = books.creditedNet(of: number)
    let net = original?.lines.reduce(Money.zero) { $0 + $1.amount }
    let isFirst = rebilled.insert(number).inserted
    findings.require(isFirst && original?.lines == invoice.lines && net == credited, at: now) {
      Breach(
        ids: books.ids(of: invoice.number) + books.ids(of: number),
        expected: "the lines of an invoice of \(net ?? .zero) that was credited in full, issued anew once",
        actual: "\(credited) credited" + (isFirst ? "" : ", issued anew before"))
    }
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let now = rest.at
    for id in held { waiting[ChargeNumber(id)] = nil }  // each on its own: the order cannot matter
    findings.require(waiting.isEmpty, at: now, isReal: hasAny) {
      let first = waiting.keys.min().flatMap { waiting[$0] }
      return Breach(
        ids: first.map { books.ids(of: $0) } ?? [], expected: "every rated charge invoiced",
        actual: "\(waiting.count) charges on no invoice")
    }
  }
}

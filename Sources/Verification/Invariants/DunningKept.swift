import CanonicalModel
import Chronology

/// A declined charge is tried again as often as the terms say, and after the pauses that they say.
struct DunningKept: Invariant, HearsInvoiceIssued, HearsCashBooked, HearsCredited, HearsCharged,
  HearsDeclined, HearsChargeRequested, JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "dunning-kept", boundary: .payments, place: 3,
    statement:
      "at rest, an invoice whose last charge was declined has had every further attempt that the payment terms allow, unless "
      + "it was settled or credited in the meantime, and none before the pause that they say",
    evidence:
      "the requests to the gateway and their outcomes, and what payments and credits have left of the issued invoices",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()
  private var left: [InvoiceNumber: Money] = [:]
  /// Attempts by their numbers: one that is made again is still one.
  private var declined: [InvoiceNumber: Set<UInt32>] = [:]
  private var collected: Set<InvoiceNumber> = []
  /// When each attempt failed at the gateway.
  private var ended: [ChargeKey: Instant] = [:]
  /// What was asked for first under each key.
  private var requested: [ChargeKey: Money] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _: Books, at _: Instant) {
    left[invoice.number] = invoice.total
  }
  mutating func hear(credited memo: CreditMemo, _: Books, at _: Instant) {
    left[memo.request.invoice, default: .zero] -= memo.total
  }

  mutating func hear(cashBooked document: CashDocument, _: Books, at _: Instant) {
    guard [.payment, .cashApplication, .writeOff].contains(document.key.kind) else { return }
    for part in document.applications { left[part.invoice, default: .zero] -= part.amount }
  }

  mutating func hear(declined key: ChargeKey, _: Books, at now: Instant) {
    declined[key.invoice, default: []].insert(key.attempt)
    ended[key] = ended[key] ?? now
  }

  mutating func hear(charged key: ChargeKey, _: AccountID, _ amount: Money, _: Books, at now: Instant) {
    guard let asked = requested[key], amount < asked else {
      collected.insert(key.invoice)
      return
    }
    // Collected in part: for the rest, the attempt has failed.
    declined[key.invoice, default: []].insert(key.attempt)
    ended[key] = ended[key] ?? now
  }

  mutating func hear(
    chargeRequested key: ChargeKey, _: AccountID, _ amount: Money, _: UInt32, _ books: Books, at now: Instant
  ) {
    guard requested.updateValue(amount, forKey: key) == nil, key.attempt > 1,
      let terms = books.catalog.paymentTerms, Int(key.attempt) <= 1 + terms.retries.count
    else { return }
    let pause = terms.retries[Int(key.attempt) - 2]
    let before = ended[ChargeKey(invoice: key.invoice, attempt: key.attempt - 1)]
    findings.require(before.map { $0 + pause <= now } ?? false, at: now) {
      Breach(
        ids: books.ids(of: key.invoice) + [key.text(in: books.catalog)],
        expected: "\(pause) after the attempt before it was declined",
        actual: before.map { "\(now - $0) after" } ?? "though no attempt was declined")
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    if let reason = rest.paymentsUnderWay { return findings.leaveOut(reason) }
    let now = rest.at
    guard let terms = books.catalog.paymentTerms else { return }
    let allowed = 1 + terms.retries.count
    for invoice in declined.keys.sorted() {
      let attempts = declined[invoice]?.count ?? 0
      let isOver = collected.contains(invoice) || left[invoice] ?? .zero <= .zero
      findings.require(isOver || attempts >= allowed, at: now) {
        Breach(
          ids: books.ids(of: invoice), expected: "\(allowed) attempts, as long as it is open",
          actual: "\(attempts), and \(left[invoice] ?? .zero) open")
      }
    }
  }
}

import CanonicalModel
import Chronology

/// What customers have paid too much, and what credit notes give, does not lie about.
struct UnappliedResolved: Invariant, HearsInvoiceIssued, HearsCredited, HearsCashMoved, HearsCashBooked,
  HearsChargeRequested, JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "unapplied-resolved", boundary: .payments, place: 9,
    statement:
      "no customer's unapplied cash and credit notes are ever negative; by the terms of payment, they settle open invoices before "
      + "the customer is charged or pays for them, and none is left beside an open invoice at rest; where the terms say so, or no invoice "
      + "will follow, what was paid of it is given back",
    evidence:
      "the issued invoices, credits, documents of moved money and requests to the gateway, customer by customer",
    property: .liveness, cost: .each(.document))
  var findings = Findings()
  private var amounts = OpenAmounts()
  private var hadUnapplied: Set<AccountID> = []
  /// What each customer has paid, less what went back.
  private var paid: [AccountID: Money] = [:]

  mutating func hear(invoiceIssued invoice: Invoice, _: Books, at now: Instant) {
    amounts.add(invoice, at: now)
  }
  mutating func hear(credited memo: CreditMemo, _: Books, at _: Instant) { amounts.add(memo) }
  mutating func hear(cashMoved event: CashEvent, _: UInt32, _: Books, at _: Instant) {
    if case .refundRefused(let order) = event { amounts.refuse(order) }
  }

  mutating func hear(
    chargeRequested key: ChargeKey, _ account: AccountID, _: Money, _ repetition: UInt32, _ books: Books,
    at now: Instant
  ) {
    guard repetition == 0 else { return }
    expectUsedUp(
      account, books.ids(of: key.invoice) + [key.text(in: books.catalog)], "charged", books, at: now)
  }

  /// Nothing is paid for an open invoice that unapplied cash could have settled.
  private mutating func expectUsedUp(
    _ account: AccountID, _ ids: [String], _ what: String, _ books: Books, at now: Instant
  ) {
    guard books.catalog.paymentTerms?.unapplied == .nextInvoice else { return }
    let held = amounts.unapplied[account] ?? .zero
    findings.require(held <= .zero, at: now, isReal: hadUnapplied.contains(account)) {
      Breach(
        ids: ids + ["account \(books.catalog[account].name)"], expected: "unapplied cash used up before",
        actual: "\(what) while \(held) are unapplied")
    }
  }

  mutating func hear(cashBooked document: CashDocument, _ books: Books, at now: Instant) {
    if document.key.kind == .payment, !document.isAtGateway, !document.applications.isEmpty,
      let account = document.account
    {
      expectUsedUp(
        account, ["document \(document.key.text(in: books.catalog))"], "a transfer settles an invoice", books,
        at: now)
    }
    amounts.add(document)
    if let account = document.account {
      switch document.key.kind {
      case .payment, .chargebackReversal: paid[account, default: .zero] += document.gross
      case .chargeback, .refund: paid[account, default: .zero] -= document.gross
      default: break
      }
    }
    guard let account = document.account, let held = amounts.unapplied[account] else { return }
    if held != .zero { hadUnapplied.insert(account) }
    findings.require(held >= .zero, at: now, isReal: hadUnapplied.contains(account)) {
      Breach(
        ids: ["account \(books.catalog[account].name)", "document \(document.key.text(in: books.catalog))"],
        expected: "unapplied cash of nothing or more", actual: "\(held)")
    }
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    guard let terms = books.catalog.paymentTerms, terms.unapplied != .keep else { return }
    if let work = rest.stuck.first {
      if !hadUnapplied.isEmpty { findings.leaveOut("unapplied cash: \(work.depth) left in \(work.queue)") }
      return
    }
    for number in amounts.invoices.keys.sorted() {
      guard let note = amounts[number], note.total < .zero else { continue }
      findings.require(note.open == .zero, at: rest.at) {
        Breach(
          ids: books.ids(of: number),
          expected: "what the credit note gives settles invoices or is given back",
          actual: "\(note.open) open")
      }
    }
    for account in hadUnapplied.sorted() {
      let held = amounts.unapplied[account] ?? .zero
      let open = (amounts.byAccount[account] ?? []).first { amounts[$0]?.open ?? .zero > .zero }
      let isOver = terms.unapplied == .refund || books.contracts.isOver(account)
      let owed = isOver ? min(held, paid[account] ?? .zero) : .zero
      findings.require(held <= .zero || open == nil && owed <= .zero, at: rest.at) {
        Breach(
          ids: ["account \(books.catalog[account].name)"] + (open.map { books.ids(of: $0) } ?? []),
          expected: open == nil ? "\(owed) given back" : "open invoices settled by it",
          actual: "\(held) unapplied" + (open.flatMap { amounts[$0] }.map { " beside \($0.open) open" } ?? "")
        )
      }
    }
  }
}

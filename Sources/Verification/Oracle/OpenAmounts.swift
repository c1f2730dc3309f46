import CanonicalModel
import Chronology

/// What each invoice asks its customer for, what is owed back of it, and what customers have paid that settles nothing: the oracle's own
/// arithmetic, from the issued invoices, credits and documents of moved money.
struct OpenAmounts: Sendable {
  /// One invoice.
  struct Entry: Sendable {
    var account: AccountID
    var total: Money
    var issued: Instant
    /// What is asked for.
    var open: Money
    var writtenOff = Money.zero
    /// What credits have left paid too much, in all.
    var owedBack = Money.zero
    /// Whether nothing was asked for at some time.
    var wasSettled = false
    /// What was asked for before, each amount once.
    var earlier: [Money] = []

    fileprivate mutating func ask(_ amount: Money) {
      if amount != open, !earlier.contains(open) { earlier.append(open) }
      open = amount
      if amount <= .zero { wasSettled = true }
    }
  }

  private(set) var invoices: [InvoiceNumber: Entry] = [:]
  /// The invoices of each customer, oldest first.
  private(set) var byAccount: [AccountID: [InvoiceNumber]] = [:]
  private(set) var unapplied: [AccountID: Money] = [:]

  subscript(invoice: InvoiceNumber) -> Entry? { invoices[invoice] }

  mutating func add(_ invoice: Invoice, at now: Instant) {
    invoices[invoice.number] = Entry(
      account: invoice.account, total: invoice.total, issued: now, open: invoice.total,
      wasSettled: invoice.total <= .zero)
    byAccount[invoice.account, default: []].append(invoice.number)
  }

  mutating func add(_ memo: CreditMemo) {
    let number = memo.request.invoice
    guard var entry = invoices[number] else { return }
    // Less than nothing is asked for where a refund was refused before the chargeback that it met is known of: the credit is all beyond it.
    let beyond = memo.total - max(.zero, entry.open)
    entry.ask(beyond < .zero ? .zero - beyond : min(.zero, entry.open))
    if beyond > .zero {
      // What was written off is not asked for; a credit on it is nothing that anybody has paid.
      let forgiven = min(entry.writtenOff, beyond)
      entry.writtenOff -= forgiven
      entry.owedBack += beyond - forgiven
    }
    invoices[number] = entry
  }

  mutating func add(_ document: CashDocument) {
    let sign: Int128 =
      switch document.key.kind {
      case .chargeback: 1
      // What is given back was owed, and is asked of nobody.
      case .refund: 0
      default: -1
      }
    let isReversal = document.key.kind == .writeOff && document.gross < .zero
    for part in document.applications where !isReversal && sign != 0 {
      guard var entry = invoices[part.invoice] else { continue }
      // What a credit note had settled and a credit leaves too much: it is owed back as money is, and asked of nobody.
      if document.key.kind == .cashApplication, part.amount < .zero, entry.total > .zero { continue }
      entry.ask(entry.open + Money(units: part.amount.units * sign))
      if document.key.kind == .writeOff { entry.writtenOff += part.amount }
      invoices[part.invoice] = entry
    }
    guard let account = document.account else { return }
    switch document.key.kind {
    case .payment, .chargebackReversal: unapplied[account, default: .zero] += document.unapplied
    case .chargeback, .refund: unapplied[account, default: .zero] -= document.unapplied
    case .cashApplication: unapplied[account, default: .zero] -= document.gross
    default: break
    }
  }

  /// The gateway gives nothing back: what a chargeback has opened again was to be given back.
  mutating func refuse(_ order: RefundOrder) {
    guard let invoice = order.invoice, var entry = invoices[invoice] else { return }
    entry.ask(entry.open - order.amount)
    invoices[invoice] = entry
  }
}

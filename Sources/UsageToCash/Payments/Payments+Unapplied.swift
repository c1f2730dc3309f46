import CanonicalModel
import Chronology
import CoreInterface
import HeapModule

/// Unapplied cash and credit notes, refunds and write-offs.
extension Payments {
  /// Settles what can be settled by unapplied cash and credit notes, or orders it to be given back, as the terms say.
  ///
  /// What a credit note gives lowers what is open before anything of it is paid out, and no more is paid out than was paid in.
  ///
  /// - Parameter isOver: whether a customer will not get another invoice.
  mutating func settleUnapplied(
    at now: Instant, isOver: (AccountID) -> Bool
  ) -> (documents: [CashDocument], orders: [RefundOrder]) {
    guard !unsettled.isEmpty else { return ([], []) }
    var documents: [CashDocument] = []
    var orders: [RefundOrder] = []
    for account in unsettled.sorted() {
      guard cash.unapplied(of: account) > .zero, !planted.contains(.unappliedForgotten) else { continue }
      switch catalog.paymentTerms?.unapplied ?? .keep {
      case .keep: break
      case .refund:
        if let document = settle(account, at: now, where: { $0.payment == nil }) {
          documents.append(document)
        }
        orders += payOut(account)
      case .nextInvoice:
        if let document = settle(account, at: now, where: { _ in true }) { documents.append(document) }
        if cash.unapplied(of: account) > .zero, isOver(account) { orders += payOut(account) }
      }
    }
    unsettled.removeAll()
    return (documents, orders)
  }

  /// Whether there may be something to settle or to give back.
  var hasUnsettled: Bool { !unsettled.isEmpty }

  /// Looks again at all customers for whom something is unapplied.
  mutating func reconsiderUnapplied() {
    guard catalog.paymentTerms?.unapplied == .nextInvoice else { return }
    unsettled.formUnion(cash.holders)
  }

  /// What a credit note gives is unapplied from its issue on, and asked for as cash is.
  mutating func release(_ note: Invoice, at now: Instant) -> CashDocument? {
    guard !planted.contains(.creditNoteNotApplied) else { return nil }
    let amount = .zero - note.total
    references[note.number] = note.credits
    cash.keep(ReceivedCash.Part(source: .creditNote(note.number), amount: amount), of: note.account)
    unsettled.insert(note.account)
    return ledger.document(
      .cashApplication, note.number.entity, account: note.account, at: now, gross: note.total,
      applications: [.init(invoice: note.number, amount: note.total)])
  }

  /// Settles a customer's open invoices, oldest first, by what is unapplied.
  private mutating func settle(
    _ account: AccountID, at now: Instant, where isWanted: (ReceivedCash.Source) -> Bool
  ) -> CashDocument? {
    var applications: [CashDocument.Application] = []
    for invoice in open.invoices(of: account) where !isCharging(invoice) {
      let wanted = openAmount(of: invoice)
      guard wanted > .zero else { continue }
      var amount = Money.zero
      for part in cash.takeUnapplied(of: account, upTo: wanted, where: isWanted) {
        _ = apply(part.source, part.amount, to: invoice)
        amount += part.amount
      }
      if amount > .zero { applications.append(.init(invoice: invoice, amount: amount)) }
    }
    guard !applications.isEmpty else { return nil }
    let gross = applications.reduce(Money.zero) { $0 + $1.amount }
    return ledger.document(
      .cashApplication, catalog[account].entity, account: account, at: now, gross: gross,
      applications: applications)
  }

  /// Orders what is unapplied to be given back: cash the way it came, and what credit notes give the way that their invoices were paid, as far
  /// as they were.
  private mutating func payOut(_ account: AccountID) -> [RefundOrder] {
    var orders: [RefundOrder] = []
    for part in cash.takeUnapplied(of: account, upTo: cash.unapplied(of: account)) {
      switch part.source {
      case .payment(let source):
        orders.append(order(part.amount, from: source, of: account, for: nil))
      case .creditNote(let note):
        var left = part.amount
        let credited = references[note] ?? []
        let others = open.invoices(of: account).reversed().filter { !credited.contains($0) }
        for invoice in credited + others where left > .zero {
          for paid in cash.takeBack(of: invoice, upTo: left, where: { $0.payment != nil }) {
            guard let source = paid.source.payment else { continue }
            left -= paid.amount
            orders.append(order(paid.amount, from: source, of: account, for: nil))
          }
        }
        // Nobody has paid the rest yet: it goes on lowering what is asked for.
        cash.keep(ReceivedCash.Part(source: part.source, amount: left), of: account)
      }
    }
    return orders
  }

  private mutating func order(
    _ amount: Money, from source: PaymentSource, of account: AccountID, for invoice: InvoiceNumber?
  ) -> RefundOrder {
    let entity = catalog[account].entity
    let number = nextOrder[entity]
    nextOrder[entity] += 1
    let order = RefundOrder(
      entity: entity, number: number, account: account, invoice: invoice, source: source, amount: amount)
    if let charge = source.charge { ordered[charge, default: []].append(order) }
    return order
  }

  /// A credit lowers what an invoice asks for; returns what is to be given back, as its customer has paid too much by it, and
  /// what is taken back of a write-off.
  mutating func credit(
    _ amount: Money, on invoice: InvoiceNumber, at now: Instant
  ) -> (orders: [RefundOrder], documents: [CashDocument]) {
    guard let entry = open[invoice] else { return ([], []) }
    // Less than nothing is open where a refund was refused before the notice of the chargeback that it met: the credit is all beyond it.
    let lowered = min(amount, max(.zero, entry.amount))
    open.change(invoice, by: .zero - lowered)
    var back = amount - lowered
    guard back > .zero else { return ([], []) }
    var documents: [CashDocument] = []
    let restored = min(back, entry.writtenOff)
    if restored > .zero {
      open[invoice]?.writtenOff -= restored
      back -= restored
      documents.append(
        ledger.document(
          .writeOff, invoice.entity, account: entry.account, at: now, gross: .zero - restored,
          applications: [.init(invoice: invoice, amount: .zero - restored)]))
    }
    guard !planted.contains(.refundNeverMade) else { return ([], documents) }
    var orders: [RefundOrder] = []
    var released = Money.zero
    for part in cash.takeBack(creditedOn: invoice, back, planted) {
      if let source = part.source.payment {
        orders.append(order(part.amount, from: source, of: entry.account, for: invoice))
      } else {
        // A credit note has settled it, or was paid out by what had: that is no money, and settles another one.
        cash.keep(part, of: entry.account)
        unsettled.insert(entry.account)
        released += part.amount
      }
    }
    if released > .zero {
      documents.append(
        ledger.document(
          .cashApplication, invoice.entity, account: entry.account, at: now, gross: .zero - released,
          applications: [.init(invoice: invoice, amount: .zero - released)]))
    }
    if planted.contains(.refundMadeTwice) {
      orders += orders.map { order($0.amount, from: .bank, of: entry.account, for: invoice) }
    }
    if planted.contains(.refundToAnotherInvoice),
      let other = open.invoices(of: entry.account).first(where: { $0 != invoice })
    {
      for index in orders.indices { orders[index].invoice = other }
    }
    return (orders, documents)
  }

  mutating func expectWriteOff(of invoice: InvoiceNumber, at now: Instant) {
    guard let after = catalog.paymentTerms?.writeOffAfter, !planted.contains(.neverWrittenOff) else { return }
    writeOffs.insert(
      WriteOff(at: planted.contains(.writtenOffAtOnce) ? now : now + after, invoice: invoice))
  }

  /// Writes off what is due to be.
  mutating func writeOff(at now: Instant) -> [CashDocument] {
    var documents: [CashDocument] = []
    while let first = writeOffs.min, first.at <= now {
      writeOffs.removeMin()
      guard let entry = open[first.invoice], entry.amount > .zero else { continue }
      guard entry.disputes <= 0, !isCollecting(first.invoice) else {
        open[first.invoice]?.isWriteOffPostponed = true
        continue
      }
      open.change(first.invoice, by: .zero - entry.amount)
      open[first.invoice]?.writtenOff += entry.amount
      documents.append(
        ledger.document(
          .writeOff, first.invoice.entity, account: entry.account, at: now, gross: entry.amount,
          applications: [.init(invoice: first.invoice, amount: entry.amount)]))
    }
    return documents
  }
}

/// A write-off that is due.
struct WriteOff: Comparable, Sendable {
  var at: Instant
  var invoice: InvoiceNumber

  static func < (a: WriteOff, b: WriteOff) -> Bool { (a.at, a.invoice) < (b.at, b.invoice) }
}

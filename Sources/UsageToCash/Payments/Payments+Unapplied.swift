import CanonicalModel
import Chronology
import CoreInterface
import HeapModule

/// Unapplied cash, refunds and write-offs.
extension Payments {
  /// Settles what can be settled by unapplied cash, or orders it to be given back, as the terms say.
  mutating func settleUnapplied(at now: Instant) -> (documents: [CashDocument], orders: [RefundOrder]) {
    guard !unsettled.isEmpty else { return ([], []) }
    var documents: [CashDocument] = []
    var orders: [RefundOrder] = []
    for account in unsettled.sorted() {
      let held = cash.unapplied(of: account)
      guard held > .zero, !planted.contains(.unappliedForgotten) else { continue }
      switch catalog.paymentTerms?.unapplied ?? .keep {
      case .keep: break
      case .refund:
        for part in cash.takeUnapplied(of: account, upTo: held) {
          orders.append(order(part, of: account, for: nil))
        }
      case .nextInvoice:
        var applications: [CashDocument.Application] = []
        for invoice in open.invoices(of: account) where !isCharging(invoice) {
          let wanted = openAmount(of: invoice)
          guard wanted > .zero else { continue }
          var amount = Money.zero
          for part in cash.takeUnapplied(of: account, upTo: wanted) {
            _ = applyPayment(invoice, with: part.amount, from: part.source)
            amount += part.amount
          }
          if amount > .zero { applications.append(.init(invoice: invoice, amount: amount)) }
        }
        guard !applications.isEmpty else { continue }
        let gross = applications.reduce(Money.zero) { $0 + $1.amount }
        documents.append(
          document(
            .cashApplication, catalog[account].entity, account: account, at: now, gross: gross,
            applications: applications))
      }
    }
    unsettled.removeAll()
    return (documents, orders)
  }

  private mutating func order(
    _ part: ReceivedCash.Part, of account: AccountID, for invoice: InvoiceNumber?
  ) -> RefundOrder {
    let entity = catalog[account].entity
    let number = nextOrder[entity]
    nextOrder[entity] += 1
    let order = RefundOrder(
      entity: entity, number: number, account: account, invoice: invoice, source: part.source,
      amount: part.amount)
    if let charge = part.source.charge { ordered[charge, default: []].append(order) }
    return order
  }

  /// A credit lowers what an invoice asks for; returns what is to be given back, as its customer has paid too much by it, and
  /// what is taken back of a write-off.
  mutating func credit(
    _ amount: Money, on invoice: InvoiceNumber, at now: Instant
  ) -> (orders: [RefundOrder], document: CashDocument?) {
    guard let entry = open[invoice] else { return ([], nil) }
    // Less than nothing is open where a refund was refused before the notice of the chargeback that it met: the credit is all beyond it.
    let lowered = min(amount, max(.zero, entry.amount))
    open.change(invoice, by: .zero - lowered)
    var back = amount - lowered
    guard back > .zero else { return ([], nil) }
    var reversal: CashDocument?
    let restored = min(back, entry.writtenOff)
    if restored > .zero {
      open[invoice]?.writtenOff -= restored
      back -= restored
      reversal = document(
        .writeOff, invoice.entity, account: entry.account, at: now, gross: .zero - restored,
        applications: [.init(invoice: invoice, amount: .zero - restored)])
    }
    guard !planted.contains(.refundNeverMade) else { return ([], reversal) }
    var orders = cash.takeBack(of: invoice, upTo: back).map { order($0, of: entry.account, for: invoice) }
    if planted.contains(.refundMadeTwice) {
      orders += orders.map {
        order(ReceivedCash.Part(source: .bank, amount: $0.amount), of: entry.account, for: invoice)
      }
    }
    if planted.contains(.refundToAnotherInvoice),
      let other = open.invoices(of: entry.account).first(where: { $0 != invoice })
    {
      for index in orders.indices { orders[index].invoice = other }
    }
    return (orders, reversal)
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
        document(
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

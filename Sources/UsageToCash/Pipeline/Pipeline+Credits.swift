import CanonicalModel
import Chronology
import CoreInterface

/// Credits of finance on invoices, and invoices that are issued anew.
extension Pipeline {
  /// Takes finance's request for a credit.
  mutating func handle(_ request: CreditRequest, at now: Instant, effects: inout Effects) {
    let creditable = credits.open(request.invoice).map { rating.creditable($0) } ?? []
    let (asked, isWaiting) = credits.handle(request, creditable: creditable, at: now)
    if isWaiting {
      raise(.creditNeedsApproval(request.invoice, request: request.id), at: now, effects: &effects)
    }
    guard let memo = asked.map({ spread($0) }) else { return }
    let original = request.isRebill ? credits.rebilled(memo) : nil
    let entry = JournalMapping.entry(for: memo)
    reconciliation.record(document: memo.key, receivable: entry.receivable, at: now)
    effects.outputs.append(.credited(memo))
    let applied = CashDocument.Application(invoice: request.invoice, amount: memo.total)
    if !planted.contains(.creditNeverPosted) {
      post([.init(entry, of: memo, about: applied, credits)], at: now, effects: &effects)
    }
    if catalog.paymentTerms != nil {
      let (orders, documents) = payments.credit(memo.total, on: request.invoice, at: now)
      for order in orders { effects.outputs.append(.refund(order)) }
      for document in documents { book(document, at: now, effects: &effects) }
    }
    if let original { rebill(original, at: now, effects: &effects) }
  }

  /// What a credit takes of what is charged, of prepaid credits and of what is still to be earned.
  private mutating func spread(_ memo: CreditMemo) -> CreditMemo {
    var memo = memo
    rating.credit(credits.charges(of: memo))
    for index in memo.parts.indices {
      guard let (line, invoice) = credits.line(of: memo.parts[index], memo) else { continue }
      memo.parts[index].unearned = revenue.credit(
        memo.parts[index].amount, of: line, on: invoice, in: memo.period)
    }
    return memo
  }

  /// Issues an invoice anew that was credited in full: the same lines and taxes under the next number.
  private mutating func rebill(_ original: Invoice, at now: Instant, effects: inout Effects) {
    let invoice = billing.rebill(original, at: now)
    reconciliation.record(rebilled: invoice, at: now)
    let release = payments.record(issued: invoice, at: now)
    precondition(release == nil, "a credit note is issued anew")
    credits.record(issued: invoice)
    effects.outputs.append(.issue(invoice))
    let entry = JournalMapping.entry(for: invoice, revenue: revenue)
    closes.record(issued: invoice, in: entry.period)
    post([.init(entry, rebills: invoice.rebills)], at: now, effects: &effects)
    settleUnapplied(at: now, effects: &effects)
  }
}

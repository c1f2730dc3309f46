import CanonicalModel
import Chronology
import CoreInterface

/// Money that moves: notices and statements of it, its documents, and what is asked of the gateway.
extension Pipeline {
  /// Takes a movement of money.
  mutating func handle(_ notice: CashNotice, at now: Instant, effects: inout Effects) {
    let documents = payments.handle(notice, at: now)
    for document in documents { book(document, at: now, effects: &effects) }
    if case .chargeback(let charge, _, _, _) = notice.event, !documents.isEmpty {
      raise(.chargedBack(charge.invoice), at: now, effects: &effects)
    }
    settleUnapplied(at: now, effects: &effects)
  }

  /// Takes a statement of the bank or the gateway.
  mutating func handle(_ statement: CashStatement, at now: Instant, effects: inout Effects) {
    let (documents, found) = payments.handle(statement, at: now)
    for document in documents { book(document, at: now, effects: &effects) }
    for event in found {
      effects.outputs.append(.foundOnStatement(event))
      if case .chargeback(let charge, _, _, _) = event {
        raise(.chargedBack(charge.invoice), at: now, effects: &effects)
      }
    }
    settleUnapplied(at: now, effects: &effects)
    reconciliation.recordStatement(at: now)
    reconcile(at: now, effects: &effects)
  }

  /// Settles by unapplied cash what can be, or has it given back.
  mutating func settleUnapplied(at now: Instant, effects: inout Effects) {
    guard !stopped.contains(.payments), payments.hasUnsettled else { return }
    let (documents, orders) = payments.settleUnapplied(at: now) {
      [contracts = rating.contracts, invoiced] account in
      contracts.isOver(account) { invoiced.contains($0) }
    }
    for document in documents { book(document, at: now, effects: &effects) }
    for order in orders { effects.outputs.append(.refund(order)) }
  }

  mutating func book(_ document: CashDocument, at now: Instant, effects: inout Effects) {
    let entry = JournalMapping.entry(for: document)
    reconciliation.record(document: document.key, receivable: entry.receivable, at: now)
    effects.outputs.append(.cashBooked(document))
    post([.init(entry, invoices: document.applications)], at: now, effects: &effects)
  }

  mutating func collect(at now: Instant, effects: inout Effects) {
    guard !stopped.contains(.payments) else { return }
    settleUnapplied(at: now, effects: &effects)
    for document in payments.writeOff(at: now) { book(document, at: now, effects: &effects) }
    for request in payments.advance(to: now) { effects.outputs.append(.charge(request)) }
  }
}

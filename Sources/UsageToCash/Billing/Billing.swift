import CanonicalModel
import Chronology

/// The fourth stage: makes one invoice an account and period from the rated charges, and numbers it without
/// gaps within its legal entity.
public struct Billing: Sendable {
  private let catalog: Catalog
  private var nextSequence: [UInt32]

  /// Makes the stage for a catalogue.
  public init(catalog: Catalog) {
    self.catalog = catalog
    nextSequence = [UInt32](repeating: 1, count: catalog.entities.count)
  }

  /// Issues the invoices of a period, in the order of accounts.
  mutating func issue(_ charges: [RatedCharge], for period: CalendarMonth, at now: Instant) -> [Invoice] {
    var byAccount: [AccountID: [RatedCharge]] = [:]
    for charge in charges {
      byAccount[catalog.subscriptions[Int(charge.subscription.index)].account, default: []].append(charge)
    }
    var invoices: [Invoice] = []
    for account in byAccount.keys.sorted() {
      guard let charges = byAccount[account], let first = charges.first else { continue }
      let entity = catalog.accounts[Int(account.index)].entity
      let number = InvoiceNumber(entity: entity, sequence: nextSequence[Int(entity.index)])
      nextSequence[Int(entity.index)] += 1
      invoices.append(
        Invoice(
          number: number, account: account, currency: catalog.currency(of: first.subscription),
          period: period,
          issued: now, lines: charges.map(InvoiceLine.init), total: charges.reduce(.zero) { $0 + $1.amount }))
    }
    return invoices
  }
}

import CanonicalModel
import Chronology

/// What money has really moved: what the gateway collected, what it paid out, what customers sent and took back.
struct CashTruth: Sendable {
  /// The movements of one entity.
  struct Totals: Sendable {
    var charged = Money.zero
    var transferred = Money.zero
    var chargedBack = Money.zero
    var chargebackFees = Money.zero
    var refunded = Money.zero
    var paidOut = Money.zero
    var fees = Money.zero

    /// What customers have paid, less what they took or were given back.
    var received: Money { charged + transferred - chargedBack - refunded }
  }

  private(set) var totals: [Totals]
  /// What the gateway has collected for each invoice, less what was taken back.
  private(set) var collected: [InvoiceNumber: Money] = [:]

  init(entities: Int) { totals = Array(repeating: Totals(), count: entities) }

  mutating func add(charge key: ChargeKey, _ amount: Money) {
    totals[Int(key.invoice.entity.index)].charged += amount
    collected[key.invoice, default: .zero] += amount
  }

  mutating func add(_ event: CashEvent) {
    switch event {
    case .payout(let entity, _, let gross, let fees):
      totals[Int(entity.index)].paidOut += gross
      totals[Int(entity.index)].fees += fees
    case .chargeback(let invoice, let amount, let fee):
      totals[Int(invoice.entity.index)].chargedBack += amount
      totals[Int(invoice.entity.index)].chargebackFees += fee
      collected[invoice, default: .zero] -= amount
    case .refund(let invoice, let amount):
      totals[Int(invoice.entity.index)].refunded += amount
    case .transfer(_, let amount, let reference):
      totals[Int(reference.entity.index)].transferred += amount
    }
  }
}

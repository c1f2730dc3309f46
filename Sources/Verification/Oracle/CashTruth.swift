import CanonicalModel
import Chronology

/// What money has really moved: what the gateway collected, what it paid out, what customers sent and took back.
struct CashTruth: Sendable {
  /// Movements that a statement shows.
  struct Lines: Equatable, Sendable {
    var count: Int64 = 0
    var amount = Money.zero

    mutating func add(_ amount: Money) {
      count += 1
      self.amount += amount
    }
  }

  /// The movements of one entity.
  struct Totals: Sendable {
    var charged = Money.zero
    var transferred = Money.zero
    var chargedBack = Money.zero
    var chargebackFees = Money.zero
    var refunded = Money.zero
    var wonBack = Money.zero
    var paidOut = Money.zero
    var fees = Money.zero

    /// What customers have paid, less what they took or were given back.
    var received: Money { charged + transferred + wonBack - chargedBack - refunded }
    /// What statements of the bank show: how many movements, and their sum.
    var bank = Lines()
    /// The same of the gateway.
    var gateway = Lines()
  }

  private(set) var totals: DenseTable<EntityID, Totals>
  /// What the gateway has collected for each invoice, less what was taken back.
  private(set) var collected: [InvoiceNumber: Money] = [:]

  init(entities: Int) { totals = DenseTable(repeating: Totals(), count: entities) }

  mutating func add(charge key: ChargeKey, _ amount: Money) {
    totals[key.invoice.entity].charged += amount
    totals[key.invoice.entity].gateway.add(amount)
    collected[key.invoice, default: .zero] += amount
  }

  mutating func add(_ event: CashEvent) {
    switch event {
    case .payout(let entity, _, let gross, let fees):
      totals[entity].paidOut += gross
      totals[entity].fees += fees
      totals[entity].bank.add(gross - fees)
    case .chargeback(let charge, _, let amount, let fee):
      let entity = charge.invoice.entity
      totals[entity].chargedBack += amount
      totals[entity].chargebackFees += fee
      totals[entity].bank.add(.zero - amount - fee)
      totals[entity].gateway.add(.zero - amount)
      collected[charge.invoice, default: .zero] -= amount
    case .disputeWon(let charge, let amount):
      let entity = charge.invoice.entity
      totals[entity].wonBack += amount
      totals[entity].bank.add(amount)
      totals[entity].gateway.add(amount)
      collected[charge.invoice, default: .zero] += amount
    case .refund(let order):
      totals[order.entity].refunded += order.amount
      totals[order.entity].bank.add(.zero - order.amount)
      if order.source.charge != nil { totals[order.entity].gateway.add(.zero - order.amount) }
    case .transfer(_, let amount, let reference):
      totals[reference.entity].transferred += amount
      totals[reference.entity].bank.add(amount)
    case .disputeLost, .refundRefused: break
    }
  }
}

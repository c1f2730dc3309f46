import CanonicalModel
import Chronology

/// Credits of finance on what was rated: how much of each charge they can take, and what they leave of it.
extension Rating {
  /// A part of a charge, before discount and tax.
  struct ChargePart: Sendable {
    var charge: RatedCharge
    var amount: Money
  }

  /// How much of each of an invoice's charges can still be credited: no more than is charged for its service and period in all, less what was
  /// credited, and of prepaid credits no more than is left of them.
  ///
  /// - Parameter parts: the charges, each with what is left of it on its invoice.
  func creditable(_ parts: [ChargePart]) -> [Money] {
    var left: [RecurringLedger.Key: Money] = [:]
    return parts.map { part in
      let charge = part.charge
      let key = Self.key(of: charge)
      let most = left[key] ?? charged(charge) - (credited[key]?.credited ?? .zero)
      let own = max(.zero, min(part.amount, most))
      left[key] = most - own
      return own
    }
  }

  /// Takes what finance has credited of charges.
  mutating func credit(_ parts: [ChargePart]) {
    for part in parts where part.amount != .zero {
      let charge = part.charge
      if isPurchase(charge) {
        guard !planted.contains(.creditedCreditsStay) else { continue }
        // More than is left of them is credited only by the mistake that is planted there.
        let amount = planted.contains(.creditUncapped) ? min(part.amount, charged(charge)) : part.amount
        wallet.revoke(amount, of: charge.subscription, charge.item, charge.servicePeriod)
        continue
      }
      credited.credit(part.amount, of: Self.key(of: charge), charged: charged(charge))
      if hasPrepaid, drawsCredits(charge) {
        wallet.lower(
          costOf: Wallet.Service(subscription: charge.subscription, period: charge.servicePeriod),
          by: part.amount)
      }
    }
  }

  /// What is charged in all for what a charge is for; of prepaid credits, what is left of them.
  private func charged(_ charge: RatedCharge) -> Money {
    switch catalog[charge.item].kind {
    case .usage:
      charged(charge.subscription, MeterID(index: charge.item.index), charge.servicePeriod)
    case .prepaid:
      planted.contains(.creditedCreditsStay)
        ? charge.amount : wallet.left(of: charge.subscription, charge.item, charge.servicePeriod)
    case .recurring, .minimumSpend: charged(Self.key(of: charge))
    }
  }

  /// What a recurring item or a minimum spend is charged at so far.
  func charged(_ key: RecurringLedger.Key) -> Money {
    credited[key]?.charged ?? recurring.rated[key]?.amount ?? .zero
  }

  private func isPurchase(_ charge: RatedCharge) -> Bool { catalog[charge.item].kind == .prepaid }

  private static func key(of charge: RatedCharge) -> RecurringLedger.Key {
    RecurringLedger.Key(
      subscription: charge.subscription, item: charge.item, period: charge.servicePeriod)
  }
}

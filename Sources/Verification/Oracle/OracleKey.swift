import CanonicalModel
import Chronology

/// An item of a subscription in a service period.
struct OracleKey: Hashable, Comparable, Sendable {
  var subscription: SubscriptionID
  var item: ItemID
  var period: Period

  init(subscription: SubscriptionID, item: ItemID, period: Period) {
    self.subscription = subscription
    self.item = item
    self.period = period
  }

  init(_ charge: RatedCharge) {
    self.init(subscription: charge.subscription, item: charge.item, period: charge.servicePeriod)
  }

  static func < (a: OracleKey, b: OracleKey) -> Bool {
    (a.subscription, a.period, a.item) < (b.subscription, b.period, b.item)
  }
}

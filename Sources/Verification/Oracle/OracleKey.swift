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

  func _rawHashValue(seed: Int) -> Int {
    KeyHash.of(UInt64(subscription.index) | UInt64(item.index) << 32, period.word, seed: seed)
  }

  static func < (a: OracleKey, b: OracleKey) -> Bool {
    (a.subscription, a.period, a.item) < (b.subscription, b.period, b.item)
  }
}

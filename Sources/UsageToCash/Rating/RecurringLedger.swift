import CanonicalModel
import Chronology

/// What recurring charges and minimum spends have been rated at, and which have to be looked at again.
struct RecurringLedger: Sendable {
  /// An item of a subscription in a service period.
  struct Key: Hashable, Sendable {
    var subscription: SubscriptionID
    var item: ItemID
    var period: Period

    func _rawHashValue(seed: Int) -> Int {
      KeyHash.of(UInt64(subscription.index) | UInt64(item.index) << 32, period.word, seed: seed)
    }
  }

  /// What was rated so far.
  struct Rated: Sendable {
    var amount = Money.zero
    var quantity = Quantity.zero
    /// What it is made of, in order of time: what is asked for over a stretch of the period.
    var stretches: [Stretch] = []
  }

  /// What is asked for over a part of a period.
  struct Stretch: Sendable {
    var served: ServiceDates
    var amount: Money
    var quantity: Quantity
    /// The price of a whole period, of all units.
    var rate: Money

    /// What falls before an instant: the share in proportion to time, rounded once.
    func share(before instant: Instant, in currency: Currency) -> (amount: Money, quantity: Quantity) {
      guard instant > served.from else { return (.zero, .zero) }
      guard instant < served.until else { return (amount, quantity) }
      let seconds = Int128((instant - served.from).nanoseconds / 1_000_000_000)
      let all = Int128((served.until - served.from).nanoseconds / 1_000_000_000)
      let share = Proration(numerator: seconds, denominator: all)
      return (share.of(amount, in: currency), share.of(quantity))
    }
  }

  private(set) var rated: [Key: Rated] = [:]
  /// The sum of the usage charges of a subscription and service period.
  private(set) var usage: [Key: Money] = [:]
  /// The last period that was closed, per subscription.
  private var closedThrough: [SubscriptionID: Period] = [:]
  /// The first period that a change of contract or newly rated usage has touched, per subscription.
  private var dirtyFrom: [SubscriptionID: Period] = [:]

  private static func usageKey(_ subscription: SubscriptionID, _ period: Period) -> Key {
    Key(subscription: subscription, item: ItemID(index: 0), period: period)
  }

  func usage(of subscription: SubscriptionID, in period: Period) -> Money {
    usage[Self.usageKey(subscription, period)] ?? .zero
  }

  mutating func record(usage charges: [RatedCharge]) {
    for charge in charges {
      usage[Self.usageKey(charge.subscription, charge.servicePeriod), default: .zero] += charge.amount
      markDirty(charge.subscription, from: charge.servicePeriod)
    }
  }

  mutating func markDirty(_ subscription: SubscriptionID, from period: Period) {
    dirtyFrom[subscription] = min(dirtyFrom[subscription] ?? period, period)
  }

  /// The first period to look at for a subscription in a run that closes a period.
  mutating func dequeueFirst(_ subscription: SubscriptionID, closing period: Period) -> Period {
    min(dirtyFrom.removeValue(forKey: subscription) ?? period, period)
  }

  /// The first period of a subscription that is to be looked at again; `nil`: nothing of it has changed since it was rated.
  func firstChanged(_ subscription: SubscriptionID) -> Period? { dirtyFrom[subscription] }

  /// Forgets what was rated for a key.
  mutating func forget(_ key: Key) { rated[key] = nil }

  /// A run closes a period; returns the last one that is closed, which is later where late usage of an earlier one comes.
  mutating func close(_ subscription: SubscriptionID, _ period: Period) -> Period {
    let last = max(closedThrough[subscription] ?? period, period)
    precondition(
      closedThrough[subscription].map { $0 <= last } ?? true, "a period that was closed is open again")
    closedThrough[subscription] = last
    return last
  }

  /// The last period that was closed; `nil`: none was.
  func closed(_ subscription: SubscriptionID) -> Period? { closedThrough[subscription] }

  /// Takes what is due for a recurring item over stretches of a period; returns the differences to what was rated, each over the time over
  /// which what is asked for has changed, and whether they are the first.
  mutating func adjust(
    _ key: Key, due: Rated, in currency: Currency
  ) -> (differences: [Stretch], isFirst: Bool)? {
    let differences = differences(key, due: due, in: currency)
    let isFirst = rated.updateValue(due, forKey: key) == nil
    return differences.isEmpty ? nil : (differences, isFirst)
  }

  /// What is due for a recurring item over stretches of a period, less what was rated, each over the time over which what is asked for has changed.
  func differences(_ key: Key, due: Rated, in currency: Currency) -> [Stretch] {
    let old = rated[key]
    let before = old?.stretches ?? []
    let edges = Set((before + due.stretches).flatMap { [$0.served.from, $0.served.until] }).sorted()
    var differences: [Stretch] = []
    var (amount, quantity) = (Money.zero, Quantity.zero)
    for (from, until) in zip(edges, edges.dropFirst()) {
      let served = ServiceDates(from: from, until: until)
      let (new, known) = (
        Self.share(of: due.stretches, in: served, currency), Self.share(of: before, in: served, currency)
      )
      amount += new.amount - known.amount
      quantity = quantity + new.quantity - known.quantity
      // What rounding leaves of a stretch that stays as it was goes to the next that does not.
      guard new.rate != known.rate, amount != .zero || quantity != .zero else { continue }
      differences.append(Stretch(served: served, amount: amount, quantity: quantity, rate: .zero))
      (amount, quantity) = (.zero, .zero)
    }
    if amount != .zero || quantity != .zero {
      if differences.isEmpty, let from = edges.first, let until = edges.last {
        let all = ServiceDates(from: from, until: until)
        differences.append(Stretch(served: all, amount: .zero, quantity: .zero, rate: .zero))
      }
      differences[differences.count - 1].amount += amount
      differences[differences.count - 1].quantity = differences[differences.count - 1].quantity + quantity
    }
    precondition(
      differences.reduce(Money.zero) { $0 + $1.amount } == due.amount - (old?.amount ?? .zero),
      "the parts of a change of a recurring charge do not come to it")
    return differences
  }

  /// Changes of a recurring charge, limited to what they may come to in all: what is beyond is taken off the last ones.
  static func bounded(_ differences: [Stretch], to amount: Money) -> [Stretch] {
    var differences = differences
    var beyond = differences.reduce(Money.zero) { $0 + $1.amount } - amount
    for index in differences.indices.reversed() where beyond != .zero {
      let own = differences[index].amount
      guard (own < .zero) == (beyond < .zero) else { continue }
      let part = beyond < .zero ? max(own, beyond) : min(own, beyond)
      differences[index].amount = own - part
      beyond -= part
    }
    precondition(beyond == .zero, "a change of a recurring charge cannot be limited to what it may come to")
    return differences
  }

  /// What stretches ask for in a part of a period that lies within each of them or outside. They overlap where a fee that is not prorated is beside
  /// one that is.
  private static func share(
    of stretches: [Stretch], in served: ServiceDates, _ currency: Currency
  ) -> (amount: Money, quantity: Quantity, rate: Money?) {
    var sum = (amount: Money.zero, quantity: Quantity.zero, rate: nil as Money?)
    for stretch in stretches
    where stretch.served.from <= served.from && stretch.served.until >= served.until {
      let over = stretch.share(before: served.until, in: currency)
      let begun = stretch.share(before: served.from, in: currency)
      sum = (
        sum.amount + over.amount - begun.amount, sum.quantity + over.quantity - begun.quantity,
        (sum.rate ?? .zero) + stretch.rate
      )
    }
    return sum
  }

  /// Takes what is due for a key; returns the difference to what was rated, and whether it is the first.
  mutating func adjust(_ key: Key, due: Rated) -> (difference: Rated, isFirst: Bool)? {
    let before = rated[key]
    let old = before ?? Rated()
    rated[key] = due
    guard due.amount != old.amount || due.quantity != old.quantity else { return nil }
    return (
      Rated(amount: due.amount - old.amount, quantity: due.quantity - old.quantity), before == nil
    )
  }
}

import CanonicalModel
import Chronology

/// The prepaid credits of all subscriptions.
struct Wallet: Sendable {
  /// Credits that were bought together.
  struct Grant: Sendable {
    var item: ItemID
    /// The interval for which they were bought.
    var period: Period
    var expires: Instant
    var left: Money
    /// What of it was earned as it expired; `nil`: it has not expired.
    var breakage: Money?

    /// Whether usage of a period can draw on it.
    func isInForce(in period: Period) -> Bool { self.period.start < period.end && expires > period.start }
  }

  /// Credits that expired unused.
  struct Expired: Hashable, Sendable {
    var entity: EntityID
    var item: ItemID
    var period: Period
    var amount: Money
  }

  /// A subscription's service period.
  struct Service: Hashable, Comparable, Sendable {
    var subscription: SubscriptionID
    var period: Period

    static func < (a: Service, b: Service) -> Bool { (a.subscription, a.period) < (b.subscription, b.period) }
  }

  /// What a service period has cost so far, and what grants have paid of it, in the order in which they were drawn.
  private struct Spend: Sendable {
    var cost = Money.zero
    var drawn: [Grant] = []
  }

  private var grants: [SubscriptionID: [Grant]] = [:]
  private var spends: [Service: Spend] = [:]

  mutating func add(_ grant: Grant, of subscription: SubscriptionID) {
    precondition(grant.left >= .zero, "less than no credits are bought")
    precondition(grant.expires > grant.period.start, "credits expire before they can be drawn on")
    if let same = grants[subscription]?.firstIndex(where: {
      $0.item == grant.item && $0.period == grant.period
    }) {
      grants[subscription]?[same].left += grant.left
      return
    }
    let position = grants[subscription]?.firstIndex { $0.expires > grant.expires }
    grants[subscription, default: []].insert(grant, at: position ?? grants[subscription]?.endIndex ?? 0)
  }

  /// Takes a change of what a service period costs: more of it draws on the credits that were in force in the period, though they may have
  /// expired by the time that it is told of; less of it gives back what credits have paid beyond it, to those that were drawn last.
  ///
  /// - Parameter isLate: whether the period was billed before.
  /// - Returns: what each item of credits pays, or has back where it is less than nothing.
  mutating func settle(
    _ change: Money, of service: Service, isLate: Bool, _ planted: PlantedDefects
  ) -> [(item: ItemID, amount: Money)] {
    var spend = spends[service] ?? Spend()
    spend.cost += change
    var amounts: [(item: ItemID, amount: Money)] = []
    func add(_ item: ItemID, _ amount: Money) {
      if let same = amounts.firstIndex(where: { $0.item == item }) {
        amounts[same].amount += amount
      } else {
        amounts.append((item, amount))
      }
    }
    let drawn = spend.drawn.reduce(Money.zero) { $0 + $1.left }
    var back = planted.contains(.voidPaidBackInCash) ? .zero : drawn - max(.zero, spend.cost)
    while back > .zero, let last = spend.drawn.indices.last {
      var grant = spend.drawn[last]
      grant.left = min(grant.left, back)
      spend.drawn[last].left -= grant.left
      if spend.drawn[last].left == .zero { spend.drawn.removeLast() }
      back -= grant.left
      self.add(grant, of: service.subscription)
      add(grant.item, -grant.left)
    }
    var wanted = min(change, spend.cost - drawn)
    if isLate, planted.contains(.lateUsagePaidInCash) { wanted = .zero }
    for index in (grants[service.subscription] ?? []).indices where wanted > .zero {
      guard var grant = grants[service.subscription]?[index],
        grant.isInForce(in: service.period)
          || planted.contains(.creditsNeverExpire) && grant.period.start < service.period.end
      else { continue }
      let part = min(wanted, grant.left)
      precondition(part >= .zero, "credits were drawn on beyond what was left of them")
      guard part > .zero else { continue }
      if !planted.contains(.creditsSpentTwice) { grants[service.subscription]?[index].left -= part }
      wanted -= part
      grant.left = part
      spend.drawn.append(grant)
      add(grant.item, part)
    }
    precondition(
      spend.drawn.reduce(Money.zero) { $0 + $1.left } <= max(.zero, spend.cost)
        || planted.contains(.voidPaidBackInCash),
      "credits pay for more than was used")
    spends[service] = spend
    return amounts.filter { $0.amount != .zero }
  }

  /// What of a cost of a service period credits would pay, if it were settled now: by item, in the order in which they are drawn.
  func draws(_ cost: Money, of service: Service) -> [(item: ItemID, amount: Money)] {
    var wanted = cost
    var draws: [(item: ItemID, amount: Money)] = []
    for grant in grants[service.subscription] ?? [] where wanted > .zero {
      guard grant.isInForce(in: service.period) else { continue }
      let part = min(wanted, grant.left)
      wanted -= part
      if part > .zero { draws.append((grant.item, part)) }
    }
    return draws
  }

  /// What is left of credits that were bought for an interval; of those that have expired, nothing is.
  func left(of subscription: SubscriptionID, _ item: ItemID, _ period: Period) -> Money {
    place(of: subscription, item, period).flatMap { grants[subscription]?[$0].left } ?? .zero
  }

  /// Where credits that have not expired are.
  private func place(of subscription: SubscriptionID, _ item: ItemID, _ period: Period) -> Int? {
    grants[subscription]?.firstIndex { $0.item == item && $0.period == period && $0.breakage == nil }
  }

  /// Takes back credits whose purchase is credited: only what is left of them.
  mutating func revoke(
    _ amount: Money, of subscription: SubscriptionID, _ item: ItemID, _ period: Period
  ) {
    guard let index = place(of: subscription, item, period),
      let left = grants[subscription]?[index].left
    else { return assert(amount == .zero, "credits are taken back that nobody has") }
    precondition(amount <= left, "credits are taken back that were spent")
    grants[subscription]?[index].left = left - amount
  }

  /// Changes a purchase, whether what is left of it has expired or not; of what was spent nothing is taken.
  ///
  /// - Returns: what it has changed by.
  mutating func change(
    by amount: Money, _ subscription: SubscriptionID, _ item: ItemID, _ period: Period
  ) -> Money {
    guard
      let index = grants[subscription]?.firstIndex(where: { $0.item == item && $0.period == period }),
      let left = grants[subscription]?[index].left
    else { return .zero }
    let change = max(amount, .zero - left)
    grants[subscription]?[index].left = left + change
    return change
  }

  /// Takes a credit on what a service period has cost: that much less of it can be given back to grants.
  mutating func lower(costOf service: Service, by amount: Money) {
    spends[service]?.cost -= amount
  }

  /// Takes back what is left of a purchase that should not have been made; `nil`: nothing is.
  mutating func takeBack(_ item: ItemID, _ period: Period, of subscription: SubscriptionID) -> Money? {
    guard let place = place(of: subscription, item, period),
      let grant = grants[subscription]?.remove(at: place)
    else { return nil }
    precondition(grant.left >= .zero, "credits are taken back that were spent beyond their amount")
    return grant.left > .zero ? grant.left : nil
  }

  /// Whether anything of a service period was settled before.
  func hasSettled(_ service: Service) -> Bool { spends[service] != nil }

  /// What has expired by an instant, and was not told of before: less than nothing where late usage has drawn on what was told.
  ///
  /// - Parameters:
  ///   - ends: when the contract ends: nobody can use anything of it any more.
  ///   - pending: what was used in a period and is not settled yet.
  mutating func expire(
    of subscription: SubscriptionID, _ entity: EntityID, by instant: Instant, ends: Instant,
    pending: (cost: Money, period: Period)? = nil, _ planted: PlantedDefects
  ) -> [Expired] {
    guard !planted.contains(.creditsNeverExpire) else { return [] }
    let ends = planted.contains(.creditsOutliveContract) ? .distantFuture : ends
    var expired: [Expired] = []
    var rest = pending?.cost ?? .zero
    for index in (grants[subscription] ?? []).indices {
      // What was bought for after the end is given back.
      guard var grant = grants[subscription]?[index],
        grant.expires <= instant || ends <= instant && grant.period.start < ends
      else { continue }
      precondition(grant.left >= .zero, "credits expire that were spent beyond their amount")
      let isDrawn = pending.map { grant.isInForce(in: $0.period) } ?? false
      let drawn = isDrawn ? min(rest, grant.left) : .zero
      rest -= drawn
      let news = grant.left - drawn - (grant.breakage ?? .zero)
      grant.breakage = grant.left - drawn
      grants[subscription]?[index] = grant
      guard news != .zero else { continue }
      expired.append(Expired(entity: entity, item: grant.item, period: grant.period, amount: news))
    }
    return expired
  }
}

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
  }

  /// Credits that expired unused.
  struct Expired: Hashable, Sendable {
    var entity: EntityID
    var item: ItemID
    var period: Period
    var amount: Money
  }

  private var grants: [SubscriptionID: [Grant]] = [:]

  /// Whether anybody has credits left.
  var isEmpty: Bool { grants.isEmpty }

  mutating func add(_ grant: Grant, of subscription: SubscriptionID) {
    let position = grants[subscription]?.firstIndex { $0.expires > grant.expires }
    grants[subscription, default: []].insert(grant, at: position ?? grants[subscription]?.endIndex ?? 0)
  }

  /// Draws on the credits that are in force in a billing period, up to an amount.
  ///
  /// - Returns: what each item of credits pays for.
  mutating func draw(
    _ amount: Money, of subscription: SubscriptionID, in service: Period, _ planted: PlantedDefects
  ) -> [(item: ItemID, amount: Money)] {
    var wanted = amount
    var drawn: [(item: ItemID, amount: Money)] = []
    for index in (grants[subscription] ?? []).indices where wanted > .zero {
      guard let grant = grants[subscription]?[index], grant.period.start < service.end,
        grant.expires > service.start || planted.contains(.creditsNeverExpire)
      else { continue }
      let part = min(wanted, grant.left)
      guard part > .zero else { continue }
      if !planted.contains(.creditsSpentTwice) { grants[subscription]?[index].left -= part }
      wanted -= part
      if let same = drawn.firstIndex(where: { $0.item == grant.item }) {
        drawn[same].amount += part
      } else {
        drawn.append((grant.item, part))
      }
    }
    return drawn
  }

  /// Takes out what has expired by an instant.
  mutating func expire(
    of subscription: SubscriptionID, by instant: Instant, _ planted: PlantedDefects
  ) -> [Grant] {
    guard let all = grants[subscription] else { return [] }
    let over = all.filter { $0.expires <= instant }
    guard !over.isEmpty, !planted.contains(.creditsNeverExpire) else { return [] }
    grants[subscription] = all.filter { $0.expires > instant }
    return over.filter { $0.left > .zero }
  }
}

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
    precondition(grant.left >= .zero, "less than no credits are bought")
    precondition(grant.expires > grant.period.start, "credits expire before they can be drawn on")
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
      precondition(part >= .zero, "credits were drawn on beyond what was left of them")
      guard part > .zero else { continue }
      if !planted.contains(.creditsSpentTwice) { grants[subscription]?[index].left -= part }
      wanted -= part
      if let same = drawn.firstIndex(where: { $0.item == grant.item }) {
        drawn[same].amount += part
      } else {
        drawn.append((grant.item, part))
      }
    }
    precondition(wanted >= .zero || amount < .zero, "credits pay for more than was used")
    assert(
      amount < .zero || drawn.reduce(wanted) { $0 + $1.amount } == amount,
      "what credits pay for and what they do not is not all that was used")
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
    precondition(over.allSatisfy { $0.left >= .zero }, "credits expire that were spent beyond their amount")
    return over.filter { $0.left > .zero }
  }
}

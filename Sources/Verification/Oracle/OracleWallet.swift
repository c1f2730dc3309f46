import CanonicalModel
import Chronology

/// What prepaid credits a subscription has, by the oracle's own reading of its contract: bought at the beginning of each
/// interval, drawn on by the usage of each billing period when it is first billed, the earliest expiry first.
struct OracleWallet: Sendable {
  struct Grant: Sendable {
    var item: ItemID
    var period: Period
    var expires: Instant
    var amount: Money
    var left: Money
  }

  private let catalog: Catalog
  private let contracts: OracleContracts

  init(catalog: Catalog) {
    self.catalog = catalog
    contracts = OracleContracts(catalog: catalog)
  }

  /// Whether any contract has prepaid credits.
  var isUsed: Bool { catalog.priceBooks.contains { $0.prepaid != nil } }

  /// Everything that a subscription buys, in the order of expiry.
  func grants(_ subscription: SubscriptionID) -> [Grant] {
    var grants: [Grant] = []
    for (index, item) in catalog.items.enumerated() where item.kind == .prepaid {
      for period in contracts.periods(subscription, every: item.months) {
        let (from, _) = contracts.service(subscription, in: period)
        let begun = max(from, catalog.subscriptions[Int(subscription.index)].terms[0].from)
        guard
          let credits = contracts.book(subscription, contracts.terms(subscription, at: begun)).prepaid,
          credits.name == item.name
        else { continue }
        let end = Period(ordinal: period.ordinal + Int32(credits.expiresAfter), day: period.day).start
        grants.append(
          Grant(
            item: ItemID(index: UInt32(index)), period: period,
            expires: min(end, contracts.ends(subscription)), amount: credits.amount, left: credits.amount))
      }
    }
    return grants.sorted { ($0.expires, $0.period, $0.item) < ($1.expires, $1.period, $1.item) }
  }

  /// What usage of billing periods draws, period by period, and what is left of each grant.
  func drawn(
    by usage: [Period: Money], _ subscription: SubscriptionID
  ) -> (drawn: [Period: Money], grants: [Grant]) {
    var grants = grants(subscription)
    var drawn: [Period: Money] = [:]
    for period in usage.keys.sorted() {
      var wanted = max(.zero, usage[period] ?? .zero)
      for index in grants.indices
      where grants[index].period.start < period.end && grants[index].expires > period.start {
        let part = min(wanted, grants[index].left)
        grants[index].left -= part
        wanted -= part
        drawn[period, default: .zero] += part
      }
    }
    return (drawn, grants)
  }
}

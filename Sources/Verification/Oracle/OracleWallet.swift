import CanonicalModel
import Chronology

/// What prepaid credits a subscription has, by the oracle's own reading of its contract: bought at the beginning of each
/// interval, drawn on by the usage of each billing period when it is first billed, the earliest expiry first.
struct OracleWallet: Sendable {
  struct Grant: Sendable {
    var item: ItemID
    var period: Period
    var expires: Instant
    /// When nobody can use it any more: as it expires, or the contract has ended.
    var lapses: Instant
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
        let begun = max(from, contracts.charged(subscription))
        let terms = contracts.terms(subscription, at: begun)
        guard contracts.history(subscription)[terms].status == .active,
          let credits = contracts.book(subscription, terms).prepaid,
          credits.name == item.charge, credits.months == item.months
        else { continue }
        // What is bought within a billing period lasts as long from the next one on.
        let day: Int64 = 86_400_000_000_000
        let late: Int32 = begun.nanoseconds / day > period.start.nanoseconds / day ? 1 : 0
        let end = Period(ordinal: period.ordinal + Int32(credits.expiresAfter) + late, day: period.day).start
        grants.append(
          Grant(
            item: ItemID(index: UInt32(index)), period: period, expires: end,
            lapses: min(end, contracts.ends(subscription)), amount: credits.amount,
            left: credits.amount))
      }
    }
    return grants.sorted { ($0.expires, $0.period, $0.item) < ($1.expires, $1.period, $1.item) }
  }

  /// A change of what a billing period costs, as it was rated.
  struct Change: Sendable {
    var at: Instant
    var period: Period
    var amount: Money
    /// The item of which finance has credited so much: of prepaid credits, what is left of them; of anything else, what it costs.
    var credits: ItemID?
  }

  /// Whether credits pay what usage lacks to the minimum spend in a period, by the terms that ask for it; the last of several.
  func coversMinimum(_ subscription: SubscriptionID, in period: Period) -> Bool {
    let asked = contracts.feeShares(subscription, in: period).reversed().first {
      contracts.book(subscription, $0.terms).minimumSpend != nil
    }
    let last = min(period.end, contracts.ends(subscription)) - .seconds(1)
    let terms = asked?.terms ?? contracts.terms(subscription, at: last)
    return contracts.book(subscription, terms).prepaid?.coversMinimum ?? false
  }

  /// What a cost of a period draws on what is left of grants, in their order.
  static func draws(_ cost: Money, on grants: [Grant], in period: Period) -> [ItemID: Money] {
    var rest = cost
    var draws: [ItemID: Money] = [:]
    for grant in grants where grant.period.start < period.end && period.start < grant.expires {
      let part = max(.zero, min(rest, grant.left))
      rest -= part
      if part > .zero { draws[grant.item, default: .zero] += part }
    }
    return draws
  }

  /// What changes of the cost of billing periods draw in the end, period by period, and what is left of each grant. A period never draws more
  /// than it costs: what is beyond goes back to the grants, the last one drawn first. What comes late draws on what was valid in its period.
  func drawn(
    by changes: [Change], _ subscription: SubscriptionID
  ) -> (drawn: [Period: Money], grants: [Grant]) {
    var grants = grants(subscription)
    var cost: [Period: Money] = [:]
    // Who has paid what of a period, in order.
    var paid: [Period: [(grant: Int, amount: Money)]] = [:]
    var drawn: [Period: Money] = [:]
    for change in changes {
      if let item = change.credits, catalog[item].kind == .prepaid {
        for index in grants.indices where grants[index].item == item && grants[index].period == change.period
        {
          grants[index].left += change.amount
        }
        continue
      }
      cost[change.period, default: .zero] += change.amount
      // What a credit leaves is looked at with the next change.
      guard change.credits == nil else { continue }
      let due = max(.zero, cost[change.period] ?? .zero)
      while (drawn[change.period] ?? .zero) > due, let last = paid[change.period]?.popLast() {
        let back = min(last.amount, (drawn[change.period] ?? .zero) - due)
        grants[last.grant].left += back
        drawn[change.period, default: .zero] -= back
        if back < last.amount { paid[change.period]?.append((last.grant, last.amount - back)) }
      }
      var wanted = min(change.amount, due - (drawn[change.period] ?? .zero))
      for index in grants.indices where wanted > .zero {
        let grant = grants[index]
        guard grant.period.start < change.period.end, grant.expires > change.period.start else { continue }
        let part = min(wanted, grant.left)
        guard part > .zero else { continue }
        grants[index].left -= part
        wanted -= part
        paid[change.period, default: []].append((index, part))
        drawn[change.period, default: .zero] += part
      }
    }
    return (drawn, grants)
  }
}

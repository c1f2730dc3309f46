import CanonicalModel
import Chronology

/// What is earned when, by the oracle's own reading of the rule: a recurring item is earned day by day over its service
/// period, anything else when it is invoiced.
struct OracleRevenue: Sendable {
  /// What one customer is served with over a period.
  struct Obligation: Hashable, Comparable, Sendable {
    var key: RevenueKey
    var from: Instant
    var until: Instant

    static func < (a: Obligation, b: Obligation) -> Bool {
      (a.key, a.from, a.until) < (b.key, b.from, b.until)
    }
  }

  private let catalog: Catalog
  private let contracts: OracleContracts
  /// What was told of the ends of contracts: the status of the terms that begin at an instant.
  private var told: [SubscriptionID: [Instant: ContractStatus]] = [:]
  /// The day after which nothing is served any more, of contracts that were ended, as far as was told.
  private var over: [SubscriptionID: (day: Instant, told: Instant)] = [:]

  init(catalog: Catalog) {
    self.catalog = catalog
    contracts = OracleContracts(catalog: catalog)
  }

  /// Takes what is told of a contract.
  mutating func hear(_ event: ContractEvent, at now: Instant) {
    let subscription = event.subscription
    let from = event.terms.from
    var own = told[subscription] ?? [:]
    own[from] = event.terms.status
    if event.terms.status == .ended { own = own.filter { $0.key <= from } }
    told[subscription] = own
    let before = over.removeValue(forKey: subscription)
    guard let last = own.keys.max(), own[last] == .ended else { return }
    let end = min(last, contracts.agreedEnd(subscription))
    let day: Int64 = 86_400_000_000_000
    let served = Instant(nanoseconds: (end.nanoseconds + day - 1) / day * day)
    over[subscription] = before?.day == served ? before : (served, now)
  }

  /// What a line is for; `nil` where it is earned when it is invoiced.
  func obligation(of line: InvoiceLine, on invoice: Invoice) -> Obligation? {
    agreed(of: line, on: invoice).flatMap { current($0, line.charge.subscription, issued: invoice.issued) }
  }

  /// What is left to do for an obligation whose contract may have ended: what is not given back is earned with its last day; `nil`: it is invoiced
  /// after that, by somebody who knows.
  func current(_ agreed: Obligation, _ subscription: SubscriptionID, issued: Instant) -> Obligation? {
    guard let (day, told) = over[subscription], agreed.key.period.start < day, day < agreed.until else {
      return agreed
    }
    if issued < day {
      let before = Instant(nanoseconds: day.nanoseconds - 86_400_000_000_000)
      return Obligation(key: agreed.key, from: min(agreed.from, before), until: day)
    }
    return issued < told ? agreed : nil
  }

  /// What a line is for if its contract goes on as agreed.
  func agreed(of line: InvoiceLine, on invoice: Invoice) -> Obligation? {
    let charge = line.charge
    guard catalog[charge.item].kind == .recurring else { return nil }
    var (from, until) = contracts.service(charge.subscription, in: charge.servicePeriod)
    if let served = charge.served {
      let day: Int64 = 86_400_000_000_000
      // Of the day of a change each side has its part where all terms go by seconds; elsewhere it is the new one's.
      let step: Int64 = contracts.goesBySeconds(charge.subscription) ? 1 : day
      let last = (served.until.nanoseconds + step - 1) / step * step
      from = max(from, Instant(nanoseconds: served.from.nanoseconds / step * step))
      until = min(until, Instant(nanoseconds: last))
      if until <= from { until = Instant(nanoseconds: from.nanoseconds + day) }
    }
    guard invoice.issued < until else { return nil }
    let key = RevenueKey(entity: invoice.number.entity, item: charge.item, period: charge.servicePeriod)
    return Obligation(key: key, from: from, until: until)
  }

  /// Whether a line is still to be earned when its invoice is issued.
  func isDeferred(_ line: InvoiceLine, on invoice: Invoice) -> Bool {
    catalog[line.charge.item].kind == .prepaid || obligation(of: line, on: invoice) != nil
  }

  /// What of a part of a line is earned at the beginning of a month or later. Of prepaid credits only what is left is credited.
  func unearned(_ amount: Money, of line: InvoiceLine, on invoice: Invoice, from start: Instant) -> Money {
    if catalog[line.charge.item].kind == .prepaid { return amount }
    guard let obligation = obligation(of: line, on: invoice) else { return .zero }
    return amount - earned(amount, of: obligation, by: start)
  }

  /// What of an amount is earned by an instant at the beginning of a day: so many days of all days, or seconds where a service begins or ends
  /// within one, to the nearest minor unit, ties away from zero.
  func earned(_ amount: Money, of obligation: Obligation, by instant: Instant) -> Money {
    if instant >= obligation.until { return amount }
    if instant <= obligation.from { return .zero }
    let day: Int64 = 86_400_000_000_000
    let isWhole = obligation.from.nanoseconds % day == 0 && obligation.until.nanoseconds % day == 0
    let step = isWhole ? day : 1_000_000_000
    let done = Int128((instant.nanoseconds - obligation.from.nanoseconds) / step)
    let all = Int128((obligation.until.nanoseconds - obligation.from.nanoseconds) / step)
    let currency = catalog[obligation.key.entity].currency
    let part = OracleContracts.part(abs(amount.units), done, all, currency)
    return Money(units: amount < .zero ? -part : part)
  }
}

/// An item of an entity in a service period.
struct RevenueKey: Hashable, Comparable, Sendable {
  var entity: EntityID
  var item: ItemID
  var period: Period

  static func < (a: RevenueKey, b: RevenueKey) -> Bool {
    (a.entity, a.item, a.period) < (b.entity, b.item, b.period)
  }
}

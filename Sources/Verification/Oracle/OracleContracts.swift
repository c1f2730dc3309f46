import CanonicalModel
import Chronology

/// The oracle's rules. They are what they are; a test flips one, to show that the oracle disagrees with the core at once.
public struct OracleRules: Sendable {
  /// Whether amounts of usage are cut off at the minor unit, not rounded.
  public var truncates = false
  /// Whether the day on which terms end belongs to them.
  public var countsLastDay = false

  /// The rules as they are.
  public init() {}
}

/// What contracts say, from the catalogue's own history: which terms hold when, and what recurring charges and
/// minimum spends are due. Counts days one by one, and shares nothing with the core.
struct OracleContracts: Sendable {
  let catalog: Catalog
  let rules: OracleRules
  /// By price book and type of event, whether the book includes a meter of it.
  private let included: [[Bool]]
  /// The lives of contracts that have a trial, a pause or an end by their terms.
  private let lives: [SubscriptionID: OracleLife]
  /// A subscription's history as somebody may know it who was not told of all changes, and the end that follows from it.
  private var known: (subscription: SubscriptionID, history: [ContractTerms], ends: Instant)?

  init(catalog: Catalog, rules: OracleRules = OracleRules()) {
    self.catalog = catalog
    self.rules = rules
    lives = OracleLife.all(of: catalog)
    included = catalog.priceBooks.map { book in
      catalog.eventTypes.map { type in
        book.entitlements.map { names in
          type.meters.contains { names.contains(catalog[$0].base) }
        } ?? true
      }
    }
  }

  /// The contracts as somebody knows them who was told of some changes of a subscription only, by their positions.
  func knowing(_ positions: [Int], of subscription: SubscriptionID) -> OracleContracts {
    let all = history(subscription)
    var partly = self
    let own = positions.map { all[$0] }
    let agreed = lives[subscription]?.agreedEnd ?? catalog[subscription].ends
    var ends = ends(subscription)
    if let last = own.last { ends = last.status == .ended ? min(last.from, agreed) : agreed }
    partly.known = (subscription, own, ends)
    return partly
  }

  func history(_ subscription: SubscriptionID) -> [ContractTerms] {
    if let known, known.subscription == subscription { return known.history }
    guard !lives.isEmpty else { return catalog[subscription].terms }
    return lives[subscription]?.history ?? catalog[subscription].terms
  }

  /// When nothing is in force any more, whoever has ended it.
  func ends(_ subscription: SubscriptionID) -> Instant {
    if let known, known.subscription == subscription { return known.ends }
    guard !lives.isEmpty else { return catalog[subscription].ends }
    return lives[subscription]?.ends ?? catalog[subscription].ends
  }

  /// Whether every contract of a customer ends while it is looked at.
  func isOver(_ account: AccountID) -> Bool {
    catalog.subscriptions.indices.allSatisfy { index in
      guard catalog.subscriptions[index].account == account else { return true }
      let end = ends(SubscriptionID(index: UInt32(index)))
      return end <= catalog.horizon && catalog.horizon < .distantFuture
    }
  }

  /// When a contract ends unless somebody ends it before.
  func agreedEnd(_ subscription: SubscriptionID) -> Instant {
    lives[subscription]?.agreedEnd ?? catalog[subscription].ends
  }

  /// The same as it was agreed at first: no pause has put it off.
  func firstAgreedEnd(_ subscription: SubscriptionID) -> Instant {
    lives[subscription]?.firstAgreedEnd ?? catalog[subscription].ends
  }

  /// The first instant that is charged for.
  func charged(_ subscription: SubscriptionID) -> Instant {
    lives[subscription]?.charged ?? catalog[subscription].terms[0].from
  }

  /// What a contract's life is, where there is more to it than an activation.
  func life(_ subscription: SubscriptionID) -> OracleLife? { lives[subscription] }

  /// Whether any contract has a trial, a pause or an end by its terms.
  var hasLives: Bool { !lives.isEmpty }

  func hasChanged(_ subscription: SubscriptionID) -> Bool { history(subscription).count > 1 }

  /// The same, where the end of a trial is no change.
  func hasChangedSinceCharged(_ subscription: SubscriptionID) -> Bool {
    history(subscription).count { $0.status != .trial } > 1
  }

  /// Whether the terms at an instant include a meter of a type of event, by its position in the catalogue.
  func includes(_ type: Int, _ subscription: Int, at instant: Instant) -> Bool {
    let id = SubscriptionID(index: UInt32(subscription))
    guard history(id)[0].from <= instant, instant < ends(id) else { return false }
    let terms = history(id)[terms(id, at: instant)]
    return terms.status != .paused && terms.status != .ended && included[terms.priceBook][type]
  }

  /// Whether usage of a type may count, whatever billing has been told by then: a pause or a cancellation may have been heard of too late to
  /// put it aside. It is charged nothing then.
  func mayCount(_ type: Int, _ subscription: Int, at instant: Instant) -> Bool {
    let id = SubscriptionID(index: UInt32(subscription))
    guard history(id)[0].from <= instant, instant < agreedEnd(id) else { return false }
    return included[history(id)[terms(id, at: instant)].priceBook][type]
  }

  /// Whether a contract is paused at an instant.
  func isPaused(_ subscription: Int, at instant: Instant) -> Bool {
    let id = SubscriptionID(index: UInt32(subscription))
    return history(id)[terms(id, at: instant)].status == .paused
  }

  /// The position of the terms in force at an instant; the first ones before their time.
  func terms(_ subscription: SubscriptionID, at instant: Instant) -> Int {
    var found = 0
    for (index, terms) in history(subscription).enumerated() where terms.from <= instant { found = index }
    return found
  }

  /// The charge for a meter under the terms of a position.
  func charge(_ subscription: SubscriptionID, _ meter: MeterID, terms: Int) -> Charge? {
    let meter = catalog[meter]
    let charges = catalog.priceBooks[history(subscription)[terms].priceBook].charges
    return charges.first { $0.meter == meter.name } ?? charges.first { $0.meter == meter.base }
  }

  /// The recurring charges under the terms of a position.
  func recurring(_ subscription: SubscriptionID, _ terms: Int) -> [RecurringCharge] {
    catalog.priceBooks[history(subscription)[terms].priceBook].recurring
  }

  func book(_ subscription: SubscriptionID, _ terms: Int) -> PriceBook {
    catalog.priceBooks[history(subscription)[terms].priceBook]
  }

  /// Whether a contract that never changes is in force throughout a month: its only terms have all of it, by every policy.
  private func isWhole(_ subscription: SubscriptionID, _ month: Period) -> Bool {
    let own = history(subscription)
    return own.count == 1 && own[0].from < month.start && ends(subscription) >= month.end
  }

  /// The share of a month in which each set of terms is in force and charged for, by the policy of its own price book.
  func shares(_ subscription: SubscriptionID, in month: Period) -> [Share] {
    shares(of: history(subscription), until: ends(subscription), in: month)
  }

  /// The shares of a month that a fee in advance is asked for. One that is kept is asked for as if nobody had cancelled in the month.
  func sharesAhead(_ subscription: SubscriptionID, in month: Period) -> [Share] {
    let plain = feeShares(subscription, in: month)
    let own = history(subscription)
    guard catalog[subscription].earlyTermination == .keep, let last = own.last, last.status == .ended,
      month.start < last.from
    else { return plain }
    var ahead = own.filter { $0.status != .ended }
    if var rest = ahead.last, rest.status == .paused {
      rest.status = .active
      rest.from = last.from
      ahead.append(rest)
    }
    return shares(of: ahead, until: agreedEnd(subscription), in: month, ofFees: true)
  }

  /// The shares of a month that fees and minimum spends are asked for: what begins within it and is not prorated waits for the next one, and what
  /// was in force before goes on.
  func feeShares(_ subscription: SubscriptionID, in month: Period) -> [Share] {
    shares(of: history(subscription), until: ends(subscription), in: month, ofFees: true)
  }

  /// A set of terms, by its position, and the part of a month in which it is in force.
  struct Share: Sendable {
    var terms: Int
    /// Those that begin with it, where they do not hold yet.
    var coming: Int?
    var part: Int128
    var of: Int128
    var from: Instant
    var until: Instant
  }

  private func shares(
    of own: [ContractTerms], until ends: Instant, in month: Period, ofFees: Bool = false
  ) -> [Share] {
    let (first, over) = (month.start, month.end)
    let stop = min(over, ends)
    var shares: [Share] = []
    for index in own.indices where own[index].status == .active {
      let start = max(own[index].from, first)
      let end = index + 1 < own.count ? min(own[index + 1].from, stop) : stop
      guard start < end else { continue }
      var held = index
      if ofFees, catalog.priceBooks[own[index].priceBook].proration == .none, let before = shares.last?.terms
      {
        held = before
      }
      func share(_ part: Int128, _ of: Int128) -> Share {
        Share(
          terms: held, coming: held == index ? nil : index, part: part, of: of, from: start, until: end)
      }
      switch catalog.priceBooks[own[held].priceBook].proration {
      case .none: shares.append(share(1, 1))
      case .seconds:
        // A day that is shared with terms that go by days belongs to those that are in force at its end.
        let day: Int64 = 86_400_000_000_000
        var (from, until) = (start.nanoseconds, end.nanoseconds)
        if goesByDays(index - 1, own), own[index].from == start {
          from = max(first.nanoseconds, from / day * day)
        }
        if goesByDays(index + 1, own), own[index + 1].from == end { until = until / day * day }
        shares.append(
          share(
            Int128(max(0, until - from) / 1_000_000_000),
            Int128((over - first).nanoseconds / 1_000_000_000)))
      case .days:
        let (mine, all) = days(of: index, own, until: ends, from: first, to: over)
        shares.append(share(mine, all))
      }
    }
    return shares
  }

  private func goesByDays(_ index: Int, _ own: [ContractTerms]) -> Bool {
    own.indices.contains(index) && own[index].status == .active
      && catalog.priceBooks[own[index].priceBook].proration == .days
  }

  /// The days of a month that belong to a set of terms: those at whose end it is in force. The day on which the
  /// contract ends does not count.
  private func days(
    of index: Int, _ own: [ContractTerms], until ends: Instant, from first: Instant, to over: Instant
  ) -> (Int128, Int128) {
    var mine: Int128 = 0
    var all: Int128 = 0
    var day = first
    while day < over {
      let next = day + .days(1)
      all += 1
      let isOver = next > ends
      let begun = own.lastIndex { $0.from < (rules.countsLastDay ? day : next) }
      if !isOver, begun == index { mine += 1 }
      day = next
    }
    return (mine, all)
  }

  /// The end of the last billing period that is looked at: later ones begin beyond the horizon.
  func closedBy(_ subscription: SubscriptionID) -> Instant {
    guard catalog.horizon < .distantFuture else { return .distantFuture }
    let day = catalog[subscription].billingDay
    let last = OracleCalendar.shared.month(holding: catalog.horizon - Span(nanoseconds: 1), day: day)
    return Period(ordinal: last, day: day).end
  }

  /// The end of the last calendar month that is closed for certain: the one that holds the end of the last billing period.
  var monthsClosedBy: Instant {
    guard catalog.horizon < .distantFuture else { return .distantFuture }
    let last = catalog.billingDays.map { day -> Instant in
      let period = OracleCalendar.shared.month(holding: catalog.horizon - Span(nanoseconds: 1), day: day)
      return Period(ordinal: period, day: day).end - Span(nanoseconds: 1)
    }.max()
    guard let last else { return catalog.horizon }
    return Period(ordinal: OracleCalendar.shared.month(holding: last, day: 1), day: 1).end
  }

  /// The terms' charges for a recurring item in a month, each with its units and the share of the month. What is asked for in arrears is due
  /// once its interval, or the contract, is over.
  private func recurringParts(
    _ item: Item, _ subscription: SubscriptionID, in month: Period
  ) -> [RecurringPart] {
    let isOver = min(month.end, ends(subscription)) <= closedBy(subscription)
    var parts: [RecurringPart] = []
    forEachShare(of: item, subscription, in: month) { share, _, terms, charge in
      guard isOver || charge.timing == .inAdvance else { return }
      parts.append(
        RecurringPart(
          price: charge.price.units, units: Self.units(of: charge, terms), part: share.part, of: share.of))
    }
    return parts
  }

  /// Each price of a recurring item in a month, with the share of the month for which it is asked and the end of what it serves.
  private func forEachShare(
    of item: Item, _ subscription: SubscriptionID, in month: Period,
    _ body: (Share, Instant, ContractTerms, RecurringCharge) -> Void
  ) {
    let inArrears = feeShares(subscription, in: month)
    let isKept = catalog[subscription].earlyTermination == .keep
    let inAdvance = isKept ? sharesAhead(subscription, in: month) : inArrears
    for timing in RecurringCharge.Timing.allCases {
      let shares = timing == .inAdvance ? inAdvance : inArrears
      for (position, share) in shares.enumerated() {
        let terms = history(subscription)[share.terms]
        // Without proration, the terms at the beginning hold for the whole month.
        let isBound = catalog.priceBooks[terms.priceBook].proration == .none
        let first = history(subscription)[shares[0].terms]
        guard position == 0 || catalog.priceBooks[first.priceBook].proration != .none else { continue }
        let asked = timing == .inAdvance ? min(month.end, agreedEnd(subscription)) : shares.last?.until
        let until = isBound ? asked ?? share.until : share.until
        var isLost = false
        if let coming = share.coming {
          isLost = !recurring(subscription, coming).contains {
            $0.name == item.charge && $0.months == item.months
          }
        }
        forEachCharge(of: item, terms) { charge in
          if charge.timing == timing, !isLost { body(share, until, terms, charge) }
        }
      }
    }
  }

  /// What terms ask for a recurring item, how often, and in which part of a month.
  private struct RecurringPart {
    var price: Int128
    var units: Int128
    var part: Int128
    var of: Int128
  }

  private func forEachCharge(of item: Item, _ terms: ContractTerms, _ body: (RecurringCharge) -> Void) {
    for charge in catalog.priceBooks[terms.priceBook].recurring
    where charge.name == item.charge && charge.months == item.months { body(charge) }
  }

  private static func units(of charge: RecurringCharge, _ terms: ContractTerms) -> Int128 {
    charge.unit == .seat ? Int128(terms.seats) : 1
  }

  /// The sum of something of each part of a month in which a recurring item has a price.
  private func sum(
    _ item: Item, _ subscription: SubscriptionID, in month: Period, _ value: (RecurringPart) -> Int128
  ) -> Int128 {
    guard isWhole(subscription, month), month.end <= closedBy(subscription) else {
      return recurringParts(item, subscription, in: month).reduce(0) { $0 + value($1) }
    }
    let terms = history(subscription)[0]
    var sum: Int128 = 0
    forEachCharge(of: item, terms) { charge in
      sum += value(
        RecurringPart(price: charge.price.units, units: Self.units(of: charge, terms), part: 1, of: 1))
    }
    return sum
  }

  /// What a recurring item costs in a month.
  func recurring(_ item: Item, _ subscription: SubscriptionID, in month: Period) -> Money {
    let currency = catalog.currency(of: subscription)
    return Money(
      units: sum(item, subscription, in: month) { part($0.price * $0.units, $0.part, $0.of, currency) })
  }

  /// What terms ask for of a recurring item in a period, as far as its time has passed by an instant: exact, in units of 10⁻¹⁸.
  func served(_ item: Item, _ subscription: SubscriptionID, in month: Period, by instant: Instant) -> Int128 {
    let isOver = min(month.end, ends(subscription)) <= closedBy(subscription)
    var sum: Int128 = 0
    forEachShare(of: item, subscription, in: month) { share, over, terms, charge in
      guard charge.timing == .inAdvance || isOver else { return }
      let done = (min(over, instant).nanoseconds - share.from.nanoseconds) / 1_000_000_000
      guard done > 0 else { return }
      let asked = charge.price.units * Self.units(of: charge, terms) / 1_000_000_000 * share.part / share.of
      sum +=
        asked * Int128(done) / Int128((over.nanoseconds - share.from.nanoseconds) / 1_000_000_000)
        * 1_000_000_000
    }
    return sum
  }

  /// How many units of a recurring item are due in a month: each share of them cut off at a millionth.
  func recurringUnits(_ item: Item, _ subscription: SubscriptionID, in month: Period) -> Int128 {
    sum(item, subscription, in: month) { $0.units * Quantity(1).units * $0.part / $0.of }
  }

  /// The dearest whole month that any terms in force in a month ask for an item.
  func dearest(_ item: Item, _ subscription: SubscriptionID, in month: Period) -> Money {
    var most: Int128 = 0
    func consider(_ terms: ContractTerms) {
      forEachCharge(of: item, terms) { most = max(most, $0.price.units * Self.units(of: $0, terms)) }
    }
    if isWhole(subscription, month) {
      consider(history(subscription)[0])
    } else {
      for share in sharesAhead(subscription, in: month) { consider(history(subscription)[share.terms]) }
    }
    return OracleRating.rounded(Money(units: most), to: catalog.currency(of: subscription))
  }

  /// The least that a month's usage costs; `nil` without a minimum spend.
  func minimum(_ subscription: SubscriptionID, in month: Period) -> Money? {
    let currency = catalog.currency(of: subscription)
    if isWhole(subscription, month) {
      return book(subscription, 0).minimumSpend.map { Money(units: part($0.units, 1, 1, currency)) }
    }
    var sum: Int128?
    let shares = feeShares(subscription, in: month)
    // Without proration, the terms at the beginning hold for the whole month.
    let isBound = shares.first.map { book(subscription, $0.terms).proration == .none } ?? false
    for share in isBound ? shares.prefix(1) : shares[...] {
      let book = book(subscription, share.terms)
      if let coming = share.coming, self.book(subscription, coming).minimumSpend == nil { continue }
      guard let least = book.minimumSpend else { continue }
      sum = (sum ?? 0) + part(least.units, share.part, share.of, currency)
    }
    return sum.map { Money(units: $0) }
  }

  /// A part of an amount to the nearest minor unit, ties away from zero.
  private func part(_ units: Int128, _ part: Int128, _ of: Int128, _ currency: Currency) -> Int128 {
    Self.part(units, part, of, currency)
  }

  static func part(_ units: Int128, _ part: Int128, _ of: Int128, _ currency: Currency) -> Int128 {
    let minor = OracleRating.minor(of: currency)
    let divisor = of * minor
    return (units * part * 2 + divisor) / (divisor * 2) * minor
  }

  /// Every interval of an item in which a subscription is in force, from the first that is charged for to its end.
  func periods(_ subscription: SubscriptionID, every months: Int = 1) -> [Period] {
    let start = charged(subscription)
    let end = min(ends(subscription), catalog.horizon)
    guard start > .distantPast, end < .distantFuture, start < end else { return [] }
    let day = catalog[subscription].billingDay
    let first = OracleCalendar.shared.month(holding: start, day: day)
    var periods: [Period] = []
    var period = Period(ordinal: first, day: day, months: UInt8(months))
    while period.start < end {
      periods.append(period)
      period = Period(ordinal: period.ordinal + Int32(months), day: day, months: UInt8(months))
    }
    return periods
  }

  /// The first and the last day but one on which an item of a period is rendered.
  func service(_ subscription: SubscriptionID, in period: Period) -> (from: Instant, until: Instant) {
    let begun = history(subscription)[0].from
    let day = begun.floored(to: .days(1))
    return (max(day, period.start), min(agreedEnd(subscription), period.end))
  }
}

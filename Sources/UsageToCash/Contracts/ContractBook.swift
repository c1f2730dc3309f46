import CanonicalModel
import Chronology

/// What billing knows of its contracts: the terms of every subscription as far as CRM has told them.
struct ContractBook: Sendable {
  /// A part of a billing period in which one set of terms is in force.
  struct Segment: Sendable {
    var subscription: SubscriptionID
    var terms: ContractTerms
    /// The position of the terms among the subscription's.
    var index: Int
    var start: Instant
    var end: Instant
  }

  private let catalog: Catalog
  private let planted: PlantedDefects
  private var terms: DenseTable<SubscriptionID, [ContractTerms]>
  /// By price book, the meters for which it asks for something in a period without usage.
  private let asks: [DenseTable<MeterID, Bool>]
  /// The contracts of each customer, where it matters that all have ended.
  private let subscriptionsOf: [AccountID: [SubscriptionID]]
  /// By subscription, what is agreed at its beginning: from when on it is charged for, and until when it is agreed.
  private let agreed: DenseTable<SubscriptionID, (begins: Instant, ends: Instant)>

  /// Knows the first terms of every subscription, from onboarding.
  init(catalog: Catalog, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.planted = planted
    precondition(
      catalog.subscriptions.allSatisfy { !$0.terms.isEmpty }, "a subscription has no terms from onboarding")
    terms = DenseTable(
      catalog.subscriptions.map { planted.contains(.trialCharged) ? [$0.terms[0]] : $0.termsFromOnboarding })
    agreed = DenseTable(
      catalog.subscriptions.map {
        (
          planted.contains(.trialCharged) ? $0.terms[0].from : $0.chargedFrom,
          planted.contains(.termIgnored) ? $0.ends : $0.agreedEnd
        )
      })
    let ids = catalog.subscriptions.indices.map { SubscriptionID(index: UInt32($0)) }
    subscriptionsOf =
      catalog.paymentTerms?.unapplied == .nextInvoice
      ? Dictionary(grouping: ids) { catalog[$0].account } : [:]
    asks = catalog.priceBooks.map { book in
      let idle = book.idleCharges
      return DenseTable(catalog.meters.map { book.charge(for: $0).map(idle.contains) ?? false })
    }
  }

  /// Applies a change; terms that begin at the same instant as earlier ones replace them.
  mutating func apply(_ told: ContractEvent, at now: Instant) {
    var event = told
    if planted.contains(.amendmentAtNextPeriod) {
      event.terms.from = catalog.billingPeriod(of: told.subscription, holding: told.terms.from).end
    }
    if planted.contains(.amendmentWhenTold), event.terms.from < now {
      event.terms.from = now.floored(to: .hours(1)) + .hours(1)
    }
    if planted.contains(.pauseIgnored), event.terms.status == .paused { event.terms.status = .active }
    let id = event.subscription
    terms[id].removeAll { $0.from == event.terms.from }
    // What was to come after a contract's end comes no more.
    if event.terms.status == .ended { terms[id].removeAll { $0.from > event.terms.from } }
    let position = terms[id].firstIndex { $0.from > event.terms.from } ?? terms[id].endIndex
    terms[id].insert(event.terms, at: position)
    assert(
      zip(terms[id], terms[id].dropFirst()).allSatisfy { $0.from < $1.from },
      "the terms of a contract are not in the order in which they begin")
  }

  /// Whether a subscription has had one set of terms only.
  func isSimple(_ subscription: SubscriptionID) -> Bool { terms[subscription].count == 1 }

  /// Whether the first terms hold from a period's beginning, and the contract to its end.
  func isWhole(_ period: Period, of subscription: SubscriptionID) -> Bool {
    terms[subscription][0].from <= period.start && ends(subscription) >= period.end
  }

  /// The first instant that a contract charges for.
  func begins(_ subscription: SubscriptionID) -> Instant { agreed[subscription].begins }

  /// The first instant at which nothing is in force any more, as far as billing has been told.
  func ends(_ subscription: SubscriptionID) -> Instant {
    guard let last = terms[subscription].last, last.status == .ended else { return agreedEnd(subscription) }
    return min(last.from, agreedEnd(subscription))
  }

  /// The end of the last day of a contract that was ended, as far as billing has been told; `nil`: it goes on.
  func endOfLastDay(_ subscription: SubscriptionID) -> Instant? {
    guard let last = terms[subscription].last, last.status == .ended else { return nil }
    return (ends(subscription) + .days(1) - Span(nanoseconds: 1)).floored(to: .days(1))
  }

  /// Whether every contract of a customer has ended, and the last billing period of each was rated.
  func isOver(_ account: AccountID, isRated: (Period) -> Bool) -> Bool {
    (subscriptionsOf[account] ?? []).allSatisfy { subscription in
      let ends = ends(subscription)
      guard ends < .distantFuture else { return false }
      return isRated(catalog.billingPeriod(of: subscription, holding: ends - Span(nanoseconds: 1)))
    }
  }

  /// Whether prepaid credits pay what usage of a period lacks to the minimum spend: those of the last terms that have one do.
  func coversMinimum(_ subscription: SubscriptionID, in period: Period) -> Bool {
    let segments = segments(of: subscription, in: period)
    let asking = feeSegments(segments) { $0.minimumSpend != nil }
      .last { priceBook(of: $0.terms).minimumSpend != nil }
    let last = min(period.end, ends(subscription)) - Span(nanoseconds: 1)
    let terms = asking?.terms ?? self.terms(of: subscription, at: last)
    return priceBook(of: terms).prepaid?.coversMinimum == true
  }

  /// The end that was agreed, put off by the pauses that are over where that is agreed as well.
  func agreedEnd(_ subscription: SubscriptionID) -> Instant {
    var end = agreed[subscription].ends
    guard end < .distantFuture, catalog[subscription].term?.isExtendedByPauses == true else { return end }
    let own = terms[subscription]
    for (paused, next) in zip(own, own.dropFirst())
    where paused.status == .paused && paused.from < end { end = end + (next.from - paused.from) }
    return end
  }

  /// The position of the terms in force at an instant; the first ones before their time.
  func index(of subscription: SubscriptionID, at instant: Instant) -> Int {
    (terms[subscription].lastIndex { $0.from <= instant }) ?? 0
  }

  /// The terms in force at an instant; the first ones before their time.
  @inline(__always)
  func terms(of subscription: SubscriptionID, at instant: Instant) -> ContractTerms {
    let own = terms[subscription]
    return own[own.lastIndex { $0.from <= instant } ?? 0]
  }

  func terms(of subscription: SubscriptionID, index: Int) -> ContractTerms {
    terms[subscription][index]
  }

  /// The parts of a period that are charged for, in order; none where no contract is in force.
  ///
  /// - Parameter isPaidAhead: whether the parts are those that a fee in advance is for: of one that is kept, a contract that is cancelled in
  ///   the period has all that it would have had.
  func segments(
    of subscription: SubscriptionID, in period: Period, isPaidAhead: Bool = false
  ) -> [Segment] {
    var own = terms[subscription]
    var end = ends(subscription)
    if isPaidAhead, let last = own.last, last.status == .ended, period.start < last.from,
      catalog[subscription].earlyTermination == .keep || planted.contains(.unusedPartKept)
    {
      own.removeLast()
      end = agreedEnd(subscription)
      // Who leaves in a pause would have come back: what is kept is for the time from the end on.
      if var rest = own.last, rest.status == .paused {
        (rest.from, rest.status) = (last.from, .active)
        own.append(rest)
      }
    }
    end = min(period.end, end)
    var segments: [Segment] = []
    for (index, terms) in own.enumerated() where terms.status == .active {
      let start = max(terms.from, period.start)
      let stop = index + 1 < own.count ? min(own[index + 1].from, end) : end
      precondition(
        segments.last.map { $0.end <= start || start >= stop } ?? true,
        "two sets of terms are in force at once")
      if start < stop {
        segments.append(
          Segment(
            subscription: subscription, terms: terms, index: index, start: start, end: stop))
      }
    }
    return segments
  }

  /// The parts of a period for which a fee or a minimum spend is asked: terms without proration at its beginning hold for all of it, and those that
  /// come later hold from the next one on; until then those before go on, unless they have it no more.
  func feeSegments(_ segments: [Segment], offers: (PriceBook) -> Bool) -> [Segment] {
    guard let first = segments.first else { return [] }
    guard priceBook(of: first.terms).proration != .none else { return [first] }
    var terms = first.terms
    return segments.map { segment in
      let book = priceBook(of: segment.terms)
      guard book.proration == .none, offers(book) else {
        if book.proration != .none { terms = segment.terms }
        return segment
      }
      var held = segment
      held.terms = terms
      return held
    }
  }

  /// A part of a billing period in which the charge for a meter stays as it is: a change that leaves it alone, of seats say, begins no
  /// new part, and no tier anew; nor does a pause.
  struct ChargePart: Sendable {
    /// The positions of the terms that hold in it.
    var terms: [Int]
    /// For how long they do, and until when.
    var time: Span
    var end: Instant
    /// `nil`: the terms have no charge for the meter.
    var charge: Charge?
    /// Its share of the period, by the policy of its price book.
    var share: Proration
    var policy: ProrationPolicy
  }

  /// The parts of a period for a meter, in order; none where no contract is in force.
  func parts(of subscription: SubscriptionID, pricing meter: Meter, in period: Period) -> [ChargePart] {
    var parts: [ChargePart] = []
    for segment in segments(of: subscription, in: period) {
      let book = priceBook(of: segment.terms)
      let (charge, time) = (book.charge(for: meter), segment.end - segment.start)
      let share = share(of: segment, in: period)
      if let last = parts.last, last.charge == charge, last.policy == book.proration {
        parts[parts.count - 1].terms.append(segment.index)
        parts[parts.count - 1].time = last.time + time
        parts[parts.count - 1].end = segment.end
        parts[parts.count - 1].share = last.share.joined(with: share)
      } else {
        parts.append(
          ChargePart(
            terms: [segment.index], time: time, end: segment.end, charge: charge, share: share,
            policy: book.proration))
      }
    }
    return parts
  }

  /// The share of a period that is charged for, under whatever terms, by a policy.
  func share(of subscription: SubscriptionID, in period: Period, by policy: ProrationPolicy) -> Proration {
    let shares = segments(of: subscription, in: period).map {
      Proration(policy, from: $0.start, to: $0.end, of: period)
    }
    precondition(!shares.isEmpty, "a contract that is not in force in a period has no share of it")
    return shares.dropFirst().reduce(shares[0]) { $0.joined(with: $1) }
  }

  /// Whether any terms that a subscription has had ask for something though a meter has counted nothing.
  func asksWithoutUsage(_ subscription: SubscriptionID, _ meter: MeterID) -> Bool {
    terms[subscription].contains { asks[$0.priceBook][meter] }
  }

  /// The last billing period of a subscription that is looked at; `nil`: there is none.
  func lastPeriod(of subscription: SubscriptionID) -> Period? {
    guard catalog.horizon < .distantFuture else { return nil }
    return catalog.billingPeriod(of: subscription, holding: catalog.horizon - Span(nanoseconds: 1))
  }

  func priceBook(of terms: ContractTerms) -> PriceBook { catalog.priceBooks[terms.priceBook] }

  /// The share of its period that a segment makes up, by the policy of its price book.
  func share(of segment: Segment, in period: Period) -> Proration {
    precondition(
      segment.start >= period.start && segment.end <= period.end, "a part of a period lies outside of it")
    if planted.contains(.firstPartInFull), segment.start == begins(segment.subscription) { return .whole }
    let policy = priceBook(of: segment.terms).proration
    if policy == .seconds, let share = shareBesideDays(segment, in: period) { return share }
    return Proration(
      policy, from: segment.start, to: segment.end, of: period,
      countsLastDay: planted.contains(.prorationOffByADay))
  }

  /// The share of terms that are prorated by seconds, and follow others that are by days or are followed by them: the day of the change is the new
  /// ones', as it is for those that go by days. `nil`: no day is divided so.
  private func shareBesideDays(_ segment: Segment, in period: Period) -> Proration? {
    let own = terms[segment.subscription]
    func isByDays(_ index: Int) -> Bool {
      own.indices.contains(index) && own[index].status == .active
        && priceBook(of: own[index]).proration == .days
    }
    guard own.indices.contains(segment.index) else { return nil }
    var (start, end) = (segment.start, segment.end)
    if start == own[segment.index].from, isByDays(segment.index - 1) {
      start = max(period.start, start.floored(to: .days(1)))
    }
    if isByDays(segment.index + 1), end == own[segment.index + 1].from { end = end.floored(to: .days(1)) }
    assert(
      start <= segment.start && end <= segment.end, "the day of a change is given to the terms before it")
    guard start != segment.start || end != segment.end else { return nil }
    return Proration(
      numerator: Int128(max(.zero, end - start).nanoseconds / 1_000_000_000),
      denominator: Int128((period.end - period.start).nanoseconds / 1_000_000_000))
  }

  /// The interval of an item that a billing period falls into: intervals are counted from the first period on.
  func interval(of item: Item, _ subscription: SubscriptionID, holding period: Period) -> Period {
    guard item.months > 1 else { return period }
    let start = begins(subscription)
    let first = catalog.billingPeriod(of: subscription, holding: start)
    let months = Int32(item.months)
    let offset = max(0, period.ordinal - first.ordinal) / months * months
    assert(offset % months == 0, "an interval begins within another")
    return Period(ordinal: first.ordinal + offset, day: period.day, months: UInt8(item.months))
  }
}

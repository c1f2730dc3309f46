import CanonicalModel
import Chronology

/// What billing knows of its contracts: the terms of every subscription as far as CRM has told them.
struct ContractBook: Sendable {
  /// A part of a billing period in which one set of terms is in force.
  struct Segment: Sendable {
    var terms: ContractTerms
    /// The position of the terms among the subscription's.
    var index: Int
    var start: Instant
    var end: Instant
  }

  private let catalog: Catalog
  private let planted: PlantedDefects
  private var terms: [[ContractTerms]]

  /// Knows the first terms of every subscription, from onboarding.
  init(catalog: Catalog, planted: PlantedDefects = []) {
    self.catalog = catalog
    self.planted = planted
    precondition(
      catalog.subscriptions.allSatisfy { !$0.terms.isEmpty }, "a subscription has no terms from onboarding")
    terms = catalog.subscriptions.map { [$0.terms[0]] }
  }

  /// Learns of a change; terms that begin at the same instant as earlier ones replace them.
  mutating func learn(_ told: ContractEvent, at now: Instant) {
    var event = told
    if planted.contains(.amendmentAtNextPeriod) {
      event.terms.from = catalog.billingPeriod(of: told.subscription, holding: told.terms.from).end
    }
    if planted.contains(.amendmentWhenTold), event.terms.from < now {
      event.terms.from = now.floored(to: .hours(1)) + .hours(1)
    }
    let index = Int(event.subscription.index)
    terms[index].removeAll { $0.from == event.terms.from }
    let position = terms[index].firstIndex { $0.from > event.terms.from } ?? terms[index].endIndex
    terms[index].insert(event.terms, at: position)
    assert(
      zip(terms[index], terms[index].dropFirst()).allSatisfy { $0.from < $1.from },
      "the terms of a contract are not in the order in which they begin")
  }

  /// Whether a subscription has had one set of terms only.
  func isSimple(_ subscription: SubscriptionID) -> Bool { terms[Int(subscription.index)].count == 1 }

  /// Whether the first terms hold from a period's beginning, and the contract to its end.
  func isWhole(_ period: Period, of subscription: SubscriptionID) -> Bool {
    terms[Int(subscription.index)][0].from <= period.start
      && catalog[subscription].ends >= period.end
  }

  /// The position of the terms in force at an instant; the first ones before their time.
  func index(of subscription: SubscriptionID, at instant: Instant) -> Int {
    (terms[Int(subscription.index)].lastIndex { $0.from <= instant }) ?? 0
  }

  /// The terms in force at an instant; the first ones before their time.
  @inline(__always)
  func terms(of subscription: SubscriptionID, at instant: Instant) -> ContractTerms {
    let own = terms[Int(subscription.index)]
    return own[own.lastIndex { $0.from <= instant } ?? 0]
  }

  func terms(of subscription: SubscriptionID, index: Int) -> ContractTerms {
    terms[Int(subscription.index)][index]
  }

  /// The parts of a period, in order; none where no contract is in force.
  func segments(of subscription: SubscriptionID, in period: Period) -> [Segment] {
    let own = terms[Int(subscription.index)]
    let end = min(period.end, catalog[subscription].ends)
    var segments: [Segment] = []
    for (index, terms) in own.enumerated() {
      let start = max(terms.from, period.start)
      let stop = index + 1 < own.count ? min(own[index + 1].from, end) : end
      precondition(
        segments.last.map { $0.end <= start || start >= stop } ?? true,
        "two sets of terms are in force at once")
      if start < stop { segments.append(Segment(terms: terms, index: index, start: start, end: stop)) }
    }
    return segments
  }

  func priceBook(of terms: ContractTerms) -> PriceBook { catalog.priceBooks[terms.priceBook] }

  /// The share of its period that a segment makes up, by the policy of its price book.
  func share(of segment: Segment, in period: Period) -> Proration {
    precondition(
      segment.start >= period.start && segment.end <= period.end, "a part of a period lies outside of it")
    return Proration(
      priceBook(of: segment.terms).proration, from: segment.start, to: segment.end, of: period,
      countsLastDay: planted.contains(.prorationOffByADay))
  }
}

import CanonicalModel
import Chronology

/// An aggregate depends on what happened, not on the order in which it was heard of.
struct OrderInsensitive: Invariant, JudgesAtRest {
  static let definition = InvariantDefinition(
    name: "order-insensitive", boundary: .metering, place: 5,
    statement:
      "a period's maximum, latest value, count of different values and time-weighted sum are those of its events in order "
      + "of time, whatever order they came in; an approximate count stays within 8.125 % or 3",
    evidence: "the sources' emissions, aggregated by definition, against the summaries",
    property: .safety, cost: .atRest(.window))
  var findings = Findings()

  /// Whether a claimed aggregate is right.
  static func agrees(_ claim: Int128, _ truth: Int128, _ slot: Int, _ books: Books) -> Bool {
    guard books.catalog.meters[slot % books.meterCount].aggregation == .approximateUnique else {
      return claim == truth
    }
    let bound = AggregateTruth.approximationError
    return abs(claim - truth) <= max(bound.minimum * 1_000_000, truth * bound.part / bound.of)
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    let now = rest.at
    for slot in books.usage.aggregates.values.keys.sorted() {
      let subscription = slot / books.meterCount
      let truth = books.usage.aggregates(slot: slot) { books.period(of: subscription, holding: $0) }
      for period in truth.keys.sorted() {
        let claim = books.metered(
          SubscriptionID(index: UInt32(subscription)), MeterID(index: UInt32(slot % books.meterCount)),
          month: period
        ).quantity
        let expected = truth[period] ?? 0
        findings.require(Self.agrees(claim, expected, slot, books), at: now) {
          Breach(
            ids: books.usage.ids(slot: slot) + ["period \(period)"],
            expected: "\(Quantity(units: expected))", actual: "\(Quantity(units: claim))")
        }
      }
    }
  }
}

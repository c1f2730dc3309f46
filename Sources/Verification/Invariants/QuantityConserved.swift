import CanonicalModel
import Chronology

/// Rating neither loses usage nor makes any.
struct QuantityConserved: Invariant, HearsRated, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "quantity-conserved", boundary: .rating, place: 2,
    statement:
      "per subscription, meter and period, what was rated is what was metered: events, quantity and hash; and of a recurring "
      + "item what the contract says, in proportion to time",
    evidence: "the usage summaries and the contracts against the rated charges",
    property: .safety, cost: .atRest(.charge))
  var findings = Findings()
  private var rated: [OracleKey: UsageCell] = [:]
  private var recurring: [OracleKey: Int128] = [:]

  mutating func hear(rated charge: RatedCharge, _ books: Books, at _: Instant) {
    guard books.isUsage(charge.item) else {
      recurring[OracleKey(charge), default: 0] += charge.quantity.units
      return
    }
    rated[OracleKey(charge), default: UsageCell()] += UsageCell(
      quantity: charge.quantity.units, digest: charge.digest, count: charge.count)
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let now = rest.at
    concludeUsage(books, at: now)
    var different: [(key: OracleKey, units: Int128, due: Int128)] = []
    for (key, units) in recurring {  // what is right is counted, what is not is sorted
      let item = books.catalog[key.item]
      guard item.kind == .recurring else { continue }
      let due = books.contracts.recurringUnits(item, key.subscription, in: key.period)
      if units == due {
        findings.expect(units, equals: due, at: now, [])
      } else {
        different.append((key, units, due))
      }
    }
    for (key, units, due) in different.sorted(by: { $0.key < $1.key }) {
      findings.expect(units, equals: due, at: now, show: { "\(Quantity(units: $0))" }, books.ids(of: key))
    }
  }

  private mutating func concludeUsage(_ books: Books, at now: Instant) {
    for month in books.meteredByMonth.keys.sorted() {
      for (slot, metered) in (books.meteredByMonth[month] ?? []).enumerated() where metered != UsageCell() {
        let subscription = slot / books.meterCount
        let meter = MeterID(index: UInt32(slot % books.meterCount))
        let day = books.catalog.subscriptions[subscription].billingDay
        let key = OracleKey(
          subscription: SubscriptionID(index: UInt32(subscription)), item: ItemID(meter),
          period: Period(ordinal: month, day: day))
        // What no price is agreed for is in a case, and on no charge.
        let parts = books.meteredByTerms(key.subscription, meter, month: key.period)
        guard books.contracts.usage(parts, meter, key.subscription, in: key.period) != nil else { continue }
        findings.expect(
          rated[key] ?? UsageCell(), equals: metered, at: now, show: { $0.text }, books.ids(of: key))
      }
    }
  }
}

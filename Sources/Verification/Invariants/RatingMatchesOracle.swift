import CanonicalModel
import Chronology

/// Every rated charge is what the contract says, by another and simpler calculation.
struct RatingMatchesOracle: Invariant {
  static let definition = InvariantDefinition(
    name: "rating-matches-oracle", boundary: .rating,
    statement:
      "a period's charges rate the metered quantity exactly by the price book, rounded once to the minor unit",
    evidence:
      "the summaries and the price book, rated by the oracle's own arithmetic, against the rated charges")
  var findings = Findings()
  private struct Key: Hashable, Sendable {
    var subscription: SubscriptionID
    var meter: MeterID
    var period: CalendarMonth
  }
  private var rated: [Key: (usage: UsageCell, amount: Money)] = [:]

  mutating func observe(_ charge: RatedCharge, _ books: Books, at now: Instant) {
    let key = Key(subscription: charge.subscription, meter: charge.meter, period: charge.servicePeriod)
    let before = rated[key] ?? (UsageCell(), .zero)
    var usage = before.usage
    usage += UsageCell(quantity: charge.quantity.units, digest: charge.digest, count: charge.count)
    let amount = before.amount + charge.amount
    rated[key] = (usage, amount)
    let metered = books.metered(charge.subscription, charge.meter, month: charge.servicePeriod)
    findings.expect(usage, equals: metered, at: now, show: { $0.text }, books.ids(of: charge))
    let currency = books.catalog.currency(of: charge.subscription)
    let due = books.catalog.charge(of: charge.subscription, meter: charge.meter).flatMap {
      OracleRating.amount(of: Quantity(units: metered.quantity), under: $0)
    }
    findings.expect(
      amount, equals: due.map { OracleRating.rounded($0, to: currency) }, at: now,
      show: { $0.map { "\($0.text(in: currency)) \(currency)" } ?? "no amount" },
      books.ids(of: charge) + ["quantity \(Quantity(units: metered.quantity))"])
  }
}

import CanonicalModel
import Chronology

/// A period that is rated in steps costs what it would cost at once.
struct TiersAdditive: Invariant, HearsRated {
  static let definition = InvariantDefinition(
    name: "tiers-additive", boundary: .rating, place: 3,
    statement:
      "the charges of a period's usage, late ones included, sum at every step to one rating of their whole quantity",
    evidence: "the rated charges and the price books, rated by the oracle's own arithmetic",
    property: .safety, cost: .each(.charge))
  var findings = Findings()
  private var sums: [OracleKey: (usage: UsageCell, amount: Money)] = [:]

  mutating func hear(rated charge: RatedCharge, _ books: Books, at now: Instant) {
    guard books.isUsage(charge.item), !books.contracts.hasChanged(charge.subscription) else { return }
    let key = OracleKey(charge)
    var sum = sums[key] ?? (UsageCell(), .zero)
    sum.usage += UsageCell(quantity: charge.quantity.units, digest: charge.digest, count: charge.count)
    sum.amount += charge.amount
    sums[key] = sum
    let meter = MeterID(index: charge.item.index)
    guard let due = books.contracts.usage([0: sum.usage], meter, key.subscription, in: key.period) else {
      return
    }
    let currency = books.catalog.currency(of: key.subscription)
    findings.expect(
      sum.amount, equals: books.credit.due(due, key), at: now,
      show: { "\($0.text(in: currency)) \(currency)" },
      books.ids(of: charge))
  }
}

import CanonicalModel
import Chronology

/// A charge keeps to what the contract bounds it to.
struct SpendBounded: Invariant, HearsRated, JudgesUsage {
  static let definition = InvariantDefinition(
    name: "spend-bounded", boundary: .rating, place: 5,
    statement:
      "a period's usage of a meter costs no more than its maximum, and where there is any, no less than its minimum; both "
      + "are reduced to the share of the period in which the terms are in force",
    evidence: "the rated charges against the price books and the contracts' history",
    property: .safety, cost: .atRest(.charge))
  var findings = Findings()
  private var sums: [OracleKey: (amount: Money, count: Int64)] = [:]

  mutating func hear(rated charge: RatedCharge, _ books: Books, at _: Instant) {
    guard books.isUsage(charge.item) else { return }
    let before = sums[OracleKey(charge)] ?? (.zero, 0)
    sums[OracleKey(charge)] = (before.amount + charge.amount, before.count + charge.count)
  }

  mutating func judgeUsage(_ rest: Rest, _ books: Books) {
    let now = rest.at
    for key in sums.keys.sorted() {
      guard let sum = sums[key] else { continue }
      let meter = MeterID(index: key.item.index)
      let currency = books.catalog.currency(of: key.subscription)
      let isSum = [.sum, .count].contains(books.catalog[meter].aggregation)
      var most: Money? = .zero
      var least: Money?
      let shares = books.contracts.shares(key.subscription, in: key.period)
      for share in shares {
        let charge = books.contracts.charge(key.subscription, meter, terms: share.terms)
        func bound(_ amount: Money?) -> Money? {
          // What is no sum has one price in proportion to time: none of its terms' bounds is more than a whole one.
          amount.map { isSum || shares.count == 1 ? Money(units: $0.units * share.part / share.of) : $0 }
        }
        most = most.flatMap { sum in
          bound(charge?.maximum).map { sum + OracleRating.rounded($0, to: currency) }
        }
        if shares.count == 1, let minimum = bound(charge?.minimum), sum.count > 0 {
          least = OracleRating.rounded(minimum, to: currency)
        }
      }
      guard !shares.isEmpty, most != nil || least != nil else { continue }
      // Terms that leave the charge as it is share one bound, which is rounded once.
      if shares.count > 1 { most = most.map { $0 + Money(minorUnits: Int128(shares.count), of: currency) } }
      // What was credited of it is not given back again when it turns out to be less.
      let credited = books.credit.services[key]?.credited ?? .zero
      let isWithin = sum.amount - credited <= most ?? sum.amount && sum.amount >= least ?? sum.amount
      findings.require(isWithin, at: now) {
        Breach(
          ids: books.ids(of: key),
          expected: "\(least.map { "at least \($0.text(in: currency))" } ?? "")"
            + "\(most.map { " at most \($0.text(in: currency))" } ?? "") \(currency)",
          actual: "\(sum.amount.text(in: currency)) \(currency)")
      }
    }
  }

  func isConcerned(_ books: Books) -> Bool {
    books.catalog.priceBooks.flatMap(\.charges).contains { $0.minimum != nil || $0.maximum != nil }
  }
}

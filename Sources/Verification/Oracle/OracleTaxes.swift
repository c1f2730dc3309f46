import CanonicalModel
import Chronology

/// The taxes that an invoice has to bear, by the oracle's own reading of the catalogue: each in whole minor units, worked out per mille of a
/// billionth and rounded once, ties away from zero.
struct OracleTaxes {
  /// What tells taxes apart on an invoice.
  struct Key: Hashable {
    var jurisdiction: JurisdictionID
    var rate: Price
    var reason: TaxReason?
  }

  /// A tax, and the parts of lines that it is on: the price of each, and the shares of the price that are this tax, as a fraction.
  struct Tax {
    var key: Key
    var parts: [(line: Int, supply: Int, price: Money)] = []
    /// By what the price times the rate is to be divided, in billionths of a thousandth: one and the sum of all rates where prices include them.
    var divisors: [Int128] = []
  }

  static let one: Int128 = 1_000_000_000_000
  let catalog: Catalog

  /// The taxes of lines for a customer, at the rates of an instant or, where the day of supply counts, of each line's own dates.
  func taxes(on lines: [InvoiceLine], of account: AccountID, issued instant: Instant) -> [Tax] {
    let customer = catalog[account]
    var found: [Tax] = []
    for (place, line) in lines.enumerated() {
      for (number, part) in parts(of: line, at: instant).enumerated() {
        var keys: [Key] = []
        var divisor = Self.one
        for id in customer.jurisdictions {
          let key = key(id, line.charge.item, customer, at: part.from)
          keys.append(key)
          if catalog[id].isIncluded { divisor += key.rate.units }
        }
        for key in keys {
          if !found.contains(where: { $0.key == key }) { found.append(Tax(key: key)) }
          for index in found.indices where found[index].key == key {
            found[index].parts.append((place, number, part.amount))
            found[index].divisors.append(divisor)
          }
        }
      }
    }
    return found
  }

  /// A line by its dates of supply.
  private func parts(of line: InvoiceLine, at instant: Instant) -> [SupplyPart] {
    let price = line.charge.amount - line.discount
    switch catalog.taxPoint {
    case .invoice: return [SupplyPart(from: instant, amount: price)]
    case .supply where line.supply.isEmpty:
      var first = line.charge.servicePeriod.start
      if let served = line.charge.served { first = served.from }
      return [SupplyPart(from: first, amount: price)]
    case .supply: return line.supply
    }
  }

  private func key(_ id: JurisdictionID, _ item: ItemID, _ customer: Account, at instant: Instant) -> Key {
    let place = catalog[id]
    if let reason = customer.taxExemption {
      return Key(jurisdiction: id, rate: .zero, reason: .exemptCustomer(reason))
    }
    for rule in place.items where rule.item == catalog[item].charge {
      if let reason = rule.reason { return Key(jurisdiction: id, rate: .zero, reason: .exemptItem(reason)) }
      if let rate = rule.rate, !place.isReverseCharge { return Key(jurisdiction: id, rate: rate) }
    }
    if place.isReverseCharge { return Key(jurisdiction: id, rate: .zero, reason: .reverseCharge) }
    var rate = place.rates[0].rate
    for later in place.rates where later.from <= instant { rate = later.rate }
    return Key(jurisdiction: id, rate: rate)
  }

  /// What a tax comes to in whole minor units, by the policy of its place.
  func amount(of tax: Tax, in currency: Currency) -> Money {
    let minor = OracleRating.minor(of: currency)
    let isPerLine = (catalog[tax.key.jurisdiction].rounding ?? catalog.taxRounding) == .perLine
    var sum: Int128 = 0
    // Prices of one divisor are summed first: the tax is then one fraction of them.
    var open: [Int128: Int128] = [:]
    for (part, divisor) in zip(tax.parts, tax.divisors) {
      let units = part.price.units / minor
      if isPerLine {
        sum += Self.rounded(units * tax.key.rate.units, divisor)
      } else {
        open[divisor, default: 0] += units
      }
    }
    if open.count == 1, let (divisor, units) = open.first {
      sum = Self.rounded(units * tax.key.rate.units, divisor)
    } else if open.count > 1 {
      // Several rates of other taxes in the prices: fractions are added in billionths of a minor unit.
      let fine: Int128 = 1_000_000_000
      let all = open.reduce(Int128(0)) { $0 + $1.value * tax.key.rate.units * fine / $1.key }
      sum = Self.rounded(all, fine)
    }
    return Money(units: sum * minor)
  }

  /// The taxes that a price includes at an instant, each in whole minor units.
  func included(
    in price: Money, of item: ItemID, for account: AccountID, at instant: Instant, in currency: Currency
  ) -> Money {
    let keys = catalog[account].jurisdictions.filter { catalog[$0].isIncluded }.map {
      key($0, item, catalog[account], at: instant)
    }
    let minor = OracleRating.minor(of: currency)
    var divisor = Self.one
    for key in keys { divisor += key.rate.units }
    var sum: Int128 = 0
    for key in keys { sum += Self.rounded(price.units / minor * key.rate.units, divisor) }
    return Money(units: sum * minor)
  }

  private static func rounded(_ numerator: Int128, _ divisor: Int128) -> Int128 {
    let magnitude = (abs(numerator) * 2 + divisor) / (divisor * 2)
    return numerator < 0 ? -magnitude : magnitude
  }

  /// The exact share of a part of a line in a tax, in units of money, cut off.
  static func share(_ price: Money, _ rate: Price, _ divisor: Int128) -> Int128 {
    let product = price.units / one * rate.units
    guard divisor != one else { return product }
    return product / divisor * one + product % divisor * one / divisor
  }
}

extension OracleTaxes.Key {
  init(jurisdiction: JurisdictionID, rate: Price) {
    self.init(jurisdiction: jurisdiction, rate: rate, reason: nil)
  }
  init(_ tax: TaxLine) { self.init(jurisdiction: tax.jurisdiction, rate: tax.rate, reason: tax.reason) }
}

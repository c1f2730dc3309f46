import CanonicalModel
import Chronology

/// What of a price is tax, as far as billing knows without asking the tax engine: for what is earned before it is invoiced.
struct IncludedTaxes {
  let catalog: Catalog

  /// The taxes that a price includes, each rounded as if the price were an invoice of its own.
  func taxes(
    in price: Money, of item: ItemID, for account: Account, at instant: Instant, in currency: Currency
  )
    -> Money
  {
    guard account.taxExemption == nil else { return .zero }
    let rates = account.jurisdictions.filter { catalog[$0].isIncluded }.map {
      rate(in: catalog[$0], of: item, at: instant)
    }
    let whole = rates.reduce(Int128(1_000_000_000_000)) { $0 + $1.units }
    return rates.reduce(.zero) { sum, rate in
      // In minor units, so that the product stays in range.
      let minor = Money(minorUnits: 1, of: currency).units
      let product = price.units / minor * rate.units
      return sum + Money(units: product.divided(by: whole, rounding: .halfAwayFromZero) * minor)
    }
  }

  private func rate(in jurisdiction: TaxJurisdiction, of item: ItemID, at instant: Instant) -> Price {
    let rule = jurisdiction.items.first { $0.item == catalog[item].charge }
    guard rule?.reason == nil, !jurisdiction.isReverseCharge else { return .zero }
    if let rate = rule?.rate { return rate }
    return jurisdiction.rates.last { $0.from <= instant }?.rate ?? jurisdiction.rates[0].rate
  }
}

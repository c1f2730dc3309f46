import CanonicalModel
import Chronology

/// Facts of taxes that prices include, and of a rate that changes.
extension PlantedFacts {
  /// Half of the month is over.
  static var change: Instant { period.start + .days(15) }

  /// The first customer's prices include its tax of 10 %: of 12.00, 1.09.
  mutating func includeTax() {
    taxIsIncluded = true
    for (line, tax) in [18, 91].enumerated() {
      let amount = Self.cents(Int128(tax))
      invoices[0].lines[line].tax = amount
      invoices[0].lines[line].included = amount
      invoices[0].lines[line].taxes = [
        TaxPart(tax: 0, supply: 0, taxable: invoices[0].lines[line].amount, amount: amount)
      ]
    }
    invoices[0].taxes[0].taxable = Self.cents(1091)
    invoices[0].taxes[0].amount = Self.cents(109)
    invoices[0].total = Self.cents(1200)
    post()
  }

  /// The first customer's rate is 10 % until the 15th, and 5 % after: all of its usage comes before, and of its fee of 10.00 15 days of 31, 4.84.
  mutating func changeRate() {
    rateChanges = true
    let rate = Price(units: 50_000_000_000)
    for (line, parts) in [[200, 0], [484, 516]].enumerated() {
      let supply = zip([Self.period.start, Self.change], parts).map {
        SupplyPart(from: $0, amount: Self.cents(Int128($1)))
      }
      charges[line * 2].supply = supply
      invoices[0].lines[line].charge.supply = supply
      invoices[0].lines[line].supply = supply
      let taxes = [[20, 0], [48, 26]][line]
      invoices[0].lines[line].tax = Self.cents(Int128(taxes[0] + taxes[1]))
      invoices[0].lines[line].taxes = supply.indices.map {
        TaxPart(tax: $0, supply: $0, taxable: supply[$0].amount, amount: Self.cents(Int128(taxes[$0])))
      }
    }
    let (place, ten) = (JurisdictionID(index: 0), invoices[0].taxes[0].rate)
    invoices[0].taxes = [
      TaxLine(jurisdiction: place, rate: ten, taxable: Self.cents(684), amount: Self.cents(68)),
      TaxLine(jurisdiction: place, rate: rate, taxable: Self.cents(516), amount: Self.cents(26)),
    ]
    invoices[0].total = Self.cents(1294)
    // 6.00 of the fee are credited: 2.90 at 10 % and 3.10 at 5 %.
    memos[0].taxes = [
      TaxLine(jurisdiction: place, rate: ten, taxable: Self.cents(290), amount: Self.cents(29)),
      TaxLine(jurisdiction: place, rate: rate, taxable: Self.cents(310), amount: Self.cents(16)),
    ]
    post()
  }
}

extension Lie {
  /// Lies about taxes.
  static let ofTaxes: [Lie] = [
    Lie("total-as-priced", "a tax that a price includes is added to it") { facts in
      facts.includeTax()
      facts.invoices[0].total += PlantedFacts.cents(109)
    },
    Lie("total-as-priced", "a line earns the tax that its price includes") { facts in
      facts.includeTax()
      facts.invoices[0].lines[1].included = .zero
    },
    Lie("total-as-priced", "a part of a price is called tax where taxes are added") { facts in
      facts.invoices[0].lines[1].included = PlantedFacts.cents(91)
    },
    Lie("taxed-by-supply", "usage is divided by days") { facts in
      facts.changeRate()
      facts.charges[0].supply[0].amount = PlantedFacts.cents(97)
      facts.charges[0].supply[1].amount = PlantedFacts.cents(103)
    },
    Lie("taxed-by-supply", "a fee is all supplied on its first day") { facts in
      facts.changeRate()
      facts.charges[2].supply = []
    },
    Lie("taxed-by-supply", "a line is divided otherwise than its charge") { facts in
      facts.changeRate()
      facts.invoices[0].lines[1].supply[1].from += .days(1)
    },
    Lie("tax-given-back", "a credit gives back a cent less of the tax") { facts in
      facts.memos[0].taxes[0].amount -= PlantedFacts.cents(1)
    },
    Lie("tax-given-back", "a credit gives back tax at the rate of its own day") { facts in
      facts.changeRate()
      facts.memos[0].taxes[0].rate = facts.memos[0].taxes[1].rate
    },
    Lie("tax-given-back", "a credit keeps the tax") { $0.memos[0].taxes = [] },
    Lie("tax-matches-jurisdiction", "a rate of before a change is charged after it") { facts in
      facts.changeRate()
      facts.invoices[0].taxes[1].amount = PlantedFacts.cents(52)
    },
  ]
}

import CanonicalModel
import Chronology
import UsageToCash
import World

/// Known mistakes with taxes.
enum TaxDefects {
  static let all: [Defect] = [
    Defect(
      name: "further-taxes-forgotten", mistake: "only the first of several taxes on a line is charged",
      models: "ruckus/quickbooks-ruby 547: one tax code a line where GST and QST are due",
      caughtBy: "tax-matches-jurisdiction", scenario: "taxes", core: .furtherTaxesForgotten),
    Defect(
      name: "included-tax-added", mistake: "taxes that are included in prices are added to them",
      models: "frappe/erpnext 58712, 59001: prices that include tax, treated as net ones",
      caughtBy: "total-as-priced", scenario: "taxes", core: .includedTaxAdded),
    Defect(
      name: "rate-of-first-day",
      mistake: "a supply during which a tax rate changes bears the rate of its first day",
      models: "Germany, 1 July 2020: periods that were billed as a whole at the rate of their beginning",
      caughtBy: "taxed-by-supply", scenario: "taxes", core: .rateOfFirstDay),
    Defect(
      name: "usage-taxed-by-days",
      mistake: "usage is divided by days at a change of a tax rate, whatever was used on each",
      models: "proration by days where meters would have to be read", caughtBy: "taxed-by-supply",
      scenario: "taxes", core: .usageTaxedByDays),
    Defect(
      name: "credit-taxed-at-its-day",
      mistake: "a credit gives back tax at the rate of its own day instead of the one that was charged",
      models: "credit notes that ask the tax engine anew", caughtBy: "tax-given-back", scenario: "taxes",
      core: .creditTaxedAtItsDay),
    Defect(
      name: "tax-reason-lost", mistake: "an invoice without tax does not say why",
      models: "EU VAT directive, Art. 226 (11, 11a): the mention of exemption or reverse charge is missing",
      caughtBy: "tax-matches-jurisdiction", scenario: "taxes", core: .taxReasonLost),
    Defect(
      name: "tax-engine-wrong-rate", mistake: "the tax engine quotes every fourth draft at a wrong rate",
      models: "rate tables that are updated by hand", caughtBy: "tax-matches-jurisdiction", scenario: "taxes"
    ) { $0.befallTaxEngine(.wrongRate(share: 0.25, by: Price(units: 20_000_000_000))) },
    Defect(
      name: "tax-confirmation-ignored",
      mistake: "the tax engine is asked twice, changes its quote, and the last one is used",
      models: "tax engines that answer an estimate and the final document differently",
      caughtBy: "tax-matches-jurisdiction", scenario: "taxes", isOfCore: true
    ) {
      $0.policy.tax.confirms = true
      $0.policy.planted.insert(.taxConfirmationIgnored)
      $0.befallTaxEngine(.changesMind(share: 0.25, by: Price(units: 20_000_000_000)))
    },
  ]
}

extension Assembly {
  /// Has a fault befall the tax engine in the first month and a half.
  fileprivate mutating func befallTaxEngine(_ kind: FaultKind) {
    world.faults.append(
      FaultWindow(kind: kind, target: .tax, start: world.start, end: world.start + .days(45)))
  }
}

import Chronology

/// A place that taxes sales, and its rate over time.
public struct TaxJurisdiction: Hashable, Sendable {
  /// A rate and from when on it holds.
  public struct Rate: Hashable, Sendable {
    /// The first instant.
    public var from: Instant
    /// The share of the taxable amount.
    public var rate: Price

    /// Makes a rate.
    public init(from: Instant, rate: Price) {
      self.from = from
      self.rate = rate
    }
  }

  /// The name: `US-CA`.
  public var name: String
  /// The rates in the order in which they come into force; at least one.
  public var rates: [Rate]

  /// Makes a jurisdiction.
  public init(name: String, rates: [Rate]) {
    precondition(!rates.isEmpty, "a jurisdiction has a rate")
    self.name = name
    self.rates = rates
  }
}

/// Where a tax is rounded to the minor unit.
public enum TaxRounding: String, Sendable, CaseIterable {
  /// Once, on the sum of the lines (as Lago does).
  case perInvoice
  /// On each line (as Meteroid does).
  case perLine
}

/// The tax of an invoice in a jurisdiction.
public struct TaxLine: Hashable, Sendable {
  /// The jurisdiction.
  public var jurisdiction: JurisdictionID
  /// The rate.
  public var rate: Price
  /// What is taxed.
  public var taxable: Money
  /// The tax in whole minor units.
  public var amount: Money

  /// Makes a line.
  public init(jurisdiction: JurisdictionID, rate: Price, taxable: Money, amount: Money) {
    self.jurisdiction = jurisdiction
    self.rate = rate
    self.taxable = taxable
    self.amount = amount
  }
}

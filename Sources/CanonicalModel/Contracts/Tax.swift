import Chronology

/// A tax on sales in a place, and its rate over time.
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

  /// An item that is taxed otherwise than others.
  public struct ItemRule: Hashable, Sendable {
    /// The item, by its name in price books.
    public var item: String
    /// Its rate, reduced or increased, whatever the day; `nil`: it is exempt.
    public var rate: Price?
    /// Why it is exempt; `nil`: it is not.
    public var reason: String?

    /// Makes a rule.
    public init(item: String, rate: Price?, reason: String?) {
      precondition((rate == nil) != (reason == nil), "an item is taxed at a rate, or exempt for a reason")
      self.item = item
      self.rate = rate
      self.reason = reason
    }
  }

  /// The name: `US-CA`.
  public var name: String
  /// The rates in the order in which they come into force; at least one.
  public var rates: [Rate]
  /// Where this tax is rounded; `nil`: as ``Catalog/taxRounding`` says.
  public var rounding: TaxRounding?
  /// Whether prices include this tax.
  public var isIncluded = false
  /// Whether customers owe the tax themselves (reverse charge): an invoice bears none, and says so.
  public var isReverseCharge = false
  /// Items that are taxed otherwise.
  public var items: [ItemRule] = []

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

/// The day whose rate of tax counts.
public enum TaxPoint: String, Sendable, CaseIterable {
  /// The day on which an invoice is issued.
  case invoice
  /// The day on which what a line is about is supplied: of usage and of fees, on each side of a change the rate of that side.
  case supply
}

/// Why no tax is charged where one would be.
public enum TaxReason: Hashable, Sendable {
  /// The customer is exempt.
  case exemptCustomer(String)
  /// The item is exempt.
  case exemptItem(String)
  /// The customer owes the tax.
  case reverseCharge

  /// As it stands on the invoice and in the record.
  public var text: String {
    switch self {
    case .exemptCustomer(let reason): "exempt customer: \(reason)"
    case .exemptItem(let reason): "exempt: \(reason)"
    case .reverseCharge: "reverse charge"
    }
  }
}

/// A tax of an invoice at one rate.
public struct TaxLine: Hashable, Sendable {
  /// The jurisdiction.
  public var jurisdiction: JurisdictionID
  /// The rate.
  public var rate: Price
  /// What is taxed, without the tax.
  public var taxable: Money
  /// The tax in whole minor units.
  public var amount: Money
  /// Why there is none; `nil`: there is.
  public var reason: TaxReason?

  /// Makes a line.
  public init(
    jurisdiction: JurisdictionID, rate: Price, taxable: Money, amount: Money, reason: TaxReason? = nil
  ) {
    self.jurisdiction = jurisdiction
    self.rate = rate
    self.taxable = taxable
    self.amount = amount
    self.reason = reason
  }
}

/// What of an amount was supplied from an instant on, until the next part's.
public struct SupplyPart: Hashable, Sendable {
  /// The first instant of the part.
  public var from: Instant
  /// The amount, in whole minor units.
  public var amount: Money

  /// Makes a part.
  public init(from: Instant, amount: Money) {
    self.from = from
    self.amount = amount
  }
}

/// The part of one tax of an invoice that a line, or a part of its supply, bears.
public struct TaxPart: Hashable, Sendable {
  /// The place of the tax in ``Invoice/taxes``.
  public var tax: Int
  /// The place of the part in ``InvoiceLine/supply``; 0 where the line has but one.
  public var supply: Int
  /// What is taxed, without the tax.
  public var taxable: Money
  /// The tax.
  public var amount: Money

  /// Makes a part.
  public init(tax: Int, supply: Int, taxable: Money, amount: Money) {
    self.tax = tax
    self.supply = supply
    self.taxable = taxable
    self.amount = amount
  }
}

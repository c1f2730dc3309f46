import CanonicalModel
import Chronology

/// An invoice in the making: it has no number yet, and no tax.
public struct DraftInvoice: Hashable, Sendable {
  /// The account.
  public var account: AccountID
  /// The currency.
  public var currency: Currency
  /// The period.
  public var period: Period
  /// The lines, discounted; without tax.
  public var lines: [InvoiceLine]

  /// The sum of the lines.
  public var subtotal: Money { lines.reduce(.zero) { $0 + $1.amount } }

  /// Makes a draft.
  public init(account: AccountID, currency: Currency, period: Period, lines: [InvoiceLine]) {
    self.account = account
    self.currency = currency
    self.period = period
    self.lines = lines
  }
}

/// The number of a call to the tax engine, unique within a run.
public struct TaxCallID: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The number.
  public var number: UInt64

  /// Makes an identifier.
  public init(number: UInt64) { self.number = number }

  /// Orders by number.
  public static func < (a: TaxCallID, b: TaxCallID) -> Bool { a.number < b.number }
}

/// What the tax engine is asked: the tax of some drafts, as of a day.
public struct TaxCall: Hashable, Sendable {
  /// The call.
  public var id: TaxCallID
  /// The drafts.
  public var drafts: [DraftInvoice]
  /// The instant at which they are to be issued: it decides the rate.
  public var at: Instant

  /// Makes a call.
  public init(id: TaxCallID, drafts: [DraftInvoice], at: Instant) {
    self.id = id
    self.drafts = drafts
    self.at = at
  }
}

/// The tax of a draft, as the engine answers it: the rates and the exact taxes of each line.
public struct TaxQuote: Hashable, Sendable {
  /// One tax on a part of a line.
  public struct Levy: Hashable, Sendable {
    /// The jurisdiction.
    public var jurisdiction: JurisdictionID
    /// The rate.
    public var rate: Price
    /// The tax before rounding.
    public var amount: Money
    /// Why there is none; `nil`: there is.
    public var reason: TaxReason?

    /// Makes a levy.
    public init(jurisdiction: JurisdictionID, rate: Price, amount: Money, reason: TaxReason? = nil) {
      self.jurisdiction = jurisdiction
      self.rate = rate
      self.amount = amount
      self.reason = reason
    }
  }

  /// A line of the draft, or a part of its supply, with its taxes.
  public struct Part: Hashable, Sendable {
    /// The place of the line.
    public var line: Int
    /// The place of the part in ``InvoiceLine/supply``; 0 where the line has but one.
    public var supply: Int
    /// Its price; with the taxes if they are included.
    public var price: Money
    /// The taxes, in the order of the customer's jurisdictions.
    public var levies: [Levy]

    /// Makes a part.
    public init(line: Int, supply: Int = 0, price: Money, levies: [Levy]) {
      self.line = line
      self.supply = supply
      self.price = price
      self.levies = levies
    }
  }

  /// Whether prices include the taxes.
  public var isIncluded: Bool
  /// The lines in the order of the draft.
  public var parts: [Part]

  /// Makes a quote.
  public init(isIncluded: Bool = false, parts: [Part]) {
    self.isIncluded = isIncluded
    self.parts = parts
  }
}

/// What the tax engine answers; silence is its own time-out.
public enum TaxAnswer: Hashable, Sendable {
  /// The tax of each draft, in order.
  case quoted([TaxQuote])
  /// Not available.
  case unavailable
}

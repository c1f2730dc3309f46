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

/// The tax of a draft, as the engine answers it: a rate, and the exact tax of each line.
public struct TaxQuote: Hashable, Sendable {
  /// The jurisdiction.
  public var jurisdiction: JurisdictionID
  /// The rate.
  public var rate: Price
  /// The tax of each line before rounding, in the order of the draft.
  public var lines: [Money]

  /// Makes a quote.
  public init(jurisdiction: JurisdictionID, rate: Price, lines: [Money]) {
    self.jurisdiction = jurisdiction
    self.rate = rate
    self.lines = lines
  }
}

/// What the tax engine answers; silence is its own time-out.
public enum TaxAnswer: Hashable, Sendable {
  /// The tax of each draft, in order.
  case quoted([TaxQuote])
  /// Not available.
  case unavailable
}

import CanonicalModel

/// What a contract costs in a period of which it may be in force for a part only: charges for usage with their allowances and
/// bounds reduced to the part, recurring charges, what the usage lacks to the minimum spend, and prepaid credits, bought and drawn.
///
/// It rates as a run does: the same share, by the price book's policy of proration.
public struct ContractQuote: Sendable {
  /// One item.
  public struct Line: Hashable, Sendable {
    /// The item.
    public var item: String
    /// What is priced.
    public var label: String
    /// How much of it.
    public var quantity: String
    /// The price per unit, of which the amount is the multiple; `nil` where a part of an interval is priced, or there is none.
    public var price: Money?
    /// The amount in whole minor units.
    public var amount: Money
  }

  private let book: PriceBook
  private let seats: Int
  private let share: Proration
  private let part: String

  /// Prepares a contract.
  ///
  /// - Parameters:
  ///   - seats: the number of seats.
  ///   - days: the days of the interval in which the contract is in force, and all of its days.
  public init(_ book: PriceBook, seats: Int, days: (own: Int, all: Int)) {
    self.book = book
    self.seats = seats
    let isWhole = days.own == days.all || book.proration == .none
    share = isWhole ? .whole : Proration(numerator: Int128(days.own), denominator: Int128(days.all))
    part = isWhole ? "" : ", \(days.own) of \(days.all) days"
  }

  /// A charge for usage, with its allowance and its bounds reduced to the part of the period.
  public func reduced(_ charge: Charge) -> Charge { share.of(charge) }

  /// What the contract costs beside its usage, in the order of the price book.
  ///
  /// - Parameter usage: what the usage costs, rounded.
  public func lines(besides usage: Money) -> [Line] {
    var lines: [Line] = []
    for charge in book.recurring {
      let units = charge.unit == .seat ? seats : 1
      let timing = charge.timing == .inAdvance ? "in advance" : "in arrears"
      let price = part.isEmpty ? "" : " at \(charge.price)"
      lines.append(
        Line(
          item: charge.name,
          label: "\(Self.interval(charge.months)) \(timing)\(price)\(part)",
          quantity: "\(units)", price: part.isEmpty ? charge.price : nil,
          amount: share.of(Money(units: charge.price.units * Int128(units)), in: book.currency)))
    }
    var spend = usage
    if let least = book.minimumSpend {
      let due = share.of(least, in: book.currency)
      let missing = max(.zero, due - usage)
      if book.prepaid?.coversMinimum == true { spend += missing }
      lines.append(
        Line(
          item: "minimum_spend", label: "true-up to \(due.text(in: book.currency))\(part)", quantity: "1",
          price: missing, amount: missing))
    }
    if let credits = book.prepaid {
      // They are bought in full, whatever part of the interval is left.
      lines.append(
        Line(
          item: credits.name, label: "prepaid credits bought", quantity: "1", price: credits.amount,
          amount: credits.amount))
      let drawn = Money.zero - min(credits.amount, max(.zero, spend))
      lines.append(
        Line(
          item: credits.name, label: "prepaid credits drawn", quantity: "1", price: drawn, amount: drawn))
    }
    return lines
  }

  /// How many days an interval of so many months can have: the fewest and the most of any that begins at a month's start.
  public static func days(of months: Int) -> ClosedRange<Int> {
    let years = [28, 29].map { february in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] }
    let lengths = years.flatMap { days in
      (0..<12).map { start in (0..<months).reduce(0) { $0 + days[(start + $1) % 12] } }
    }
    return (lengths.min() ?? 0)...(lengths.max() ?? 0)
  }

  /// The name of an interval of so many months.
  public static func interval(_ months: Int) -> String { [3: "quarter", 12: "year"][months] ?? "month" }
}

import CanonicalModel

/// What a contract costs beside its usage: recurring charges, reduced to a share of their interval, what the usage lacks to
/// the minimum spend, and what prepaid credits pay.
public struct ContractQuote: Sendable {
  /// One item.
  public struct Line: Hashable, Sendable {
    /// The item.
    public var item: String
    /// What is priced.
    public var label: String
    /// How much of it.
    public var quantity: String
    /// The price of a whole interval, per unit; `nil` where there is none.
    public var price: Money?
    /// The amount in whole minor units.
    public var amount: Money
  }

  /// The items in the order of the price book.
  public let lines: [Line]

  /// Prices a contract.
  ///
  /// - Parameters:
  ///   - usage: what the usage costs, rounded.
  ///   - seats: the number of seats.
  ///   - days: the days of the interval in which the contract is in force, and all of its days.
  public init(_ book: PriceBook, usage: Money, seats: Int, days: (own: Int, all: Int)) {
    let share = Proration(numerator: Int128(days.own), denominator: Int128(days.all))
    let part = days.own == days.all ? "" : ", \(days.own) of \(days.all) days"
    var lines: [Line] = []
    for charge in book.recurring {
      let units = charge.unit == .seat ? seats : 1
      let interval = [3: "quarter", 12: "year"][charge.months] ?? "month"
      let timing = charge.timing == .inAdvance ? "in advance" : "in arrears"
      lines.append(
        Line(
          item: charge.name, label: "\(interval) \(timing)\(part)", quantity: "\(units)", price: charge.price,
          amount: share.of(Money(units: charge.price.units * Int128(units)), in: book.currency)))
    }
    if let least = book.minimumSpend {
      let due = share.of(least, in: book.currency)
      lines.append(
        Line(
          item: "minimum_spend", label: "true-up to \(due.text(in: book.currency))\(part)", quantity: "1",
          price: least, amount: max(.zero, due - usage)))
    }
    if let credits = book.prepaid {
      lines.append(
        Line(
          item: credits.name, label: "prepaid credits drawn", quantity: "1", price: credits.amount,
          amount: .zero - min(credits.amount, max(.zero, usage))))
    }
    self.lines = lines
  }
}

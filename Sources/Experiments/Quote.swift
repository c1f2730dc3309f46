import CanonicalModel
import RunRecord
import UsageToCash

/// A price for a usage, rated by the core as it would rate a period.
public struct Quote: Sendable {
  /// What is used.
  public enum Usage: Hashable, Sendable {
    /// A period's total; where a charge rates single events, one event.
    case total(Quantity)
    /// Single events in order.
    case events([Quantity])
  }

  /// A usage of a meter.
  public struct Request: Hashable, Sendable {
    /// The meter.
    public var meter: String
    /// The usage.
    public var usage: Usage
    /// Makes a request.
    public init(meter: String, usage: Usage) {
      self.meter = meter
      self.usage = usage
    }
  }

  /// Why there is no price.
  public struct Problem: Error, Sendable, CustomStringConvertible {
    /// The meter, and what is wrong.
    public let description: String
  }

  /// The quote for output.
  public let record: QuoteRecord

  /// What else of a contract is priced.
  public struct Contract: Hashable, Sendable {
    /// The seats.
    public var seats: Int
    /// The days of the interval in which the contract is in force, and all of its days.
    public var days: (own: Int, all: Int)

    /// Makes a contract.
    public init(seats: Int, days: (own: Int, all: Int) = (1, 1)) {
      self.seats = seats
      self.days = days
    }

    /// Compares seats and days.
    public static func == (a: Contract, b: Contract) -> Bool { a.seats == b.seats && a.days == b.days }
    /// Hashes seats and days.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(seats)
      hasher.combine(days.own)
      hasher.combine(days.all)
    }
  }

  /// Rates the requests on a price book; with a contract, also its recurring charges, its minimum spend and its prepaid
  /// credits.
  public init(
    _ book: PriceBook, usage requests: [Request], contract: Contract? = nil
  ) throws(Problem) {
    var total = Money.zero
    var rounded = Money.zero
    var lines: [QuoteRecord.Line] = []
    for request in requests {
      guard let charge = book.charges.first(where: { $0.meter == request.meter }) else {
        throw Problem(description: "there is no charge for '\(request.meter)'")
      }
      let rater = ChargeRater(charge)
      let rated: RatedAmount
      do {
        switch request.usage {
        case .total(let quantity) where rater.needsEvents:
          rated = try rater.rate(events: quantity > .zero ? [quantity] : [])
        case .total(let quantity): rated = try rater.rate(quantity: quantity)
        case .events(let quantities): rated = try rater.rate(events: quantities)
        }
      } catch {
        throw Problem(description: "\(request.meter): \(error)")
      }
      total += rated.amount
      rounded += rated.amount.rounded(to: book.currency)
      lines += rated.lines.map {
        QuoteRecord.Line(
          meter: request.meter, label: $0.label, quantity: "\($0.quantity)",
          unitPrice: $0.unitPrice.map { "\($0)" }, flatFee: "\($0.flatFee)", amount: "\($0.amount)")
      }
    }
    if let contract {
      for line in ContractQuote(
        book, usage: rounded, seats: contract.seats, days: contract.days
      ).lines {
        total += line.amount
        rounded += line.amount
        lines.append(
          QuoteRecord.Line(
            meter: line.item, label: line.label, quantity: line.quantity,
            unitPrice: line.price.map { "\($0)" },
            flatFee: "0", amount: "\(line.amount)"))
      }
    }
    record = QuoteRecord(
      currency: book.currency.code, amount: "\(total)", rounded: rounded.text(in: book.currency), lines: lines
    )
  }
}

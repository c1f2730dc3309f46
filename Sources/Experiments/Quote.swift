import CanonicalModel
import RunRecord
import UsageToCash

/// A price for a usage, rated by the core as it would rate a period.
package struct Quote: Sendable {
  /// What is used.
  package enum Usage: Hashable, Sendable {
    /// A part of a period's total; where a charge rates single events, one event.
    case total(Quantity)
    /// Single events in order.
    case events([Quantity])
  }

  /// A usage of a meter.
  package struct Request: Hashable, Sendable {
    /// The meter.
    package var meter: String
    /// The usage.
    package var usage: Usage
    /// Makes a request.
    package init(meter: String, usage: Usage) {
      self.meter = meter
      self.usage = usage
    }
  }

  /// Why there is no price.
  package struct Problem: Error, Sendable, CustomStringConvertible {
    /// The meter, and what is wrong.
    package let description: String

    init(_ description: String) { self.description = description }
  }

  /// The quote for output.
  package let record: QuoteRecord

  /// What else of a contract is priced.
  package struct Contract: Hashable, Sendable {
    /// The seats.
    package var seats: Int
    /// The days of the interval in which the contract is in force, and all of its days.
    package var days: (own: Int, all: Int)

    /// Makes a contract.
    package init(seats: Int, days: (own: Int, all: Int) = (1, 1)) {
      self.seats = seats
      self.days = days
    }

    /// Compares seats and days.
    package static func == (a: Contract, b: Contract) -> Bool { a.seats == b.seats && a.days == b.days }
    /// Hashes seats and days.
    package func hash(into hasher: inout Hasher) {
      hasher.combine(seats)
      hasher.combine(days.own)
      hasher.combine(days.all)
    }
  }

  /// Rates the requests on a price book, those of one meter together; with a contract, also its recurring charges, its minimum
  /// spend and its prepaid credits, and all of it reduced to the part of the period in which it is in force.
  package init(
    _ book: PriceBook, usage requests: [Request], contract: Contract? = nil
  ) throws(Problem) {
    let terms = contract.map { ContractQuote(book, seats: $0.seats, days: $0.days) }
    var total = Money.zero
    var rounded = Money.zero
    var lines: [QuoteRecord.Line] = []
    var requests = requests
    if contract != nil {
      // What a contract asks for though nothing was used is a part of what it costs.
      let named = Set(requests.map(\.meter))
      requests += book.idleCharges.filter { !named.contains($0.meter) }
        .map { Request(meter: $0.meter, usage: .total(.zero)) }
    }
    for meter in Self.meters(of: requests) {
      guard let charge = book.charges.first(where: { $0.meter == meter }) else {
        throw Problem("there is no charge for '\(meter)'")
      }
      let rater = ChargeRater(terms?.reduced(charge) ?? charge)
      let own = requests.filter { $0.meter == meter }
      let rated: RatedAmount
      do {
        rated = try rater.rate(
          events: own.flatMap { request in
            switch request.usage {
            // Where single events are rated, a total is one event; the only one of zero is a period without any.
            case .total(let quantity):
              rater.needsEvents && quantity == .zero && own.count == 1 ? [] : [quantity]
            case .events(let quantities): quantities
            }
          })
      } catch {
        throw Problem("\(meter): \(error)")
      }
      total += rated.amount
      rounded += rated.amount.rounded(to: book.currency)
      lines += rated.lines.map {
        QuoteRecord.Line(
          meter: meter, label: $0.label, quantity: "\($0.quantity)",
          unitPrice: $0.unitPrice.map { "\($0)" }, flatFee: "\($0.flatFee)", amount: "\($0.amount)")
      }
    }
    for line in terms?.lines(besides: rounded) ?? [] {
      total += line.amount
      rounded += line.amount
      lines.append(
        QuoteRecord.Line(
          meter: line.item, label: line.label, quantity: line.quantity,
          unitPrice: line.price.map { "\($0)" },
          flatFee: "0", amount: "\(line.amount)"))
    }
    record = QuoteRecord(
      currency: book.currency.code, amount: "\(total)", rounded: rounded.text(in: book.currency), lines: lines
    )
  }

  /// The meters of some requests, each once.
  private static func meters(of requests: [Request]) -> [String] {
    var meters: [String] = []
    for request in requests where !meters.contains(request.meter) { meters.append(request.meter) }
    return meters
  }
}

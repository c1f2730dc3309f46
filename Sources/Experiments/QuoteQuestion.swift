import CanonicalModel
import Scenario
import UsageToCash

extension Quote {
  /// What a person asks for, in the words of the command line.
  package struct Question: Hashable, Sendable {
    /// Periods' totals: `N` for every charge of the book, `METER=N` for one; those of one meter add up.
    package var usage: [String]
    /// Single events, such as `10,2.5`, in the order in which they happened.
    package var events: String?
    /// The only meter that is priced; `nil`: all.
    package var meter: String?
    /// Whether what a contract costs beside its usage is priced, too.
    package var contract: Bool
    /// The seats of the contract; one if left out.
    package var seats: Int?
    /// The part of the interval in which the contract is in force, such as `15/31`; all of it if left out.
    package var days: String?

    /// Makes a question.
    package init(
      usage: [String] = [], events: String? = nil, meter: String? = nil, contract: Bool = false,
      seats: Int? = nil, days: String? = nil
    ) {
      self.usage = usage
      self.events = events
      self.meter = meter
      self.contract = contract
      self.seats = seats
      self.days = days
    }

    /// The usages to rate.
    func requests(for book: PriceBook) throws(Problem) -> [Request] {
      guard usage.isEmpty != (events == nil) else {
        throw Problem("give either --usage or --events")
      }
      let known = book.charges.map(\.meter)
      if let meter { try check(meter, known) }
      let meters = meter.map { [$0] } ?? known
      var requests: [Request] = []
      if let events {
        var quantities: [Quantity] = []
        for text in events.split(separator: ",", omittingEmptySubsequences: false) {
          quantities.append(try quantity(text.filter { $0 != " " }))
        }
        for meter in meters { requests.append(Request(meter: meter, usage: .events(quantities))) }
      }
      for text in usage {
        if let equals = text.lastIndex(of: "=") {
          let name = String(text[..<equals])
          try check(name, known)
          if let meter, meter != name {
            throw Problem("--usage \(text) and --meter \(meter) name different meters")
          }
          requests.append(
            Request(meter: name, usage: .total(try quantity(text[text.index(after: equals)...]))))
        } else {
          let total = try quantity(text[...])
          for meter in meters { requests.append(Request(meter: meter, usage: .total(total))) }
        }
      }
      return requests
    }

    /// The contract to price; `nil`: usage alone.
    func terms(in book: PriceBook) throws(Problem) -> Contract? {
      guard contract else {
        if seats != nil { throw Problem("--seats requires --contract") }
        if days != nil { throw Problem("--days requires --contract") }
        return nil
      }
      let seats = seats ?? 1
      guard (0...1_000_000).contains(seats) else { throw Problem("--seats must be between 0 and 1000000") }
      guard let days else { return Contract(seats: seats) }
      let parts = days.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 2, let own = parts[0], let all = parts[1] else {
        throw Problem("--days must look like 15/31: the days in force, of all days of the interval")
      }
      guard (1...3660).contains(all) else {
        throw Problem("--days \(days): an interval has between 1 and 3660 days, not \(all)")
      }
      guard (1...all).contains(own) else {
        throw Problem("--days \(days): the days in force must be between 1 and \(all), not \(own)")
      }
      let intervals = Self.intervals(of: book)
      guard intervals.contains(where: { ContractQuote.days(of: $0).contains(all) }) else {
        let lengths = intervals.sorted().map {
          let days = ContractQuote.days(of: $0)
          return "a \(ContractQuote.interval($0)) has \(days.lowerBound) to \(days.upperBound)"
        }
        throw Problem(
          "--days \(days): no interval of this book has \(all) days; \(lengths.joined(separator: ", "))")
      }
      if own != all, book.proration != .none { try checkIntervals(of: book) }
      return Contract(seats: seats, days: (own, all))
    }

    /// The intervals of a book's prices, in months; usage alone is of months.
    private static func intervals(of book: PriceBook) -> Set<Int> {
      var months = Set(book.recurring.map(\.months))
      let isMonthly =
        book.minimumSpend != nil
        || book.charges.contains { $0.includedUnits != .zero || $0.minimum != nil || $0.maximum != nil }
      if isMonthly || months.isEmpty { months.insert(1) }
      return months
    }

    /// Days are of one interval: a book whose prices are of several is priced in part by none.
    private func checkIntervals(of book: PriceBook) throws(Problem) {
      let months = Self.intervals(of: book)
      guard months.count > 1 else { return }
      let names = months.sorted().map { "a \(ContractQuote.interval($0))" }.joined(separator: " and of ")
      throw Problem(
        "--days describes one interval, but this book has prices of \(names): quote each from a book of its own"
      )
    }

    private func check(_ name: String, _ known: [String]) throws(Problem) {
      guard known.contains(name) else {
        throw Problem("there is no charge for '\(name)'" + NearestKey.hint(for: name, among: known))
      }
    }

    private func quantity(_ text: some StringProtocol) throws(Problem) -> Quantity {
      guard let quantity = Quantity(text), quantity >= .zero else {
        throw Problem(
          "'\(text)' should be a decimal of at least 0 with at most \(Quantity.scale) fraction digits")
      }
      return quantity
    }
  }

  /// Answers a question on a price book: what the verb `quote` does.
  package init(_ book: PriceBook, _ question: Question) throws(Problem) {
    try self.init(book, usage: question.requests(for: book), contract: question.terms(in: book))
  }
}

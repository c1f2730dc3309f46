import ArgumentParser
import CanonicalModel
import Experiments
import Foundation
import Reports
import RunRecord
import Scenario

struct QuoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quote", abstract: "Rates a quantity on a price book, with the working shown.",
    discussion: """
      --usage N rates N on every charge of the book; --usage METER=N, which may be repeated, on one; \
      --contract adds what a contract costs beside its usage; \
      for a charge that rates single events, N is one event. --events a,b,c rates single events in the order in which they happened. \
      Amounts are exact; 'rounded' is what an invoice would show.
      """)

  @Argument(help: "A YAML file with a price book or a single charge.")
  var priceBook: String

  @Option(help: ArgumentHelp("A period's total.", valueName: "n or meter=n"))
  var usage: [String] = []

  @Option(help: ArgumentHelp("Single events' quantities.", valueName: "a,b,c"))
  var events: String?

  @Option(help: ArgumentHelp("Only the charge of this meter.", valueName: "name"))
  var meter: String?

  @Flag(help: "Also the recurring charges, the minimum spend and the prepaid credits.")
  var contract = false

  @Option(help: "The seats of the contract.")
  var seats: Int = 1

  @Option(
    help: ArgumentHelp(
      "The days of the interval in which the contract is in force, of all of its days.", valueName: "own/all")
  )
  var days: String?

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func run() throws {
    let book = try Console.reading { try PriceBookFile.read(file: priceBook) }
    let quote: Quote
    do {
      quote = try Quote(
        book, usage: try requests(for: book),
        contract: contract ? .init(seats: try whole(seats), days: try share()) : nil)
    } catch let error as Quote.Problem {
      throw ValidationError(error.description)
    }
    switch format {
    case .json: try Console.write(quote.record.json())
    case .text: try Console.print(QuoteText(quote.record, style: Console.style).text())
    }
  }

  private func whole(_ seats: Int) throws -> Int {
    guard (0...1_000_000).contains(seats) else { throw ValidationError("--seats is from 0 to 1000000") }
    return seats
  }

  private func share() throws -> (own: Int, all: Int) {
    guard let days else { return (1, 1) }
    let parts = days.split(separator: "/").compactMap { Int($0) }
    guard parts.count == 2, parts[1] > 0, parts[1] <= 3660, (0...parts[1]).contains(parts[0]) else {
      throw ValidationError("--days is such as 15/31")
    }
    return (parts[0], parts[1])
  }

  private func requests(for book: PriceBook) throws -> [Quote.Request] {
    guard usage.isEmpty != (events == nil) else {
      throw ValidationError("give either --usage or --events")
    }
    let known = book.charges.map(\.meter)
    func check(_ name: String) throws {
      guard known.contains(name) else {
        throw ValidationError("there is no charge for '\(name)'" + NearestKey.hint(for: name, among: known))
      }
    }
    if let meter { try check(meter) }
    let meters = meter.map { [$0] } ?? known
    if let events {
      let quantities = try events.split(separator: ",", omittingEmptySubsequences: false).map {
        try quantity($0.filter { $0 != " " })
      }
      return meters.map { Quote.Request(meter: $0, usage: .events(quantities)) }
    }
    var requests: [Quote.Request] = []
    for text in usage {
      if let equals = text.lastIndex(of: "=") {
        let name = String(text[..<equals])
        try check(name)
        requests.append(
          Quote.Request(meter: name, usage: .total(try quantity(text[text.index(after: equals)...]))))
      } else {
        let total = try quantity(text[...])
        requests += meters.map { Quote.Request(meter: $0, usage: .total(total)) }
      }
    }
    return requests
  }

  private func quantity(_ text: some StringProtocol) throws -> Quantity {
    guard let quantity = Quantity(text), quantity >= .zero else {
      throw ValidationError(
        "'\(text)' should be a decimal of at least 0 with at most \(Quantity.scale) fraction digits")
    }
    return quantity
  }
}

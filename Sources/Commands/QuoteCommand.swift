import ArgumentParser
import Experiments
import Foundation
import Reports
import RunRecord
import Scenario

struct QuoteCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "quote", abstract: "Rates a quantity against a price book, and shows the working.",
    discussion: """
      --usage N rates N on every charge of the book, --usage METER=N on one; repeated, they add up. \
      For a charge that rates single events, each N is one event. --contract adds what a contract costs besides its usage, \
      for a whole period or, with --days, for a part of it, as a run bills it. --events a,b,c rates single events in the order in which they happened. \
      Amounts are exact; 'rounded' is what an invoice would show.

      """ + Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm quote saas-usd --usage tokens=18059974",
    "meterstorm quote saas-usd --usage api_calls=2500 --contract --days 15/31",
  ]

  @Argument(
    help:
      "A YAML file with a price book or a single charge, or the name of a price book that comes with the program."
  )
  var priceBook: String

  @Option(help: ArgumentHelp("A period's total.", valueName: "n or meter=n"))
  var usage: [String] = []

  @Option(help: ArgumentHelp("Quantities of single events.", valueName: "a,b,c"))
  var events: String?

  @Option(help: ArgumentHelp("Only the charge of this meter.", valueName: "name"))
  var meter: String?

  @Flag(help: "Adds the recurring charges, the minimum spend and the prepaid credits.")
  var contract = false

  @Option(help: "The seats of the contract; 1 if left out.")
  var seats: Int?

  @Option(
    help: ArgumentHelp(
      "The days in force, of all days of the interval.", valueName: "own/all")
  )
  var days: String?

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  @OptionGroup var texts: TextOptions

  func run() throws {
    let book = try Console.reading { try PriceBookFile.read(file: ShippedScenarios.priceBook(priceBook)) }
    let quote: Quote
    do throws(Quote.Problem) {
      quote = try Quote(
        book,
        Quote.Question(
          usage: usage, events: events, meter: meter, contract: contract, seats: seats, days: days))
    } catch {
      throw ValidationError(error.description)
    }
    switch format {
    case .json: try Console.write(quote.record.json())
    case .text: try Console.print(QuoteText(quote.record, style: Console.style).text())
    }
  }
}

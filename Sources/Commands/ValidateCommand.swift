import ArgumentParser
import Experiments
import Scenario

struct ValidateCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks scenarios, designs and price books, and the files they refer to.",
    discussion: Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm validate chaos scenarios/price-books/saas-usd.yaml"
  ]

  @Argument(help: "YAML files.")
  var files: [String]

  @Flag(help: "Accepts scenarios estimated to be too large to run.")
  var allowLarge = false

  func run() throws {
    if allowLarge { WorkEstimate.isLifted = true }
    var isValid = true
    for file in files {
      do {
        let path = ShippedScenarios.file(file)
        let kind = try FileKind.detect(file: path)
        switch kind {
        case .scenario: _ = try SimulationRun(try ScenarioFile.read(file: file))
        case .design: _ = try DesignFile.read(file: path)
        case .priceBook: _ = try PriceBookFile.read(file: path)
        case .erp, .costs, .plan, .faults, .defaults:
          throw InvalidInput(
            "\(kind.sentence), but validate takes a scenario, a design or a price book; \(kind.use)",
            at: Position(file: file))
        }
        try Console.print("\(file): a valid \(kind.rawValue)\n")
      } catch let error as InvalidInput {
        Console.note(error.description)
        isValid = false
      }
    }
    if !isValid { throw Exit.badInput }
  }
}

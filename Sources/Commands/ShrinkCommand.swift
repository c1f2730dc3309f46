import ArgumentParser
import Experiments
import Foundation
import Scenario

struct ShrinkCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "shrink",
    abstract: "Finds the smallest scenario that still breaks the invariant that a seed breaks.",
    discussion: """
      Takes the same options as the run that failed: 'meterstorm shrink SCENARIO --explore --seed 1 --defect retry-without-key'. The resulting \
      scenario is self-contained, except for traces.

      """ + Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm shrink azure-llm-tokens \\",
    "  --defect retry-without-key --minutes 0.2 --output smallest.yaml",
  ]

  @Argument(help: "The scenario's YAML file, or the name of one that is built in.")
  var scenario: String

  @OptionGroup var choice: ScenarioChoice

  @Option(
    help: ArgumentHelp(
      "The invariant or expectation that must still fail; what breaks first if left out.", valueName: "name"))
  var broken: String?

  @Option(
    help: ArgumentHelp("The file to write the scenario to; standard output if left out.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Stops after N minutes with the smallest scenario found so far.", valueName: "n"))
  var minutes = 10.0

  @Flag(help: "Overwrites files that are not earlier results.")
  var force = false

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    guard minutes > 0, minutes <= 10_000 else {
      throw ValidationError("--minutes must be more than 0 and at most 10000")
    }
  }

  func run() throws {
    let file = try output.map { try OutputFile($0, option: "--output", inputs: [scenario], force: force) }
    let shrink = try Console.reading { try prepare() }
    Interruption.listen()
    let begin = ContinuousClock.now
    var shownAt = begin
    let outcome = try Console.reading {
      try shrink.perform { progress in
        let now = ContinuousClock.now
        if !quiet, !progress.step.isEmpty, now - shownAt > .milliseconds(500) {
          shownAt = now
          Console.note(
            "\(progress.tried) tried: \(progress.size.faults) faults, \(progress.size.customers) customers, "
              + "\(progress.size.usageEvents) usage events; without \(progress.step)")
        }
        return !Interruption.isRequested && now - begin < .seconds(minutes * 60)
      }
    }
    guard let outcome else {
      Console.note("meterstorm: \(broken ?? "nothing") breaks on this seed: there is nothing to shrink")
      throw Exit.badUsage
    }
    if let file { try file.write(Data(outcome.scenario.utf8)) } else { try Console.print(outcome.scenario) }
    if !quiet {
      let (before, after) = (outcome.before, outcome.after)
      Console.note(
        "\(outcome.broken): \(before.faults) faults to \(after.faults), \(before.customers) customers to \(after.customers), "
          + "\(before.usageEvents) usage events to \(after.usageEvents); \(outcome.tried) scenarios tried"
          + (outcome.isStopped ? "; stopped before the end" : ""))
    }
    if Interruption.isRequested { throw Exit.interrupted }
  }

  private func prepare() throws -> Shrink {
    let (campaign, seed) = try choice.campaign(scenario)
    return Shrink(campaign, seed: seed, wanted: broken)
  }
}

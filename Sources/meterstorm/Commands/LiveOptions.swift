import ArgumentParser
import Chronology
import Experiments
import Foundation
import Live
import Scenario
import UsageToCash
import World

/// A scenario on the real clock.
struct LiveOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The root seed; the scenario's own if left out.", valueName: "n"))
  var seed: UInt64?

  @Option(
    name: .customLong("set"), help: ArgumentHelp("Changes a value of the scenario.", valueName: "path=value"))
  var settings: [String] = []

  @Option(help: ArgumentHelp("A built-in design or a design file.", valueName: "name-or-file"))
  var design: String?

  @Option(help: ArgumentHelp("How many of the scenario's seconds pass in one.", valueName: "n"))
  var timeScale = 1.0

  @Option(
    help: ArgumentHelp(
      "When the scenario begins: nanoseconds since the machine started, the same for all processes of a test; now if left out.",
      valueName: "ns"))
  var origin: Int64?

  @Flag(help: "Runs what is estimated to be too large all the same.")
  var allowLarge = false

  func validate() throws {
    if allowLarge { WorkEstimate.isLifted = true }
    guard timeScale >= 0.001, timeScale <= 1e6 else {
      throw ValidationError("--time-scale is from 0.001 to 1000000")
    }
    try SimulationOptions.check(settings)
    if let origin, origin < 0 { throw ValidationError("--origin is not before the machine's start") }
  }

  /// The scenario, assembled; one that has parts without a counterpart on the real clock is refused.
  func prepare(_ file: String) throws -> (
    scenario: ScenarioFile, identity: LogIdentity, assembly: Assembly, seed: UInt64, clock: LiveClock
  ) {
    try Console.reading {
      var choice = SimulationChoice()
      (choice.design, choice.settings) = (design, settings)
      let template = try ScenarioTemplate(file: file, settings: choice.edits)
      let scenario = template.scenario
      try WorkEstimate(scenario).check(scenario)
      let assembly = try Assembly(scenario)
      let parts = assembly.world.simulatedOnly
      guard parts.isEmpty else {
        throw InvalidInput(
          "on the real clock there is no \(parts.joined(separator: ", no ")) yet: leave it out, or simulate it",
          at: Position(file: file))
      }
      // The seed decides what the scenario leaves to chance of its customers, such as who has a discount.
      let seed = seed ?? scenario.seed
      let identity = [LogIdentity.Entry(name: "seed", value: "\(seed)")]
      return (
        scenario,
        LogIdentity(identity + template.identity.map { .init(name: $0.name, value: $0.value) }), assembly,
        seed,
        LiveClock(start: scenario.start, origin: origin, scale: timeScale)
      )
    }
  }
}

/// The address of another service, from the command line.
enum ServiceAddress {
  /// Refuses what no request could be sent to.
  static func check(_ text: String, _ option: String) throws {
    let parts = URLComponents(string: text)
    guard let parts, ["http", "https"].contains(parts.scheme), let host = parts.host, !host.isEmpty,
      parts.user == nil, parts.query == nil, parts.fragment == nil,
      (1...65535).contains(parts.port ?? 80)
    else { throw ValidationError("\(option) '\(text)' should be an address such as http://127.0.0.1:8381") }
  }
}

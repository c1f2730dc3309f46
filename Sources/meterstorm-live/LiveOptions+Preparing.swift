import Chronology
import Commands
import Experiments
import Live
import Scenario
import UsageToCash
import World

extension LiveOptions {
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

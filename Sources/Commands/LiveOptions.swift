import ArgumentParser
import Experiments

/// A scenario on the real clock.
package struct LiveOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The root seed; the scenario's own if left out.", valueName: "n"))
  package var seed: UInt64?

  @Option(
    name: .customLong("set"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Changes a value of the scenario.", valueName: "path=value"))
  package var settings: [String] = []

  @Option(help: ArgumentHelp("A built-in design or a design file.", valueName: "name-or-file"))
  package var design: String?

  @Option(help: ArgumentHelp("How many of the scenario's seconds pass per real second.", valueName: "n"))
  package var timeScale = 1.0

  @Option(
    help: ArgumentHelp(
      "When the scenario begins: nanoseconds since the machine started; the same for all processes of a test. Now if left out.",
      valueName: "ns"))
  package var origin: Int64?

  @Flag(help: "Runs even a scenario estimated to be too large.")
  package var allowLarge = false

  package func validate() throws {
    if allowLarge { WorkEstimate.isLifted = true }
    guard timeScale >= 0.001, timeScale <= 1e6 else {
      throw ValidationError("--time-scale must be between 0.001 and 1000000")
    }
    try SimulationOptions.check(settings)
    if let origin, origin < 0 { throw ValidationError("--origin must not be negative") }
  }

  package init() {}
}

import ArgumentParser
import Chronology
import Experiments
import Foundation
import Reports
import RunRecord
import Scenario

struct ReplayCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Repeats a run up to an instant and prints the state of every stage and queue there.",
    discussion: """
      RUN is a folder written by 'run --output', or a scenario with the options of the run. The instant is, for example, \
      2026-02-01T03:00:00Z, 5d12h (after the start), or month-end+90m.

      """ + Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm replay azure-llm-tokens --until month-end+3h"
  ]

  @Argument(help: ArgumentHelp("A folder of 'run --output', or a scenario.", valueName: "run"))
  var source: String

  @OptionGroup var choice: ScenarioChoice

  @Option(help: ArgumentHelp("Stop time (events at that instant are included).", valueName: "instant"))
  var until: String

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  @OptionGroup var texts: TextOptions

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    guard PointInTime(until) != nil else {
      throw ValidationError("'\(until)' for --until should be \(Unit.moment.wanted)")
    }
  }

  func run() throws {
    let source = try RepeatedRun(self.source, choice)
    guard let instant = PointInTime(until)?.instant(start: source.run.scenario.start) else { return }
    guard instant >= source.run.scenario.start else {
      throw ValidationError("the run begins at \(source.run.scenario.start), after \(instant)")
    }
    Interruption.listen()
    let progress = Progress(title: source.run.scenario.name, isQuiet: quiet)
    let state = source.run.replay(until: instant, command: source.command) {
      progress.show($0)
      return !Interruption.isRequested
    }
    progress.end()
    switch format {
    case .json: try Console.write(state.json())
    case .text: try Console.print(ReplaySnapshotText(state, style: Console.style).text())
    }
    if Interruption.isRequested { throw Exit.interrupted }
  }
}

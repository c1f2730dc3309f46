import ArgumentParser
import Experiments
import Foundation
import ResultsDatabase
import Scenario
import Synchronization

/// What all studies have in common.
struct StudyOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Changes a value of the scenario; -path removes one.", valueName: "path=value"))
  var settings: [String] = []

  @Option(help: ArgumentHelp("Plants a known defect (list defects).", valueName: "name"))
  var defect: String?

  @Option(help: ArgumentHelp("The first seed.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Confidence of the intervals.", valueName: "share"))
  var confidence = "95%"

  @Option(help: ArgumentHelp("Maximum concurrent runs. (default: 2)", valueName: "n"))
  var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "Keeps runs and results in this database; in memory only if left out.", valueName: "file"))
  var database: String?

  @Option(
    help:
      "Format of standard output: text, json (the record), or html (one self-contained page). (default: text)"
  )
  var format: StudyFormat?

  @OptionGroup var texts: TextOptions

  @Flag(help: "Runs even a scenario estimated to be too large.")
  var allowLarge = false

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    if allowLarge { WorkEstimate.isLifted = true }
    guard (1...256).contains(jobs ?? 1) else { throw ValidationError("--jobs must be between 1 and 256") }
    guard seed <= UInt64(Int64.max) - 100_000 else { throw ValidationError("--seed is too large") }
    let share = try share()
    guard share >= 0.5, share <= 0.9999 else {
      throw ValidationError("--confidence must be between 50% and 99.99%")
    }
    try SimulationOptions.check(settings)
    if let defect, !Defect.all.contains(where: { $0.name == defect }) {
      throw ValidationError(
        "there is no defect '\(defect)'" + NearestKey.hint(for: defect, among: Defect.all.map(\.name)))
    }
  }

  func share() throws -> Double { try Self.share(confidence, "--confidence") }

  static func share(_ text: String, _ option: String) throws -> Double {
    guard let share = Unit.share(text), share > 0 else {
      throw ValidationError("'\(text)' for \(option) should be a share such as 5%")
    }
    return share
  }

  /// Performs a study; errors are told as everywhere.
  func performing<Result>(
    _ scenario: String, kind: String, bar: StudyProgress, _ body: (Laboratory) throws -> Result
  ) throws -> Result {
    let laboratory = try Console.database {
      try Console.reading {
        let template = try ScenarioTemplate(
          file: scenario, settings: settings.compactMap(ScenarioFile.Setting.init))
        var campaign = Campaign(template, seeds: 0...0)
        campaign.explores = false
        campaign.defect = Defect.all.first { $0.name == defect }
        campaign.options =
          [kind] + (defect.map { ["defect \($0)"] } ?? []) + settings.map { "set \($0)" }
        let store = try Console.store(try Defaults.database(database))
        let jobs = try Defaults.jobs(jobs)
        return try Laboratory(campaign, store: store, jobs: jobs) { done in
          bar.show(done)
          return !Interruption.isRequested
        }
      }
    }
    Interruption.listen()
    defer { bar.end() }
    return try Console.database { try Console.reading { try body(laboratory) } }
  }
}

package enum StudyFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
  case html
}

/// A range of whole numbers on the command line: `10..20`, or `10`.
struct CountRange: ExpressibleByArgument {
  var low: Int
  var high: Int

  init(low: Int, high: Int) { (self.low, self.high) = (low, high) }

  init?(argument: String) {
    guard let range = SeedRange(argument: argument)?.range, range.lowerBound >= 2, range.upperBound <= 100_000
    else { return nil }
    self.init(low: Int(range.lowerBound), high: Int(range.upperBound))
  }

  var defaultValueDescription: String { "\(low)..\(high)" }
}

/// How far a study has come.
final class StudyProgress: Sendable {
  private let line: ProgressLine
  private let what = Mutex("")

  init(isQuiet: Bool) { line = ProgressLine(isQuiet: isQuiet) }

  /// Says what the study is at.
  func say(_ what: String) { self.what.withLock { $0 = what } }

  func show(_ runs: Int) {
    let what = what.withLock(\.self)
    line.show { _ in "\(runs) runs" + (what.isEmpty ? "" : ", \(what)") }
  }

  func end() { line.end() }
}

import ArgumentParser
import Experiments
import Foundation
import Reports
import RunRecord
import Scenario

struct ExplainCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract:
      "Explains a transaction or a violation: its lineage in both directions, and everything that touched it.",
    discussion: """
      RUN is a folder written by 'run --output', or a scenario with the options of the run. The run is repeated with \
      tracing on, which gives the same events. Transactions are, for example: 'customer c1', 'usage c1 api_calls 2026-01', \
      'event api_calls-1/99', 'charge 17', 'invoice US-000042', 'posting invoice/US-000042/1', 'document us/24'.

      """ + Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm run azure-llm-tokens --output broken \\",
    "  --defect retry-without-key",
    "meterstorm explain broken --violation 1",
    "meterstorm explain azure-llm-tokens \\",
    "  --transaction 'document us/24'",
    "meterstorm explain broken --sample 5 --format otlp",
  ]

  @Argument(help: ArgumentHelp("A folder of 'run --output', or a scenario.", valueName: "run"))
  var source: String

  @OptionGroup var choice: ScenarioChoice

  @Option(help: ArgumentHelp("The transaction to explain.", valueName: "id"))
  var transaction: String?

  @Option(
    help: ArgumentHelp(
      "The violation to explain, by its number in the run's summary (#1 belongs to what broke first).",
      valueName: "k"))
  var violation: Int?

  @Option(
    help: ArgumentHelp(
      "Traces N invoices, spread evenly over all; requires --format otlp.", valueName: "n"))
  var sample: Int?

  @Option(
    help:
      "text, json, html (one self-contained page), trace (for ui.perfetto.dev and chrome://tracing), or otlp (OpenTelemetry spans as JSON)."
  )
  var format: ExplanationFormat = .text

  @OptionGroup var texts: TextOptions

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    guard [transaction != nil, violation != nil, sample != nil].count(where: \.self) == 1 else {
      throw ValidationError("say which: --transaction ID, --violation K, or --sample N")
    }
    if let sample {
      guard format == .otlp else { throw ValidationError("--sample requires --format otlp") }
      guard (1...10_000).contains(sample) else {
        throw ValidationError("--sample must be between 1 and 10000")
      }
    }
  }

  func run() throws {
    let source = try RepeatedRun(self.source, choice)
    let question: Explain.Question = violation.map { .violation($0) } ?? .transaction(transaction ?? "")
    let progress = Progress(title: source.run.scenario.name, isQuiet: quiet)
    do {
      defer { progress.end() }
      let explain = Explain(source.run, command: source.command)
      func show(_ share: Double) -> Bool {
        progress.show(share)
        return true
      }
      if let sample {
        let stories = try explain.sample(sample, fingerprint: source.fingerprint, progress: show)
        return try Console.write(OpenTelemetryTrace.data(stories))
      }
      let story = try explain.answer(question, fingerprint: source.fingerprint, progress: show)
      switch format {
      case .json: try Console.write(story.json())
      case .text: try Console.print(ExplanationText(story, style: Console.style).text())
      case .html: try Console.print(ExplanationReport(story).html())
      case .otlp: try Console.write(OpenTelemetryTrace.data([story]))
      case .trace: try Console.write(ChromeTrace.data(story))
      }
    } catch let failure as Explain.Failure {
      Console.note("\(self.source): \(failure)")
      throw Exit.badInput
    }
  }
}

enum ExplanationFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
  case html
  case trace
  case otlp
}

/// A run that is made once more: one that was kept in a folder, or a scenario with options.
struct RepeatedRun {
  var run: SimulationRun
  /// What repeats it, for the reader.
  var command: String
  /// The fingerprint that it has to have; `nil`: whatever comes of it.
  var fingerprint: String?

  init(_ source: String, _ choice: ScenarioChoice) throws {
    var (scenario, choice) = (source, choice)
    if OutputFolder.isFolder(source) {
      guard choice.arguments.isEmpty else {
        throw ValidationError("options cannot be combined with a run folder")
      }
      let manifest = try RunManifest.read(from: source)
      // Designs and files of settings are named as they were there.
      guard FileManager.default.changeCurrentDirectoryPath(manifest.directory) else {
        Console.note("\(source): the run was made in \(manifest.directory), which is gone")
        throw Exit.badInput
      }
      scenario = manifest.scenario
      do {
        choice = try ScenarioChoice.parse(manifest.arguments)
      } catch {
        Console.note("\(source)/run.json: arguments: \(ScenarioChoice.message(for: error))")
        throw Exit.badInput
      }
      fingerprint = manifest.fingerprint
    }
    run = try choice.prepare(scenario)
    let folder = ShellWords.quoted(FileManager.default.currentDirectoryPath)
    command = "cd \(folder) && " + ShellWords.text(run.command)
  }
}

/// What repeats a run: `run.json` in its folder.
struct RunManifest: Codable, CheckedRecord {
  /// The folder in which the command was given.
  var directory: String
  /// The scenario's file, as it was named there.
  var scenario: String
  /// The options that shape the run.
  var arguments: [String]
  /// The hash over every event.
  var fingerprint: String

  func check() throws(RecordProblem) {
    if directory.isEmpty { throw RecordProblem("a folder should be named", at: "directory") }
    if scenario.isEmpty { throw RecordProblem("a file should be named", at: "scenario") }
  }

  static func read(from folder: String) throws -> RunManifest {
    let file = URL(fileURLWithPath: folder).appendingPathComponent("run.json")
    let data = try InputFile.data(
      file.relativePath,
      missing:
        "there is no such file, so this is not a run folder; 'meterstorm run … --output DIR' writes one")
    do throws(RecordProblem) {
      return try RunManifest(checking: data)
    } catch {
      return try InputFile.refuse(file.relativePath, "not the manifest of a run: \(error)")
    }
  }
}

import ArgumentParser
import Experiments
import Foundation
import Reports
import ResultsDatabase
import RunRecord
import Scenario

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}

enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  case short
}

struct RunCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a scenario once, deterministically, and judges it.",
    discussion: Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm run azure-llm-tokens",
    "meterstorm run azure-llm-tokens --seed 7 \\",
    "  --set customers.count=50 --design micro-batch",
    "meterstorm run azure-llm-tokens \\",
    "  --expect 'closeCycleTime < 2d'",
    "meterstorm run azure-llm-tokens --output out",
    "meterstorm run azure-llm-tokens --format html --open",
  ]

  @Argument(help: "The scenario's YAML file, or the name of one that is built in.")
  var scenario: String

  @OptionGroup var choice: ScenarioChoice

  @Option(
    help: ArgumentHelp(
      "Writes record.json, journal.json, summary.txt, timeline.txt and run.json into a folder.",
      valueName: "dir"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Keeps the record in a results database, for 'serve'.", valueName: "file"))
  var database: String?

  @Option(
    help:
      "Format of standard output: text (a summary), json (the run record), or html (one self-contained page). (default: text)"
  )
  var format: StudyFormat?

  @Flag(
    help:
      "With --format html: writes the page to a file instead, prints its path, and opens it with $BROWSER or xdg-open."
  )
  var open = false

  @Flag(name: .shortAndLong, help: "Shows everything: each invariant, each stage, each account.")
  var verbose = false

  @Flag(help: "Overwrites files that are not earlier results.")
  var force = false

  @OptionGroup var texts: TextOptions

  @Option(help: "Also prints the timeline: one line per noteworthy moment.")
  var log: LogFormat?

  @Flag(help: "Runs five times in separate processes under different conditions and compares the bytes.")
  var verifyDeterminism = false

  @Option(
    help: ArgumentHelp(
      "Runs once per effect boundary of a service (ingestion, billing, posting or payments), crashing its process there.",
      valueName: "service"))
  var crashAtEveryBoundary: String?

  @Option(help: ArgumentHelp("Maximum number of boundaries to test.", valueName: "n"))
  var boundaryCap = 2000

  @Option(help: ArgumentHelp("Tests every n-th boundary.", valueName: "n"))
  var boundaryStride = 1

  @Option(
    help: ArgumentHelp(
      "Maximum concurrent runs, with --crash-at-every-boundary. (default: 2)", valueName: "n"))
  var jobs: Int?

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  @Flag(help: .hidden)
  var withoutWallClock = false

  @Option(help: .hidden)
  var traceCheckpoints: UInt64?

  @Option(help: .hidden)
  var traceFrom: UInt64?

  @Option(help: .hidden)
  var traceTo: UInt64?

  func validate() throws {
    if open, format != .html { throw ValidationError("--open requires --format html") }
    if let service = crashAtEveryBoundary, !CrashSweep.services.contains(service) {
      throw ValidationError(
        "there is no service '\(service)'" + NearestKey.hint(for: service, among: CrashSweep.services))
    }
    if crashAtEveryBoundary != nil, output != nil || database != nil || log != nil || verifyDeterminism {
      throw ValidationError(
        "--crash-at-every-boundary cannot be combined with --output, --database, --log or --verify-determinism, which concern a single run"
      )
    }
    if crashAtEveryBoundary != nil, choice.options.require != nil {
      throw ValidationError(
        "--crash-at-every-boundary cannot be combined with --require, which concerns a single run")
    }
    if crashAtEveryBoundary != nil, format == .html {
      throw ValidationError("--crash-at-every-boundary prints text or json")
    }
    guard boundaryCap >= 1, boundaryStride >= 1, (1...256).contains(jobs ?? 1) else {
      throw ValidationError(
        "--boundary-cap and --boundary-stride must be at least 1, --jobs between 1 and 256")
    }
  }

  func run() throws {
    if let service = crashAtEveryBoundary { return try sweep(service) }
    let (campaign, run, variant) = try choice.prepareWithVariant(scenario)
    if let request = traceRequest { return try printTrace(request, of: run) }
    let format = try Defaults.format(format)
    let folder = try output.map { try OutputFolder($0, files: OutputFolder.runFiles + pages, force: force) }
    let store = try Defaults.database(database).map { try Console.store($0) }
    Interruption.listen()
    let progress = Progress(title: run.scenario.name, isQuiet: quiet)
    let outcome = run.outcome(keepingJournal: folder != nil) { share in
      progress.show(share)
      return !Interruption.isRequested
    }
    progress.end()
    var record = withoutWallClock ? outcome.record.deterministic : outcome.record
    if run.defect != nil, record.tally.broken == 0 {
      // A defect that was not caught is told from one that had nothing to act on.
      record.defectActed = try Console.reading {
        try run.defectActed(in: record) { _ in !Interruption.isRequested }
      }
    }
    if !withoutWallClock { record.directory = FileManager.default.currentDirectoryPath }
    let manifest = RunManifest(
      directory: FileManager.default.currentDirectoryPath, scenario: scenario, arguments: choice.arguments,
      fingerprint: record.fingerprint)
    try Console.each(
      { try folder?.write(record, journal: outcome.journal, manifest: manifest) },
      {
        try store.map { store in
          try Console.database { try store.keep(record, variant: variant, of: campaign.identity) }
        }
      },
      { try show(record, as: format, in: folder) })
    if record.interrupted {
      Console.note("meterstorm: interrupted; complete results were written")
      throw Exit.interrupted
    }
    if verifyDeterminism { try verify() }
    if record.verdict == .fail { throw Exit.broken }
  }

  private func show(_ record: RunRecord, as format: StudyFormat, in folder: OutputFolder?) throws {
    switch format {
    case .html:
      let page = Data(try RunReport(record).html().utf8)
      if log == .short { Console.note(Timeline(record).text(), terminator: "") }
      if open {
        try Browser.open(page, of: record, in: folder)
      } else {
        try Console.write(page)
      }
    case .json:
      if log == .short { Console.note(Timeline(record).text(), terminator: "") }
      try Console.write(record.json())
    case .text:
      if log == .short { try Console.print(Timeline(record).text() + "\n") }
      try Console.print(TextSummary(record, style: Console.style, isVerbose: verbose).text())
    }
  }

  /// The page that is written beside the record.
  private var pages: [String] { open ? [Browser.page] : [] }

  // MARK: Crashes

  private func sweep(_ service: String) throws {
    let run = try choice.prepare(scenario)
    guard
      let sweep = CrashSweep(
        run.scenario, seed: run.seed, defect: run.defect, service: service, cap: boundaryCap,
        stride: boundaryStride)
    else { throw ValidationError("there is no service '\(service)'") }
    Interruption.listen()
    let shown = Progress(title: "\(run.scenario.name), \(service)", isQuiet: quiet)
    let jobs = try Defaults.jobs(jobs)
    let format = try Defaults.format(format)
    let outcome = try Console.reading {
      try sweep.perform(jobs: jobs) { share in
        shown.show(share)
        return !Interruption.isRequested
      }
    }
    shown.end()
    switch format {
    case .json: try Console.write(RecordJSON.encode(outcome))
    case .text, .html: try Console.print(CrashText.text(outcome))
    }
    if outcome.interrupted { throw Exit.interrupted }
    // What killed no process has shown nothing.
    if !outcome.broken.isEmpty || outcome.crashes == 0 { throw Exit.broken }
  }

  // MARK: Determinism

  private var traceRequest: DeterminismCheck.Request? {
    if let traceCheckpoints { return .checkpoints(every: max(1, traceCheckpoints)) }
    if let traceFrom, let traceTo, traceFrom <= traceTo { return .events(traceFrom...traceTo) }
    return nil
  }

  private func printTrace(_ request: DeterminismCheck.Request, of run: SimulationRun) throws {
    var trace = EventTrace(request)
    _ = run.perform(trace: { trace.add($0) })
    trace.finish()
    try Console.print(trace.lines.joined(separator: "\n") + "\n")
  }

  private func verify() throws {
    let check = DeterminismCheck { variant, request in
      var arguments = ["run", scenario] + choice.arguments + ["--quiet"]
      switch request {
      case .record: arguments += ["--format", "json", "--without-wall-clock"]
      case .checkpoints(let step): arguments += ["--trace-checkpoints", "\(step)"]
      case .events(let range):
        arguments += ["--trace-from", "\(range.lowerBound)", "--trace-to", "\(range.upperBound)"]
      }
      return try ChildProcess.output(of: arguments, adding: variant.environment)
    }
    let outcome = try check.run { name in
      if !quiet { Console.note("verifying determinism: \(name)") }
    }
    switch outcome {
    case .identical(let runs, let fingerprint):
      let line =
        "determinism: \(runs) runs in separate processes gave the same bytes, fingerprint \(fingerprint)"
      if try Defaults.format(format) == .text { try Console.print(line + "\n") } else { Console.note(line) }
    case .different(let variant, let explanation):
      Console.note("determinism broken: '\(variant)' differs from 'plain': \(explanation)")
      throw Exit.internalFault
    }
  }
}

/// The outcome of a sweep for the eye.
private enum CrashText {
  static func text(_ outcome: CrashSweep.Outcome) -> String {
    let broken = outcome.broken.count { !$0.invariants.isEmpty }
    let missed = outcome.broken.count { $0.missed != nil }
    let violations =
      (broken == 0 ? "0 violations" : "\(broken) with violations")
      + (missed == 0 ? "" : ", \(missed) with expectations missed")
    var lines = [
      "\(outcome.service): \(outcome.boundaries) effect boundaries, \(outcome.runs) tested: "
        + "\(outcome.crashes) crashes, \(violations)"
    ]
    for entry in outcome.broken {
      let missed = (entry.missed ?? []).map { "missed: \($0)" }
      lines.append("  boundary \(entry.boundary): \((entry.invariants + missed).joined(separator: ", "))")
      if !entry.violation.isEmpty { lines.append("    \(entry.violation)") }
    }
    if outcome.crashes == 0, !outcome.interrupted {
      lines.append("  nothing was tested: no process crashed")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

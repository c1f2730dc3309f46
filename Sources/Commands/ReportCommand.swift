import ArgumentParser
import Foundation
import Reports
import RunRecord
import Scenario

enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
  case timeline
  case hledger
  case trace
  case html
  case markdown
  case junit
  case csv
  case openmetrics
}

struct ReportCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Renders the output folder of a run in another format.",
    discussion: Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm report reports/azure-llm-tokens",
    "meterstorm report reports/azure-llm-tokens --format html --output run.html",
    "meterstorm report reports/azure-llm-tokens --format csv --output tables",
    "meterstorm report reports/azure-llm-tokens \\",
    "  --against reports/month-end-throttle",
  ]

  @Argument(help: "A folder written by 'run --output', or the record file in it.")
  var source: String

  @Option(
    help: """
      text, json, html (one self-contained page), markdown, junit, csv (one file per table, into --output), openmetrics, \
      trace (for ui.perfetto.dev), timeline, or hledger (the ERPs' ledgers as plain-text accounting).
      """)
  var format: ReportFormat = .text

  @Option(
    help: ArgumentHelp(
      "The file to write, or the folder for csv; standard output if left out.", valueName: "path"))
  var output: String?

  @Option(
    help: ArgumentHelp("Shows the differences from another run, as text, markdown or html.", valueName: "run")
  )
  var against: String?

  @Flag(name: .shortAndLong, help: "Shows everything, with --format text: each invariant, stage and account.")
  var verbose = false

  @Flag(help: "Overwrites files that are not earlier results.")
  var force = false

  @OptionGroup var texts: TextOptions

  func validate() throws {
    if against != nil, ![.text, .markdown, .html].contains(format) {
      throw ValidationError("--against requires --format text, markdown or html")
    }
    guard !source.isEmpty, against?.isEmpty != true else { throw ValidationError("name a run") }
    if format == .csv, output == nil {
      throw ValidationError("--format csv writes one file per table: name a folder with --output")
    }
  }

  func run() throws {
    guard format != .csv else {
      let files = RunCSV.files(try record())
      let folder = try OutputFolder(
        output ?? "", files: files.map(\.name), marks: ["run.json", "indicators.csv"],
        force: force)
      for file in files { try folder.write(Data(file.text.utf8), file.name) }
      return
    }
    let file = try output.map { try OutputFile($0, option: "--output", inputs: inputs, force: force) }
    let data = try data()
    guard let file else { return try Console.write(data) }
    try file.write(data)
  }

  /// What is read, and must not be overwritten.
  private var inputs: [String] {
    [source, against].compactMap(\.self).flatMap { run in
      OutputFolder.isFolder(run) ? OutputFolder.runFiles.map { "\(run)/\($0)" } : [run]
    }
  }

  private func data() throws -> Data {
    if let against {
      let difference = RunDifference(try record(), against: try record(of: against))
      let style = output == nil ? Console.style : TextStyle(isColoured: false)
      switch format {
      case .html: return Data(try difference.html().utf8)
      case .markdown: return Data(difference.markdown().utf8)
      default: return Data(difference.text(style: style).utf8)
      }
    }
    return try rendered()
  }

  private func rendered() throws -> Data {
    switch format {
    case .text:
      Data(
        TextSummary(
          try record(), style: output == nil ? Console.style : TextStyle(isColoured: false),
          isVerbose: verbose
        ).text().utf8)
    case .json: try record().json()
    case .timeline: Data(Timeline(try record()).text().utf8)
    case .trace: try ChromeTrace.data(try record())
    case .html: Data(try RunReport(try record()).html().utf8)
    case .markdown: Data(RunMarkdown(try record()).text().utf8)
    case .junit: Data(RunJUnit.text(try record()).utf8)
    case .openmetrics: Data(RunOpenMetrics.text(try record()).utf8)
    case .csv: Data()
    case .hledger:
      Data(
        HledgerJournal(
          try read(Self.folder(of: source).appendingPathComponent("journal.json")) { try Journal(json: $0) }
        )
        .text().utf8)
    }
  }

  private static func folder(of source: String) -> URL {
    let url = URL(fileURLWithPath: source)
    return OutputFolder.isFolder(source) ? url : url.deletingLastPathComponent()
  }

  private func record() throws -> RunRecord { try record(of: source) }

  private func record(of source: String) throws -> RunRecord {
    let file =
      OutputFolder.isFolder(source)
      ? URL(fileURLWithPath: source).appendingPathComponent("record.json") : URL(fileURLWithPath: source)
    return try read(file) { try RunRecord(json: $0) }
  }

  private func read<Value>(_ file: URL, _ decode: (Data) throws -> Value) throws -> Value {
    let data = try InputFile.data(
      file.relativePath, missing: "there is no such file; 'meterstorm run … --output DIR' writes one")
    do {
      return try decode(data)
    } catch {
      return try InputFile.refuse(
        file.relativePath,
        "not a record of 'meterstorm run --output': \((error as? RecordProblem)?.description ?? "this cannot be read")"
      )
    }
  }
}

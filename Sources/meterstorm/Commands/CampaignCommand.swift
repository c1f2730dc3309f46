import ArgumentParser
import Experiments
import Foundation
import Reports
import ResultsDatabase
import RunRecord
import Scenario

struct CampaignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "campaign",
    abstract: "Runs a scenario on many seeds, drawing variants and faults afresh for each.",
    discussion: """
      Results go into a database, one row per run; a campaign that was stopped or killed resumes where it left off. Each seed draws \
      what the scenario's explore section leaves open; 'meterstorm run SCENARIO --explore --seed N' repeats one.
      """)

  @Argument(help: "The scenario's YAML file.")
  var scenario: String

  @OptionGroup var options: SimulationOptions

  @Option(help: ArgumentHelp("The seeds: A..B, or one; from 1 on, with --minutes.", valueName: "a..b"))
  var seeds: SeedRange?

  @Option(help: ArgumentHelp("Starts no new seed after N minutes.", valueName: "n"))
  var minutes: Double?

  @Option(help: ArgumentHelp("Maximum concurrent runs.", valueName: "n"))
  var jobs = 2

  @Option(help: ArgumentHelp("Runs a part of the seeds: the first of four with 1/4.", valueName: "i/n"))
  var partition: String?

  @Option(help: ArgumentHelp("Where the results are kept; in memory alone if left out.", valueName: "file"))
  var database: String?

  @Flag(help: "Stops at the first failure.")
  var failFast = false

  @Option(
    help: ArgumentHelp(
      "Shrinks the simplest seed of up to N kinds of failure (one minute each); for --format html and json.",
      valueName: "n"))
  var shrink = 0

  @Flag(inversion: .prefixedNo, help: "Draws a variant of the scenario for each seed.")
  var explore = true

  @Flag(help: "Draws most variants from those that reached something new; needs a --database.")
  var guided = false

  @Option(
    help: "What goes to standard output: a summary as text, json, or html (one file that stands on its own).")
  var format: StudyFormat = .text

  @Option(help: ArgumentHelp("Writes the summary as JUnit XML.", valueName: "file"))
  var junit: String?

  @Flag(help: "Prints annotations for GitHub Actions.")
  var github = false

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  @Flag(help: .hidden)
  var withoutWallClock = false

  func validate() throws {
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs must be between 1 and 256") }
    if let minutes, !(minutes > 0 && minutes <= 100_000) {
      throw ValidationError("--minutes must be more than 0 and at most 100000")
    }
    guard (0...1000).contains(shrink) else { throw ValidationError("--shrink must be between 0 and 1000") }
    if shrink > 0, format == .text {
      throw ValidationError("--shrink requires --format html or json; 'meterstorm shrink' prints a scenario")
    }
    guard seeds != nil || minutes != nil else {
      throw ValidationError("say how many: --seeds 1..1000, or --minutes 5")
    }
    if github, format != .text {
      throw ValidationError("--github and --format \(format.rawValue) both go to standard output: choose one")
    }
    if guided {
      if database == nil {
        throw ValidationError("--guided needs a --database, from which its runs can be repeated")
      }
      if !explore { throw ValidationError("--guided and --no-explore exclude each other") }
      if partition != nil {
        throw ValidationError("the seeds of --guided depend on each other: it has no --partition")
      }
    }
    if let partition, Campaign.Partition(partition) == nil {
      throw ValidationError("'\(partition)' should be a part such as 1/4")
    }
  }

  func run() throws {
    let report = try junit.map { try OutputFile($0, option: "--junit", inputs: [scenario]) }
    let campaign = try Console.reading { try prepare() }
    let store = try Console.store(database)
    Interruption.listen()
    let line = ProgressLine(isQuiet: quiet)
    let title = campaign.template.scenario.name
    let begin = ContinuousClock.now
    var summary: CampaignSummary
    do {
      defer { line.end() }
      summary = try Console.database {
        try Console.reading {
          try campaign.perform(into: store) { progress in
            line.show { _ in progress.text(title) }
            return !Interruption.isRequested
          }
        }
      }
      if shrink > 0 {
        try Console.database {
          try Console.reading {
            try campaign.shrink(&summary, kinds: shrink, seconds: 60, in: store) { text in
              line.show { _ in text }
              return !Interruption.isRequested
            }
          }
        }
      }
    }
    if !withoutWallClock {
      summary.origin = .init(
        directory: FileManager.default.currentDirectoryPath, database: database,
        allowsLarge: options.allowLarge)
    }
    try write(summary, took: ContinuousClock.now - begin)
    try report?.write(Data(CampaignCI.junit(summary).utf8))
    if summary.interrupted {
      Console.note("meterstorm: interrupted; what is complete was written")
      throw Exit.interrupted
    }
    if !summary.isPass { throw Exit.broken }
  }

  private func prepare() throws -> Campaign {
    let template = try ScenarioTemplate(file: scenario, settings: options.choice.edits)
    var campaign = Campaign(template, seeds: seeds?.range ?? 1...UInt64(Int64.max))
    if let partition, let part = Campaign.Partition(partition) { campaign.partition = part }
    campaign.jobs = jobs
    campaign.seconds = minutes.map { $0 * 60 }
    campaign.failsFast = failFast
    campaign.explores = explore
    campaign.defect = options.choice.plantedDefect
    campaign.silenced = options.choice.silenced
    campaign.required = try options.required(of: template.scenario)
    campaign.isGuided = guided
    campaign.options =
      options.choice.words + (explore ? [] : ["no-explore"]) + (guided ? [Campaign.guidedOption] : [])
    try campaign.check()
    return campaign
  }

  private func write(_ summary: CampaignSummary, took: Duration) throws {
    switch format {
    case .html: try Console.print(CampaignReport(summary).html())
    case .json: try Console.write(summary.json())
    case .text: try Console.print(CampaignText(summary, style: Console.style).text())
    }
    if !quiet {
      let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
      Console.note("\(summary.runs) seeds in the database, this time in \((seconds * 10).rounded() / 10) s")
    }
    if github { try Console.print(CampaignCI.annotations(summary)) }
  }
}

struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Joins the databases of a campaign's partitions.")

  @Option(help: ArgumentHelp("The database into which they go; made if it is not there.", valueName: "file"))
  var into: String

  @Argument(help: "The databases that are taken over; they stay as they are.")
  var databases: [String]

  @Option(help: "What goes to standard output: summaries, or their JSON.")
  var format: OutputFormat = .text

  func validate() throws {
    guard !into.isEmpty, !databases.contains("") else { throw ValidationError("a database needs a name") }
    let own = OutputPath.resolved(into)
    if let same = databases.first(where: { OutputPath.resolved($0) == own }) {
      throw ValidationError("\(same) is the database into which the others go")
    }
  }

  func run() throws {
    let summaries = try Console.database {
      // All are there before anything is made or written.
      for path in databases where !FileManager.default.fileExists(atPath: path) {
        throw ResultsError("\(path): there is no such file")
      }
      let store = try ResultsStore(path: into)
      for path in databases {
        let added = try store.merge(ResultsStore(path: path, isReadOnly: true))
        Console.note("\(path): \(added) runs that were not there yet")
      }
      return try store.campaigns().map {
        var summary = try Campaign.summary(of: $0.id, $0.campaign, in: store)
        // The partitions may have run elsewhere: from here they are repeated where their scenario is here, too.
        if FileManager.default.fileExists(atPath: summary.scenario) {
          summary.origin = .init(directory: FileManager.default.currentDirectoryPath, database: into)
        }
        return summary
      }
    }
    for summary in summaries {
      switch format {
      case .json: try Console.write(summary.json())
      case .text: try Console.print(CampaignText(summary, style: Console.style).text())
      }
    }
    if summaries.contains(where: { !$0.isPass }) { throw Exit.broken }
  }
}

/// Seeds on the command line: `1..1000`, or `7`.
struct SeedRange: ExpressibleByArgument {
  var range: ClosedRange<UInt64>

  init?(argument: String) {
    let parts = argument.split(separator: ".", omittingEmptySubsequences: false)
    let bounds: [UInt64?] =
      if parts.count == 3, parts[1].isEmpty {
        [UInt64(parts[0]), UInt64(parts[2])]
      } else if parts.count == 1 {
        [UInt64(parts[0]), UInt64(parts[0])]
      } else {
        []
      }
    guard bounds.count == 2, let low = bounds[0], let high = bounds[1], low <= high, high <= UInt64(Int64.max)
    else { return nil }
    range = low...high
  }
}

extension Campaign.Progress {
  /// How far a campaign has come, on one line.
  fileprivate func text(_ title: String) -> String {
    var text = "\(title): \(done)"
    if let total { text += " of \(total)" }
    text +=
      " seeds, \(failed) failed, \(situations) of \(situationsInAll) situations, \(Int(rate.rounded())) seeds/s"
    if let total, rate > 0 {
      let left = Int(min(1e9, Double(max(0, total - done)) / rate))
      text += ", \(left / 60) min \(left % 60) s left"
    }
    return text
  }
}

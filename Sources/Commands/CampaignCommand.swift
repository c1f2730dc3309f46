import ArgumentParser
import Experiments
import Foundation
import Reports
import ResultsDatabase
import RunRecord
import Scenario

struct CampaignCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "campaign",
    abstract: "Runs a scenario on many seeds, drawing variants and faults afresh for each.",
    discussion: """
      Results go into a database, one row per run; a campaign that was stopped or killed resumes where it left off. Each seed draws \
      what the scenario's explore section leaves open; 'meterstorm run SCENARIO --explore --seed N' repeats one.

      """ + Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm campaign chaos-month-end --seeds 1..20",
    "meterstorm campaign chaos-month-end --minutes 0.05 \\",
    "  --database runs.db",
    "meterstorm campaign chaos-month-end --seeds 1..20 \\",
    "  --junit junit.xml",
    "meterstorm campaign chaos-month-end --seeds 1..20 \\",
    "  --partition 1/4 --database part-1.db",
  ]

  @Argument(help: "The scenario's YAML file, or the name of one that is built in.")
  var scenario: String

  @OptionGroup var options: SimulationOptions

  @Option(
    help: ArgumentHelp(
      "The seeds: A..B, or a single one; counted up from 1 if left out, with --minutes.", valueName: "a..b"),
    transform: SeedRange.init(text:))
  var seeds: SeedRange?

  @Option(help: ArgumentHelp("Starts no new seed after N minutes.", valueName: "n"))
  var minutes: Double?

  @Option(help: ArgumentHelp("Maximum concurrent runs. (default: 2)", valueName: "n"))
  var jobs: Int?

  @Option(help: ArgumentHelp("Runs a part of the seeds: 1/4 is the first of four.", valueName: "i/n"))
  var partition: String?

  @Option(
    help: ArgumentHelp("Keeps the results in this database; in memory only if left out.", valueName: "file"))
  var database: String?

  @Option(
    help: ArgumentHelp(
      "Fails if fewer than this many seeds were run, for example because --minutes was too short.",
      valueName: "n"))
  var minimumSeeds: Int?

  @Option(
    help: ArgumentHelp(
      "The commit to store the runs under; that of the scenario's git repository if left out, with -dirty if files differ from it; none: no commit.",
      valueName: "name"))
  var commit: String?

  @Option(
    help: ArgumentHelp(
      "Stores the counts written by 'scripts/instructions --json' with the commit, for 'meterstorm gate'; requires --database.",
      valueName: "file"))
  var instructions: String?

  @Flag(help: "Stops at the first failure.")
  var failFast = false

  @Option(
    help: ArgumentHelp(
      "Shrinks the simplest seed of up to N kinds of failure (one minute each); for --format html and json.",
      valueName: "n"))
  var shrink = 0

  @Flag(inversion: .prefixedNo, help: "Draws a variant of the scenario for each seed.")
  var explore = true

  @Flag(help: "Derives most variants from those that reached something new; requires --database.")
  var guided = false

  @Option(
    help:
      "Format of standard output: text (a summary), json, markdown, or html (one self-contained page). (default: text)"
  )
  var format: CampaignFormat?

  @Flag(name: .shortAndLong, help: "Lists the situations and invariants that no seed reached.")
  var verbose = false

  @Option(help: ArgumentHelp("Writes the summary as JUnit XML.", valueName: "file"))
  var junit: String?

  @Option(help: ArgumentHelp("Writes the summary as Markdown.", valueName: "file"))
  var markdown: String?

  @Flag(help: "Overwrites files that are not earlier results.")
  var force = false

  @OptionGroup var texts: TextOptions

  @Flag(help: "Prints annotations for GitHub Actions.")
  var github = false

  @Flag(name: .shortAndLong, help: "No progress on standard error.")
  var quiet = false

  @Flag(help: .hidden)
  var withoutWallClock = false

  func validate() throws {
    guard (1...256).contains(jobs ?? 1) else { throw ValidationError("--jobs must be between 1 and 256") }
    if let minutes, !(minutes > 0 && minutes <= 100_000) {
      throw ValidationError("--minutes must be more than 0 and at most 100000")
    }
    guard (0...1000).contains(shrink) else { throw ValidationError("--shrink must be between 0 and 1000") }
    let format = (try? Defaults.format(format)) ?? CampaignFormat.text
    if shrink > 0, format == .text || format == .markdown {
      throw ValidationError("--shrink requires --format html or json; 'meterstorm shrink' prints a scenario")
    }
    guard seeds != nil || minutes != nil else {
      throw ValidationError("say how many: --seeds 1..1000, or --minutes 5")
    }
    if github, self.format != nil, format != .text {
      throw ValidationError("--github and --format \(format.rawValue) both go to standard output: choose one")
    }
    if let minimumSeeds, minimumSeeds < 1 {
      throw ValidationError("--minimum-seeds must be at least 1")
    }
    if let minimumSeeds, let seeds, partition == nil,
      seeds.range.upperBound - seeds.range.lowerBound < UInt64(minimumSeeds) - 1
    {
      throw ValidationError("--minimum-seeds \(minimumSeeds) is more than --seeds has")
    }
    if let commit {
      guard GitRevision.isName(commit) else {
        throw ValidationError(
          "'\(commit)' for --commit should be a name of at most 100 letters, digits and ._/+-, such as 3f2a91c"
        )
      }
    }
    if instructions != nil, (try? Defaults.database(database)) == nil {
      throw ValidationError("--instructions requires --database, in which the counts are kept")
    }
    if guided {
      if (try? Defaults.database(database)) == nil {
        throw ValidationError("--guided requires --database, from which its runs can be repeated")
      }
      if !explore { throw ValidationError("give --guided or --no-explore, not both") }
      if partition != nil {
        throw ValidationError("--guided cannot be combined with --partition: its seeds depend on each other")
      }
    }
    if let partition {
      guard let part = Campaign.Partition(partition) else {
        throw ValidationError("'\(partition)' should be a part such as 1/4")
      }
      if let range = seeds?.range, part.index - 1 > range.upperBound - range.lowerBound {
        throw ValidationError("--partition \(partition) of --seeds contains no seed")
      }
    }
  }

  func run() throws {
    let inputs = [scenario, try Defaults.database(database), instructions].compactMap(\.self)
    let report = try junit.map { try OutputFile($0, option: "--junit", inputs: inputs, force: force) }
    let page = try markdown.map {
      try OutputFile($0, option: "--markdown", inputs: inputs + [junit].compactMap(\.self), force: force)
    }
    let campaign = try Console.reading { try prepare() }
    let database = try Defaults.database(database)
    let counts = try instructions.map(WorkCounts.read)
    if counts != nil, campaign.commit == nil {
      throw ValidationError("--instructions requires a commit: name it with --commit")
    }
    let store = try Console.store(database)
    if let seed = seeds?.lone, seed > 1 {
      Console.note("note: --seeds \(seed) is the seed \(seed) alone; \(seed) seeds are --seeds 1..\(seed)")
    }
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
    if let counts, let commit = campaign.commit {
      try Console.database { try store.keep(counts.counts, of: commit) }
    }
    let took = ContinuousClock.now - begin
    if !withoutWallClock {
      summary.seconds = Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
      summary.origin = .init(
        directory: FileManager.default.currentDirectoryPath, database: database,
        allowsLarge: options.allowLarge)
    }
    // Files first: whoever reads standard output may be gone.
    try Console.each(
      { try page?.write(Data(CampaignMarkdown(summary).text().utf8)) },
      { try report?.write(Data(CampaignCI.junit(summary).utf8)) },
      { try write(summary, took: took) })
    if summary.interrupted {
      Console.note("meterstorm: interrupted; complete results were written")
      throw Exit.interrupted
    }
    if !summary.isPass { throw Exit.broken }
  }

  private func prepare() throws -> Campaign {
    let template = try ScenarioTemplate(file: scenario, settings: options.choice.edits)
    var campaign = Campaign(template, seeds: seeds?.range ?? 1...UInt64(Int64.max))
    if let partition, let part = Campaign.Partition(partition) { campaign.partition = part }
    campaign.jobs = try Defaults.jobs(jobs)
    campaign.seconds = minutes.map { $0 * 60 }
    campaign.failsFast = failFast
    campaign.explores = explore
    campaign.defect = options.choice.plantedDefect
    campaign.silenced = options.choice.silenced
    campaign.required = try options.required(of: template.scenario)
    campaign.isGuided = guided
    campaign.minimumSeeds = minimumSeeds
    campaign.isKept = try Defaults.database(database) != nil
    if campaign.isKept || commit != nil {
      campaign.commit = commit == "none" ? nil : commit ?? GitRevision.commit(of: scenario)
    }
    campaign.options =
      options.choice.words + (explore ? [] : ["no-explore"]) + (guided ? [Campaign.guidedOption] : [])
    try campaign.check()
    return campaign
  }

  private func write(_ summary: CampaignSummary, took: Duration) throws {
    // Annotations stand beside text.
    switch github ? CampaignFormat.text : try Defaults.format(format) {
    case .html: try Console.print(CampaignReport(summary).html())
    case .json: try Console.write(summary.json())
    case .markdown: try Console.print(CampaignMarkdown(summary).text())
    case .text:
      try Console.print(CampaignText(summary, style: Console.style, isVerbose: verbose).text())
    }
    if !quiet {
      let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
      let place = try Defaults.database(database) == nil ? "run" : "in the database"
      Console.note("\(summary.runs) seeds \(place), this time in \((seconds * 10).rounded() / 10) s")
    }
    if github {
      try Console.print(CampaignCI.annotations(summary, file: GitHubWorkspace.path(summary.scenario)))
    }
  }
}

struct MergeCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Merges the databases of a campaign's partitions.",
    discussion: Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm merge --into all.db part-1.db part-2.db part-3.db part-4.db"
  ]

  @Option(help: ArgumentHelp("The database to merge into; created if it does not exist.", valueName: "file"))
  var into: String

  @Argument(help: "The databases to read; they are not changed.")
  var databases: [String]

  @Option(help: "Format of standard output: summaries, or their JSON.")
  var format: OutputFormat = .text

  @OptionGroup var texts: TextOptions

  func validate() throws {
    guard !into.isEmpty, !databases.contains("") else { throw ValidationError("a database needs a name") }
    let own = OutputPath.resolved(into)
    if let same = databases.first(where: { OutputPath.resolved($0) == own }) {
      throw ValidationError("\(same) is the database to merge into")
    }
  }

  func run() throws {
    let summaries = try Console.database {
      // All are there before anything is made or written.
      for path in databases {
        if let problem = FileAccess.problem(path) { throw ResultsError("\(path): \(problem)") }
      }
      let store = try ResultsStore(path: into)
      for path in databases {
        let added = try store.merge(ResultsStore(path: path, isReadOnly: true))
        Console.note("\(path): \(added) new runs")
      }
      return try store.campaigns().compactMap { id, campaign -> CampaignSummary? in
        var summary = try Campaign.summary(of: id, campaign, in: store)
        // What studies have run is no campaign's.
        guard try summary.runs > 0 || store.studies(of: id).isEmpty else { return nil }
        // The partitions may have run elsewhere: from here they are repeated where their scenario is here, too.
        if FileManager.default.fileExists(atPath: summary.scenario) {
          summary.origin = .init(directory: FileManager.default.currentDirectoryPath, database: into)
        }
        return summary
      }
    }
    let commits = Set(summaries.map(\.commit))
    for summary in summaries {
      switch format {
      case .json: try Console.write(summary.json())
      case .text:
        try Console.print(
          CampaignText(summary, style: Console.style, namesCommit: commits.count > 1).text())
      }
    }
    if summaries.contains(where: { !$0.isPass }) { throw Exit.broken }
  }
}

/// What a campaign prints.
enum CampaignFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
  case html
  case markdown
}

extension WorkCounts {
  /// Reads a file that `scripts/instructions --json` has written.
  static func read(_ path: String) throws -> WorkCounts {
    let data = try InputFile.data(
      path, missing: "there is no such file; 'scripts/instructions --json FILE' writes one")
    do {
      return try WorkCounts(checking: data)
    } catch {
      Console.note("\(path): this was not written by scripts/instructions --json: \(error)")
      throw Exit.badInput
    }
  }
}

/// Seeds on the command line: `1..1000`, or `7`.
struct SeedRange {
  var range: ClosedRange<UInt64>

  /// The seed, where it was written alone: whoever does so may have meant how many.
  var lone: UInt64?

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
    lone = parts.count == 1 ? low : nil
  }

  /// Reads an option.
  ///
  /// - Throws: what would be right.
  init(text: String) throws {
    guard let range = SeedRange(argument: text) else {
      let hint = text.wholeMatch(of: /(\d+)\s*[-:–]\s*(\d+)/).map { "\($0.1)..\($0.2)" } ?? "1..1000"
      throw ValidationError("'\(text)' for --seeds should be a range such as \(hint), or a single seed")
    }
    self = range
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

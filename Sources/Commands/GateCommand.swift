import ArgumentParser
import Experiments
import Foundation
import Reports
import ResultsDatabase
import RunRecord
import Scenario

struct GateCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Compares the results of two commits, and fails where the second is worse.",
    discussion: """
      BASE and CANDIDATE are databases of 'campaign --database', records that 'run SCENARIO --format json' prints, or folders of records or of \
      run --output; a database that holds both commits is named once, with --base and --candidate. Runs are paired by seed. New \
      failures are listed with the command that repeats them; indicators come with confidence intervals; instruction and allocation \
      counts come from 'scripts/instructions --json'.

      Conditions of --fail-if: \(GateCondition.vocabulary). 'new failure' is about what failed on no seed of the base, and \
      'more failures' about what failed before. 'default' stands for \
      \(GateCondition.standard.map { "'\($0.text)'" }.joined(separator: ", ")).

      The gate fails on an indicator only if it is shown to be worse by more than the condition says, on average or on most seeds, which takes some 15 pairs of seeds: with the confidence of --confidence, \
      all such statements of one gate hold together, unless rare extremes that no seed has shown decide the mean. A condition given with \
      --fail-if that cannot be judged fails; for a default one, this is only noted.

      The gate also fails if only one of the two has a scenario, or a whole kind of evidence such as instruction counts, or if fewer than \
      half of the seeds of a scenario are in common: there is nothing to compare them with. With --allow-missing, this is only noted.

      """ + Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm gate main.db pull-request.db",
    "meterstorm gate results.db --base 3f2a91c --candidate 9bd1e20",
    "meterstorm gate main.db pr.db --fail-if default \\",
    "  --fail-if 'closeCycleTime > +2%' --fail-if 'seeds < 500'",
    "meterstorm gate main.db pr.db --allow-missing",
    "meterstorm gate main.db pr.db --instructions main.json,pr.json",
  ]

  @Argument(help: "The database, record or folder to compare with.")
  var base: String

  @Argument(help: "The database, record or folder to judge; BASE if left out.")
  var candidate: String?

  @Option(
    name: .customLong("base"),
    help: ArgumentHelp(
      "The commit to compare with, or a prefix of its name; the latest one of BASE if left out.",
      valueName: "commit"))
  var baseCommit: String?

  @Option(
    name: .customLong("candidate"),
    help: ArgumentHelp(
      "The commit to judge, or a prefix of its name; the latest one of CANDIDATE if left out.",
      valueName: "commit"))
  var candidateCommit: String?

  @Option(help: ArgumentHelp("A condition under which the gate fails.", valueName: "condition"))
  var failIf: [String] = []

  @Flag(help: "Only notes scenarios and kinds of evidence that are missing on one side.")
  var allowMissing = false

  @Option(
    help: ArgumentHelp(
      "Counts from 'scripts/instructions --json': base and candidate, separated by a comma.",
      valueName: "files"))
  var instructions: String?

  @Option(
    help: ArgumentHelp("Joint confidence of all statistical statements.", valueName: "percent"))
  var confidence = "99%"

  @Option(help: "Format of standard output: text, markdown or json.")
  var format: GateFormat = .text

  @Option(help: ArgumentHelp("Writes the conditions as JUnit XML.", valueName: "file"))
  var junit: String?

  @Option(help: ArgumentHelp("Writes the comparison as Markdown.", valueName: "file"))
  var markdown: String?

  @Flag(help: "Overwrites files that are not earlier results.")
  var force = false

  @Flag(help: "Prints annotations for GitHub Actions.")
  var github = false

  @OptionGroup var texts: TextOptions

  func validate() throws {
    guard !base.isEmpty, candidate?.isEmpty != true else {
      throw ValidationError("name a database or a record")
    }
    _ = try conditions()
    _ = try share()
    if candidate == nil, candidateCommit == nil || baseCommit == nil {
      throw ValidationError(
        "name two databases or records; or one database, and two of its commits with --base and --candidate")
    }
    if let instructions, instructions.split(separator: ",", omittingEmptySubsequences: false).count != 2 {
      throw ValidationError("--instructions should be two files, such as main.json,pull-request.json")
    }
    if github, format != .text {
      throw ValidationError("--github and --format \(format.rawValue) both go to standard output: choose one")
    }
    for name in [baseCommit, candidateCommit].compactMap(\.self) where !GitRevision.isName(name) {
      throw ValidationError("'\(name)' should be a commit, or how its name begins")
    }
  }

  func run() throws {
    let inputs =
      [base, candidate].compactMap(\.self) + (instructions ?? "").split(separator: ",").map(String.init)
    let report = try junit.map { try OutputFile($0, option: "--junit", inputs: inputs, force: force) }
    let page = try markdown.map {
      try OutputFile($0, option: "--markdown", inputs: inputs + [junit].compactMap(\.self), force: force)
    }
    var gate = CommitGate(
      base: try GateReader(path: base, commit: baseCommit, option: "--base").side(),
      candidate: try GateReader(path: candidate ?? base, commit: candidateCommit, option: "--candidate")
        .side())
    if let instructions {
      let files = instructions.split(separator: ",").map(String.init)
      gate.base.add(try WorkCounts.read(files[0]))
      gate.candidate.add(try WorkCounts.read(files[1]))
    }
    (gate.conditions, gate.standard) = try conditions()
    gate.confidence = try share()
    gate.allowsMissing = allowMissing
    let record: GateRecord
    do {
      record = try gate.judge()
    } catch {
      Console.note("meterstorm: \(error)")
      throw Exit.badInput
    }
    // Files first: whoever reads standard output may be gone.
    try Console.each(
      { try page?.write(Data(GateMarkdown(record).text().utf8)) },
      { try report?.write(Data(GateCI.junit(record).utf8)) },
      { try print(record) })
    if record.verdict != .pass { throw Exit.broken }
  }

  private func print(_ record: GateRecord) throws {
    switch format {
    case .text: try Console.print(GateText(record, style: Console.style).text())
    case .markdown: try Console.print(GateMarkdown(record).text())
    case .json: try Console.write(record.json())
    }
    if github { try Console.print(GateCI.annotations(record, file: GitHubWorkspace.path)) }
  }

  /// The conditions, and how many of them nobody asked for by name.
  private func conditions() throws -> (all: [GateCondition], standard: Int) {
    guard !failIf.isEmpty else { return (GateCondition.standard, GateCondition.standard.count) }
    let hasStandard = failIf.contains("default")
    let own = try failIf.filter { $0 != "default" }.map { text -> GateCondition in
      do throws(InvalidCondition) { return try GateCondition(text) } catch {
        throw ValidationError(error.message)
      }
    }
    let standard = hasStandard ? GateCondition.standard.filter { !own.contains($0) } : []
    return (standard + own, standard.count)
  }

  private func share() throws -> Double {
    guard let share = Unit.share(confidence), share >= 0.5, share <= 0.9999 else {
      throw ValidationError(
        "'\(confidence)' for --confidence should be between 50% and 99.99%, with the sign")
    }
    return share
  }
}

/// What a gate prints.
enum GateFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case markdown
  case json
}

extension GateSide {
  /// Adds counts from a file; those of the same name take the place of what the database keeps.
  fileprivate mutating func add(_ file: WorkCounts) {
    counts.removeAll { own in file.counts.contains { ($0.name, $0.kind) == (own.name, own.kind) } }
    counts += file.counts
    if commit == nil { commit = file.commit }
  }
}

/// Reads one side of a gate.
private struct GateReader {
  let path: String
  let commit: String?
  let option: String

  /// How every SQLite database begins.
  private static let mark = Data("SQLite format 3\0".utf8)

  func side() throws -> GateSide {
    if OutputFolder.isFolder(path) { return GateSide(try records(in: path), source: try withoutCommit()) }
    // A pipe would be waited for.
    if OutputPath.kind(of: OutputPath.resolved(path)) == .other {
      return try InputFile.refuse(path, "this is not a regular file")
    }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      return try InputFile.refuse(path, FileAccess.problem(path) ?? "the file cannot be read")
    }
    let head = try? handle.read(upToCount: Self.mark.count)
    try? handle.close()
    guard head == Self.mark else { return GateSide([try record(path)], source: try withoutCommit()) }
    return try Console.database {
      try GateSide(ResultsStore(path: path, isReadOnly: true), source: path, commit: commit)
    }
  }

  private func withoutCommit() throws -> String {
    guard commit == nil else {
      throw ValidationError("\(path) is not a database: \(option) has no commit to choose")
    }
    return path
  }

  /// The record of a run folder, or all records that lie in a folder.
  private func records(in folder: String) throws -> [RunRecord] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    if names.contains("record.json") { return [try record("\(folder)/record.json")] }
    let files = names.filter { $0.hasSuffix(".json") }
    guard !files.isEmpty else {
      Console.note("\(folder): there is neither record.json nor any other .json file in this folder")
      throw Exit.badInput
    }
    return try files.map { try record("\(folder)/\($0)") }
  }

  private func record(_ file: String) throws -> RunRecord {
    let data = try InputFile.data(file)
    do {
      return try RunRecord(json: data)
    } catch {
      Console.note("\(file): this is neither a results database nor a run record: \(error)")
      throw Exit.badInput
    }
  }
}

import ResultsDatabase
import RunRecord
import Scenario

/// The results of one commit, as a gate compares them.
package struct GateSide: Sendable {
  /// The runs of one scenario under the same options.
  package struct Runs: Sendable {
    /// The scenario.
    package var scenario: String
    /// Options that shape what is simulated.
    package var options: [String]
    /// The hash of the scenario and everything that it names; `nil`: not known.
    package var hash: String?
    /// The runs, each of another seed.
    package var runs: [CampaignRun]
    /// The commands that repeat them, where they are known.
    package var commands: [UInt64: String] = [:]

    /// Makes a list of runs.
    package init(scenario: String, options: [String], hash: String?, runs: [CampaignRun]) {
      (self.scenario, self.options, self.hash, self.runs) = (scenario, options, hash, runs)
    }

    /// The command that repeats a run.
    func command(_ run: CampaignRun) -> String {
      if let known = commands[run.seed] { return known }
      var words = ["meterstorm", "run", scenario, "--seed", "\(run.seed)"]
      if options.contains(Campaign.guidedOption) {
        words += run.variant.map { "--set=\($0)" }
      } else if !options.contains("no-explore") {
        words.append("--explore")
      }
      for option in options where option != "no-explore" && option != Campaign.guidedOption {
        let parts = option.split(separator: " ", maxSplits: 1).map(String.init)
        let value = parts.count > 1 ? parts[1] : ""
        words += value.hasPrefix("-") ? ["--\(parts[0])=\(value)"] : ["--\(parts[0])", value]
      }
      return ShellWords.text(words)
    }
  }

  /// Where the results are from: a database, file or folder.
  package var source: String
  /// The commit; `nil`: not known.
  package var commit: String?
  /// The runs, by scenario and options.
  package var runs: [Runs]
  /// What the work costs.
  package var counts: [WorkCounts.Count]

  /// Makes a side.
  package init(source: String, commit: String?, runs: [Runs], counts: [WorkCounts.Count] = []) {
    (self.source, self.commit, self.runs, self.counts) = (source, commit, runs, counts)
  }

  /// The results of a commit in a database.
  ///
  /// - Parameter wanted: the commit or how it begins; `nil`: the one that was begun last.
  /// - Throws: `ResultsError` where the database cannot be read, or has no such commit, or several that begin so.
  package init(_ store: ResultsStore, source: String, commit wanted: String?) throws(ResultsError) {
    let all = try store.campaigns()
    let commit = try wanted.map { name throws(ResultsError) in
      try Self.commit(name, among: try store.commits(), source)
    }
    let chosen = wanted == nil ? all.last?.campaign.commit : commit
    var runs: [Runs] = []
    for (id, campaign) in all where campaign.commit == chosen {
      let own = try store.runs(of: id)
      // A study keeps its replications elsewhere, and leaves a campaign without runs.
      guard !own.isEmpty else { continue }
      runs.append(
        Runs(scenario: campaign.scenario, options: campaign.options, hash: campaign.scenarioHash, runs: own))
    }
    self.init(
      source: source, commit: chosen, runs: runs,
      counts: try chosen.map { commit throws(ResultsError) in try store.counts(of: commit) } ?? [])
  }

  private static func commit(
    _ name: String, among commits: [String], _ source: String
  ) throws(ResultsError) -> String {
    if commits.contains(name) { return name }
    let found = commits.filter { $0.hasPrefix(name) }
    let clean = found.filter { !$0.hasSuffix("-dirty") }
    let chosen = clean.isEmpty ? found : clean
    guard let first = chosen.first else {
      let list = commits.suffix(10).map { "\($0.prefix(20))" }.joined(separator: ", ")
      throw ResultsError(
        "\(source): there is no commit '\(name)'; the database has \(commits.isEmpty ? "none" : list)")
    }
    guard chosen.count == 1 else {
      throw ResultsError("\(source): \(chosen.count) commits begin with '\(name)': say more of it")
    }
    return first
  }

  /// The results of single runs.
  ///
  /// - Parameter records: of two of the same scenario and seed, the first counts.
  package init(_ records: [RunRecord], source: String) {
    var runs: [Runs] = []
    var counts: [WorkCounts.Count] = []
    for record in records {
      // Whoever names two records wants them compared, whatever design or defect they are of.
      let place = runs.firstIndex { $0.scenario == record.scenario } ?? runs.count
      if place == runs.count {
        runs.append(Runs(scenario: record.scenario, options: ["no-explore"], hash: nil, runs: []))
      }
      guard !runs[place].runs.contains(where: { $0.seed == record.seed }) else { continue }
      runs[place].runs.append(CampaignRun(record, variant: []))
      runs[place].commands[record.seed] = record.commandLine.map(ShellWords.text)
      if let clock = record.wallClock {
        counts.append(
          WorkCounts.Count(
            name: "\(record.scenario), seed \(record.seed)", kind: .allocations,
            unit: "bytes at the end", value: Double(clock.allocatedBytes)))
      }
    }
    self.init(source: source, commit: nil, runs: runs, counts: counts)
  }
}

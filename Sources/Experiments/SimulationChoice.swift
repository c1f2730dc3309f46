import ResultsDatabase
import RunRecord
import Scenario

/// What shapes a simulation besides the scenario and the seed, in the words in which results databases keep it.
package struct SimulationChoice: Hashable, Sendable {
  /// A built-in design or a design file in the place of the scenario's; `nil`: the scenario's own.
  package var design: String?
  /// The name of a planted defect.
  package var defect: String?
  /// The only invariants that are judged, separated by commas.
  package var only: String?
  /// Invariants that are not judged, separated by commas.
  package var without: String?
  /// Changes of the scenario's values: `path=value`.
  package var settings: [String] = []
  /// Expectations beside those of the scenario: `postingLatency.p99 < 24h`.
  package var expectations: [String] = []

  /// Makes a choice of nothing.
  package init() {}

  /// Reads a choice from the words of a results database; what does not shape a single run is passed over.
  ///
  /// - Throws: `ResultsError` for a word that is not known.
  package init(words: [String]) throws(ResultsError) {
    for word in words where !Self.kinds.contains(word) {
      let parts = word.split(separator: " ", maxSplits: 1).map(String.init)
      switch (parts.first, parts.last) {
      case ("design", let value): design = value
      case ("defect", let value): defect = value
      case ("only", let value): only = value
      case ("without", let value): without = value
      case ("set", let value): settings.append(value ?? "")
      case ("expect", let value): expectations.append(value ?? "")
      default:
        throw ResultsError(
          "the database has the option '\(word)', which this version of Meterstorm does not support")
      }
    }
  }

  /// Words that say what kind of experiment it was.
  private static let kinds: Set<String> = [
    "no-explore", Campaign.guidedOption, "compare", "capacity",
  ]

  /// The choice in words, in one order.
  package var words: [String] {
    var words: [String] = []
    if let design { words.append("design \(design)") }
    if let defect { words.append("defect \(defect)") }
    if let only { words.append("only \(only)") }
    if let without { words.append("without \(without)") }
    return words + settings.map { "set \($0)" } + expectations.map { "expect \($0)" }
  }

  /// The invariants that are not judged.
  package var silenced: Set<String> {
    if let only { return Set(SimulationRun.invariants).subtracting(Self.names(only)) }
    return Set(without.map(Self.names) ?? [])
  }

  /// The settings; a design is one, too, and so is each further expectation.
  package var edits: [ScenarioFile.Setting] {
    (design.map { [ScenarioFile.Setting(path: "design", text: $0, label: "--design")] } ?? [])
      + settings.compactMap(ScenarioFile.Setting.init)
      + expectations.map {
        ScenarioFile.Setting(path: "expectations.+", text: $0, label: "--expect '\($0)'")
      }
  }

  /// The defect; `nil` where none is planted, or there is none of that name.
  package var plantedDefect: Defect? { defect.flatMap { name in Defect.all.first { $0.name == name } } }

  /// The names in a list.
  package static func names(_ list: String) -> [String] {
    list.split(separator: ",").map { $0.filter { $0 != " " } }
  }
}

extension Campaign {
  /// The campaign of a run that a results database holds, which repeats that run whatever the seed.
  ///
  /// - Parameters:
  ///   - stored: the scenario, named as it was from the folder in which this process is, and the options.
  ///   - variant: how the run's scenario differs from the file.
  /// - Throws: `InvalidInput` for the scenario, `ResultsError` where it, or Meterstorm, has changed since.
  package init(repeating stored: ResultsStore.Campaign, variant: [String]) throws {
    let choice = try SimulationChoice(words: stored.options)
    self.init(try ScenarioTemplate(file: stored.scenario, settings: choice.edits), seeds: 0...0)
    options = stored.options
    guard identity.scenarioHash == stored.scenarioHash, Meterstorm.version == stored.meterstorm else {
      throw ResultsError(
        "the run cannot be repeated: \(identity.scenarioHash == stored.scenarioHash ? "Meterstorm" : stored.scenario) "
          + "has changed since")
    }
    defect = choice.plantedDefect
    silenced = choice.silenced
    drawn = variant.compactMap(ScenarioTemplate.Edit.init(text:))
    guard drawn?.count == variant.count, defect?.name == choice.defect else {
      throw ResultsError(
        "the run cannot be repeated: the database names a variant or a defect that does not exist")
    }
  }
}

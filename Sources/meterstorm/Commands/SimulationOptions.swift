import ArgumentParser
import Experiments
import ResultsDatabase
import Scenario

/// The options that shape what is simulated and judged, whatever the seed.
struct SimulationOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A built-in design or a design file.", valueName: "name-or-file"))
  var design: String?

  @Option(
    name: .customLong("set"), help: ArgumentHelp("Changes a value of the scenario.", valueName: "path=value"))
  var settings: [String] = []

  @Option(help: ArgumentHelp("Plants a known defect (list defects).", valueName: "name"))
  var defect: String?

  @Option(
    help: ArgumentHelp(
      "Judges these invariants only, separated by commas (list invariants).", valueName: "names"))
  var only: String?

  @Option(help: ArgumentHelp("Does not judge these invariants.", valueName: "names"))
  var without: String?

  /// The invariants that are not judged.
  var silenced: Set<String> {
    let all = Set(SimulationRun.invariants)
    if let only { return all.subtracting(Self.names(only)) }
    return Set(without.map(Self.names) ?? [])
  }

  private static func names(_ list: String) -> [String] {
    list.split(separator: ",").map { $0.filter { $0 != " " } }
  }

  func validate() throws {
    if only != nil, without != nil { throw ValidationError("give --only or --without, not both") }
    let known = SimulationRun.invariants
    for list in [only, without].compactMap({ $0 }) {
      let names = Self.names(list)
      if names.isEmpty { throw ValidationError("a list of invariants is empty; see list invariants") }
      for name in names where !known.contains(name) {
        throw ValidationError("there is no invariant '\(name)'" + NearestKey.hint(for: name, among: known))
      }
    }
    for setting in settings where ScenarioFile.Setting(setting) == nil {
      throw ValidationError("'\(setting)' should be path=value, such as customers.count=100")
    }
    if let defect, plantedDefect == nil {
      throw ValidationError(
        "there is no defect '\(defect)'" + NearestKey.hint(for: defect, among: Defect.all.map(\.name)))
    }
  }

  /// The settings; a design is one, too, in the place of the scenario's.
  var edits: [ScenarioFile.Setting] {
    settings.compactMap(ScenarioFile.Setting.init)
      + (design.map { [ScenarioFile.Setting(path: "design", text: $0, label: "--design")] } ?? [])
  }

  /// The defect.
  var plantedDefect: Defect? { defect.flatMap { name in Defect.all.first { $0.name == name } } }

  /// What makes a difference to the outcome, in one order: settings are in the scenario itself.
  var identity: [String] {
    var identity: [String] = []
    if let design { identity.append("design \(design)") }
    if let defect { identity.append("defect \(defect)") }
    if let only { identity.append("only \(only)") }
    if let without { identity.append("without \(without)") }
    return identity + settings.map { "set \($0)" }
  }

  /// The choice as arguments of another process.
  var arguments: [String] {
    var arguments: [String] = []
    if let design { arguments += ["--design", design] }
    for setting in settings { arguments += ["--set", setting] }
    if let defect { arguments += ["--defect", defect] }
    if let only { arguments += ["--only", only] }
    if let without { arguments += ["--without", without] }
    return arguments
  }
}

/// Which run of a scenario.
struct ScenarioChoice: ParsableArguments {
  @Option(help: ArgumentHelp("The root seed; the scenario's own if left out.", valueName: "n"))
  var seed: UInt64?

  @Flag(help: "Draws the variant that a campaign draws for the seed.")
  var explore = false

  @Option(
    help: ArgumentHelp("Takes the variant that a guided campaign drew for the seed.", valueName: "database"))
  var guided: String?

  @OptionGroup var options: SimulationOptions

  func validate() throws {
    if guided != nil, explore { throw ValidationError("give --explore or --guided, not both") }
    if guided != nil, seed == nil { throw ValidationError("--guided needs the --seed") }
  }

  /// The campaign of which the run is a part, and the seed.
  func campaign(_ file: String) throws -> (campaign: Campaign, seed: UInt64) {
    let template = try ScenarioTemplate(file: file, settings: options.edits)
    var campaign = Campaign(template, seeds: 0...0)
    campaign.explores = explore
    campaign.defect = options.plantedDefect
    campaign.silenced = options.silenced
    campaign.options = options.identity
    let seed = seed ?? template.scenario.seed
    if let guided {
      try Console.database {
        try campaign.takeVariant(of: seed, from: ResultsStore(path: guided, isReadOnly: true))
      }
    }
    return (campaign, seed)
  }

  /// Reads the scenario and applies the choice.
  func prepare(_ file: String) throws -> SimulationRun {
    try Console.reading {
      let (campaign, seed) = try campaign(file)
      return try campaign.prepare(seed).run
    }
  }

  /// The choice as arguments of another process.
  var arguments: [String] {
    (seed.map { ["--seed", "\($0)"] } ?? []) + (explore ? ["--explore"] : [])
      + (guided.map { ["--guided", $0] } ?? []) + options.arguments
  }
}

import ArgumentParser
import Experiments
import ResultsDatabase
import Scenario

/// The options that shape what is simulated and judged, whatever the seed.
struct SimulationOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A built-in design or a design file.", valueName: "name-or-file"))
  var design: String?

  @Option(
    name: .customLong("set"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Changes a value of the scenario; -path removes one.", valueName: "path=value"))
  var settings: [String] = []

  @Option(help: ArgumentHelp("Plants a known defect (list defects).", valueName: "name"))
  var defect: String?

  @Option(
    help: ArgumentHelp(
      "Judges these invariants only, separated by commas (list invariants).", valueName: "names"))
  var only: String?

  @Option(help: ArgumentHelp("Does not judge these invariants.", valueName: "names"))
  var without: String?

  @Option(
    help: ArgumentHelp(
      "Fails unless these invariants are exercised and these situations reached, separated by commas; all: every invariant.",
      valueName: "names"))
  var require: String?

  @Option(
    help: ArgumentHelp(
      "An expectation in addition to the scenario's, such as 'postingLatency.p99 < 24h'; repeatable.",
      valueName: "threshold"
    ))
  var expect: [String] = []

  @Flag(
    help:
      "Runs even a scenario estimated to be too large: more than 2,000,000,000 usage events, 2,000,000 samples, 100,000 fault windows, 20,000,000 invoices or 8 GB."
  )
  var allowLarge = false

  /// What the scenario and the options require, each once.
  func required(of scenario: ScenarioFile) throws -> [String] {
    Requirements.expanded(scenario.required + (require.map(SimulationChoice.names) ?? []))
  }

  /// Throws where a setting is no `path=value`.
  static func check(_ settings: [String]) throws {
    for setting in settings where ScenarioFile.Setting(setting) == nil {
      throw ValidationError(
        "'\(setting)' should be path=value, such as customers.count=100, or -path to remove something")
    }
  }

  /// The options in the words of a results database.
  var choice: SimulationChoice {
    var choice = SimulationChoice()
    (choice.design, choice.defect, choice.only, choice.without) = (design, defect, only, without)
    (choice.settings, choice.expectations) = (settings, expect)
    return choice
  }

  func validate() throws {
    if allowLarge { WorkEstimate.isLifted = true }
    if only != nil, without != nil { throw ValidationError("give --only or --without, not both") }
    let known = SimulationRun.invariants
    for list in [only, without].compactMap({ $0 }) {
      let names = SimulationChoice.names(list)
      if names.isEmpty { throw ValidationError("a list of invariants is empty; see list invariants") }
      for name in names where !known.contains(name) {
        throw ValidationError("there is no invariant '\(name)'" + NearestKey.hint(for: name, among: known))
      }
    }
    try Self.check(settings)
    for text in expect where Expectation(text) == nil {
      // The place within the text is shown below it.
      let column = Expectation.column(ofProblemIn: text)
      let mark = String(repeating: " ", count: column - 1) + "^"
      throw ValidationError("--expect:1:\(column): \(Expectation.problem(with: text))\n  \(text)\n  \(mark)")
    }
    if let require {
      let names = SimulationChoice.names(require)
      if names.isEmpty {
        throw ValidationError("--require names nothing; see list invariants, list situations")
      }
      for name in names where name != "all" && !Requirements.known.contains(name) {
        throw ValidationError(
          "there is no invariant or situation '\(name)'"
            + NearestKey.hint(for: name, among: Requirements.known))
      }
    }
    if let defect, choice.plantedDefect == nil {
      throw ValidationError(
        "there is no defect '\(defect)'" + NearestKey.hint(for: defect, among: Defect.all.map(\.name)))
    }
  }

  /// The choice as arguments of another process.
  var arguments: [String] {
    var arguments: [String] = []
    if let design { arguments += ["--design", design] }
    for setting in settings { arguments.append("--set=\(setting)") }
    for text in expect { arguments += ["--expect", text] }
    if let defect { arguments += ["--defect", defect] }
    if let only { arguments += ["--only", only] }
    if let without { arguments += ["--without", without] }
    if let require { arguments += ["--require", require] }
    if allowLarge { arguments.append("--allow-large") }
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
    if guided != nil, seed == nil { throw ValidationError("--guided requires --seed") }
  }

  /// The campaign of which the run is a part, and the seed.
  func campaign(_ file: String) throws -> (campaign: Campaign, seed: UInt64) {
    let template = try ScenarioTemplate(file: file, settings: options.choice.edits)
    var campaign = Campaign(template, seeds: 0...0)
    campaign.explores = explore
    campaign.defect = options.choice.plantedDefect
    campaign.silenced = options.choice.silenced
    campaign.options = options.choice.words
    try campaign.check()
    let seed = seed ?? template.scenario.seed
    if let guided {
      try Console.database {
        try campaign.loadVariant(of: seed, from: ResultsStore(path: guided, isReadOnly: true))
      }
      campaign.variants = guided
    }
    return (campaign, seed)
  }

  /// Reads the scenario and applies the choice.
  func prepare(_ file: String) throws -> SimulationRun { try prepareWithVariant(file).run }

  /// Reads the scenario and applies the choice; tells how what is run differs from the file.
  func prepareWithVariant(_ file: String) throws -> (
    campaign: Campaign, run: SimulationRun, variant: [String]
  ) {
    try Console.reading {
      let (campaign, seed) = try campaign(file)
      var (run, variant) = try campaign.prepare(seed)
      run.required = try options.required(of: run.scenario)
      if let require = options.require { run.commandLine?.append(contentsOf: ["--require", require]) }
      if options.allowLarge { run.commandLine?.append("--allow-large") }
      return (campaign, run, variant)
    }
  }

  /// The choice as arguments of another process.
  var arguments: [String] {
    (seed.map { ["--seed", "\($0)"] } ?? []) + (explore ? ["--explore"] : [])
      + (guided.map { ["--guided", $0] } ?? []) + options.arguments
  }
}

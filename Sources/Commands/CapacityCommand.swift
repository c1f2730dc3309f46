import ArgumentParser
import Experiments
import Foundation
import Reports
import RunRecord
import Scenario

struct CapacityCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "capacity",
    abstract: "Finds how much load a design can carry and still meet its objectives.",
    discussion: """
      Answers the studies of the scenario's capacity section, or one given here with --vary and --objective. It varies one parameter until \
      an objective fails, and finds the largest value that meets them all, or the smallest with --smallest; an objective counts as met only \
      when the data show it. Two parameters make a map; --effects ranks several by how much they matter, and --indices finds how much of \
      the variance each explains.

      """ + Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm capacity capacity/outage --study workers",
    "meterstorm capacity azure-llm-tokens \\",
    "  --vary customers.count=100..400 --objective 'closeCycleTime < 2d' \\",
    "  --replications 20 --grid 3",
  ]

  @Argument(help: "The scenario's YAML file, or the name of one that is built in.")
  var scenario: String

  @OptionGroup var options: StudyOptions

  @Option(help: ArgumentHelp("Runs only this study.", valueName: "name"))
  var study: String?

  @Option(
    help: ArgumentHelp(
      """
      Parameter and values to search: path=a..b, 'path=a..b step c' or path=a,b,c. Several paths with commas between them get the \
      same value. Give twice for a two-dimensional map.
      """, valueName: "path=a..b"))
  var vary: [String] = []

  @Option(
    help: ArgumentHelp(
      "Repeats the search for each of these values.", valueName: "path,…=a,b,c"))
  var across: String?

  @Option(
    name: .customLong("objective"),
    help: ArgumentHelp(
      "An objective that must be met; the scenario's expectations if left out.", valueName: "threshold")
  )
  var objectives: [String] = []

  @Flag(
    help:
      "Finds by how many per cent the whole load, customers and usage alike, may grow before an objective fails."
  )
  var headroom = false

  @Option(
    help: ArgumentHelp(
      "Repeats the search with more licences of the scenario's plan: 'netsuite', or 'netsuite=0..5'.",
      valueName: "name=a..b"))
  var licences: String?

  @Option(
    help: ArgumentHelp(
      "Estimates the probability that a month is closed by each of these days after its end, or spans such as '1h..12h step 1h'; uses all allowed replications.",
      valueName: "a..b"))
  var closeBy: String?

  @Flag(help: "Finds the smallest value that meets the objectives.")
  var smallest = false

  @Flag(help: "Ranks several values by how much they matter.")
  var effects = false

  @Flag(help: "Finds how much of the variance each of several values explains (Sobol' indices).")
  var indices = false

  @Option(
    help: ArgumentHelp("Trajectories of --effects (12), or rows of --indices (100).", valueName: "n"))
  var repetitions: Int?

  @Option(
    help: ArgumentHelp(
      "Replications of each judged value: A..B, until the result is clear; at least 20 (rare events: 40).",
      valueName: "a..b"
    ))
  var replications = CountRange(low: 40, high: 80)

  @Option(
    help: ArgumentHelp(
      "Maximum distance between the answer and the next value beyond it.", valueName: "share"))
  var precision = "2%"

  @Option(
    help: ArgumentHelp(
      "Values to try first, or on each axis of a map.", valueName: "n"))
  var grid = 6

  func validate() throws {
    _ = try StudyOptions.share(precision, "--precision")
    guard replications.low >= 20 else {
      throw ValidationError(
        "--replications: an objective counts as met only after at least 20, such as 20..80")
    }
    guard (2...1000).contains(grid) else { throw ValidationError("--grid must be between 2 and 1000") }
    let asked = [("--headroom", headroom), ("--close-by", closeBy != nil), ("--vary", !vary.isEmpty)]
      .filter(\.1).map(\.0)
    if asked.count > 1 { throw ValidationError("give \(asked[0]) or \(asked[1]), not both") }
    if study != nil, let first = asked.first, first != "--vary" {
      throw ValidationError("give --study or \(first), not both")
    }
    if licences != nil, across != nil { throw ValidationError("give --licences or --across, not both") }
    _ = try closeByFigures()
    _ = try licenceRange()
    if study != nil, !vary.isEmpty { throw ValidationError("give --study or --vary, not both") }
    if vary.isEmpty {
      let asks = headroom || closeBy != nil
      let stray = [
        ("--across", across != nil && !asks), ("--licences", licences != nil && !asks),
        ("--objective", !objectives.isEmpty && !headroom), ("--smallest", smallest), ("--effects", effects),
        ("--indices", indices),
      ]
      if let first = stray.first(where: { $0.1 }) { throw ValidationError("\(first.0) requires --vary") }
    }
    if [smallest, effects, indices].count(where: \.self) > 1 {
      throw ValidationError("give only one of --smallest, --effects and --indices")
    }
    if let repetitions, !(2...10_000).contains(repetitions) {
      throw ValidationError("--repetitions must be between 2 and 10000")
    }
    for text in objectives where Expectation(text) == nil {
      throw ValidationError("--objective: " + Expectation.problem(with: text))
    }
    _ = try knobs()
    _ = try row()
  }

  private func knobs() throws -> [CapacityQuestion.Knob] {
    do throws(KnobText.Problem) {
      var knobs: [CapacityQuestion.Knob] = []
      for text in vary { knobs.append(try KnobText.knob(text)) }
      return knobs
    } catch { throw ValidationError("--vary: \(error)") }
  }

  private func row() throws -> CapacityQuestion.Across? {
    guard let across else { return nil }
    let parts = across.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let values = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : []
    guard let paths = KnobText.paths(parts[0]), !values.isEmpty else {
      throw ValidationError("'\(across)' should be path=a,b,c, such as entities.0.erp.concurrency=5,15,65")
    }
    return CapacityQuestion.Across(paths: paths, values: values)
  }

  /// The spans of --close-by: plain numbers are days.
  private func closeByFigures() throws -> [ExploredRange.Figure] {
    guard let closeBy else { return [] }
    func days(_ text: String) -> String { Int(text) == nil ? text : "\(text)d" }
    let wanted = ValidationError(
      "--close-by: '\(closeBy)' should be days such as 1..10 or 1,3,5, or spans such as '1h..12h step 1h', at most 100 of them"
    )
    let parts = closeBy.split(separator: " ").map(String.init)
    let ends = parts.first.flatMap { text in
      text.firstRange(of: "..").map { [String(text[..<$0.lowerBound]), String(text[$0.upperBound...])] }
    }
    let texts: [String]
    if let ends {
      guard parts.count == 1 || (parts.count == 3 && parts[1] == "step"),
        let range = ExploredRange(
          from: days(ends[0]), to: days(ends[1]), step: parts.count == 3 ? days(parts[2]) : "1d"),
        range.steps < 100
      else { throw wanted }
      texts = (0...range.steps).map { step in
        let seconds = Int(range.value(step: step).number)
        return seconds % 86_400 == 0
          ? "\(seconds / 86_400)d" : seconds % 3600 == 0 ? "\(seconds / 3600)h" : "\(seconds)s"
      }
    } else {
      texts = closeBy.split(separator: ",", omittingEmptySubsequences: false).map {
        days(String($0.filter { $0 != " " }))
      }
    }
    guard texts.count <= 100, let list = ExploredRange(listing: texts), case .figures(let figures) = list,
      figures.allSatisfy({ Unit.duration($0.text) != nil })
    else { throw wanted }
    return figures
  }

  private func licenceRange() throws -> (name: String, from: Int, to: Int)? {
    guard let licences else { return nil }
    let parts = licences.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init)
    guard parts.count == 2 else { return (licences, 0, 3) }
    guard let dots = parts[1].firstRange(of: ".."), let from = Int(parts[1][..<dots.lowerBound]),
      let to = Int(parts[1][dots.upperBound...]), from >= 0, from < to, to <= 1000
    else {
      throw ValidationError("--licences: '\(licences)' should be a name and a range, such as netsuite=0..5")
    }
    return (parts[0], from, to)
  }

  private func questions(_ template: ScenarioTemplate) throws -> [CapacityQuestion] {
    let scenario = template.scenario
    if closeBy != nil {
      var question = CapacityQuestion(
        name: "close-by", goal: .closing, objectives: [], knobs: [], across: try row())
      question.closeBy = try closeByFigures()
      return [try asked(question, scenario)]
    }
    let knobs = headroom ? [CapacityQuestion.Knob(loadOf: template.root)] : try knobs()
    guard knobs.isEmpty else {
      let goal: CapacityQuestion.Goal =
        effects ? .effects : indices ? .indices : knobs.count > 1 ? .map : smallest ? .smallest : .largest
      let own = objectives.compactMap(Expectation.init)
      for objective in own {
        if let problem = CostFile.problem(
          with: objective.indicator, in: objective.currency, under: scenario.costs)
        {
          throw ValidationError("--objective '\(objective.text)': \(problem)")
        }
      }
      var question = CapacityQuestion(
        name: headroom ? "headroom" : "command-line", goal: goal,
        objectives: own.isEmpty ? scenario.expectations : own, knobs: knobs,
        across: try row())
      question = try asked(question, scenario)
      if let problem = question.problem { throw ValidationError(problem) }
      if question.objectives.isEmpty, ![.effects, .indices].contains(goal) {
        throw ValidationError("the scenario has no expectations: name an objective with --objective")
      }
      return [question]
    }
    guard let study else {
      guard !scenario.studies.isEmpty else {
        throw ValidationError(
          "the scenario has no capacity section: name a parameter and a range with --vary")
      }
      return scenario.studies
    }
    guard let question = scenario.studies.first(where: { $0.name == study }) else {
      throw ValidationError(
        "the scenario has no study '\(study)'"
          + NearestKey.hint(for: study, among: scenario.studies.map(\.name)))
    }
    return [question]
  }

  /// A question with the licences across which it is asked.
  private func asked(_ question: CapacityQuestion, _ scenario: ScenarioFile) throws -> CapacityQuestion {
    guard let (name, from, to) = try licenceRange() else { return question }
    guard let plan = scenario.plans.first(where: { $0.name == name }) else {
      throw ValidationError("--licences: " + LicencePlan.unknown(name, scenario.plans))
    }
    var question = question
    question.ask(of: plan, from: from, to: to)
    return question
  }

  func run() throws {
    let bar = StudyProgress(isQuiet: options.quiet)
    var isInterrupted = false
    let studies = try options.performing(scenario, kind: "capacity", bar: bar) { laboratory in
      var studies: [CapacityStudy] = []
      for question in try questions(laboratory.campaign.template) where !isInterrupted {
        var plan = CapacityPlan(question)
        plan.replications = (replications.low, replications.high)
        plan.confidence = try options.share()
        plan.precision = try StudyOptions.share(precision, "--precision")
        (plan.grid, plan.seed, plan.repetitions) = (grid, options.seed, repetitions)
        let study = try plan.perform(in: laboratory) { bar.say("\(question.name): \($0)") }
        isInterrupted = study.interrupted
        studies.append(study)
      }
      return studies
    }
    switch try Defaults.format(options.format) {
    case .html: try Console.print(CapacityReport(studies).html())
    case .json: try Console.write(CapacityStudy.json(studies))
    case .text:
      try Console.print(studies.map { CapacityText($0, style: Console.style).text() }.joined(separator: "\n"))
    }
    if isInterrupted {
      Console.note("meterstorm: interrupted; complete results were written")
      throw Exit.interrupted
    }
  }
}

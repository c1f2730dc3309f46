import ArgumentParser
import Experiments
import Foundation
import Reports
import ResultsDatabase
import RunRecord
import Scenario
import Statistics

struct CompareCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compares designs, or other variants of a scenario, on the same seeds.",
    discussion: """
      Every variant meets the same usage, faults and answers, so that differences are the variants' own; a difference is reported only if \
      its confidence interval excludes zero. A variant that breaks an invariant is a finding, not an error. --best picks the best of up to \
      20 variants with as few runs as possible; --fail-if exits with 1 if the condition is shown to hold for a variant against the \
      first, or cannot be ruled out.

      """ + Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm compare azure-llm-tokens \\",
    "  --designs middleware,micro-batch --replications 4",
    "meterstorm compare azure-llm-tokens --replications 4 \\",
    "  --variant 'five: entities.0.erp.concurrency=5' \\",
    "  --variant 'fifteen: entities.0.erp.concurrency=15'",
    "meterstorm compare azure-llm-tokens --replications 4 \\",
    "  --designs middleware,micro-batch --fail-if 'postingLatency.p99 > +5%'",
  ]

  @Argument(help: "The scenario's YAML file, or the name of one that is built in.")
  var scenario: String

  @OptionGroup var options: StudyOptions

  @Option(help: ArgumentHelp("Built-in designs or design files, separated by commas.", valueName: "names"))
  var designs: String?

  @Option(
    name: .customLong("variant"),
    help: ArgumentHelp(
      "A variant: a name and what it sets, separated by semicolons.", valueName: "name: path=value; …"))
  var variants: [String] = []

  @Option(
    help: ArgumentHelp(
      "Compares the scenario as it is with one that has one more \(OneMore.allCases.map(\.rawValue).joined(separator: ", ")), separated by commas; all: each of them.",
      valueName: "kinds"))
  var oneMore: String?

  @Option(
    help: ArgumentHelp(
      "Replications: A..B, until the intervals are narrow enough (20..60; with --best 20..500, with --fail-if 20..100).",
      valueName: "a..b"))
  var replications: CountRange?

  @Option(
    help: ArgumentHelp(
      "The half-width of the intervals to reach, as a share of the mean.", valueName: "share"))
  var precision = "5%"

  @Option(
    help: ArgumentHelp(
      "Picks the variant with the best mean of an indicator among those without a violation, with the probability of --confidence: 'closeCycleTime', or 'highest documentsPosted'.",
      valueName: "indicator"))
  var best: String?

  @Option(
    help: ArgumentHelp(
      "Differences that --best treats as equal: a share of the best mean, such as 5%, or a figure in the indicator's unit, such as 10m.",
      valueName: "figure"))
  var indifference: String?

  @Option(
    help: ArgumentHelp(
      "Fails if an indicator's mean is beyond a limit: a figure ('closeCycleTime > 3h'), or relative to the first variant ('postingLatency.p99 > +5%', 'postingThroughput < -10%').",
      valueName: "condition"))
  var failIf: [String] = []

  func validate() throws {
    _ = try StudyOptions.share(precision, "--precision")
    _ = try choice()
    _ = try conditions()
    if indifference != nil, best == nil { throw ValidationError("--indifference requires --best") }
    if !(try kindsOfMore().isEmpty) {
      guard designs == nil, variants.isEmpty else {
        throw ValidationError("--one-more names the variants: leave --designs and --variant out")
      }
      return
    }
    let chosen = try chosenVariants()
    guard chosen.count <= 20 else {
      throw ValidationError("\(chosen.count) variants given; the maximum is 20")
    }
    guard chosen.count >= 2 else {
      throw ValidationError("name at least two: --designs middleware,micro-batch, or --variant twice")
    }
    let names = chosen.map(\.name)
    if let double = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw ValidationError("duplicate variant '\(double)'")
    }
  }

  /// What is asked by --best.
  private func choice() throws -> DesignComparison.ChoiceQuestion? {
    guard let best else { return nil }
    let words = best.split(separator: " ").map(String.init)
    let direction = words.count == 2 ? words[0] : nil
    guard let name = words.last, words.count <= 2,
      direction.map({ ["lowest", "highest"].contains($0) }) ?? true
    else {
      throw ValidationError(
        "'\(best)' for --best should be an indicator, such as closeCycleTime or 'highest documentsPosted'")
    }
    guard let indicator = Expectation.indicator(name) else {
      throw ValidationError(
        "there is no indicator '\(name)'"
          + NearestKey.hint(for: name, among: Expectation.indicators.map(\.name)))
    }
    return .init(
      indicator, isHighest: direction.map { $0 == "highest" } ?? indicator.isBetterHigh,
      indifference: try tolerance(indicator))
  }

  private func tolerance(_ indicator: Expectation.Indicator) throws
    -> DesignComparison.ChoiceQuestion.Indifference
  {
    let text = indifference ?? "5%"
    if indicator.dimension != .share || indifference == nil, let share = Unit.share(text), share > 0 {
      return .share(share)
    }
    guard let plain = Expectation("\(indicator.name) < \(text)"), plain.threshold > 0 else {
      throw ValidationError(
        "'\(text)' for --indifference should be above 0: a share such as 5%, or as \(indicator.name) is measured"
      )
    }
    return .amount(plain.threshold)
  }

  private func conditions() throws -> [FailureCondition] {
    do throws(InvalidCondition) {
      var conditions: [FailureCondition] = []
      for text in failIf { conditions.append(try FailureCondition(text)) }
      return conditions
    } catch { throw ValidationError("--fail-if: " + error.message) }
  }

  private var counts: CountRange {
    replications
      ?? (best != nil
        ? CountRange(low: 20, high: 500)
        : failIf.isEmpty ? CountRange(low: 20, high: 60) : CountRange(low: 20, high: 100))
  }

  /// What is asked by --one-more.
  private func kindsOfMore() throws -> [OneMore] {
    guard let oneMore else { return [] }
    if oneMore == "all" { return OneMore.allCases }
    var kinds: [OneMore] = []
    for word in oneMore.split(separator: ",", omittingEmptySubsequences: false).map({
      $0.trimmingCharacters(in: .whitespaces)
    }) {
      guard let kind = OneMore(rawValue: word) else {
        throw ValidationError(
          "--one-more: there is no '\(word)'"
            + NearestKey.hint(for: word, among: OneMore.allCases.map(\.rawValue) + ["all"]))
      }
      guard !kinds.contains(kind) else { throw ValidationError("--one-more: '\(word)' is given twice") }
      kinds.append(kind)
    }
    return kinds
  }

  private func chosenVariants() throws -> [Laboratory.Variant] {
    let designs = (designs ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    return designs.filter { !$0.isEmpty }.map { name in
      Laboratory.Variant(name: name, edits: [.set(path: ["design"], value: name)])
    } + (try variants.map(Self.variant))
  }

  /// Refuses amounts that the scenario has no prices for, or prices in another currency.
  private func checkMoney(_ costs: CostFile?) throws {
    for condition in try conditions() {
      if let problem = CostFile.problem(with: condition.indicator, in: condition.currency, under: costs) {
        throw ValidationError("--fail-if '\(condition.text)': \(problem)")
      }
    }
    guard let choice = try choice() else { return }
    let plain = indifference.flatMap { Expectation("\(choice.indicator.name) < \($0)") }
    if let problem = CostFile.problem(with: choice.indicator, in: plain?.currency, under: costs) {
      throw ValidationError("--best \(choice.indicator.name): \(problem)")
    }
  }

  private static func variant(_ text: String) throws -> Laboratory.Variant {
    let parts = text.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
    guard parts.count == 2, !parts[0].isEmpty else {
      throw ValidationError(
        "'\(text)' should be a name and settings, such as 'five: entities.0.erp.concurrency=5'")
    }
    let edits = try parts[1].split(separator: ";").map { setting -> ScenarioTemplate.Edit in
      guard let edit = ScenarioTemplate.Edit(text: setting.trimmingCharacters(in: .whitespaces)) else {
        throw ValidationError(
          "'\(setting)' should be path=value, such as customers.count=100, or -path to remove something")
      }
      return edit
    }
    return Laboratory.Variant(name: parts[0], edits: edits)
  }

  func run() throws {
    var study = DesignComparison(try chosenVariants())
    study.rule = StoppingRule(
      precision: try StudyOptions.share(precision, "--precision"), minimum: counts.low,
      maximum: counts.high)
    study.choice = try choice()
    study.conditions = try conditions()
    study.confidence = try options.share()
    study.seed = options.seed
    let bar = StudyProgress(isQuiet: options.quiet)
    let kinds = try kindsOfMore()
    let comparison = try options.performing(scenario, kind: "compare", bar: bar) { laboratory in
      try checkMoney(laboratory.campaign.template.scenario.costs)
      if !kinds.isEmpty {
        let root = laboratory.campaign.template.root
        study.variants =
          [Laboratory.Variant(name: "as it is", edits: [])]
          + (try kinds.map { Laboratory.Variant(name: $0.title, edits: try $0.edits(of: root)) })
      }
      return try study.perform(in: laboratory) {
        bar.say("\($0.replications) of at most \($0.maximum) replications")
      }
    }
    switch try Defaults.format(options.format) {
    case .html: try Console.print(ComparisonReport(comparison).html())
    case .json: try Console.write(comparison.json())
    case .text: try Console.print(ComparisonText(comparison, style: Console.style).text())
    }
    if comparison.interrupted {
      Console.note("meterstorm: interrupted; complete results were written")
      throw Exit.interrupted
    }
    if let conditions = comparison.conditions, conditions.contains(where: { $0.finding != .excluded }) {
      throw Exit.broken
    }
  }
}

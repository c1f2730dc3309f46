import ArgumentParser
import Experiments
import Foundation
import Reports
import ResultsDatabase
import RunRecord
import Scenario
import Statistics

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compares designs, or other variants of a scenario, on the same seeds.",
    discussion: """
      Every variant meets the same usage, faults and answers, so that differences are the variants' own; each figure comes \
      with a confidence interval. 'compare SCENARIO --designs middleware,micro-batch', or \
      'compare SCENARIO --variant "five: entities.0.erp.concurrency=5" --variant "fifteen: entities.0.erp.concurrency=15"'. \
      That a variant breaks an invariant is a finding, and no error.
      """)

  @Argument(help: "The scenario's YAML file.")
  var scenario: String

  @OptionGroup var options: StudyOptions

  @Option(help: ArgumentHelp("Designs, built in or in files, separated by commas.", valueName: "names"))
  var designs: String?

  @Option(
    name: .customLong("variant"),
    help: ArgumentHelp(
      "A variant: a name and what it sets, separated by semicolons.", valueName: "name: path=value; …"))
  var variants: [String] = []

  @Option(
    help: ArgumentHelp("Replications: A..B, until the figures are known well enough.", valueName: "a..b"))
  var replications = CountRange(low: 10, high: 20)

  @Option(
    help: ArgumentHelp("How well: the half-width of intervals as a share of the mean.", valueName: "share"))
  var precision = "5%"

  func validate() throws {
    _ = try StudyOptions.share(precision, "--precision")
    let chosen = try chosenVariants()
    guard chosen.count >= 2 else {
      throw ValidationError("name at least two: --designs middleware,micro-batch, or --variant twice")
    }
    let names = chosen.map(\.name)
    if let double = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw ValidationError("two variants are called '\(double)'")
    }
  }

  private func chosenVariants() throws -> [Laboratory.Variant] {
    let designs = (designs ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    return designs.filter { !$0.isEmpty }.map { name in
      Laboratory.Variant(name: name, edits: [.set(path: ["design"], value: name)])
    } + (try variants.map(Self.variant))
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
          "'\(setting)' should be path=value, such as customers.count=100, or -path to leave something out")
      }
      return edit
    }
    return Laboratory.Variant(name: parts[0], edits: edits)
  }

  func run() throws {
    var study = DesignComparison(try chosenVariants())
    study.rule = StoppingRule(
      precision: try StudyOptions.share(precision, "--precision"), least: replications.low,
      most: replications.high)
    study.confidence = try options.share()
    study.seed = options.seed
    let bar = StudyProgress(isQuiet: options.quiet)
    let comparison = try options.performing(scenario, kind: "compare", bar: bar) { laboratory in
      try study.perform(in: laboratory) { bar.say("\($0.replications) of at most \($0.most) replications") }
    }
    switch options.format {
    case .html: try Console.print(ComparisonReport(comparison).html())
    case .json: try Console.write(comparison.json())
    case .text: try Console.print(ComparisonText(comparison, style: Console.style).text())
    }
    if comparison.interrupted {
      Console.note("meterstorm: interrupted; what is complete was written")
      throw Exit.interrupted
    }
  }
}

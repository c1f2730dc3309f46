import ArgumentParser
import Experiments
import Statistics

/// Not a measure of speed, but of truth: the same figures on every machine.
struct CoverageTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage", abstract: "Counts how often intervals and findings of studies are right.")

  @Option(help: "Intervals, and studies, of each kind of indicator.")
  var repetitions = 1000

  @Option(help: "The first seed.")
  var seed: UInt64 = 1

  @Flag(help: "Fails where a kind does not keep what is asked of it.")
  var check = false

  func validate() throws {
    guard repetitions >= 10 else { throw ValidationError("at least 10 repetitions") }
  }

  /// What chance does to a share of so many repetitions: three standard deviations.
  private func chance(_ share: Double) -> Double {
    3 * (share * (1 - share) / Double(repetitions)).squareRoot()
  }

  func run() throws {
    var study = CoverageStudy()
    (study.repetitions, study.seed) = (repetitions, seed)
    let wrong = try intervals(study) + findings(study)
    guard check, !wrong.isEmpty else { return }
    print("\nOUTSIDE: " + wrong.joined(separator: "; "))
    throw ExitCode(1)
  }

  private func intervals(_ study: CoverageStudy) throws -> [String] {
    print(
      """
      Intervals of 95 % for the mean, \(repetitions) of each kind, and how many hold it, in percent: of 20 values, of 60, and of as many
      as 'compare' takes (20, 40 or 60, until the half-width is within 5 % of the mean). 'Both ends': of the latter, how many have two;
      an open end, where too little of a tail was seen, holds whatever lies there.

      """)
    print(Self.line("kind of indicator", ["20", "60", "compare", "both ends", "Student's", "asked"]))
    var wrong: [String] = []
    for kind in CoverageStudy.kinds {
      let rows = try [(20, 20), (60, 60), (20, 60)].map {
        try study.intervals(kind, StoppingRule(precision: 0.05, minimum: $0.0, maximum: $0.1))
      }
      let asked =
        switch kind.demand {
        case .all: "93 to 97"
        case .atLeast: "93 or more"
        case .findings, .nothing: "-"
        }
      print(
        Self.line(
          kind.name,
          rows.map { Self.percent($0.held) } + [rows[2].formed, rows[2].student].map(Self.percent) + [asked]))
      let limits: ClosedRange<Double> =
        switch kind.demand {
        case .all: 0.93 - chance(0.93)...0.97 + chance(0.97)
        case .atLeast: 0.93 - chance(0.93)...1
        case .findings, .nothing: 0...1
        }
      for row in rows where !limits.contains(row.held) {
        wrong.append("\(kind.name): \(Self.percent(row.held)) of intervals hold the mean")
      }
    }
    return wrong
  }

  private func findings(_ study: CoverageStudy) throws -> [String] {
    print(
      """

      Studies as 'capacity' performs them, search, looks and candidates, with the threshold at the true mean, and how many name an answer,
      in percent; each is wrong. 'Too far': of a range in which the fifth value of nine has its mean at the threshold, how many
      name this one or one beyond; 'answers': how many name any.

      """)
    print(Self.line("kind of indicator", ["< mean", "> mean", "too far", "answers", "asked"]))
    var wrong: [String] = []
    for kind in CoverageStudy.kinds {
      let findings = try study.findings(kind)
      let shares = [findings.below, findings.above, findings.beyond]
      let asked = kind.demand == .nothing ? "-" : "5 or less"
      print(Self.line(kind.name, (shares + [findings.answered]).map(Self.percent) + [asked]))
      if kind.demand != .nothing, let worst = shares.max(), worst > 0.05 + chance(0.05) {
        wrong.append("\(kind.name): \(Self.percent(worst)) of studies are wrong")
      }
    }
    return wrong
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func line(_ name: String, _ figures: [String]) -> String {
    let padded = name + String(repeating: " ", count: max(1, 42 - name.count))
    return padded + figures.map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }.joined()
  }
}

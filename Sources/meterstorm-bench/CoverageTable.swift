import ArgumentParser
import Experiments

/// Not a measure of speed, but of truth: the same figures on every machine.
struct CoverageTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage", abstract: "Counts how often intervals and findings of studies are right.")

  @Option(help: "Intervals, and studies, of each kind of indicator.")
  var repetitions = 1000

  @Option(help: "The first seed.")
  var seed: UInt64 = 1

  @Flag(
    help:
      "Fails where ordinary kinds are outside of 93 to 97 of 100, or more than 5 of 100 studies are wrong.")
  var check = false

  func validate() throws {
    guard repetitions >= 10 else { throw ValidationError("at least 10 repetitions") }
  }

  func run() throws {
    var study = CoverageStudy()
    (study.repetitions, study.seed) = (repetitions, seed)
    print("Intervals of 95 % for the mean, \(repetitions) of each kind, and how many hold it, in percent.")
    print(
      "Of rare events too few are seen in some samples for an upper end: 'both ends' says in how many there is one.\n"
    )
    print(Self.line("kind of indicator", ["values", "hold", "Student's", "both ends"]))
    // What chance does to a share of 95 % of so many, three standard deviations.
    let slack = 3 * (0.95 * 0.05 / Double(repetitions)).squareRoot()
    var wrong: [String] = []
    for kind in CoverageStudy.kinds {
      for values in [20, 60] {
        let row = study.intervals(of: values, kind)
        print(
          Self.line(
            values == 20 ? kind.name : "",
            ["\(values)"] + [row.held, row.student, row.formed].map(Self.percent)))
        if kind.isOrdinary, row.held < 0.93 - slack {
          wrong.append("\(kind.name): \(Self.percent(row.held))")
        }
      }
    }
    print(
      "\nStudies with the threshold at the true mean, 20 to 80 replications, and how many say 'met' or 'missed', in percent.\n"
    )
    print(Self.line("kind of indicator", ["met", "missed"]))
    let chance = 3 * (0.05 * 0.95 / Double(repetitions)).squareRoot()
    for kind in CoverageStudy.kinds {
      let findings = study.findings(kind)
      print(Self.line(kind.name, [findings.met, findings.missed].map(Self.percent)))
      if kind.isOrdinary, max(findings.met, findings.missed) > 0.05 + chance {
        wrong.append(
          "\(kind.name): met \(Self.percent(findings.met)), missed \(Self.percent(findings.missed))")
      }
    }
    guard check, !wrong.isEmpty else { return }
    print("\nOUTSIDE: " + wrong.joined(separator: "; "))
    throw ExitCode(1)
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func line(_ name: String, _ figures: [String]) -> String {
    let padded = name + String(repeating: " ", count: max(1, 38 - name.count))
    return padded + figures.map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }.joined()
  }
}

import ArgumentParser
import Experiments
import Statistics

/// Not a measure of speed, but of truth: the same figures on every machine.
struct TheoryTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "theory", abstract: "Holds the model of an ERP against queueing theory.")

  @Option(help: "Calls of a replication.")
  var calls = 20_000

  @Option(help: "Replications of each model.")
  var replications = 30

  @Option(help: "The first seed.")
  var seed: UInt64 = 1

  @Option(help: "Further tables, from other seeds, of which the intervals that hold are counted.")
  var tables = 10

  @Option(help: "Intervals of which the share that holds is counted.")
  var intervals = 200

  func validate() throws {
    guard calls >= 100, replications >= 2, intervals >= 1 else {
      throw ValidationError("at least 100 calls, 2 replications and an interval")
    }
  }

  func run() {
    var study = TheoryStudy()
    (study.calls, study.replications, study.seed) = (calls, replications, seed)
    print(
      "ERPs of the simulated world on their own, against queueing theory: \(replications) replications of")
    print("\(calls) calls each, from seed \(seed); intervals hold the true mean 95 times in 100.\n")
    print(Self.line("model", "figure", "theory", "simulated", "±", ""))
    for row in study.rows() {
      print(
        Self.line(
          row.model, row.figure, Self.text(row.theory), Self.text(row.simulated.mean),
          row.simulated.halfWidth.map(Self.text) ?? "", row.holds ? "within" : "OUTSIDE"))
    }
    var others = (held: 0, all: 0)
    for table in 0..<max(0, tables) {
      study.seed = seed + UInt64((table + 1) * replications)
      let rows = study.rows()
      others = (others.held + rows.count { $0.holds }, others.all + rows.count)
    }
    if others.all > 0 {
      print(
        "\nIn \(tables) more tables like this one, from the seeds after these, \(others.held) of \(others.all) hold."
      )
    }
    study.seed = seed
    let held = study.coverage(of: intervals)
    print(
      "\nM/M/1, 50 % busy: of \(intervals) intervals, each from one run by batch means, \(held) hold the true mean wait."
    )
  }

  private static func line(
    _ model: String, _ figure: String, _ theory: String, _ simulated: String, _ width: String,
    _ verdict: String
  ) -> String {
    func left(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    let cells = [
      left(model, 28), left(figure, 28), right(theory, 10), right(simulated, 10), right(width, 9),
      verdict.isEmpty ? "" : "  \(verdict)",
    ]
    let line = cells.joined(separator: " ")
    return String(line.reversed().drop { $0 == " " }.reversed())
  }

  /// With four digits after the point.
  private static func text(_ value: Double) -> String {
    guard value.isFinite else { return "unknown" }
    let units = Int64((value * 10_000).rounded())
    let digits = "\(units.magnitude % 10_000)"
    return "\(units < 0 ? "-" : "")\(units.magnitude / 10_000)."
      + String(repeating: "0", count: 4 - digits.count) + digits
  }
}

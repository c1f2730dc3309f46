import RunRecord

/// A run as JUnit XML: a test case for each invariant and each expectation.
package enum RunJUnit {
  /// The document. Invariants that were not exercised or not judged count as skipped, with the reason; an interruption is an
  /// error, so that nobody takes what was not judged for what held.
  package static func text(_ record: RunRecord) -> String {
    let suites = [
      suite(
        "invariants", record,
        record.invariants.map { invariant in
          let shown = invariant.violations.prefix(20).map { violation in
            "\(violation.at) \(violation.ids.joined(separator: ", ")): expected \(violation.expected), actual \(violation.actual)"
          }
          return Case(
            classname: "\(record.scenario).\(invariant.boundary)", name: invariant.name,
            outcome: Self.outcome(invariant),
            message: "\(invariant.violationCount) of \(invariant.checks) checks: \(invariant.statement)",
            text: shown.joined(separator: "\n"))
        }),
      suite(
        "expectations", record,
        record.expectations.map { expectation in
          Case(
            classname: "\(record.scenario).expectations", name: expectation.expectation,
            outcome: expectation.verdict == .pass
              ? .passed
              : expectation.verdict == .fail
                ? .failed : .skipped(expectation.reason.map { "not judged: \($0)" } ?? "not judged"),
            message: expectation.measured.map { "measured \($0)" }
              ?? "not measured" + (expectation.reason.map { ": \($0)" } ?? ""), text: "")
        }),
      suite(
        "requirements", record,
        record.requirements.map { requirement in
          Case(
            classname: "\(record.scenario).requirements", name: requirement.name,
            outcome: requirement.isMet ? .passed : .failed,
            message: requirement.kind == .invariant ? "not exercised" : "not reached", text: "")
        }),
    ].filter { !$0.isEmpty }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="Meterstorm">
      \((suites + interruption(record)).joined(separator: "\n"))
      </testsuites>

      """
  }

  private static func outcome(_ invariant: RunRecord.Invariant) -> Outcome {
    switch invariant.verdict {
    case .held: .passed
    case .broken: .failed
    case .notExercised: .skipped("not exercised: nothing of its kind happened")
    case .notJudged: .skipped("not judged: \(invariant.reasons.joined(separator: "; "))")
    }
  }

  private static func interruption(_ record: RunRecord) -> [String] {
    guard record.interrupted else { return [] }
    let text = XML.escaped("stopped at \(record.simulated.end): what is open was not judged to the end")
    return [
      """
        <testsuite name="\(XML.escaped("\(record.scenario) run"))" tests="1" failures="0" errors="1" skipped="0">
          <testcase classname="\(XML.escaped(record.scenario)).run" name="came to its end"><error type="interrupted" message="\(text)"/></testcase>
        </testsuite>
      """
    ]
  }

  private enum Outcome: Equatable {
    case passed
    case failed
    case skipped(String)
  }

  private struct Case {
    var classname: String
    var name: String
    var outcome: Outcome
    var message: String
    var text: String
  }

  /// The attribute; empty where no time is kept.
  private static func time(_ seconds: Double?) -> String {
    seconds.map { " time=\"\(Wording.fixed($0, decimals: 3))\"" } ?? ""
  }

  /// Empty where there are no cases.
  private static func suite(_ name: String, _ record: RunRecord, _ cases: [Case]) -> String {
    if cases.isEmpty, name == "requirements" { return "" }
    // Everything is judged by one run: each case of the record has an equal part of its time, so that the sum is what it took.
    let all = record.invariants.count + record.expectations.count + record.requirements.count
    let each = record.wallClock.map { $0.seconds / Double(max(1, all)) }
    let lines = cases.map { entry -> String in
      let head =
        "    <testcase classname=\"\(XML.escaped(entry.classname))\" name=\"\(XML.escaped(entry.name))\"\(time(each))"
      switch entry.outcome {
      case .passed: return head + "/>"
      case .skipped(let reason):
        return head + "><skipped message=\"\(XML.escaped(reason))\"/></testcase>"
      case .failed:
        return head
          + "><failure type=\"\(XML.escaped(entry.name))\" message=\"\(XML.escaped(entry.message))\">\(XML.escaped(entry.text + (record.commandLine == nil ? "" : "\nrun it again: \(record.command)")))</failure></testcase>"
      }
    }
    let failures = cases.count { $0.outcome == .failed }
    let skipped = cases.count { $0.outcome != .failed && $0.outcome != .passed }
    return """
        <testsuite name="\(XML.escaped("\(record.scenario) \(name)"))" tests="\(cases.count)" failures="\(failures)" errors="0" skipped="\(skipped)"\(time(each.map { $0 * Double(cases.count) }))>
      \(lines.joined(separator: "\n"))
        </testsuite>
      """
  }
}

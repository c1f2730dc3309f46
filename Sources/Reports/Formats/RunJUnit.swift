import RunRecord

/// A run as JUnit XML: a test case for each invariant and each expectation.
public enum RunJUnit {
  /// The document. Invariants that are switched off, and what an interruption has left open, count as skipped; the interruption
  /// itself is an error, so that nobody takes what was not judged for what held.
  public static func text(_ record: RunRecord) -> String {
    let suites = [
      suite(
        "invariants", record,
        record.invariants.map { invariant in
          let shown = invariant.violations.prefix(20).map { violation in
            "\(violation.at) \(violation.ids.joined(separator: ", ")): expected \(violation.expected), actual \(violation.actual)"
          }
          return Case(
            classname: "\(record.scenario).\(invariant.boundary)", name: invariant.name,
            verdict: invariant.verdict,
            message: "\(invariant.violationCount) of \(invariant.checks) checks: \(invariant.statement)",
            text: shown.joined(separator: "\n"))
        }),
      suite(
        "expectations", record,
        record.expectations.map { expectation in
          Case(
            classname: "\(record.scenario).expectations", name: expectation.expectation,
            verdict: expectation.verdict,
            message: "measured \(expectation.measured.map { "\($0)" } ?? "nothing")", text: "")
        }),
    ]
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites>
      \((suites + interruption(record)).joined(separator: "\n"))
      </testsuites>

      """
  }

  private static func interruption(_ record: RunRecord) -> [String] {
    guard record.interrupted else { return [] }
    let text = XML.escaped("stopped at \(record.simulated.end): what is open was not judged to the end")
    return [
      """
        <testsuite name="\(XML.escaped("\(record.scenario) seed \(record.seed) run"))" tests="1" failures="0" errors="1" skipped="0">
          <testcase classname="\(XML.escaped(record.scenario)).run" name="came to its end"><error type="interrupted" message="\(text)"/></testcase>
        </testsuite>
      """
    ]
  }

  private struct Case {
    var classname: String
    var name: String
    var verdict: Verdict
    var message: String
    var text: String
  }

  private static func suite(_ name: String, _ record: RunRecord, _ cases: [Case]) -> String {
    let lines = cases.map { entry -> String in
      let head =
        "    <testcase classname=\"\(XML.escaped(entry.classname))\" name=\"\(XML.escaped(entry.name))\""
      switch entry.verdict {
      case .pass: return head + "/>"
      case .open, .off:
        return head
          + "><skipped message=\"\(entry.verdict == .off ? "switched off" : "not judged")\"/></testcase>"
      case .fail:
        return head
          + "><failure type=\"\(XML.escaped(entry.name))\" message=\"\(XML.escaped(entry.message))\">\(XML.escaped(entry.text))</failure></testcase>"
      }
    }
    let failures = cases.count { $0.verdict == .fail }
    let skipped = cases.count { $0.verdict == .off || $0.verdict == .open }
    return """
        <testsuite name="\(XML.escaped("\(record.scenario) seed \(record.seed) \(name)"))" tests="\(cases.count)" failures="\(failures)" errors="0" skipped="\(skipped)">
      \(lines.joined(separator: "\n"))
        </testsuite>
      """
  }
}

import Foundation
import RunRecord

/// A campaign for CI: JUnit XML, and annotations of GitHub Actions.
public enum CampaignCI {
  /// One test suite; a test case for each kind of failure, and one for everything that passed.
  ///
  /// The format is the one that Jenkins' and GitLab's readers share.
  public static func junit(_ summary: CampaignSummary) -> String {
    let name = XML.escaped(summary.scenario)
    var cases: [String] = []
    for group in summary.failures {
      let example = group.example.map {
        "\($0.at) \($0.ids.joined(separator: ", ")): expected \($0.expected), actual \($0.actual)"
      }
      let seeds = group.seeds.map { "\($0)" }.joined(separator: ", ")
      let message = "\(group.count) of \(summary.runs) seeds, such as \(group.exampleSeed)"
      cases.append(
        """
            <testcase classname="\(name)" name="\(XML.escaped(group.invariant)) under \(XML.escaped(group.cause.isEmpty ? "no fault" : group.cause))">
              <failure type="\(XML.escaped(group.invariant))" message="\(XML.escaped(message))">seeds \(XML.escaped(seeds))
        \(XML.escaped(example ?? "")) </failure>
            </testcase>
        """)
    }
    if summary.failures.isEmpty || summary.passed > 0 {
      cases.append(
        "    <testcase classname=\"\(name)\" name=\"\(summary.passed) seeds hold every invariant\"/>")
    }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites>
        <testsuite name="\(name)" tests="\(cases.count)" failures="\(summary.failures.count)" errors="0" skipped="0">
      \(cases.joined(separator: "\n"))
        </testsuite>
      </testsuites>

      """
  }

  /// A line a kind of failure, as GitHub Actions shows it beside the scenario's file.
  public static func annotations(_ summary: CampaignSummary) -> String {
    summary.failures.map { group in
      let text =
        "\(group.invariant) broke on \(group.count) of \(summary.runs) seeds under "
        + "\(group.cause.isEmpty ? "no fault" : group.cause); seed \(group.exampleSeed) is the smallest; run it again: \(summary.command("run", seed: group.exampleSeed))"
      return "::error file=\(property(summary.scenario)),title=\(property(group.invariant))::\(data(text))\n"
    }.joined()
  }

  /// A text within a message of a workflow command.
  private static func data(_ text: String) -> String {
    text.replacingOccurrences(of: "%", with: "%25").replacingOccurrences(of: "\r", with: "%0D")
      .replacingOccurrences(of: "\n", with: "%0A")
  }

  /// A text within a property of a workflow command.
  private static func property(_ text: String) -> String {
    data(text).replacingOccurrences(of: ":", with: "%3A").replacingOccurrences(of: ",", with: "%2C")
  }
}

import Foundation
import RunRecord

/// A campaign for CI: JUnit XML, and annotations of GitHub Actions.
public enum CampaignCI {
  /// One test suite; a test case for each invariant and each expectation, under the same name whatever came of it, so that a
  /// server tells one that is mended from one that is gone.
  ///
  /// The format is the one that Jenkins' and GitLab's readers share.
  public static func junit(_ summary: CampaignSummary) -> String {
    let name = XML.escaped(summary.scenario)
    let cases =
      summary.judged.map { testCase($0, of: name, summary) }
      + summary.requirements.map { testCase(requiring: $0, of: name) }
    let failed =
      summary.judged.count { summary.failing[$0, default: 0] > 0 } + summary.requirements.count { !$0.isMet }
    let skipped = summary.judged.count { summary.failing[$0] == nil && summary.exercised[$0] == 0 }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites>
        <testsuite name="\(name)" tests="\(cases.count)" failures="\(failed)" errors="0" skipped="\(skipped)">
      \(cases.joined(separator: "\n"))
        </testsuite>
      </testsuites>

      """
  }

  private static func testCase(requiring requirement: RunRecord.Requirement, of name: String) -> String {
    let head = "    <testcase classname=\"\(name)\" name=\"requires \(XML.escaped(requirement.name))\""
    return requirement.isMet
      ? head + "/>" : head + "><failure type=\"required\" message=\"on no seed\"/></testcase>"
  }

  private static func testCase(_ judged: String, of name: String, _ summary: CampaignSummary) -> String {
    let head = "    <testcase classname=\"\(name)\" name=\"\(XML.escaped(judged))\""
    guard let seeds = summary.failing[judged], seeds > 0 else {
      return summary.exercised[judged] == 0
        ? head + "><skipped message=\"not exercised on any seed\"/></testcase>" : head + "/>"
    }
    let groups = summary.failures.filter { $0.invariant == judged }
    let told = groups.map { group -> String in
      let example = group.example.map {
        "\n\($0.at) \($0.ids.joined(separator: ", ")): expected \($0.expected), actual \($0.actual)"
      }
      let list = group.seeds.map { "\($0)" }.joined(separator: ", ")
      return
        "seeds \(list)\(group.count > group.seeds.count ? ", …" : ""): \(group.causeText)\(example ?? "")"
        + "\nrun it again: \(summary.command("run", seed: group.exampleSeed))"
    }
    let text = told.isEmpty ? "another invariant broke first on each of them" : told.joined(separator: "\n")
    return head + """
      >
            <failure type="\(XML.escaped(judged))" message="\(seeds) of \(summary.runs) seeds">\(XML.escaped(text))</failure>
          </testcase>
      """
  }

  /// A line a kind of failure, as GitHub Actions shows it beside the scenario's file.
  public static func annotations(_ summary: CampaignSummary) -> String {
    summary.failures.map { group in
      let text =
        "\(group.invariant) failed on \(group.count) of \(summary.runs) seeds; simplest failing run: seed "
        + "\(group.exampleSeed); cause: \(group.causeText); run it again: "
        + summary.command("run", seed: group.exampleSeed)
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

import Foundation
import RunRecord

/// A campaign for CI: JUnit XML, and annotations of GitHub Actions.
package enum CampaignCI {
  /// One test suite; a test case for each invariant and each expectation, under the same name whatever came of it, so that a
  /// server tells one that is mended from one that is gone.
  ///
  /// The format is the one that Jenkins' and GitLab's readers share.
  package static func junit(_ summary: CampaignSummary) -> String {
    let name = XML.escaped(summary.scenario)
    // Nobody asks for it, but a campaign that has run nothing has not passed.
    let minimum = summary.minimumSeeds ?? (summary.runs == 0 ? 1 : nil)
    let count = summary.judged.count + summary.requirements.count + (minimum == nil ? 0 : 1)
    let suite = summary.seconds.map { " time=\"\(Wording.fixed($0, decimals: 3))\"" } ?? ""
    // Every invariant is judged on every seed: each has an equal part of the time, so that the sum is what the suite took.
    let each =
      summary.seconds.map { " time=\"\(Wording.fixed($0 / Double(max(1, count)), decimals: 3))\"" } ?? ""
    let cases =
      summary.judged.map { testCase($0, of: name, each, summary) }
      + summary.requirements.map { testCase(requiring: $0, of: name, each) }
      + (minimum.map { [testCase(minimum: $0, of: name, each, summary)] } ?? [])
    let failed =
      summary.judged.count { summary.failing[$0, default: 0] > 0 } + summary.requirements.count { !$0.isMet }
      + (summary.runs < minimum ?? 0 ? 1 : 0)
    let skipped = summary.judged.count { wasSkipped($0, summary) != nil }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="Meterstorm">
        <testsuite name="\(name)" tests="\(cases.count)" failures="\(failed)" errors="0" skipped="\(skipped)"\(suite)>
      \(cases.joined(separator: "\n"))
        </testsuite>
      </testsuites>

      """
  }

  private static func testCase(
    minimum: Int, of name: String, _ time: String, _ summary: CampaignSummary
  ) -> String {
    let head = "    <testcase classname=\"\(name)\" name=\"requires enough seeds\"\(time)"
    return summary.runs < minimum
      ? head
        + "><failure type=\"required\" message=\"\(summary.runs) of at least \(minimum) seeds\"/></testcase>"
      : head + "/>"
  }

  private static func testCase(
    requiring requirement: RunRecord.Requirement, of name: String, _ time: String
  ) -> String {
    let head = "    <testcase classname=\"\(name)\" name=\"requires \(XML.escaped(requirement.name))\"\(time)"
    return requirement.isMet
      ? head + "/>" : head + "><failure type=\"required\" message=\"on no seed\"/></testcase>"
  }

  /// Why nothing can be said of what was to be judged; `nil`: it can.
  private static func wasSkipped(_ judged: String, _ summary: CampaignSummary) -> String? {
    guard summary.runs > 0 else { return "no seed was run" }
    return summary.failing[judged, default: 0] == 0 && summary.exercised[judged] == 0
      ? "not exercised on any seed" : nil
  }

  private static func testCase(
    _ judged: String, of name: String, _ time: String, _ summary: CampaignSummary
  ) -> String {
    let head = "    <testcase classname=\"\(name)\" name=\"\(XML.escaped(judged))\"\(time)"
    guard let seeds = summary.failing[judged], seeds > 0 else {
      return wasSkipped(judged, summary).map { head + "><skipped message=\"\($0)\"/></testcase>" } ?? head
        + "/>"
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

  /// One line per kind of failure, as GitHub Actions shows it beside the scenario's file.
  ///
  /// - Parameter file: the scenario's file, as seen from the repository's root; as the summary names it if left out.
  package static func annotations(_ summary: CampaignSummary, file: String? = nil) -> String {
    let summary = Printable.record(summary)
    let file = file ?? summary.scenario
    return summary.failures.map { group in
      let text =
        "\(group.invariant) failed on \(group.count) of \(summary.runs) seeds; simplest failing run: seed "
        + "\(group.exampleSeed); cause: \(group.causeText); run it again: "
        + summary.command("run", seed: group.exampleSeed)
      return GitHubAnnotation.error(file: file, title: group.invariant, text)
    }.joined()
      + summary.requirements.filter { !$0.isMet }.map {
        GitHubAnnotation.error(file: file, title: "requires \($0.name)", "\($0.name): on no seed")
      }.joined()
      + (summary.hasTooFewSeeds
        ? GitHubAnnotation.error(
          file: file, title: "requires enough seeds",
          "\(summary.runs) of at least \(summary.minimumSeeds ?? 0) seeds were run: fewer than required"
        )
        : summary.runs == 0
          ? GitHubAnnotation.error(file: file, title: "nothing run", "no seed was run") : "")
  }
}

/// A line that GitHub Actions shows beside a file.
enum GitHubAnnotation {
  static func error(file: String, title: String, _ text: String) -> String {
    "::error file=\(property(file)),title=\(property(title))::\(data(text))\n"
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

import RunRecord

/// A campaign as Markdown, for the summary of a CI job: the verdict first, then what broke with the command that repeats it.
package struct CampaignMarkdown {
  private let summary: CampaignSummary
  private static var shownGroups: Int { 12 }

  /// Makes a text.
  package init(_ summary: CampaignSummary) { self.summary = Printable.record(summary) }

  /// The text, with a newline at the end.
  package func text() -> String {
    let verdict =
      summary.runs == 0
      ? "❌ NOTHING RUN"
      : summary.interrupted && summary.passed == summary.runs
        ? "⏸ INTERRUPTED" : summary.isPass ? "✅ PASS" : "❌ FAIL"
    var lines = [
      "## \(verdict) · campaign of \(RunMarkdown.escaped(summary.scenario))", "",
      "\(Wording.grouped(summary.passed)) of \(Wording.grouped(summary.runs)) seeds passed"
        + " · \(Wording.short(Double(summary.usageEvents))) usage events"
        + (summary.commit.map { " · commit `\($0.prefix(12))`" } ?? "")
        + summary.options.map { " · \(RunMarkdown.code($0))" }.joined(),
    ]
    for line in CampaignWording.certainty(summary) { lines += ["", RunMarkdown.escaped(line)] }
    for group in summary.failures.prefix(Self.shownGroups) { lines += [""] + failure(group) }
    let more = summary.failures.count - Self.shownGroups
    if more > 0 { lines += ["", "and \(more) more kinds of failure"] }
    let also = CampaignWording.alsoFailing(summary)
    if !also.isEmpty {
      lines += [
        "",
        "also failed on some of these seeds, later: \(also.map(RunMarkdown.escaped).joined(separator: ", "))",
      ]
    }
    for requirement in summary.requirements where !requirement.isMet {
      lines += ["", "✗ \(RunMarkdown.escaped(requirement.name)) is required, and did not occur on any seed"]
    }
    if !summary.faults.isEmpty {
      lines += ["", "<details><summary>Faults</summary>", ""]
      lines += RunMarkdown.table(
        ["fault", "began on seeds", "hit something on seeds"],
        summary.faults.map {
          [
            $0.fault, $0.seeds == 0 ? "never" : Wording.grouped($0.seeds),
            $0.seeds == 0 ? "" : CampaignWording.hits($0),
          ]
        })
      lines += ["", "</details>"]
    }
    let exercised = summary.exercised.count - summary.notExercised.count
    if !summary.exercised.isEmpty {
      lines += ["", "\(exercised) of \(summary.exercised.count) invariants exercised"]
      if !summary.notExercised.isEmpty {
        lines[lines.count - 1] +=
          "; on no seed: " + summary.notExercised.map(RunMarkdown.escaped).joined(separator: ", ")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func failure(_ group: CampaignSummary.Group) -> [String] {
    let seeds = group.seeds.map { "\($0)" }.joined(separator: ", ")
    var lines = [
      "### ✗ \(RunMarkdown.escaped(group.invariant)) on \(Wording.grouped(group.count)) seed\(group.count == 1 ? "" : "s")",
      "",
      "cause: \(RunMarkdown.escaped(group.causeText)); seeds \(seeds)\(group.count > group.seeds.count ? ", …" : "")",
    ]
    if let example = group.example {
      lines.append("")
      lines += RunMarkdown.table(
        ["at", "what", "expected", "found"],
        [[example.at, example.ids.joined(separator: ", "), example.expected, example.actual]])
    }
    lines += ["", RunMarkdown.code(summary.command("run", seed: group.exampleSeed))]
    if let fix = CampaignWording.fix(group, summary) { lines += ["", "fixed when \(fix)"] }
    return lines
  }
}

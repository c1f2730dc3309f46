import RunRecord

/// The summary of a campaign for a terminal.
package struct CampaignText {
  private let summary: CampaignSummary
  private let style: TextStyle
  private let namesCommit: Bool
  /// Whether situations and invariants that no seed has reached are named; otherwise they are counted.
  private let isVerbose: Bool
  /// Failure groups that are shown in full.
  private static var shownGroups: Int { 12 }

  /// Makes a summary.
  ///
  /// - Parameter namesCommit: whether the commit is named, as where there are summaries of several.
  package init(
    _ summary: CampaignSummary, style: TextStyle = TextStyle(isColoured: false), namesCommit: Bool = false,
    isVerbose: Bool = false
  ) {
    self.summary = Printable.record(summary)
    self.style = style
    self.namesCommit = namesCommit
    self.isVerbose = isVerbose
  }

  /// The text, with a newline at the end.
  package func text() -> String {
    var lines = [
      "Meterstorm \(summary.meterstorm) · campaign of \(style.bold(summary.scenario))"
        + summary.options.map { " · \($0)" }.joined()
        + (namesCommit ? summary.commit.map { " · commit \(GateWording.commit($0))" } ?? "" : ""), "",
    ]
    lines.append(verdict)
    lines += CampaignWording.certainty(summary).map { "      " + $0 }
    for group in summary.failures.prefix(Self.shownGroups) { lines += [""] + failure(group) }
    let more = summary.failures.count - Self.shownGroups
    if more > 0 { lines += ["", "and \(more) more kinds of failure"] }
    let also = CampaignWording.alsoFailing(summary)
    if !also.isEmpty {
      lines += ["", "also failed on some of these seeds, later: " + also.joined(separator: ", ")]
    }
    lines += [""] + faults + situations
    if summary.defectShows == false {
      lines.append(
        "the planted defect changed nothing on the seeds that were compared: it cannot be detected here")
    }
    lines += [""] + ending
    return lines.joined(separator: "\n") + "\n"
  }

  /// The verdict, and what it speaks for.
  private var verdict: String {
    let word =
      summary.runs > 0 && !summary.isPass && !(summary.interrupted && summary.passed == summary.runs)
      ? style.bad("FAIL")
      : summary.interrupted
        ? style.bad("INTERRUPTED") : summary.runs == 0 ? style.bad("NOTHING RUN") : style.good("PASS")
    return
      "\(word)  \(Wording.grouped(summary.passed)) of \(Wording.grouped(summary.runs)) seeds passed"
      + " · \(Wording.short(Double(summary.usageEvents))) usage events"
      + " · \(Wording.span(summary.simulatedSeconds)) of virtual time"
      + (summary.requirements.isEmpty
        ? ""
        : " · \(summary.requirements.count(where: \.isMet)) of \(summary.requirements.count) requirements met")
      + (summary.interrupted ? " · not all seeds were run" : "")
  }

  /// The verdict, the first kind of failure on one line, and the command that comes next.
  private var ending: [String] {
    // Before an expectation that was missed, a violation: it has a story.
    guard let group = summary.failures.first(where: { $0.example != nil }) ?? summary.failures.first else {
      guard !summary.hasTooFewSeeds else {
        return [
          verdict, "first: only \(summary.runs) of at least \(summary.minimumSeeds ?? 0) seeds were run",
        ]
      }
      return [verdict]
        + (summary.requirements.first { !$0.isMet }.map {
          ["first: \($0.name) is required, and did not occur on any seed"]
        } ?? [])
    }
    var first = "first: \(group.invariant) on seed \(group.exampleSeed)"
    var next = summary.command("run", seed: group.exampleSeed)
    if let example = group.example {
      first +=
        ", \(example.ids.joined(separator: ", ")): expected \(example.expected), actual \(example.actual)"
      next = summary.command("explain", seed: group.exampleSeed) + " --violation 1"
    }
    return [verdict, first, "next:  \(next)"]
  }

  private func failure(_ group: CampaignSummary.Group) -> [String] {
    let seeds = group.seeds.map { "\($0)" }.joined(separator: ", ")
    var lines = [
      style.bad("✗ \(group.invariant)")
        + " on \(Wording.grouped(group.count)) seed\(group.count == 1 ? "" : "s"): "
        + seeds + (group.count > group.seeds.count ? ", …" : "")
    ]
    lines.append("    cause: \(group.causeText)")
    if let example = group.example {
      lines.append("    seed \(group.exampleSeed), \(example.at): \(example.ids.joined(separator: ", "))")
      lines.append("      expected \(example.expected)")
      lines.append("      actual   \(example.actual)")
    }
    lines.append("    run it again: " + summary.command("run", seed: group.exampleSeed))
    if let fix = CampaignWording.fix(group, summary) { lines.append("    fixed when: " + fix) }
    return lines
  }

  private var faults: [String] {
    guard !summary.faults.isEmpty else { return [] }
    var table = TextTable([.left, .right, .right])
    for fault in summary.faults {
      table.add(
        ["  " + fault.fault, fault.seeds == 0 ? "never" : Wording.grouped(fault.seeds)]
          + (fault.seeds == 0 ? [] : [CampaignWording.hits(fault)]))
    }
    return ["Faults: on how many seeds each began, and on how many it hit something"] + table.lines + [""]
  }

  private var situations: [String] {
    let all = summary.situations.count - summary.avoided.count - summary.impossible.count
    var lines = ["\(all - summary.neverReached.count) of \(all) situations reached"]
    if isVerbose { lines += unreached }
    if !summary.exercised.isEmpty {
      let exercised = summary.exercised.count - summary.notExercised.count
      lines.append("\(exercised) of \(summary.exercised.count) invariants exercised")
      if isVerbose { lines += Self.list("on no seed", summary.notExercised) }
    }
    for requirement in summary.requirements where !requirement.isMet {
      let what = requirement.kind == .invariant ? "exercised" : "reached"
      lines.append(style.bad("✗ \(requirement.name)") + " is required, and no seed \(what) it")
    }
    return lines
  }

  /// What no seed has reached, by why.
  private var unreached: [String] {
    var lines = Self.list("never", summary.neverReached)
    lines += Self.list("reached only by naive designs and planted defects", summary.avoided)
    let groups = Dictionary(grouping: summary.impossible) { summary.lacking?[$0] ?? "" }
    for (lack, names) in groups.sorted(by: { $0.key < $1.key }) {
      let reason = lack.isEmpty ? "as the scenario lacks what they need" : "as the scenario has \(lack)"
      lines += Self.list("cannot occur here, \(reason)", names)
    }
    return lines
  }

  private static func list(_ title: String, _ names: [String]) -> [String] {
    guard !names.isEmpty else { return [] }
    var lines: [String] = []
    var line = "  \(title):"
    for name in names {
      if line.count + name.count > 100 {
        lines.append(line)
        line = "        "
      }
      line += " " + name
    }
    return lines + [line]
  }
}

import RunRecord

/// The last lines of a run: its verdict, what broke first, and the command that comes next.
extension TextSummary {
  mutating func ending() {
    lines += ["", verdict] + (first.map { ["first: \($0)"] } ?? [])
    if !record.interrupted, let next { lines.append("next:  \(next)") }
  }

  /// What broke or was missed first, on one line.
  private var first: String? {
    if let invariant = record.brokenInvariants.first, let violation = invariant.violations.first {
      return "\(invariant.name) at \(violation.at), \(violation.ids.joined(separator: ", ")): "
        + "expected \(violation.expected), actual \(violation.actual)"
    }
    if let missed = record.expectations.first(where: { $0.verdict == .fail }) {
      return "\(missed.expectation) was missed: \(Wording.measured(missed, in: record))"
    }
    return record.requirements.first { !$0.isMet }.map { "\($0.name) is required, and did not occur" }
  }

  /// What tells more: the story of the first violation, the timeline of what was missed, or other seeds where everything held.
  private var next: String? {
    guard let words = record.commandLine, words.count > 2, words[1] == "run" else { return nil }
    var next = words
    if let violation = record.violationWithStory {
      next[1] = "explain"
      next += ["--violation", "\(violation)"]
    } else if record.verdict == .fail {
      next += ["--log", "short"]
    } else {
      next = ["meterstorm", "campaign", words[2], "--seeds", "1..100"]
    }
    let text = ShellWords.text(next)
    return record.directory.map { "cd \(ShellWords.quoted($0)) && \(text)" } ?? text
  }
}

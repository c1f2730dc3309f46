import RunRecord

/// The last lines of a run: its verdict, what broke first, and the command that comes next.
extension TextSummary {
  mutating func ending() {
    lines += ["", verdict] + (first.map { ["first: \($0)"] } ?? [])
    if let number = record.violationWithStory, number > 1, let told = violation(number) {
      lines.append("story: \(told), violation \(number)")
    }
    if !record.interrupted, let next { lines.append("next:  \(next)") }
  }

  /// A violation on one line; `nil` where there is none of that number.
  private func violation(_ number: Int) -> String? {
    let all = record.brokenInvariants.flatMap { invariant in invariant.violations.map { (invariant.name, $0) }
    }
    guard all.indices.contains(number - 1) else { return nil }
    let (name, violation) = all[number - 1]
    return "\(name) at \(violation.at), \(violation.ids.joined(separator: ", ")): "
      + "expected \(violation.expected), actual \(violation.actual)"
  }

  /// What broke or was missed first, on one line.
  private var first: String? {
    if let first = violation(1) { return first }
    if record.verdict == .fail, record.tally.judged == 0 { return "no check was made, so nothing is known" }
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

import RunRecord

/// What broke in a run: of each kind the first violation, the others folded behind it, each with its story.
extension RunReport {
  func violations(_ broken: [RunRecord.Invariant]) -> String {
    var number = 0
    return broken.map { invariant in
      let first = number + 1
      number += invariant.violations.count
      let all = invariant.violations.prefix(Self.shown.violations).enumerated().map {
        violation($1, number: first + $0)
      }
      let rest = invariant.violationCount - 1
      let hidden = invariant.violationCount - all.count
      let more =
        all.dropFirst().joined(separator: "\n")
        + (hidden > 0 ? HTML.paragraph("and \(Wording.grouped(hidden)) more", "quiet") : "")
      let command =
        served == nil && record.commandLine != nil && !all.isEmpty
        ? "<pre>\(HTML.escaped(storyCommand("\(first)")))</pre>" : ""
      return """
        <article><h3 id="violation-\(HTML.escaped(invariant.name))">✗ \(HTML.escaped(invariant.name)), at the boundary \(HTML.escaped(invariant.boundary)): \(Wording.grouped(invariant.violationCount)) of \(Wording.grouped(invariant.checks)) checks</h3>
        <p class="quiet">Claim: \(HTML.escaped(invariant.statement))</p>
        \(all.first ?? "")\(command)\(rest > 0 ? HTML.details("\(Wording.grouped(rest)) more of this kind", more) : "")</article>
        """
    }.joined(separator: "\n")
  }

  /// What tells the story of a violation.
  func storyCommand(_ number: String) -> String {
    guard let run = record.command.firstRange(of: "meterstorm run ") else {
      return "meterstorm explain OUTPUT-FOLDER --violation \(number)"
    }
    return record.command.replacingCharacters(run, with: "meterstorm explain ") + " --violation \(number)"
  }

  private func violation(_ violation: RunRecord.Invariant.Violation, number: Int) -> String {
    let difference =
      violation.difference.map { "<br>difference, found less expected: <strong>\(HTML.escaped($0))</strong>" }
      ?? ""
    let events =
      violation.events.isEmpty
      ? ""
      : HTML.details(
        "its last events", "<pre>\(HTML.escaped(violation.events.joined(separator: "\n")))</pre>")
    let story =
      served?.story(ofViolation: number)
      ?? (record.commandLine == nil ? "" : " · <a href=\"#story-command\">its story</a>")
    return
      "<div class=\"violation\" id=\"violation-\(number)\"><p>violation \(number) · <strong>\(HTML.escaped(Wording.instant(violation.at)))</strong> · \(HTML.isolated(violation.ids.joined(separator: ", ")))\(story)<br>expected <strong>\(HTML.escaped(violation.expected))</strong>, found <strong class=\"bad\">\(HTML.escaped(violation.actual))</strong>\(difference)</p>\(events)</div>"
  }
}

extension String {
  /// The text with another one in the place of a part of it.
  fileprivate func replacingCharacters(_ range: Range<Index>, with other: String) -> String {
    self[..<range.lowerBound] + other + self[range.upperBound...]
  }
}

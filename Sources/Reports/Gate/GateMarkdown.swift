import RunRecord

/// What came of a gate as Markdown, for the summary of a CI job: the verdict and the worst first, the figures to be opened.
package struct GateMarkdown {
  private let gate: GateRecord

  /// Makes a text.
  package init(_ gate: GateRecord) { self.gate = Printable.record(gate) }

  /// The text, with a newline at the end.
  package func text() -> String {
    var lines = [
      "## \(gate.verdict == .pass ? "✅ PASS" : "❌ FAIL") · gate of \(side(gate.candidate)) against \(side(gate.base))"
    ]
    if gate.verdict == .pass { lines += ["", GateWording.passing(gate)] }
    if let worst = gate.worst {
      lines += ["", "**\(RunMarkdown.escaped(worst.text))**"]
      if let command = worst.command { lines += ["", RunMarkdown.code(command)] }
    }
    lines.append("")
    lines += RunMarkdown.table(
      ["", "condition", "why"],
      gate.conditions.map { condition in
        [
          condition.fails ? "✗" : condition.finding == .passed ? "✓" : "–",
          condition.text + (condition.finding == .notJudged ? " (not judged)" : ""),
          condition.reasons.prefix(3).map(\.text).joined(separator: "; ")
            + (condition.reasons.count > 3 ? "; and \(condition.reasons.count - 3) more" : ""),
        ]
      })
    for scenario in gate.scenarios { lines += [""] + self.scenario(scenario) }
    if !gate.counts.isEmpty {
      lines += ["", "<details><summary>Work</summary>", ""]
      lines += RunMarkdown.table(
        ["what", "base → candidate", "unit", "change"],
        gate.counts.map {
          [$0.name, GateWording.figures($0), $0.unit, $0.change.map(GateWording.percent) ?? "–"]
        })
      lines += ["", "</details>"]
    }
    lines += ["", RunMarkdown.escaped(GateWording.certainty(gate)) + "."]
    for note in gate.notes { lines += ["", "note: " + RunMarkdown.escaped(note)] }
    return lines.joined(separator: "\n") + "\n"
  }

  private func side(_ side: GateRecord.Side) -> String { RunMarkdown.code(GateWording.side(side)) }

  private func scenario(_ scenario: GateRecord.Scenario) -> [String] {
    var lines = [
      "### \(RunMarkdown.escaped(GateWording.title(scenario)))", "",
      RunMarkdown.escaped(GateWording.seeds(scenario)),
    ]
    if !scenario.properties.isEmpty {
      lines.append("")
      lines += RunMarkdown.table(
        ["what fails", "base → candidate", "finding", "simplest failing run"],
        scenario.properties.map {
          [
            $0.name, GateWording.counts($0, in: scenario), GateWording.finding($0), $0.command ?? "",
          ]
        })
    }
    let shown = scenario.indicators.filter { $0.finding != .identical }
    if !shown.isEmpty {
      lines += [
        "",
        "<details><summary>Indicators that differ</summary>",
        "",
      ]
      lines += RunMarkdown.table(
        ["indicator", "base → candidate", "change", "finding"],
        shown.map { [$0.name, GateWording.means($0), GateWording.change($0), GateWording.finding($0)] })
      lines += ["", "</details>"]
    }
    return lines
  }
}

/// A gate for CI: JUnit XML, and annotations of GitHub Actions.
package enum GateCI {
  /// One test case for each condition, under its own text whatever came of it.
  package static func junit(_ gate: GateRecord) -> String {
    let cases = gate.conditions.map { condition -> String in
      let head = "    <testcase classname=\"gate\" name=\"\(XML.escaped(condition.text))\" time=\"0\""
      let text = condition.reasons.map { reason in
        reason.text + (reason.command.map { "\nrun it again: \($0)" } ?? "")
      }.joined(separator: "\n")
      if condition.fails {
        return head
          + "><failure type=\"gate\" message=\"\(XML.escaped(condition.reasons.first?.text ?? ""))\">\(XML.escaped(text))</failure></testcase>"
      }
      return condition.finding == .passed
        ? head + "/>" : head + "><skipped message=\"not judged: \(XML.escaped(text))\"/></testcase>"
    }
    let failed = gate.conditions.count(where: \.fails)
    let skipped = gate.conditions.count { !$0.fails && $0.finding == .notJudged }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="Meterstorm">
        <testsuite name="gate" tests="\(cases.count)" failures="\(failed)" errors="0" skipped="\(skipped)" time="0">
      \(cases.joined(separator: "\n"))
        </testsuite>
      </testsuites>

      """
  }

  /// One line per reason to fail, at most ten, as GitHub shows no more of a step.
  ///
  /// - Parameter file: a file as seen from the repository's root.
  package static func annotations(_ gate: GateRecord, file: (String) -> String = { $0 }) -> String {
    let gate = Printable.record(gate)
    return gate.conditions.filter(\.fails).flatMap { condition in
      condition.reasons.map { reason in
        GitHubAnnotation.error(
          file: file(reason.scenario ?? gate.candidate.source), title: condition.text,
          reason.text + (reason.command.map { "; run it again: \($0)" } ?? ""))
      }
    }.prefix(10).joined()
  }
}

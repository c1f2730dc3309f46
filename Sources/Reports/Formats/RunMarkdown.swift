import RunRecord

/// A run as Markdown, for pull requests: the verdict first, then what broke, and the rest to be opened.
package struct RunMarkdown {
  private let record: RunRecord
  private static var shownViolations: Int { 3 }

  /// Makes a text.
  package init(_ record: RunRecord) { self.record = Printable.record(record) }

  /// The text, with a newline at the end.
  package func text() -> String {
    let broken = record.brokenInvariants
    let verdict = record.interrupted ? "⏸ INTERRUPTED" : record.verdict == .pass ? "✅ PASS" : "❌ FAIL"
    let met = record.expectations.count { $0.verdict == .pass }
    var lines = [
      "## \(verdict) · \(Self.escaped(record.scenario))", "",
      "\(record.tally.text) · \(met) of \(record.expectations.count) expectations met · "
        + Wording.unseen(record).map { "\($0) · " }.joined()
        + "design `\(record.design)` · seed \(record.seed)"
        + (record.defect.map { " · defect `\($0)`\(record.defectActed == false ? " (never acted)" : "")" }
          ?? ""),
    ]
    for invariant in broken {
      lines += ["", "### ✗ \(invariant.name)", "", "*\(Self.escaped(invariant.statement))*", ""]
      lines += Self.table(
        ["at", "what", "expected", "found"],
        invariant.violations.prefix(Self.shownViolations).map {
          [$0.at, $0.ids.joined(separator: ", "), $0.expected, $0.actual]
        })
      let more = invariant.violationCount - min(Self.shownViolations, invariant.violations.count)
      if more > 0 {
        lines.append("\nand \(Wording.grouped(more)) more of \(Wording.grouped(invariant.checks)) checks")
      }
    }
    if !record.expectations.isEmpty {
      lines += ["", "### Expectations", ""]
      lines += Self.table(
        ["", "expectation", "result"],
        record.expectations.map { expectation in
          let mark = expectation.verdict == .pass ? "✓" : expectation.verdict == .fail ? "✗" : "·"
          return [mark, expectation.expectation, Wording.measured(expectation, in: record)]
        })
      if let warning = record.closingWarning { lines += ["", "Note: \(warning)."] }
    }
    if let costs = record.costs { lines += ["", "Costs: \(costs.sentence)."] }
    let never = record.declaredFaults.filter { $0.neverBegan != nil }
    if !never.isEmpty {
      lines += ["", "### Faults that never began", ""]
      lines += Self.table(["fault", "why"], never.map { [$0.fault, $0.neverBegan ?? ""] })
    }
    let idle = record.declaredFaults.filter(\.metNothing)
    if !idle.isEmpty {
      lines += ["", "### Faults that began and hit nothing", ""]
      lines += Self.table(["fault", "began"], idle.map { [$0.fault, "\($0.began)×"] })
    }
    lines += ["", "<details><summary>ERPs</summary>", ""]
    lines += Self.table(
      ["ERP", "calls", "throttled", "answers lost", "documents", "p50", "p99", "max"],
      record.erps.map { erp in
        ["\(erp.entity) \(erp.profile)"]
          + [erp.calls, erp.throttled, erp.answersLost, erp.documents].map { Wording.grouped($0) }
          + ["p50", "p99", "max"].map { erp.postingLatency[$0].map(Wording.span) ?? "–" }
      })
    lines += ["", "</details>", "", "<details><summary>Invariants</summary>", ""]
    lines += Self.table(
      ["", "invariant", "checks", "promise"],
      record.invariants.map { invariant in
        let mark =
          switch invariant.verdict {
          case .held: "✓"
          case .broken: "✗"
          case .notExercised: "–"
          case .notJudged: "not judged: " + invariant.reasons.joined(separator: "; ")
          }
        return [mark, invariant.name, Wording.grouped(invariant.checks), invariant.statement]
      })
    lines += [
      "", "</details>", "",
      "\(Self.code(record.command)) · fingerprint `\(record.fingerprint)`",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// A text as code within a line: between more backticks than stand anywhere in it.
  static func code(_ text: String) -> String {
    var (longest, run) = (0, 0)
    for character in text {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: longest + 1)
    return longest == 0 ? "`\(text)`" : "\(fence) \(text) \(fence)"
  }

  static func table(_ header: [String], _ rows: [[String]]) -> [String] {
    ["| \(header.joined(separator: " | ")) |", "|" + header.map { _ in " --- |" }.joined()]
      + rows.map { "| \($0.map(escaped).joined(separator: " | ")) |" }
  }

  /// A text that is only text: markup of Markdown and HTML is escaped, and a cell stays on its line.
  static func escaped(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "\\", "`", "*", "_", "[", "]", "|", "#", "~": out += "\\\(character)"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "&": out += "&amp;"
      case "\n", "\r", "\r\n": out += " "
      default: out.append(character)
      }
    }
    return out
  }
}

import RunRecord

/// The summary of a run for a terminal or a design review, from its record alone.
package struct TextSummary {
  let record: RunRecord
  let style: TextStyle
  /// Whether everything is shown that the record has; otherwise what agrees is folded into one line each.
  let isVerbose: Bool
  var lines: [String] = []

  /// Violations that are shown of each broken invariant.
  private static var shownViolations: Int { 3 }

  /// Makes a summary.
  package init(
    _ record: RunRecord, style: TextStyle = TextStyle(isColoured: false), isVerbose: Bool = false
  ) {
    self.record = Printable.record(record)
    self.style = style
    self.isVerbose = isVerbose
  }

  /// The text, with a newline at the end.
  package func text() -> String {
    var copy = self
    copy.head()
    copy.violations()
    if isVerbose {
      copy.controlTotals()
      copy.trialBalances()
    } else {
      copy.foldedTotals()
    }
    copy.closes()
    copy.cases()
    copy.invariants()
    copy.expectations()
    if let costs = copy.record.costs { copy.lines += ["", "costs: \(costs.sentence)"] }
    copy.erps()
    copy.faults()
    copy.foot()
    copy.ending()
    return copy.lines.joined(separator: "\n") + "\n"
  }

  private mutating func head() {
    lines.append(
      "Meterstorm \(record.meterstorm) · \(style.bold(record.scenario)) · design \(record.design)"
        + " · seed \(record.seed)" + (record.defect.map { " · defect \($0)" } ?? ""))
    lines.append("")
    lines.append(verdict)
    guard !record.interrupted else { return }
    if record.defectActed == false, let defect = record.defect {
      lines.append("the planted defect \(defect) never acted: without it, the run is the same")
    }
  }

  /// The verdict, and what it speaks for.
  var verdict: String {
    if record.interrupted {
      let broken = record.tally.broken
      return "\(style.bad("INTERRUPTED"))  at \(record.simulated.end) · "
        + (broken == 0 ? "no invariant broken until then" : "\(broken) invariants broken until then")
        + " · nothing is judged to the end"
    }
    let met = record.expectations.count { $0.verdict == .pass }
    var parts = [record.tally.text]
    if record.tally.judged == 0 { parts.append("no check was made") }
    if !record.expectations.isEmpty {
      parts.append("\(met) of \(record.expectations.count) expectations met")
    }
    if !record.requirements.isEmpty {
      parts.append(
        "\(record.requirements.count(where: \.isMet)) of \(record.requirements.count) requirements met")
    }
    parts += Wording.unseen(record)
    parts.append(Wording.ended(record))
    let verdict = record.verdict == .pass ? style.good("PASS") : style.bad("FAIL")
    return "\(verdict)  \(parts.joined(separator: " · "))"
  }

  private mutating func violations() {
    var number = 0
    for invariant in record.brokenInvariants {
      let first = number + 1
      number += invariant.violations.count
      lines.append("")
      lines.append(
        "\(style.bad("✗ \(invariant.name)")) (\(invariant.boundary)): "
          + "\(Wording.grouped(invariant.violationCount)) of \(Wording.grouped(invariant.checks)) checks")
      lines.append("    claim: \(invariant.statement)")
      for (index, violation) in invariant.violations.prefix(Self.shownViolations).enumerated() {
        lines.append("    #\(first + index)  \(violation.at)  \(violation.ids.joined(separator: ", "))")
        lines.append("      expected  \(violation.expected)")
        lines.append("      actual    \(violation.actual)")
        if let difference = violation.difference { lines.append("      difference  \(difference)") }
        for event in violation.events { lines.append(style.dim("      \(event)")) }
      }
      let more = invariant.violationCount - Self.shownViolations
      if more > 0 { lines.append(style.dim("    … and \(Wording.grouped(more)) more")) }
    }
  }

  // MARK: Verdicts

  private static func mark(_ verdict: Verdict) -> String {
    switch verdict {
    case .pass: "✓"
    case .fail: "✗"
    case .open: "·"
    }
  }

  private static func mark(_ verdict: InvariantVerdict) -> String {
    switch verdict {
    case .held: "✓"
    case .broken: "✗"
    case .notExercised: "–"
    case .notJudged: "?"
    }
  }

  private mutating func invariants() {
    heading("Invariants")
    let rows = isVerbose ? record.invariants.map(cells) : boundaries
    var table = TextTable([.left, .left, .right, .left, .left, .right])
    let half = (rows.count + 1) / 2
    for index in 0..<half {
      table.add(rows[index] + (index + half < rows.count ? rows[index + half] : []))
    }
    lines += table.lines
    if isVerbose, record.tally.notExercised > 0 {
      lines.append(style.dim("  – not exercised: nothing of the kind happened in this run"))
    }
    for invariant in record.invariants where invariant.verdict == .notJudged {
      let reasons = invariant.reasons.prefix(3).joined(separator: "; ")
      lines.append(style.dim("  ? \(invariant.name) was not judged: \(reasons)"))
    }
    let missing = record.requirements.filter { !$0.isMet }
    if !missing.isEmpty { heading("Requirements") }
    for requirement in missing {
      let what = requirement.kind == .invariant ? "was not exercised" : "was not reached"
      lines.append("  \(style.bad("✗")) \(requirement.name) \(what), and is required")
    }
  }

  /// How many invariants of each boundary held, of those that were judged.
  private var boundaries: [[String]] {
    var names: [String] = []
    for invariant in record.invariants where !names.contains(invariant.boundary) {
      names.append(invariant.boundary)
    }
    return names.map { name in
      let own = record.invariants.filter { $0.boundary == name }
      let tally = InvariantTally(own.map(\.verdict))
      let verdict: InvariantVerdict =
        tally.broken > 0 ? .broken : tally.notJudged > 0 ? .notJudged : tally.held > 0 ? .held : .notExercised
      let checks = Wording.sum(own.map(\.checks))
      return [
        Self.mark(verdict),
        "\(name): "
          + [
            tally.judged > 0 ? "\(tally.held) of \(tally.judged) held" : "",
            tally.notExercised > 0 ? "\(tally.notExercised) not exercised" : "",
            tally.notJudged > 0 ? "\(tally.notJudged) not judged" : "",
          ].filter { !$0.isEmpty }.joined(separator: ", "),
        checks == 0 ? "–" : "\(Wording.grouped(checks)) check\(checks == 1 ? "" : "s")",
      ]
    }
  }

  private func cells(_ invariant: RunRecord.Invariant) -> [String] {
    [
      Self.mark(invariant.verdict), invariant.name,
      invariant.checks == 0
        ? "–" : "\(Wording.grouped(invariant.checks)) check\(invariant.checks == 1 ? "" : "s")",
    ]
  }

  private mutating func expectations() {
    guard !record.expectations.isEmpty else { return }
    heading("Expectations")
    var table = TextTable([.left, .left, .left])
    for expectation in record.expectations {
      table.add([
        Self.mark(expectation.verdict), expectation.expectation, Wording.measured(expectation, in: record),
      ])
    }
    lines += table.lines
    if let warning = record.closingWarning { lines.append("  note: \(warning)") }
  }

  // MARK: Behaviour

  private mutating func erps() {
    heading("ERP behaviour")
    var table = TextTable([.left] + Array(repeating: .right, count: 11))
    table.add([
      "", "calls", "throttled", "down", "lost answers", "look-ups", "documents", "peak outbox", "p50", "p95",
      "p99", "max",
    ])
    for erp in record.erps {
      let latency = ["p50", "p95", "p99", "max"].map { name in
        erp.postingLatency[name].map(Wording.span) ?? "-"
      }
      let figures = [
        erp.calls, erp.throttled, erp.unavailable + erp.dropped, erp.answersLost, erp.lookUps, erp.documents,
        erp.peakOutbox,
      ]
      table.add(["\(erp.entity)  \(erp.profile)"] + figures.map { Wording.grouped($0) } + latency)
    }
    lines += table.lines
    lines.append(style.dim("  p50 … max: from an invoice's issue to its document in the ledger"))
  }

  private mutating func faults() {
    guard !record.faults.isEmpty || !record.declaredFaults.isEmpty else { return }
    heading("Faults")
    var groups: [(key: String, faults: [RunRecord.Fault])] = []
    for fault in record.faults {
      let key = "\(fault.target)  \(fault.kind)"
      if let index = groups.firstIndex(where: { $0.key == key }) {
        groups[index].faults.append(fault)
      } else {
        groups.append((key, [fault]))
      }
    }
    var table = TextTable([.left, .right, .left, .left, .left])
    for group in groups.sorted(by: { $0.key < $1.key }) {
      let drains = group.faults.compactMap(\.drainSeconds)
      let longest = drains.max().map { "longest drain afterwards \(Wording.span($0))" } ?? ""
      let first = group.faults.first.map { "first at \($0.start)" } ?? ""
      let known = group.faults.compactMap(\.hits)
      let hits = known.isEmpty ? "" : Wording.hits(known.reduce(0, +))
      let isEndless = group.faults.contains { $0.neverEnds == true }
      table.add([
        group.key, "\(group.faults.count)×", hits, first + (isEndless ? ", and never ends" : ""), longest,
      ])
    }
    lines += table.lines
    for fault in record.declaredFaults {
      if let reason = fault.neverBegan { lines.append("  never began: \(fault.fault): \(reason)") }
      if fault.metNothing { lines.append("  began and hit nothing: \(fault.fault)") }
    }
    let reached = record.situations.filter { $0.value > 0 }.sorted { $0.key < $1.key }
    if !isVerbose, !reached.isEmpty {
      lines.append(
        "  \(reached.count) situations reached, of the \(record.situations.count) that Meterstorm knows")
    } else if !reached.isEmpty {
      lines.append("")
      lines += wrapped(
        "situations  ", reached.map { "\($0.key) \(Wording.grouped($0.value))" }, separator: " · ")
    }
  }

  private mutating func foot() {
    heading("Run")
    let simulated = record.simulated
    lines.append(
      "  \(Wording.grouped(simulated.usageEvents)) usage events, "
        + "\(Wording.grouped(simulated.kernelEvents)) kernel events, "
        + "\(Wording.span(simulated.seconds)) of virtual time from \(simulated.start)")
    if let wall = record.wallClock {
      lines.append(
        "  in \(Wording.span(wall.seconds)): \(Wording.short(wall.usageEventsPerSecond)) usage events/s, "
          + "\(Wording.short(wall.timesRealTime)) × real time, \(Wording.bytes(wall.allocatedBytes)) allocated"
      )
    }
    lines.append("  fingerprint \(record.fingerprint)")
    for (title, part) in changed { lines += wrapped(title, part, separator: " · ") }
    if record.commandLine != nil { lines.append("  run it again: \(record.command)") }
  }

  /// What differs from the built-in design and profiles.
  private var changed: [(String, [String])] {
    guard let resolved = record.resolved else { return [] }
    let parts =
      [("design \(resolved.design.name)", resolved.design)]
      + resolved.erps.map { ("erp/\($0.name)" + ($0.from.map { " from \($0)" } ?? ""), $0) }
    return parts.filter { !$0.1.changed.isEmpty }.map { title, part in
      (
        "\(title) differs from \(part.base):  ",
        part.changed.map { "\($0.path) \($0.value) (\($0.builtIn ?? ""))" }
      )
    }
  }

  mutating func heading(_ text: String) {
    lines.append("")
    lines.append(style.bold(text))
  }

  /// Breaks a list into lines of at most 110 characters.
  private func wrapped(_ title: String, _ items: [String], separator: String) -> [String] {
    var result: [String] = []
    var line = "  " + title
    let indent = String(repeating: " ", count: line.count)
    var isFirst = true
    for item in items {
      if !isFirst, line.count + separator.count + item.count > 110 {
        result.append(line)
        line = indent + item
      } else {
        line += (isFirst ? "" : separator) + item
      }
      isFirst = false
    }
    return result + [line]
  }
}

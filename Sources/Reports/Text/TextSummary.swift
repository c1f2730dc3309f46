import RunRecord

/// The summary of a run for a terminal or a design review, from its record alone.
public struct TextSummary {
  let record: RunRecord
  let style: TextStyle
  var lines: [String] = []

  /// Violations that are shown of each broken invariant.
  private static var shownViolations: Int { 3 }

  /// Makes a summary.
  public init(_ record: RunRecord, style: TextStyle = TextStyle(isColoured: false)) {
    self.record = record
    self.style = style
  }

  /// The text, with a newline at the end.
  public func text() -> String {
    var copy = self
    copy.head()
    copy.violations()
    copy.controlTotals()
    copy.trialBalances()
    copy.closes()
    copy.cases()
    copy.invariants()
    copy.expectations()
    if let costs = copy.record.costs { copy.lines += ["", "costs: \(costs.sentence)"] }
    copy.erps()
    copy.faults()
    copy.foot()
    return copy.lines.joined(separator: "\n") + "\n"
  }

  private mutating func head() {
    lines.append(
      "Meterstorm \(record.meterstorm) · \(style.bold(record.scenario)) · design \(record.design)"
        + " · seed \(record.seed)" + (record.defect.map { " · defect \($0)" } ?? ""))
    lines.append("")
    let met = record.expectations.count { $0.verdict == .pass }
    if record.interrupted {
      let broken = record.tally.broken
      lines.append(
        "\(style.bad("INTERRUPTED"))  at \(record.simulated.end) · "
          + (broken == 0 ? "no invariant broken until then" : "\(broken) invariants broken until then")
          + " · nothing is judged to the end")
      return
    }
    var parts = [record.tally.text]
    if record.tally.judged == 0 { parts.append("nothing was compared with anything") }
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
    lines.append("\(verdict)  \(parts.joined(separator: " · "))")
    if record.defectActed == false, let defect = record.defect {
      lines.append("the planted defect \(defect) never acted: without it, the run is the same")
    }
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
      lines.append("    promised: \(invariant.statement)")
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

  // MARK: Control totals

  private mutating func controlTotals() {
    let totals = record.controlTotals
    heading("Control totals")
    let capture = totals.capture
    lines.append(
      "  received \(Wording.grouped(capture.received)) = accepted \(Wording.grouped(capture.accepted))"
        + " + duplicates \(Wording.grouped(capture.duplicates)) + rejected \(Wording.grouped(capture.rejected))"
        + " + quarantined \(Wording.grouped(capture.quarantined))"
        + (capture.operational > 0 ? " + operational \(Wording.grouped(capture.operational))" : ""))
    if let takenBack = capture.takenBack {
      lines.append(
        "  \(Wording.grouped(takenBack)) events were taken back by their producers: what was emitted is without them"
      )
    }
    if let lost = record.situations["lost-in-producer"], lost > 0 {
      lines.append("  \(Wording.grouped(lost)) events died with their producers before they were sent")
    }
    lines.append("")
    // What was rated, less discounts where there are any, is what was invoiced.
    let byMeter = ["emitted", "putAside", "metered", "rated", "discounts", "invoiced", "ledger"].filter {
      name in
      name != "discounts" || totals.stages.contains { $0.stage == name }
    }
    var table = TextTable([.left, .left] + byMeter.map { _ in .right } + [.right])
    table.add(["", ""] + byMeter.map { $0 == "putAside" ? "put aside" : $0 } + ["difference"])
    let stages = byMeter.map { name in totals.stages.first { $0.stage == name }?.rows ?? [] }
    let unknown = stages[0].filter { $0.entity == RunRecord.ControlTotals.unknownEntity }
    for row in (totals.stages.first(where: { $0.stage == "invoiced" })?.rows ?? []) + unknown {
      let cells = stages.map { rows in rows.first { $0.entity == row.entity && $0.meter == row.meter } }
      let own = totals.boundaries.filter { $0.entity == row.entity && $0.meter == row.meter }
      let name = "\(row.entity)  \(row.meter ?? "")"
      let isUsage = row.count != nil
      if isUsage {
        table.add(
          [name, "events"] + cells.map { $0?.count.map { Wording.grouped($0) } ?? "" }
            + [Self.difference(own.compactMap(\.countDifference).map { "\($0)" })])
      }
      table.add(
        [isUsage ? "" : name, "quantity"] + cells.map { $0?.quantity.map { Wording.grouped($0) } ?? "" }
          + [Self.difference(own.compactMap(\.quantityDifference))])
      guard !row.currency.isEmpty else { continue }
      table.add(
        ["", row.currency] + cells.map { $0?.amount.map { Wording.grouped($0) } ?? "" }
          + [Self.difference(own.compactMap(\.amountDifference))])
    }
    lines += table.lines
    if !unknown.isEmpty {
      lines.append(
        style.dim("  \(RunRecord.ControlTotals.unknownEntity): usage of customers whom nobody knows"))
    }
    lines.append("")
    documents()
  }

  private mutating func documents() {
    let totals = record.controlTotals
    var table = TextTable([.left, .left, .right, .right, .right])
    table.add(["", "", "issued", "posted", "difference"])
    let invoicedTaxes = totals.stages.first { $0.stage == "taxInvoiced" }?.rows ?? []
    let ledgerTaxes = totals.stages.first { $0.stage == "taxLedger" }?.rows ?? []
    for (before, after) in zip(invoicedTaxes, ledgerTaxes) {
      let own = totals.boundaries.filter {
        $0.boundary == "taxInvoiced-taxLedger" && $0.meter == before.meter
      }
      table.add([
        "\(before.entity)  tax \(before.meter ?? "")", before.currency, Wording.grouped(before.amount ?? ""),
        Wording.grouped(after.amount ?? ""), Self.difference(own.compactMap(\.amountDifference)),
      ])
    }
    let issued = totals.stages.first { $0.stage == "issued" }?.rows ?? []
    let posted = totals.stages.first { $0.stage == "posted" }?.rows ?? []
    for (before, after) in zip(issued, posted) {
      let own = totals.boundaries.filter { $0.entity == before.entity && $0.boundary == "issued-posted" }
      table.add([
        "\(before.entity)  invoices", "documents", Wording.grouped(before.count ?? 0),
        Wording.grouped(after.count ?? 0), Self.difference(own.compactMap(\.countDifference).map { "\($0)" }),
      ])
      table.add([
        "", before.currency, Wording.grouped(before.amount ?? ""), Wording.grouped(after.amount ?? ""),
        Self.difference(own.compactMap(\.amountDifference)),
      ])
    }
    lines += table.lines
  }

  /// `0` when all of the differences are nothing, otherwise those that are not.
  private static func difference(_ differences: [String]) -> String {
    let nonzero = differences.filter { difference in
      difference.contains { $0 != "0" && $0 != "." && $0 != "-" }
    }
    if differences.isEmpty { return "" }
    return nonzero.isEmpty ? "0" : nonzero.map { Wording.grouped($0) }.joined(separator: " / ")
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
    var table = TextTable([.left, .left, .right, .left, .left, .right])
    let half = (record.invariants.count + 1) / 2
    for index in 0..<half {
      var cells = cells(record.invariants[index])
      if index + half < record.invariants.count { cells += self.cells(record.invariants[index + half]) }
      table.add(cells)
    }
    lines += table.lines
    let tally = record.tally
    if tally.notExercised > 0 {
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
      let unit = record.unit(of: expectation)
      let measured = expectation.measured.map { Wording.indicator($0, unit: unit) } ?? "nothing to measure"
      table.add([Self.mark(expectation.verdict), expectation.expectation, "measured \(measured)"])
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
    var table = TextTable([.left, .right, .left, .left])
    for group in groups.sorted(by: { $0.key < $1.key }) {
      let drains = group.faults.compactMap(\.drainSeconds)
      let longest = drains.max().map { "longest drain afterwards \(Wording.span($0))" } ?? ""
      let first = group.faults.first.map { "first at \($0.start)" } ?? ""
      table.add([group.key, "\(group.faults.count)×", first, longest])
    }
    lines += table.lines
    for fault in record.declaredFaults {
      if let reason = fault.neverBegan { lines.append("  never began: \(fault.fault): \(reason)") }
    }
    let reached = record.situations.filter { $0.value > 0 }.sorted { $0.key < $1.key }
    if !reached.isEmpty {
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

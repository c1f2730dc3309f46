import RunRecord

/// The report of a run as one HTML file that needs nothing else.
package struct RunReport {
  let record: RunRecord
  let served: Served?
  /// Violations of an invariant, cases and faults that are shown; of more, their number is told.
  static let shown = (violations: 10, cases: 200, faults: 200)

  /// Makes a report.
  ///
  /// - Parameter served: its place in the dashboard; `nil`: a file.
  package init(_ record: RunRecord, served: Served? = nil) {
    self.record = record
    self.served = served
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  package func html() throws -> String {
    let broken = record.brokenInvariants
    let missed = record.expectations.filter { $0.verdict == .fail }
    let (verdict, tone) =
      record.interrupted
      ? ("INTERRUPTED", "bad") : record.verdict == .pass ? ("PASS", "good") : ("FAIL", "bad")
    var page = HTMLPage(
      title: record.scenario, verdict: verdict, tone: tone, headline: headline(broken, missed),
      subtitle: subtitle,
      foot:
        "Meterstorm \(record.meterstorm) · seed \(record.seed) · fingerprint \(record.fingerprint)"
    )
    page.served = served
    page.figures = figures(broken.count, missed.count)
    func add(_ id: String, _ title: String, _ content: String) {
      if !content.isEmpty { page.sections.append(.init(id: id, title: title, content: content)) }
    }
    add("violations", "What broke", violations(broken))
    add("story", "The story of a transaction", served?.question ?? "")
    add("flow", "From usage to ledger", flow)
    add("time", "Over time", TimeChart(record).markup("run-time"))
    add("expectations", "Expectations and indicators", expectations)
    add("erps", "ERPs: latency, limits, quota", erps)
    add("close", "Closing the books", closes)
    add("reconciliation", "Reconciliation by boundary", reconciliation)
    add("exceptions", "Exceptions by owner", exceptions)
    add("ledger", "Trial balance", trialBalances)
    add("invariants", "Invariants", invariants)
    add("faults", "Faults", faults)
    add("situations", "Situations", situations)
    if let settings = record.resolved { add("settings", "What was simulated", resolved(settings)) }
    add("reproduce", "Run it again", reproduce)
    return try page.html()
  }

  // MARK: The head

  private func headline(_ broken: [RunRecord.Invariant], _ missed: [RunRecord.Expectation]) -> String {
    let tally = record.tally
    let first = broken.compactMap { invariant in invariant.violations.first.map { (invariant.name, $0) } }
      .min { ($0.1.at, $0.0) < ($1.1.at, $1.0) }
    if record.interrupted {
      return
        "Stopped at \(record.simulated.end): this report is complete up to then, and nothing is judged beyond it."
    }
    if let (name, violation) = first {
      return
        "\(broken.count) of \(tally.judged) judged invariants broke. First: \(name) at \(Wording.instant(violation.at)), "
        + "\(violation.ids.joined(separator: ", ")): expected \(violation.expected), found \(violation.actual)."
    }
    if let expectation = missed.first {
      return
        "No invariant broke, and \(missed.count) of \(record.expectations.count) expectations were missed: "
        + "\(expectation.expectation), measured \(measured(expectation))."
    }
    if tally.judged == 0 { return "\(tally.text): no check was made, so nothing is known." }
    let unmet = record.requirements.filter { !$0.isMet }
    if let requirement = unmet.first {
      return
        "No invariant broke, and \(unmet.count) of \(record.requirements.count) requirements are not met: "
        + "\(requirement.name) \(requirement.kind == .invariant ? "was not exercised" : "was not reached")."
    }
    return tally.text + (record.expectations.isEmpty ? "" : ", every expectation was met")
      + "; \((Wording.unseen(record) + [Wording.ended(record)]).joined(separator: "; "))."
  }

  private var subtitle: String {
    "Design \(record.design)" + (record.defect.map { ", with the planted defect \($0)" } ?? "")
      + (record.defectActed == false ? ", which never acted" : "")
      + ". \(record.configuration.description)"
  }

  /// The most important figures first: when the books were closed, what held, what it was about.
  private func figures(_ broken: Int, _ missed: Int) -> [HTMLPage.Figure] {
    let simulated = record.simulated
    let posted = Wording.sum(record.erps.map(\.documents))
    var figures: [HTMLPage.Figure] = []
    if let close = record.indicators["closeCycleTime"] {
      figures.append(.init(name: "books closed after", value: Wording.span(close.value)))
    }
    figures += [
      .init(
        name: "invariants held", value: "\(record.tally.held) of \(record.tally.judged)",
        tone: broken == 0 ? "good" : "bad"),
      .init(
        name: "expectations met",
        value: "\(record.expectations.count - missed) of \(record.expectations.count)",
        tone: record.expectations.isEmpty ? "plain" : missed == 0 ? "good" : "bad"),
      .init(name: "documents in the ledgers", value: Wording.grouped(posted)),
      .init(name: "usage events", value: Wording.short(Double(simulated.usageEvents))),
      .init(name: "customers", value: Wording.grouped(record.configuration.customers)),
      .init(name: "virtual time", value: Wording.span(simulated.seconds)),
      .init(name: "invariants not exercised", value: "\(record.tally.notExercised)"),
    ]
    if record.tally.notJudged > 0 {
      figures.append(.init(name: "invariants not judged", value: "\(record.tally.notJudged)"))
    }
    return figures
  }

  // MARK: Totals

  private var flow: String {
    let capture = record.controlTotals.capture
    let received =
      "Received \(Wording.grouped(capture.received)) = accepted \(Wording.grouped(capture.accepted)) + duplicates \(Wording.grouped(capture.duplicates))"
      + " + rejected \(Wording.grouped(capture.rejected)) + quarantined \(Wording.grouped(capture.quarantined))"
      + (capture.operational > 0 ? " + operational \(Wording.grouped(capture.operational))" : "") + "."
      + (capture.takenBack.map {
        " Producers withdrew \(Wording.grouped($0)) events; they are not counted as emitted."
      } ?? "")
    return HTML.paragraph(received)
      + HTML.paragraph(
        "Band height is the quantity at each stage; the number between two stages is their difference, the earlier less the later.",
        "quiet")
      + FlowChart.all(record).map(\.markup).joined(separator: "\n")
      + HTML.details("every meter and charge", stages)
  }

  private var stages: String {
    let rows = record.controlTotals.stages.flatMap { stage in
      stage.rows.map { row -> [HTML.Cell] in
        [
          .text(stage.stage), .text(row.entity), .text(row.meter ?? "documents"),
          .number(row.count.map { Wording.grouped($0) } ?? ""),
          .number(row.quantity.map { Wording.grouped($0) } ?? ""),
          .number(
            stage.stage == "putAside" && row.unpriced != nil
              ? Wording.worth(row) : row.amount.map { Wording.grouped($0) } ?? ""), .text(row.currency),
        ]
      }
    }
    return HTML.table(
      "Totals of every stage", header: ["stage", "entity", "of", "events", "quantity", "amount", "currency"],
      numbers: [3, 4, 5], rows: rows)
  }

  private var reconciliation: String {
    let boundaries = record.controlTotals.boundaries
    let rows = boundaries.map { boundary -> [HTML.Cell] in
      [
        .text(boundary.boundary), .text(boundary.entity), .text(boundary.meter ?? "documents"),
        difference(boundary.countDifference.map { "\($0)" }), difference(boundary.quantityDifference),
        difference(boundary.amountDifference),
        boundary.hashesMatch.map { $0 ? .good("same events") : .bad("other events") } ?? .quiet("–"),
      ]
    }
    let off = boundaries.count { !$0.balanced }
    return HTML.paragraph(
      off == 0
        ? "All \(boundaries.count) boundaries agree."
        : "\(off) of \(boundaries.count) boundaries do not agree.",
      off == 0 ? "good" : "bad")
      + HTML.details(
        "every boundary",
        HTML.table(
          "What differs at each boundary",
          header: ["boundary", "entity", "of", "events", "quantity", "amount", "hash"],
          numbers: [3, 4, 5, 6], rows: rows), isOpen: off > 0)
  }

  private func difference(_ text: String?) -> HTML.Cell {
    guard let text else { return .quiet("–") }
    return text.contains { "123456789".contains($0) } ? .bad(Wording.grouped(text)) : .good("0")
  }

  private var trialBalances: String {
    record.trialBalances.map { balance in
      let rows =
        balance.accounts.map { account -> [HTML.Cell] in
          [
            .text(account.account), .number(Wording.grouped(account.debit)),
            .number(Wording.grouped(account.credit)),
          ]
        } + [
          [
            .text("total"), .number(Wording.grouped(balance.debits)),
            .number(Wording.grouped(balance.credits)),
          ]
        ]
      return HTML.table(
        "\(balance.entity), \(balance.currency)", header: ["account", "debit", "credit"], numbers: [1, 2],
        rows: rows)
    }.joined(separator: "\n")
  }

  // MARK: Behaviour

  private func measured(_ expectation: RunRecord.Expectation) -> String {
    guard let value = expectation.measured else { return Wording.measured(expectation, in: record) }
    return Wording.indicator(value, unit: record.unit(of: expectation))
  }

  private var expectations: String {
    let expectations = HTML.table(
      "Expectations", header: ["", "expectation", "measured"], numbers: [2],
      rows: record.expectations.map { expectation in
        [
          expectation.verdict == .pass
            ? .good("✓ met") : expectation.verdict == .fail ? .bad("✗ missed") : .quiet("not judged"),
          .text(expectation.expectation),
          expectation.verdict == .fail ? .bad(measured(expectation)) : .number(measured(expectation)),
        ]
      })
    let indicators = HTML.table(
      "Indicators", header: ["indicator", "value"], numbers: [1],
      rows: record.indicators.sorted { $0.key < $1.key }.map { name, indicator in
        [.text(name), .number(Wording.indicator(indicator.value, unit: indicator.unit))]
      })
    let warning = record.closingWarning.map { HTML.paragraph("Note: \($0).", "quiet") } ?? ""
    return (record.expectations.isEmpty ? "" : expectations + warning)
      + HTML.details("all indicators", indicators)
  }

  private var erps: String {
    let names = ["p50", "p90", "p95", "p99", "p999", "max"]
    let latency = HTML.table(
      "From an invoice's issue to its document in the ledger", header: ["ERP"] + names,
      numbers: Set(1...names.count),
      rows: record.erps.map { erp in
        [.text("\(erp.entity) · \(erp.profile)")]
          + names.map { .number(erp.postingLatency[$0].map(Wording.span) ?? "–") }
      })
    let calls = HTML.table(
      "Calls and documents",
      header: [
        "ERP", "calls", "throttled", "down", "answers lost", "look-ups", "key hits", "documents",
        "peak outbox",
      ],
      numbers: Set(1...8),
      rows: record.erps.map { erp in
        let figures = [
          erp.calls, erp.throttled, erp.unavailable + erp.dropped, erp.answersLost, erp.lookUps, erp.keyHits,
          erp.documents, erp.peakOutbox,
        ]
        return [.text("\(erp.entity) · \(erp.profile)")] + figures.map { .number(Wording.grouped($0)) }
      })
    let use = HTML.table(
      "Utilisation while documents were queued",
      header: ["ERP", "resource", "mean use", "peak use", "headroom", ""], numbers: [2, 3, 4],
      rows: record.erps.flatMap { erp in
        erp.resources.map { resource -> [HTML.Cell] in
          [
            .text(erp.entity), .text(resource.name), .number(Self.percent(resource.utilization)),
            resource.peak >= 1 ? .bad(Self.percent(resource.peak)) : .number(Self.percent(resource.peak)),
            .number(Self.percent(max(0, 1 - resource.peak))), .raw(Self.bar(resource.utilization)),
          ]
        }
      })
    return latency + calls + use
  }

  private static func percent(_ share: Double) -> String { Wording.fixed(share * 100, decimals: 1) + " %" }

  private static func bar(_ share: Double) -> String {
    let width = HTML.number(max(0, min(1, share)) * 120)
    return
      "<svg viewBox=\"0 0 120 10\" style=\"width:120px\" aria-hidden=\"true\"><rect width=\"120\" height=\"10\" fill=\"var(--line)\"/><rect width=\"\(width)\" height=\"10\" fill=\"var(--a)\"/></svg>"
  }

  private var closes: String {
    guard !record.closes.isEmpty else { return "" }
    return HTML.table(
      "What operations, billing and the ledger held at each cut-off",
      header: [
        "entity", "period", "version", "usage events", "invoices", "invoiced", "ledger documents", "debits",
        "ledger as of",
      ],
      numbers: [2, 3, 4, 5, 6, 7],
      rows: record.closes.map { close in
        [
          .text("\(close.entity), \(close.currency)"), .text(close.period), .number("\(close.version)"),
          .number(Wording.grouped(close.operational.count)), .number(Wording.grouped(close.billing.count)),
          .number(Wording.grouped(close.billing.amount ?? "")), .number(Wording.grouped(close.finance.count)),
          .number(Wording.grouped(close.finance.amount ?? "")), .text(close.finance.asOf),
        ]
      })
  }

  private var exceptions: String {
    guard !record.cases.isEmpty else { return "" }
    let owners = Set(record.cases.map(\.owner)).sorted()
    let parts = owners.map { owner -> String in
      let own = record.cases.filter { $0.owner == owner }
      let open = own.count { $0.resolved == nil }
      let rows = own.prefix(Self.shown.cases).map { entry -> [HTML.Cell] in
        [
          .number("\(entry.number)"), .text(entry.kind), .text(entry.raised),
          entry.resolved.map { .text($0) } ?? .bad("open"), .number(Wording.span(entry.ageSeconds)),
          .number(Wording.grouped(entry.waiting)),
          .text(entry.fields.map { "\($0.name) \($0.value)" }.joined(separator: ", ")),
        ]
      }
      let more = own.count - Self.shown.cases
      return "<h3>\(HTML.escaped(owner))</h3>"
        + HTML.paragraph(
          "\(Wording.grouped(own.count)) cases, \(Wording.grouped(open)) of them open. Fields are masked by role."
        )
        + HTML.details(
          "cases of \(owner)",
          HTML.table(
            "Cases of \(owner)",
            header: ["case", "kind", "raised", "resolved", "age", "waiting", "what its owner sees"],
            numbers: [0, 4, 5], rows: Array(rows))
            + (more > 0 ? HTML.paragraph("and \(Wording.grouped(more)) more", "quiet") : ""))
    }
    return parts.joined(separator: "\n")
  }

  // MARK: Checks

  static func mark(_ verdict: InvariantVerdict) -> HTML.Cell {
    switch verdict {
    case .held: .good("✓ held")
    case .broken: .bad("✗ broken")
    case .notExercised: .quiet("– not exercised")
    case .notJudged: .quiet("? not judged")
    }
  }

  private var invariants: String {
    var boundaries: [String] = []
    for invariant in record.invariants where !boundaries.contains(invariant.boundary) {
      boundaries.append(invariant.boundary)
    }
    return boundaries.map { boundary in
      let own = record.invariants.filter { $0.boundary == boundary }
      let tally = InvariantTally(own.lazy.map(\.verdict))
      let said =
        tally.judged == 0
        ? tally.text.split(separator: " · ").dropFirst().joined(separator: " · ") : tally.text
      return HTML.details(
        "\(boundary): \(said.replacing(" invariants held", with: " held"))",
        HTML.table(
          "Invariants at the boundary \(boundary)", header: ["", "invariant", "checks", "what it promises"],
          numbers: [2],
          rows: own.map { invariant in
            [
              Self.mark(invariant.verdict), .text(invariant.name), .number(Wording.grouped(invariant.checks)),
              .text(
                invariant.statement
                  + (invariant.reasons.isEmpty
                    ? "" : " (not judged: \(invariant.reasons.prefix(3).joined(separator: "; ")))")),
            ]
          }), isOpen: tally.broken > 0 || tally.notJudged > 0)
    }.joined(separator: "\n")
  }

  private var faults: String {
    let never = record.declaredFaults.filter { $0.neverBegan != nil }
    var idle =
      never.isEmpty
      ? ""
      : HTML.table(
        "Faults that never began", header: ["fault", "why"], numbers: [],
        rows: never.map { [.text($0.fault), .text($0.neverBegan ?? "")] })
    let metNothing = record.declaredFaults.filter(\.metNothing)
    if !metNothing.isEmpty {
      idle += HTML.table(
        "Faults that began and hit nothing", header: ["fault", "began"], numbers: [1],
        rows: metNothing.map { [.text($0.fault), .number("\($0.began)")] })
    }
    guard !record.faults.isEmpty else { return idle }
    let rows = record.faults.prefix(Self.shown.faults).map { fault -> [HTML.Cell] in
      [
        .text(fault.target), .text(fault.kind), .text(fault.start),
        .text(fault.neverEnds == true ? "never" : fault.end),
        .number(fault.hits.map { Wording.grouped($0) } ?? ""),
        .number(fault.drainSeconds.map(Wording.span) ?? ""),
      ]
    }
    let more = record.faults.count - Self.shown.faults
    return idle
      + HTML.details(
        "\(record.faults.count) faults",
        HTML.table(
          "Faults, and how long their backlog took to drain",
          header: ["target", "fault", "from", "to", "hits", "drained after"],
          numbers: [4, 5], rows: Array(rows)) + (more > 0 ? HTML.paragraph("and \(more) more", "quiet") : ""))
  }

  private var situations: String {
    let reached = record.situations.filter { $0.value > 0 }.sorted { $0.key < $1.key }
    let never = record.situations.filter { $0.value == 0 }.keys.sorted()
    return HTML.paragraph(
      "\(reached.count) situations were reached, of the \(record.situations.count) that Meterstorm knows."
    )
      + HTML.details(
        "which, and how often",
        HTML.table(
          "Situations that were reached", header: ["situation", "times"], numbers: [1],
          rows: reached.map { [.text($0.key), .number(Wording.grouped($0.value))] }))
      + (never.isEmpty ? "" : HTML.details("never reached", HTML.paragraph(never.joined(separator: ", "))))
  }

  /// Every setting of the design and the ERPs, those that differ from the built-in ones first.
  private func resolved(_ resolved: RunRecord.Resolved) -> String {
    let parts =
      [("design \(resolved.design.name)", resolved.design)]
      + resolved.erps.map { ("erp/\($0.name)" + ($0.from.map { " from \($0)" } ?? ""), $0) }
    let changed = parts.flatMap { title, part in
      part.changed.map {
        [title, $0.path, $0.value, "\(part.base): \($0.builtIn ?? "")"].map(HTML.Cell.text)
      }
    }
    let all = parts.flatMap { title, part in
      part.settings.map { [title, $0.path, $0.value].map(HTML.Cell.text) }
    }
    return
      (changed.isEmpty
      ? HTML.paragraph("The design and the ERPs have their built-in settings.", "quiet")
      : HTML.table(
        "What differs from the built-in design and profiles",
        header: ["of", "setting", "as run", "built in"],
        numbers: [], rows: changed))
      + HTML.details(
        "all \(all.count) settings",
        HTML.table("Settings as run", header: ["of", "setting", "as run"], numbers: [], rows: all))
  }

  private var reproduce: String {
    guard record.commandLine != nil else {
      return HTML.paragraph("The record does not say: it was written by an earlier version.", "quiet")
    }
    let story =
      record.invariants.contains { $0.verdict == .broken }
      ? "<p id=\"story-command\">The story of a violation, by its number:</p><pre>\(HTML.escaped(storyCommand("NUMBER")))</pre>"
      : ""
    return "<pre>\(HTML.escaped(record.command))</pre>" + story
      + HTML.paragraph(
        (record.directory == nil ? "In the folder in which it was run. " : "")
          + "The same version, scenario and seed give the same fingerprint, \(record.fingerprint).", "quiet")
  }
}

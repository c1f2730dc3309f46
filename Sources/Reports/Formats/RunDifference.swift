import RunRecord

/// What differs between two runs: for reviewers of a change, who want to see nothing else.
package struct RunDifference {
  private struct Part {
    var title: String
    var header: [String]
    var rows: [[String]]
  }

  private let new: RunRecord
  private let old: RunRecord

  /// Compares a run with an earlier one.
  package init(_ new: RunRecord, against old: RunRecord) {
    self.new = Printable.record(new)
    self.old = Printable.record(old)
  }

  /// Whether both are the same run, but for the time that they took.
  package var isSame: Bool { new.deterministic == old.deterministic }

  private var headline: String {
    if isSame { return "The same run: every figure and the fingerprint agree." }
    let changed = parts.reduce(0) { $0 + $1.rows.count }
    let verdicts =
      new.verdict == old.verdict
      ? "" : " The verdict was \(old.verdict.rawValue) and is \(new.verdict.rawValue)."
    return changed == 0
      ? "Other events, and the same figures." + verdicts : "\(changed) figures differ." + verdicts
  }

  private var parts: [Part] {
    [
      Part(title: "Run", header: ["", "before", "now"], rows: head),
      Part(title: "Invariants", header: ["invariant", "before", "now"], rows: invariants),
      Part(title: "Expectations", header: ["expectation", "before", "now"], rows: expectations),
      Part(title: "Indicators", header: ["indicator", "before", "now", "difference", ""], rows: indicators),
      Part(
        title: "Control totals", header: ["stage", "entity", "of", "figure", "before", "now"], rows: totals),
      Part(title: "ERPs", header: ["ERP", "figure", "before", "now"], rows: erps),
      Part(title: "Situations", header: ["situation", "before", "now"], rows: situations),
    ].filter { !$0.rows.isEmpty }
  }

  // MARK: What differs

  private var head: [[String]] {
    [
      ["scenario", old.scenario, new.scenario], ["design", old.design, new.design],
      ["seed", "\(old.seed)", "\(new.seed)"], ["defect", old.defect ?? "none", new.defect ?? "none"],
      ["version", old.meterstorm, new.meterstorm], ["verdict", Self.verdict(old), Self.verdict(new)],
      [
        "usage events", Wording.grouped(old.simulated.usageEvents),
        Wording.grouped(new.simulated.usageEvents),
      ],
      [
        "kernel events", Wording.grouped(old.simulated.kernelEvents),
        Wording.grouped(new.simulated.kernelEvents),
      ],
      ["came to an end", old.simulated.end, new.simulated.end],
      ["fingerprint", old.fingerprint, new.fingerprint],
    ].filter { $0[1] != $0[2] }
  }

  private static func verdict(_ record: RunRecord) -> String {
    record.interrupted ? "interrupted" : record.verdict.rawValue
  }

  /// Pairs entries by a key; those of the new run first, then those that are gone.
  private static func pairs<Value>(
    _ old: [Value], _ new: [Value], _ key: (Value) -> String
  ) -> [(key: String, old: Value?, new: Value?)] {
    let before = Dictionary(old.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
    let known = Set(new.map(key))
    return new.map { (key($0), before[key($0)], $0) }
      + old.filter { !known.contains(key($0)) }.map { (key($0), $0, nil) }
  }

  private var invariants: [[String]] {
    Self.pairs(old.invariants, new.invariants, \.name).compactMap { name, before, now in
      func text(_ invariant: RunRecord.Invariant?) -> String {
        guard let invariant else { return "–" }
        return invariant.verdict == .broken
          ? "broke, \(Wording.grouped(invariant.violationCount)) times" : invariant.verdict.rawValue
      }
      let texts = [text(before), text(now)]
      return texts[0] == texts[1] ? nil : [name] + texts
    }
  }

  private var expectations: [[String]] {
    Self.pairs(old.expectations, new.expectations, \.expectation).compactMap { name, before, now in
      func text(_ expectation: RunRecord.Expectation?) -> String {
        guard let expectation else { return "–" }
        return expectation.verdict.rawValue + (expectation.reason.map { ": \($0)" } ?? "")
      }
      let texts = [text(before), text(now)]
      return texts[0] == texts[1] ? nil : [name] + texts
    }
  }

  private var indicators: [[String]] {
    let names = Set(old.indicators.keys).union(new.indicators.keys).sorted()
    return names.compactMap { name -> [String]? in
      let (before, now) = (old.indicators[name], new.indicators[name])
      guard before != now else { return nil }
      let unit = now?.unit ?? before?.unit ?? "1"
      let texts = [before, now].map { $0.map { Wording.indicator($0.value, unit: unit) } ?? "–" }
      guard let before, let now else { return [name] + texts + ["", ""] }
      let difference = now.value - before.value
      let share =
        before.value == 0 ? "" : GateWording.percent(difference / before.value.magnitude)
      return [name] + texts + [
        (difference > 0 ? "+" : "") + Wording.indicator(difference, unit: unit), share,
      ]
    }
  }

  private var totals: [[String]] {
    func rows(_ record: RunRecord) -> [(stage: String, row: RunRecord.ControlTotals.Row)] {
      record.controlTotals.stages.flatMap { stage in stage.rows.map { (stage.stage, $0) } }
    }
    let paired = Self.pairs(rows(old), rows(new)) {
      "\($0.stage)\n\($0.row.entity)\n\($0.row.meter ?? "documents")"
    }
    return paired.flatMap { key, before, now -> [[String]] in
      let place = key.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let figures: [(String, (RunRecord.ControlTotals.Row) -> String?)] = [
        ("events", { $0.count.map { Wording.grouped($0) } }),
        ("quantity", { $0.quantity.map { Wording.grouped($0) } }),
        ("amount", { $0.amount.map { Wording.grouped($0) } }),
      ]
      return figures.compactMap { name, value in
        let texts = [before.flatMap { value($0.row) } ?? "–", now.flatMap { value($0.row) } ?? "–"]
        return texts[0] == texts[1] ? nil : place + [name] + texts
      }
    }
  }

  private var erps: [[String]] {
    Self.pairs(old.erps, new.erps, \.entity).flatMap { name, before, now -> [[String]] in
      let figures: [(String, (RunRecord.ERP) -> String)] = [
        ("profile", { $0.profile }), ("calls", { Wording.grouped($0.calls) }),
        ("throttled", { Wording.grouped($0.throttled) }),
        ("answers lost", { Wording.grouped($0.answersLost) }),
        ("documents", { Wording.grouped($0.documents) }), ("peak outbox", { Wording.grouped($0.peakOutbox) }),
        ("p50", { $0.postingLatency["p50"].map(Wording.span) ?? "–" }),
        ("p99", { $0.postingLatency["p99"].map(Wording.span) ?? "–" }),
        ("max", { $0.postingLatency["max"].map(Wording.span) ?? "–" }),
      ]
      return figures.compactMap { figure, value in
        let texts = [before.map(value) ?? "–", now.map(value) ?? "–"]
        return texts[0] == texts[1] ? nil : [name, figure] + texts
      }
    }
  }

  private var situations: [[String]] {
    Set(old.situations.keys).union(new.situations.keys).sorted().compactMap { name in
      let counts = [old.situations[name] ?? 0, new.situations[name] ?? 0]
      return counts[0] == counts[1] ? nil : [name] + counts.map { Wording.grouped($0) }
    }
  }

  // MARK: Rendering

  /// For a terminal, with a newline at the end.
  package func text(style: TextStyle = TextStyle(isColoured: false)) -> String {
    var lines = [
      style.bold("\(new.scenario), seed \(new.seed), against \(old.scenario), seed \(old.seed)"), headline,
    ]
    for part in parts {
      lines += ["", style.bold(part.title)]
      lines += StudyWording.table(header: part.header, rows: part.rows, leftColumns: left(part))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Columns of words: those before the figures.
  private func left(_ part: Part) -> Set<Int> {
    Set(0..<(part.header.firstIndex(of: "before") ?? 1))
  }

  /// For a pull request, with a newline at the end.
  package func markdown() -> String {
    var lines = ["## \(RunMarkdown.escaped(new.scenario)): \(headline)"]
    for part in parts { lines += ["", "### \(part.title)", ""] + RunMarkdown.table(part.header, part.rows) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// As one HTML file.
  ///
  /// - Throws: where the page's own template is broken.
  package func html() throws -> String {
    let isWorse = new.verdict != .pass && old.verdict == .pass
    var page = HTMLPage(
      title: "\(new.scenario), seed \(new.seed), against \(old.scenario), seed \(old.seed)",
      verdict: isSame ? "SAME" : "DIFFERENT", tone: isSame ? "good" : isWorse ? "bad" : "plain",
      headline: headline, subtitle: "Only what differs is shown.",
      foot:
        "Meterstorm \(new.meterstorm) · fingerprints \(old.fingerprint) and \(new.fingerprint)"
    )
    page.sections = parts.map { part in
      let words = left(part)
      return HTMLPage.Section(
        id: part.title.lowercased().replacing(" ", with: "-"), title: part.title,
        content: HTML.table(
          "What differs", header: part.header, numbers: Set(part.header.indices).subtracting(words),
          rows: part.rows.map { row in
            row.enumerated().map { words.contains($0.offset) ? .text($0.element) : .number($0.element) }
          }))
    }
    return try page.html()
  }
}

import RunRecord

/// A load test as one HTML file.
package struct LoadReport {
  private let record: LoadRecord

  /// Makes a report.
  package init(_ record: LoadRecord) { self.record = record }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  package func html() throws -> String {
    let judged = record.invariants.filter { $0.verdict == .held || $0.verdict == .broken }
    let broken = judged.filter { $0.verdict == .broken }
    let (verdict, tone) =
      record.interrupted
      ? ("INTERRUPTED", "bad") : record.verdict == .pass ? ("PASS", "good") : ("FAIL", "bad")
    var page = HTMLPage(
      title: record.scenario, verdict: verdict, tone: tone, headline: headline(judged.count, broken),
      subtitle:
        "In real time, sped up \(Wording.whole(record.timeScale))×, against \(record.target == "core" ? "the built-in core" : record.target). Open workload: every request has a scheduled send time, and latency counts from it.",
      foot: "Meterstorm \(record.meterstorm) · seed \(record.seed)")
    page.figures = figures(judged.count, broken.count)
    if !record.problems.isEmpty || !broken.isEmpty {
      page.sections.append(.init(id: "broken", title: "What broke", content: problems(broken)))
    }
    page.sections.append(.init(id: "latency", title: "Latency", content: latency))
    page.sections.append(.init(id: "throughput", title: "Throughput", content: throughput))
    if !record.compared.isEmpty {
      page.sections.append(.init(id: "simulated", title: "Simulated against real", content: compared))
    }
    page.sections.append(.init(id: "invariants", title: "Invariants", content: invariants))
    return try page.html()
  }

  private func figures(_ judged: Int, _ broken: Int) -> [HTMLPage.Figure] {
    let ingestion = record.ingestion
    return [
      .init(
        name: "events acknowledged, copies included",
        value: "\(Wording.grouped(ingestion.acknowledged)) of \(Wording.grouped(ingestion.scheduled))",
        tone: ingestion.acknowledged == ingestion.scheduled ? "good" : "bad"),
      judged == 0
        ? .init(name: "invariants held", value: "none judged")
        : .init(
          name: "invariants held", value: "\(judged - broken) of \(judged)",
          tone: broken == 0 ? "good" : "bad"),
      .init(name: "median latency", value: ingestion.latency["p50"].map(LoadText.milliseconds) ?? "–"),
      .init(name: "p99 latency", value: ingestion.latency["p99"].map(LoadText.milliseconds) ?? "–"),
      .init(name: "events per second", value: Wording.short(rate)),
      .init(
        name: "requests retried", value: Wording.grouped(ingestion.repetitions),
        tone: ingestion.repetitions == 0 ? "" : "bad"),
      .init(name: "duration", value: Wording.span(ingestion.seconds)),
      .init(name: "documents in the ledgers", value: Wording.grouped(record.documents)),
    ]
  }

  private var rate: Double {
    record.ingestion.seconds > 0 ? Double(record.ingestion.acknowledged) / record.ingestion.seconds : 0
  }

  private func headline(_ judged: Int, _ broken: [RunRecord.Invariant]) -> String {
    if let first = broken.first {
      return
        "\(broken.count) of \(judged) judged invariants broke, the first of them \(first.name)."
    }
    if let problem = record.problems.first { return problem }
    return
      "Every event was acknowledged, and \(judged == 0 ? "no invariant was judged: no check was made" : "all \(judged) judged invariants held")."
  }

  private func problems(_ broken: [RunRecord.Invariant]) -> String {
    record.problems.map { HTML.paragraph($0, "bad") }.joined()
      + broken.map { invariant in
        let all = invariant.violations.prefix(10).map {
          "<p><strong>\(HTML.escaped(Wording.instant($0.at)))</strong> · \(HTML.isolated($0.ids.joined(separator: ", ")))<br>expected <strong>\(HTML.escaped($0.expected))</strong>, found <strong class=\"bad\">\(HTML.escaped($0.actual))</strong></p>"
        }
        let hidden = invariant.violationCount - all.count
        let more =
          all.dropFirst().joined()
          + (hidden > 0 ? HTML.paragraph("and \(Wording.grouped(hidden)) more", "quiet") : "")
        let rest = invariant.violationCount - 1
        return
          "<article><h3>✗ \(HTML.escaped(invariant.name)): \(Wording.grouped(invariant.violationCount)) of \(Wording.grouped(invariant.checks)) checks</h3><p class=\"quiet\">Claim: \(HTML.escaped(invariant.statement))</p>\(all.first ?? "")\(rest > 0 ? HTML.details("\(Wording.grouped(rest)) more of this kind", more) : "")</article>"
      }.joined()
  }

  // MARK: Latency and throughput

  private static let percentiles = [("p50", "a"), ("p95", "c"), ("p99", "b"), ("max", "f")]

  private var latency: String {
    let names = ["p50", "p90", "p95", "p99", "p999", "max"].filter { record.ingestion.latency[$0] != nil }
    let table = HTML.table(
      "From a request's scheduled send time until its acknowledgement", header: names,
      numbers: Set(names.indices),
      rows: [names.map { .number(LoadText.milliseconds(record.ingestion.latency[$0] ?? 0)) }])
    guard let timeline = record.ingestion.timeline else { return table }
    let lines = Self.percentiles.compactMap { name, colour in
      timeline.latency[name].map { StepPlot.Line(name: name, values: $0, colour: colour) }
    }
    let all = lines.flatMap { $0.values.compactMap(\.self) }.filter { $0 > 0 }
    let isWide = (all.max() ?? 1) > 20 * (all.min() ?? 1)
    return StepPlot(
      title: "Latency over time",
      vertical:
        "latency by scheduled send time, per \(Self.step(timeline))\(isWide ? ", log scale" : "")",
      step: timeline.step, lines: lines, figure: Self.tick, isLogarithmic: isWide
    ).markup + table + distribution(timeline)
  }

  private func distribution(_ timeline: LoadRecord.Timeline) -> String {
    let total = Wording.sum(timeline.distribution.map(\.requests))
    let most = timeline.distribution.map(\.requests).max() ?? 0
    guard total > 0 else { return "" }
    var below = 0
    let rows = timeline.distribution.map { bin -> [HTML.Cell] in
      below = Wording.sum([below, bin.requests])
      return [
        .number(Self.tick(bin.upTo)), .number(Wording.grouped(bin.requests)),
        .raw(Self.bar(Double(bin.requests) / Double(max(1, most)))),
        .number(Wording.fixed(Double(below) / Double(total) * 100, decimals: 1) + " %"),
      ]
    }
    return HTML.table(
      "Distribution: how many requests took how long",
      header: ["latency up to", "requests", "", "this or less"], numbers: [0, 1, 3], rows: rows)
  }

  private var throughput: String {
    let ingestion = record.ingestion
    let words = HTML.paragraph(
      "\(Wording.grouped(ingestion.requests)) requests acknowledged, \(Wording.short(rate)) events per second; \(Wording.grouped(ingestion.repetitions)) retried, \(Wording.grouped(ingestion.turnedAway)) rejected."
    )
    guard let timeline = ingestion.timeline else { return words }
    func rates(_ counts: [Int]) -> [Double?] { counts.map { Double($0) / timeline.step } }
    let events = StepPlot(
      title: "Throughput over time", vertical: "events per second, copies included",
      step: timeline.step,
      lines: [
        .init(name: "scheduled", values: rates(timeline.due), colour: "e"),
        .init(name: "acknowledged", values: rates(timeline.acknowledged), colour: "a"),
      ], figure: Wording.short
    ).markup
    let retries =
      timeline.retried.contains { $0 > 0 }
      ? StepPlot(
        title: "Retries over time", vertical: "requests retried per second", step: timeline.step,
        lines: [.init(name: "retried", values: rates(timeline.retried), colour: "b")], figure: Wording.short
      ).markup : ""
    return words + events + retries
  }

  private static func step(_ timeline: LoadRecord.Timeline) -> String {
    timeline.step == 1 ? "second" : tick(timeline.step)
  }

  /// A round span: `200 ms`, `5s`.
  private static func tick(_ seconds: Double) -> String {
    if seconds >= 1 { return seconds < 60 ? HTML.number(seconds) + " s" : Wording.span(seconds) }
    return seconds == 0
      ? "0" : seconds < 0.001 ? HTML.number(seconds * 1e6) + " µs" : HTML.number(seconds * 1000) + " ms"
  }

  private static func bar(_ share: Double) -> String {
    let width = HTML.number(max(0, min(1, share)) * 200)
    return
      "<svg viewBox=\"0 0 200 12\" style=\"width:200px;max-width:24vw\" aria-hidden=\"true\"><rect width=\"\(width)\" height=\"12\" rx=\"2\" fill=\"var(--a)\"/></svg>"
  }

  // MARK: Beside the simulation

  private var compared: String {
    HTML.table(
      "Postings in the simulation and in real time, in the scenario's time",
      header: ["", "simulated", "real", "difference", ""], numbers: [1, 2, 3],
      rows: record.compared.map {
        let share = $0.simulated == 0 ? nil : $0.real / $0.simulated - 1
        return [
          .text($0.name), .number(Wording.indicator($0.simulated, unit: $0.unit)),
          .number(Wording.indicator($0.real, unit: $0.unit)),
          share.map { .number(($0 > 0 ? "+" : "") + Wording.fixed($0 * 100, decimals: 1) + " %") }
            ?? .quiet($0.real == 0 ? "same" : "–"),
          .raw(share.map(Self.difference) ?? ""),
        ]
      })
      + (record.calibrated.isEmpty
        ? ""
        : HTML.table(
          "The ERPs' latency, calibrated", header: ["ERP", "latency", "fitted", "error", "after"],
          numbers: [1, 2, 3, 4],
          rows: record.calibrated.map {
            [
              .text($0.entity), .number(Wording.span($0.latency)), .number(Wording.span($0.fitted)),
              .number(Wording.fixed($0.errorBefore * 100, decimals: 1) + " %"),
              .number(Wording.fixed($0.errorAfter * 100, decimals: 1) + " %"),
            ]
          }))
  }

  /// A bar to the left of the middle where reality has less than the simulation, and to its right where it has more; full at 100 %.
  private static func difference(_ share: Double) -> String {
    let width = min(1, abs(share)) * 60
    return
      "<svg viewBox=\"0 0 120 10\" style=\"width:120px\" aria-hidden=\"true\"><rect x=\"\(HTML.number(share < 0 ? 60 - width : 60))\" width=\"\(HTML.number(width))\" height=\"10\" fill=\"var(--\(abs(share) > 0.25 ? "b" : "a"))\"/><path d=\"M60 0V10\" stroke=\"var(--quiet)\"/></svg>"
  }

  private var invariants: String {
    func table(_ title: String, _ invariants: [RunRecord.Invariant]) -> String {
      HTML.table(
        title, header: ["", "invariant", "checks", "claim"], numbers: [2],
        rows: invariants.map { invariant in
          [
            RunReport.mark(invariant.verdict), .text(invariant.name),
            .number(Wording.grouped(invariant.checks)), .text(invariant.statement),
          ]
        })
    }
    let judged = record.invariants.filter { $0.verdict == .held || $0.verdict == .broken }
    let others = record.invariants.filter { $0.verdict != .held && $0.verdict != .broken }
    return
      (judged.isEmpty
      ? HTML.paragraph("None was judged: name the ERPs or the log of the core.", "quiet")
      : table("Judged by what was acknowledged, the ledgers and the core's log", judged))
      + (others.isEmpty
        ? ""
        : HTML.details(
          "\(others.count) not exercised or not judged", table("No evidence: nothing is claimed", others)))
  }
}

import RunRecord

/// A load test as one HTML file.
public struct LoadReport {
  private let record: LoadRecord

  /// Makes a report.
  public init(_ record: LoadRecord) { self.record = record }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  public func html() throws -> String {
    let judged = record.invariants.filter { $0.verdict == .held || $0.verdict == .broken }
    let broken = judged.filter { $0.verdict == .broken }
    let (verdict, tone) =
      record.interrupted
      ? ("INTERRUPTED", "bad") : record.verdict == .pass ? ("PASS", "good") : ("FAIL", "bad")
    var page = HTMLPage(
      title: record.scenario, verdict: verdict, tone: tone, headline: headline(judged.count, broken),
      subtitle:
        "On the real clock, \(Wording.whole(record.timeScale)) times as fast, to \(record.target).",
      foot: "Meterstorm \(record.meterstorm) · seed \(record.seed)")
    let ingestion = record.ingestion
    let rate = ingestion.seconds > 0 ? Double(ingestion.acknowledged) / ingestion.seconds : 0
    page.figures = [
      .init(
        name: "invariants that held", value: "\(judged.count - broken.count) of \(judged.count)",
        tone: broken.isEmpty ? "good" : "bad"),
      .init(
        name: "events acknowledged, copies included",
        value: "\(Wording.grouped(ingestion.acknowledged)) of \(Wording.grouped(ingestion.scheduled))",
        tone: ingestion.acknowledged == ingestion.scheduled ? "good" : "bad"),
      .init(name: "events a second", value: Wording.short(rate)),
      .init(
        name: "99 % acknowledged within", value: ingestion.latency["p99"].map(LoadText.milliseconds) ?? "–"),
      .init(name: "documents in the ledgers", value: Wording.grouped(record.documents)),
    ]
    if !record.problems.isEmpty || !broken.isEmpty {
      page.sections.append(.init(id: "broken", title: "What broke", content: problems(broken)))
    }
    page.sections.append(.init(id: "ingestion", title: "Taking usage in", content: latency))
    if !record.compared.isEmpty {
      page.sections.append(.init(id: "simulated", title: "The same scenario simulated", content: compared))
    }
    page.sections.append(.init(id: "invariants", title: "Invariants", content: invariants))
    return try page.html()
  }

  private func headline(_ judged: Int, _ broken: [RunRecord.Invariant]) -> String {
    if let first = broken.first {
      return "\(broken.count) of \(judged) invariants broke, such as \(first.name)."
    }
    if let problem = record.problems.first { return problem }
    return
      "All \(judged) invariants for which there was evidence held, and everything that was sent was acknowledged."
  }

  private func problems(_ broken: [RunRecord.Invariant]) -> String {
    record.problems.map { HTML.paragraph($0, "bad") }.joined()
      + broken.map { invariant in
        let shown = invariant.violations.prefix(10).map {
          "<p><strong>\(HTML.escaped($0.at))</strong> · \(HTML.isolated($0.ids.joined(separator: ", ")))<br>expected <strong>\(HTML.escaped($0.expected))</strong>, found <strong class=\"bad\">\(HTML.escaped($0.actual))</strong></p>"
        }.joined()
        return
          "<article><h3>✗ \(HTML.escaped(invariant.name)): \(Wording.grouped(invariant.violationCount)) of \(Wording.grouped(invariant.checks)) checks</h3><p class=\"quiet\">Promised: \(HTML.escaped(invariant.statement))</p>\(shown)</article>"
      }.joined()
  }

  private var latency: String {
    let names = ["p50", "p90", "p95", "p99", "p999", "max"].filter { record.ingestion.latency[$0] != nil }
    return HTML.paragraph(
      "\(Wording.grouped(record.ingestion.requests)) requests, \(Wording.grouped(record.ingestion.repetitions)) sent again, \(Wording.grouped(record.ingestion.turnedAway)) of them turned away."
    )
      + HTML.table(
        "From when a request was due until its acknowledgment", header: names, numbers: Set(names.indices),
        rows: [names.map { .number(LoadText.milliseconds(record.ingestion.latency[$0] ?? 0)) }])
  }

  private var compared: String {
    HTML.table(
      "What postings took on both clocks, in the scenario's time", header: ["", "simulated", "real"],
      numbers: [1, 2],
      rows: record.compared.map {
        [
          .text($0.name), .number(Wording.indicator($0.simulated, unit: $0.unit)),
          .number(Wording.indicator($0.real, unit: $0.unit)),
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

  private var invariants: String {
    HTML.table(
      "All invariants; where there was no evidence, nothing is claimed",
      header: ["invariant", "promised", "checks", "verdict"], numbers: [2],
      rows: record.invariants.map { invariant in
        [
          .text(invariant.name), .text(invariant.statement), .number(Wording.grouped(invariant.checks)),
          RunReport.mark(invariant.verdict),
        ]
      })
  }
}

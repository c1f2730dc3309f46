import RunRecord

/// A load test for a terminal.
package struct LoadText {
  private let record: LoadRecord
  private let style: TextStyle

  /// Makes a text.
  package init(_ record: LoadRecord, style: TextStyle = TextStyle(isColoured: false)) {
    self.record = Printable.record(record)
    self.style = style
  }

  /// The text, with a newline at the end.
  package func text() -> String {
    let tally = InvariantTally(record.invariants.lazy.map(\.verdict))
    let broken = record.invariants.filter { $0.verdict == .broken }
    let verdict =
      record.interrupted
      ? style.bad("INTERRUPTED") : record.verdict == .pass ? style.good("PASS") : style.bad("FAIL")
    var lines = [
      "\(verdict)  \(tally.text)", "",
    ]
    for invariant in broken {
      lines.append(
        style.bad("✗ \(invariant.name)")
          + " (\(invariant.boundary)): \(Wording.grouped(invariant.violationCount)) of "
          + "\(Wording.grouped(invariant.checks)) checks")
      lines.append("    claim: \(invariant.statement)")
      for violation in invariant.violations.prefix(3) {
        lines.append("    \(violation.at)  \(violation.ids.joined(separator: ", "))")
        lines += ["      expected  \(violation.expected)", "      actual    \(violation.actual)"]
      }
      lines.append("")
    }
    for problem in record.problems { lines.append(style.bad("✗ ") + problem) }
    if !record.problems.isEmpty { lines.append("") }
    let ingestion = record.ingestion
    let rate = ingestion.seconds > 0 ? Double(ingestion.acknowledged) / ingestion.seconds : 0
    lines.append(
      "\(record.scenario), seed \(record.seed), to \(record.target), \(Wording.whole(record.timeScale)) × real time"
    )
    lines.append(
      "  \(Wording.grouped(ingestion.acknowledged)) of \(Wording.grouped(ingestion.scheduled)) events acknowledged, "
        + "copies included, in \(Wording.span(ingestion.seconds)): \(Wording.short(rate))/s")
    lines.append(
      "  \(Wording.grouped(ingestion.requests)) requests; \(Wording.grouped(ingestion.repetitions)) retried, "
        + "\(Wording.grouped(ingestion.turnedAway)) rejected")
    let percentiles = ["p50", "p90", "p95", "p99", "p999", "max"].compactMap { name in
      ingestion.latency[name].map { "\(name) \(Self.milliseconds($0))" }
    }
    lines.append(
      percentiles.isEmpty
        ? "  no request was acknowledged"
        : "  from its scheduled send time until acknowledged: \(percentiles.joined(separator: ", "))")
    lines.append("  \(Wording.grouped(record.documents)) documents in the ledgers")
    if let lost = record.acknowledgedAndLost {
      lines.append("  \(Wording.grouped(lost)) acknowledged events are missing from the log")
    }
    if !record.compared.isEmpty {
      var table = TextTable([.left, .right, .right, .right])
      table.add(["", "simulated", "real", "difference"])
      for figure in record.compared {
        let difference =
          figure.simulated == 0
          ? "" : Wording.fixed((figure.real / figure.simulated - 1) * 100, decimals: 1) + " %"
        table.add([
          figure.name, Wording.indicator(figure.simulated, unit: figure.unit),
          Wording.indicator(figure.real, unit: figure.unit), difference,
        ])
      }
      lines += ["", style.bold("The same scenario simulated")] + table.lines
    }
    if !record.calibrated.isEmpty {
      lines += [
        "",
        style.bold(
          "Calibrated: the ERP's latency in the scenario, and the error of the simulated percentiles"),
      ]
      var table = TextTable([.left, .right, .right, .right, .right])
      table.add(["", "latency", "fitted", "error", "after"])
      for fit in record.calibrated {
        table.add([
          fit.entity, Wording.span(fit.latency), Wording.span(fit.fitted),
          Wording.fixed(fit.errorBefore * 100, decimals: 1) + " %",
          Wording.fixed(fit.errorAfter * 100, decimals: 1) + " %",
        ])
      }
      lines += table.lines
    }
    for stuck in record.stuck { lines.append("  left: \(stuck)") }
    return lines.joined(separator: "\n") + "\n"
  }

  static func milliseconds(_ seconds: Double) -> String {
    seconds < 1
      ? Wording.fixed(seconds * 1000, decimals: seconds < 0.01 ? 2 : 1) + " ms" : Wording.span(seconds)
  }
}

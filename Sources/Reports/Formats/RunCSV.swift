import RunRecord

/// A run as tables of comma-separated values (RFC 4180), a file each.
package enum RunCSV {
  /// The tables by the names of their files.
  package static func files(_ record: RunRecord) -> [(name: String, text: String)] {
    [
      ("indicators.csv", indicators(record)), ("invariants.csv", invariants(record)),
      ("violations.csv", violations(record)), ("expectations.csv", expectations(record)),
      ("stages.csv", stages(record)), ("boundaries.csv", boundaries(record)),
      ("trial-balance.csv", trialBalance(record)), ("erps.csv", erps(record)),
      ("resources.csv", resources(record)), ("faults.csv", faults(record)),
      ("declared-faults.csv", declaredFaults(record)), ("closes.csv", closes(record)),
      ("cases.csv", cases(record)), ("situations.csv", situations(record)), ("series.csv", series(record)),
    ]
  }

  private static func table(_ header: [String], _ rows: [[String]]) -> String {
    ([header] + rows).map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
  }

  /// A cell: in quotes where it has to be. A text that a spreadsheet would take for a formula gets an apostrophe before it.
  private static func cell(_ text: String) -> String {
    var text = text
    if let first = text.first,
      "=+@\t\r".contains(first) || first == "-" && !text.dropFirst().allSatisfy({ $0.isNumber || $0 == "." })
    {
      text = "'" + text
    }
    let isPlain = !text.contains { ",\"\n\r".contains($0) } && !text.unicodeScalars.contains("\r")
    return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
  }

  private static func optional(_ value: (some CustomStringConvertible)?) -> String {
    value.map { "\($0)" } ?? ""
  }

  private static func indicators(_ record: RunRecord) -> String {
    table(
      ["indicator", "value", "unit"],
      record.indicators.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value.value)", $0.value.unit] })
  }

  private static func invariants(_ record: RunRecord) -> String {
    table(
      ["invariant", "boundary", "verdict", "checks", "violations", "statement"],
      record.invariants.map {
        [$0.name, $0.boundary, $0.verdict.rawValue, "\($0.checks)", "\($0.violationCount)", $0.statement]
      })
  }

  private static func violations(_ record: RunRecord) -> String {
    table(
      ["invariant", "at", "ids", "expected", "actual", "difference"],
      record.invariants.flatMap { invariant in
        invariant.violations.map {
          [
            invariant.name, $0.at, $0.ids.joined(separator: "; "), $0.expected, $0.actual,
            optional($0.difference),
          ]
        }
      })
  }

  private static func expectations(_ record: RunRecord) -> String {
    table(
      ["expectation", "indicator", "verdict", "measured", "threshold", "reason"],
      record.expectations.map {
        [
          $0.expectation, $0.indicator, $0.verdict.rawValue, optional($0.measured), "\($0.threshold)",
          $0.reason ?? "",
        ]
      })
  }

  private static func stages(_ record: RunRecord) -> String {
    table(
      ["stage", "entity", "currency", "of", "events", "quantity", "amount", "hash", "unpricedEvents"],
      record.controlTotals.stages.flatMap { stage in
        stage.rows.map {
          [
            stage.stage, $0.entity, $0.currency, $0.meter ?? "documents", optional($0.count),
            optional($0.quantity),
            optional($0.amount), optional($0.hash), optional($0.unpriced),
          ]
        }
      })
  }

  private static func boundaries(_ record: RunRecord) -> String {
    table(
      ["boundary", "entity", "currency", "of", "events", "quantity", "amount", "hashesMatch", "balanced"],
      record.controlTotals.boundaries.map {
        [
          $0.boundary, $0.entity, $0.currency, $0.meter ?? "documents", optional($0.countDifference),
          optional($0.quantityDifference), optional($0.amountDifference), optional($0.hashesMatch),
          "\($0.balanced)",
        ]
      })
  }

  private static func trialBalance(_ record: RunRecord) -> String {
    table(
      ["entity", "currency", "account", "debit", "credit"],
      record.trialBalances.flatMap { balance in
        balance.accounts.map { [balance.entity, balance.currency, $0.account, $0.debit, $0.credit] }
      })
  }

  private static func erps(_ record: RunRecord) -> String {
    let latency = ["p50", "p90", "p95", "p99", "p999", "max", "mean"]
    return table(
      [
        "entity", "profile", "calls", "throttled", "unavailable", "dropped", "answersLost", "lookUps",
        "keyHits", "documents", "peakOutbox", "busySeconds",
      ]
        + latency.map { "postingLatency.\($0)" },
      record.erps.map { erp in
        [erp.entity, erp.profile]
          + [
            erp.calls, erp.throttled, erp.unavailable, erp.dropped, erp.answersLost, erp.lookUps, erp.keyHits,
            erp.documents, erp.peakOutbox,
          ].map { "\($0)" } + ["\(erp.busySeconds)"] + latency.map { optional(erp.postingLatency[$0]) }
      })
  }

  private static func resources(_ record: RunRecord) -> String {
    table(
      ["entity", "resource", "utilization", "peak"],
      record.erps.flatMap { erp in
        erp.resources.map { [erp.entity, $0.name, "\($0.utilization)", "\($0.peak)"] }
      })
  }

  private static func declaredFaults(_ record: RunRecord) -> String {
    table(
      ["fault", "began", "never_began", "hits"],
      record.declaredFaults.map { fault in
        [fault.fault, "\(fault.began)", fault.neverBegan ?? "", fault.hits.map { "\($0)" } ?? ""]
      })
  }

  private static func faults(_ record: RunRecord) -> String {
    table(
      ["target", "fault", "start", "end", "drainSeconds", "hits"],
      record.faults.map { fault in
        [
          fault.target, fault.kind, fault.start, fault.end, optional(fault.drainSeconds),
          fault.hits.map { "\($0)" } ?? "",
        ]
      })
  }

  private static func closes(_ record: RunRecord) -> String {
    table(
      [
        "entity", "currency", "period", "version", "usageEvents", "invoices", "invoiced", "documents",
        "debits", "asOf",
      ],
      record.closes.map {
        [
          $0.entity, $0.currency, $0.period, "\($0.version)", "\($0.operational.count)",
          "\($0.billing.count)",
          optional($0.billing.amount), "\($0.finance.count)", optional($0.finance.amount), $0.finance.asOf,
        ]
      })
  }

  private static func cases(_ record: RunRecord) -> String {
    table(
      ["case", "kind", "owner", "raised", "resolved", "ageSeconds", "waiting", "fields"],
      record.cases.map {
        [
          "\($0.number)", $0.kind, $0.owner, $0.raised, optional($0.resolved), "\($0.ageSeconds)",
          "\($0.waiting)",
          $0.fields.map { "\($0.name) \($0.value)" }.joined(separator: "; "),
        ]
      })
  }

  private static func situations(_ record: RunRecord) -> String {
    table(
      ["situation", "times"], record.situations.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)"] })
  }

  private static func series(_ record: RunRecord) -> String {
    let (series, entities) = (record.series, record.configuration.entities.map(\.name))
    let header =
      ["seconds", "delivered", "refused", "openWindows", "brokerLag"]
      + entities.map { "outbox \($0)" } + entities.map { "posted \($0)" }
    func value(_ values: [Int], _ index: Int) -> String {
      values.indices.contains(index) ? "\(values[index])" : ""
    }
    return table(
      header,
      series.delivered.indices.map { index in
        let own =
          [series.delivered, series.refused, series.openWindows, series.brokerLag] + series.outbox
          + series.posted
        return ["\(Double(index) * series.step)"] + own.map { value($0, index) }
      })
  }
}

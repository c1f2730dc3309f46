import RunRecord

/// A run as OpenMetrics text (the format that Prometheus reads, version 1.0.0): figures without a time, as a run is virtual.
package enum RunOpenMetrics {
  private struct Family {
    var name: String
    var help: String
    var unit = ""
    var samples: [(labels: [(String, String)], value: Double)] = []
  }

  /// The exposition, which ends in `# EOF`.
  package static func text(_ record: RunRecord) -> String {
    let run = [("scenario", record.scenario), ("design", record.design), ("seed", "\(record.seed)")]
    var families = [
      Family(
        name: "meterstorm_run_passed", help: "Whether every invariant held and every expectation was met.",
        samples: [(run, record.verdict == .pass ? 1 : 0)]),
      Family(
        name: "meterstorm_usage_events", help: "Usage events that were emitted.",
        samples: [(run, Double(record.simulated.usageEvents))]),
      Family(
        name: "meterstorm_virtual_time_seconds", help: "Virtual time of the run.", unit: "seconds",
        samples: [(run, record.simulated.seconds)]),
      Family(
        name: "meterstorm_invariant_violations", help: "Checks of an invariant that failed.",
        samples: record.invariants.filter { $0.verdict == .held || $0.verdict == .broken }.map {
          (run + [("invariant", $0.name), ("boundary", $0.boundary)], Double($0.violationCount))
        }),
      Family(
        name: "meterstorm_invariant_checks", help: "Checks of an invariant.",
        samples: record.invariants.map {
          (run + [("invariant", $0.name), ("boundary", $0.boundary)], Double($0.checks))
        }),
      Family(
        name: "meterstorm_expectation_met", help: "Whether an expectation was met.",
        samples: record.expectations.filter { $0.verdict != .open }.map {
          (run + [("expectation", $0.expectation)], $0.verdict == .pass ? 1 : 0)
        }),
      Family(
        name: "meterstorm_situation_reached", help: "How often a situation was reached.",
        samples: record.situations.sorted { $0.key < $1.key }.map {
          (run + [("situation", $0.key)], Double($0.value))
        }),
    ]
    for unit in ["s", "1", "share"] {
      let name =
        ["s": "meterstorm_indicator_seconds", "share": "meterstorm_indicator_ratio"][unit]
        ?? "meterstorm_indicator"
      families.append(
        Family(
          name: name, help: "An indicator of the run.", unit: ["s": "seconds", "share": "ratio"][unit] ?? "",
          samples: record.indicators.filter { $0.value.unit == unit }.sorted { $0.key < $1.key }.map {
            (run + [("indicator", $0.key)], $0.value.value)
          }))
    }
    let byERP: [(String, String, (RunRecord.ERP) -> Int)] = [
      ("calls", "Calls that an ERP received.", { $0.calls }),
      ("throttled", "Calls refused for limits.", { $0.throttled }),
      ("documents", "Documents in the ledger.", { $0.documents }),
      ("peak_outbox", "The deepest outbox.", { $0.peakOutbox }),
    ]
    for (name, help, value) in byERP {
      families.append(
        Family(
          name: "meterstorm_erp_\(name)", help: help,
          samples: record.erps.map {
            (run + [("entity", $0.entity), ("profile", $0.profile)], Double(value($0)))
          }))
    }
    return families.filter { !$0.samples.isEmpty }.map(Self.text).joined() + "# EOF\n"
  }

  private static func text(_ family: Family) -> String {
    var lines = ["# TYPE \(family.name) gauge"]
    if !family.unit.isEmpty { lines.append("# UNIT \(family.name) \(family.unit)") }
    lines.append("# HELP \(family.name) \(family.help)")
    lines += family.samples.map { labels, value in
      let all = labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
      return "\(family.name){\(all)} \(number(value))"
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
  }

  /// A label's value: backslash, quote and line feed are escaped.
  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}

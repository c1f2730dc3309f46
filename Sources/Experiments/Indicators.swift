import CanonicalModel
import Chronology
import Histogram
import RunRecord
import Scenario
import Verification
import World

/// The key figures of a run.
struct Indicators {
  /// The statistics of a latency, in seconds; empty without a value.
  ///
  /// - Parameter sum: of all values, in milliseconds.
  static func statistics(_ histogram: Histogram<UInt32>, sum: Int64) -> [String: Double] {
    guard histogram.totalCount > 0 else { return [:] }
    func seconds(_ milliseconds: UInt64) -> Double { Double(milliseconds) / 1000 }
    return [
      "p50": seconds(histogram.valueAtPercentile(50)), "p90": seconds(histogram.valueAtPercentile(90)),
      "p95": seconds(histogram.valueAtPercentile(95)), "p99": seconds(histogram.valueAtPercentile(99)),
      "p999": seconds(histogram.valueAtPercentile(99.9)), "max": seconds(histogram.max),
      "mean": (Double(sum) / Double(histogram.totalCount)).rounded() / 1000,
    ]
  }

  /// All indicators that could be measured, by name; spans in seconds.
  static func measure(_ observations: Observations, oracle: Oracle) -> [String: RunRecord.Indicator] {
    var values: [String: Double] = [:]
    if var all = observations.postingLatency.first {
      for histogram in observations.postingLatency.dropFirst() { all.add(histogram) }
      let sum = observations.postingLatencySum.reduce(0, +)
      for (name, value) in statistics(all, sum: sum) { values["postingLatency.\(name)"] = value }
    }
    let cycles = observations.lastPosted.map { ($0.value - $0.key.period.end).seconds }
    if let longest = cycles.max() { values["closeCycleTime"] = longest }
    values["drainTime"] = observations.drains.map(\.took.seconds).max() ?? 0
    values["peakOutbox"] = Double(observations.peakOutbox.max() ?? 0)
    values["peakBrokerLag"] = Double(observations.peakBrokerLag)
    values["exceptionCases"] = Double(observations.cases.values.reduce(0, +))
    values["reconciliationBreaks"] = Double(observations.reconciliationBreaks)
    if oracle.billable > 0 {
      values["ingestionCompleteness"] = Double(oracle.capture.accepted) / Double(oracle.billable)
    }
    var indicators: [String: RunRecord.Indicator] = [:]
    for indicator in Expectation.indicators {
      guard let value = values[indicator.name] else { continue }
      let unit =
        switch indicator.dimension {
        case .duration: "s"
        case .count: "1"
        case .share: "share"
        }
      indicators[indicator.name] = RunRecord.Indicator(value: value, unit: unit)
    }
    return indicators
  }

  /// Compares expectations with what was measured; what could not be measured was not met.
  static func judge(
    _ expectations: [Expectation], by indicators: [String: RunRecord.Indicator]
  ) -> [RunRecord.Expectation] {
    expectations.map { expectation in
      let measured = indicators[expectation.indicator.name]?.value
      let isMet = measured.map(expectation.isMet) ?? false
      return RunRecord.Expectation(
        expectation: expectation.text, indicator: expectation.indicator.name, verdict: isMet ? .pass : .fail,
        measured: measured, threshold: expectation.threshold)
    }
  }
}

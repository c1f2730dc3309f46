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
  /// - Parameters:
  ///   - sum: of all values, in milliseconds.
  ///   - missing: how many have not come to their end: they are later than any that have.
  static func statistics(
    _ histogram: Histogram<UInt32>, sum: Int128, missing: Int = 0
  ) -> [String: Double] {
    guard histogram.totalCount > 0 else { return [:] }
    var statistics = quantiles(histogram, missing: missing)
    if missing == 0 {
      statistics["mean"] = (Double(sum) / Double(histogram.totalCount)).rounded() / 1000
    }
    return statistics
  }

  private static let percentiles = [("p50", 50.0), ("p90", 90), ("p95", 95), ("p99", 99), ("p999", 99.9)]
  /// The names of quantiles, and of the maximum.
  static let quantileNames = percentiles.map(\.0) + ["max"]

  /// The quantiles and the maximum of a latency, in seconds; without those that lie among the missing ones.
  static func quantiles(_ histogram: Histogram<UInt32>, missing: Int = 0) -> [String: Double] {
    func seconds(_ milliseconds: UInt64) -> Double { Double(milliseconds) / 1000 }
    var quantiles: [String: Double] = [:]
    let known = Double(histogram.totalCount)
    for (name, percentile) in percentiles {
      // What is a percentile of all is a higher one of those that are known.
      let own = missing == 0 ? percentile : percentile * (known + Double(missing)) / known
      if own <= 100 { quantiles[name] = seconds(histogram.valueAtPercentile(own)) }
    }
    if missing == 0 { quantiles["max"] = seconds(histogram.max) }
    return quantiles
  }

  /// All indicators that could be measured, by name; spans in seconds.
  ///
  /// - Parameters:
  ///   - entities: the names of the legal entities.
  ///   - erps: what the ERPs have been through.
  ///   - latencies: whether the statistics of latencies are asked for: they take as long as a small run.
  static func measure(
    _ observations: Observations, oracle: Oracle, entities: DenseTable<EntityID, String>,
    faults: [(window: FaultWindow, entities: [Int], hits: Int)],
    erps: [ERPStatistics], horizon: Instant, latencies: Bool = true
  ) -> [String: RunRecord.Indicator] {
    var values: [String: Double] = [:]
    if latencies, var all = observations.postingLatency.first {
      for histogram in observations.postingLatency.dropFirst() { all.add(histogram) }
      let sum = observations.postingLatencySum.reduce(0, +)
      let missing = observations.unposted.values.reduce(0, +)
      for (name, value) in statistics(all, sum: sum, missing: missing) {
        values["postingLatency.\(name)"] = value
      }
    }
    let periods = PeriodFigures(observations, entities: entities, horizon: horizon)
    if let longest = periods.longestClose { values["closeCycleTime"] = longest }
    let closes = periods.byEntity
    values.merge(closes) { $1 }
    // Where no ERP's fault has ended, nothing could drain; what has not come to its end has no measure.
    let ended = faults.filter { !$0.window.isEndless }
    let hasEnded = ended.contains { !$0.entities.isEmpty }
    if observations.undrained.isEmpty, hasEnded || !observations.drains.isEmpty {
      values["drainTime"] = observations.drains.map(\.took.seconds).max() ?? 0
    }
    for drain in observations.drains {
      let name = Expectation.drainAfter(entity: entities[drain.entity], fault: drain.fault)
      values[name] = max(values[name] ?? 0, drain.took.seconds)
    }
    for fault in ended {
      // What left nothing behind was drained at once.
      for entity in fault.entities {
        let name = Expectation.drainAfter(entity: entities[entity], fault: fault.window.kind.name)
        if values[name] == nil { values[name] = 0 }
      }
    }
    // What has not come to its end has no measure.
    for backlog in observations.undrained {
      values[Expectation.drainAfter(entity: entities[backlog.entity], fault: backlog.fault)] = nil
    }
    let busy = observations.postingTime.busy
    let posted = observations.documentsPosted
    if busy > 0 { values["postingThroughput"] = Double(posted) / busy * 3600 }
    values["documentsPosted"] = Double(posted)
    values["invoicesPosted"] = Double(oracle.documents.reduce(0) { $0 + $1.posted })
    values["erpCalls"] = Double(erps.reduce(0) { $0 + $1.calls })
    values["erpCalls.post"] = Double(erps.reduce(0) { $0 + $1.posts })
    values["erpCalls.lookUp"] = Double(erps.reduce(0) { $0 + $1.searches })
    values["erpCalls.readBack"] = Double(erps.reduce(0) { $0 + $1.readBacks })
    values["erpCalls.refused"] = Double(erps.reduce(0) { $0 + $1.throttled + $1.unavailable })
    values["logRecords"] = Double(observations.logRecords)
    values["peakOutbox"] = Double(observations.peakOutbox.max() ?? 0)
    values["peakBrokerLag"] = Double(observations.peakBrokerLag)
    values["exceptionCases"] = Double(observations.cases.values.reduce(0, +))
    // Where no totals were compared, none can be said to agree.
    if observations.comparisons > 0 || observations.reconciliationBreaks > 0 {
      values["reconciliationBreaks"] = Double(observations.reconciliationBreaks)
    }
    // Of all that sources emitted: what waits in quarantine or was rejected has not been taken in.
    let usage = oracle.emitted - oracle.capture.operational
    if usage > 0 { values["ingestionCompleteness"] = Double(oracle.capture.accepted) / Double(usage) }
    var indicators: [String: RunRecord.Indicator] = [:]
    let drains = values.keys.filter { $0.hasPrefix("drainAfter") }.sorted().compactMap(Expectation.indicator)
    let own = closes.keys.sorted().compactMap(Expectation.indicator)
    for indicator in Expectation.indicators + own + drains {
      guard let value = values[indicator.name] else { continue }
      indicators[indicator.name] = RunRecord.Indicator(value: value, unit: indicator.unit)
    }
    return indicators
  }
}

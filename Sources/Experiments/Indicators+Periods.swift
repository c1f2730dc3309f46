import CanonicalModel
import Chronology
import Histogram
import RunRecord
import Scenario
import World

/// The figures of billing periods.
///
/// A period that the horizon cuts off ends after the last usage: nothing pushes the watermark over its end, so that its last
/// window closes by idleness alone, later than in any month of a real year. It is left out of what is said about closing, unless a
/// run has no other period.
struct PeriodFigures {
  /// All periods in order.
  private let all: [(key: EntityPeriod, close: Double)]
  /// Those with invoices in no ledger at the end of the run, and how many.
  private let unclosed: [EntityPeriod: Int]
  private let observations: Observations
  private let entities: DenseTable<EntityID, String>
  /// The end of usage.
  private let horizon: Instant

  init(_ observations: Observations, entities: DenseTable<EntityID, String>, horizon: Instant) {
    self.observations = observations
    self.entities = entities
    self.horizon = horizon
    unclosed = observations.unposted
    let open = observations.unposted.mapValues { _ in observations.ended }
    // A period that is still open has been so until the run's end.
    all = observations.lastPosted.merging(open) { $1 }
      .map { (key: $0.key, close: ($0.value - $0.key.period.end).seconds) }
      .sorted { ($0.key.period, $0.key.entity) < ($1.key.period, $1.key.entity) }
  }

  private func isCutOff(_ period: Period) -> Bool { period.end > horizon }

  /// Those on which closing is judged.
  private var counted: [(key: EntityPeriod, close: Double)] {
    let whole = all.filter { !isCutOff($0.key.period) }
    return whole.isEmpty ? all : whole
  }

  /// The longest time that a period took to close; `nil` where one never did.
  var longestClose: Double? {
    counted.contains { unclosed[$0.key] != nil } ? nil : counted.map(\.close).max()
  }

  /// The longest close of each entity, where there are several.
  var byEntity: [String: Double] {
    guard entities.count > 1 else { return [:] }
    var values: [String: Double] = [:]
    let open = Set(counted.filter { unclosed[$0.key] != nil }.map(\.key.entity))
    for (key, close) in counted where !open.contains(key.entity) {
      let name = "closeCycleTime(erp/\(entities[key.entity]))"
      values[name] = max(values[name] ?? close, close)
    }
    return values
  }

  /// Every period for the record.
  var records: [RunRecord.BillingPeriod] {
    var records: [RunRecord.BillingPeriod] = []
    var index = 0
    while index < all.count {
      let period = all[index].key.period
      let group = all[index...].prefix { $0.key.period == period }
      index += group.count
      if group.count > 1 { records.append(record(nil, period, Array(group))) }
      for entry in group { records.append(record(entities[entry.key.entity], period, [entry])) }
    }
    return records
  }

  private func record(
    _ entity: String?, _ period: Period, _ group: [(key: EntityPeriod, close: Double)]
  ) -> RunRecord.BillingPeriod {
    let histograms = group.compactMap { observations.periodLatency[$0.key] }
    var latency: [String: Double] = [:]
    if var sum = histograms.first {
      for histogram in histograms.dropFirst() { sum.add(histogram) }
      latency = Indicators.quantiles(sum, missing: group.reduce(0) { $0 + (unclosed[$1.key] ?? 0) })
    }
    return RunRecord.BillingPeriod(
      entity: entity, period: "\(period)", closeSeconds: group.map(\.close).max() ?? 0,
      isCutOff: isCutOff(period), postingLatency: latency,
      isOpen: group.contains { unclosed[$0.key] != nil } ? true : nil)
  }
}

extension Replication {
  /// Longer than anything lasts, in seconds.
  private static let never = 1e15

  /// The figures of each billing period on which closing is judged, by the names of the indicators.
  static func months(_ all: [RunRecord.BillingPeriod]) -> [Month] {
    let whole = all.filter { !$0.isCutOff }
    var months: [Month] = []
    for entry in whole.isEmpty ? all : whole {
      // One that never closed has missed every limit, and has met what may last for longer.
      var values = ["closeCycleTime": entry.isOpen == true ? Self.never : entry.closeSeconds]
      for (name, value) in entry.postingLatency { values["postingLatency.\(name)"] = value }
      if entry.isOpen == true {
        for name in Indicators.quantileNames where entry.postingLatency[name] == nil {
          values["postingLatency.\(name)"] = Self.never
        }
      }
      if months.last?.period != entry.period { months.append(.init(period: entry.period, values: values)) }
      guard let entity = entry.entity else { continue }
      for (name, value) in values { months[months.count - 1].values["\(name)(erp/\(entity))"] = value }
    }
    return months
  }
}

extension Expectation {
  /// Whether a month meets it; `nil` where it could not be measured in it.
  func isMet(in month: Replication.Month) -> Bool? { month.values[indicator.name].map(isMet) }
}

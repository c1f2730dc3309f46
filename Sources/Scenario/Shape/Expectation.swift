import Chronology

/// A threshold on an indicator: `postingLatency.p99 < 24h`.
public struct Expectation: Hashable, Sendable {
  /// How the indicator is compared with the threshold.
  public enum Comparison: String, Sendable, CaseIterable {
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case equal = "=="
    case less = "<"
    case greater = ">"
  }

  /// What an indicator measures.
  public enum Dimension: Hashable, Sendable {
    /// A span of time.
    case duration
    /// A number of things.
    case count
    /// A share of one.
    case share
  }

  /// An indicator that an expectation can name.
  public struct Indicator: Hashable, Sendable {
    /// The name.
    public let name: String
    /// What it measures.
    public let dimension: Dimension
    /// A sentence for documentation.
    public let meaning: String
    /// Whether it is a statistic of what documents took.
    public var isLatency: Bool { name.hasPrefix("postingLatency.") }
    /// Whether more of it is better, where nothing else is said.
    public var isBetterHigh: Bool {
      ["postingThroughput", "documentsPosted", "ingestionCompleteness"].contains(name)
    }
  }

  /// The indicators that expectations can name.
  public static let indicators: [Indicator] = {
    var all = [
      ("p50", "median"), ("p90", "90th percentile"), ("p95", "95th percentile"), ("p99", "99th percentile"),
      ("p999", "99.9th percentile"), ("max", "maximum"), ("mean", "mean"),
    ].map { statistic, words in
      Indicator(
        name: "postingLatency.\(statistic)", dimension: .duration,
        meaning: "\(words) of the time from an invoice's issue to its document in the ERP's ledger")
    }
    all += [
      Indicator(
        name: "closeCycleTime", dimension: .duration,
        meaning: "the longest time from a period's end until all its invoices were in the ledger"),
      Indicator(
        name: "drainTime", dimension: .duration,
        meaning: "the longest time from a fault's end until its ERP's outbox was empty"),
      Indicator(
        name: "postingThroughput", dimension: .count,
        meaning: "documents an hour that reached the ledgers while documents waited"),
      Indicator(name: "documentsPosted", dimension: .count, meaning: "documents in the ledgers"),
      Indicator(name: "erpCalls", dimension: .count, meaning: "calls that the ERPs received"),
      Indicator(name: "logRecords", dimension: .count, meaning: "records written to the core's durable log"),
      Indicator(
        name: "peakOutbox", dimension: .count, meaning: "the most documents that waited for one ERP"),
      Indicator(
        name: "peakBrokerLag", dimension: .count, meaning: "the most usage events that waited in the broker"),
      Indicator(name: "exceptionCases", dimension: .count, meaning: "exception cases raised"),
      Indicator(
        name: "reconciliationBreaks", dimension: .count, meaning: "boundaries at which totals differed"),
      Indicator(
        name: "ingestionCompleteness", dimension: .share,
        meaning:
          "accepted events as a share of all usage events emitted, quarantined and rejected ones included"),
    ]
    return all
  }()

  /// The name of the longest time from the end of an entity's faults of a kind until its outbox was empty.
  public static func drainAfter(entity: String, fault: String) -> String {
    "drainAfter(erp/\(entity) \(fault))"
  }

  /// The indicator of a name; `nil` where there is none.
  public static func indicator(_ name: String) -> Indicator? {
    if let known = indicators.first(where: { $0.name == name }) { return known }
    guard name.hasPrefix("drainAfter(erp/"), name.hasSuffix(")"), name.split(separator: " ").count == 2 else {
      return nil
    }
    return Indicator(
      name: name, dimension: .duration,
      meaning: "the longest time from the end of such a fault until the ERP's outbox was empty")
  }

  /// The indicator's name.
  public var indicator: Indicator
  /// The comparison.
  public var comparison: Comparison
  /// The threshold: seconds, a number, or a share of one.
  public var threshold: Double
  /// The threshold as written.
  public var thresholdText: String
  /// The whole text.
  public var text: String

  /// Reads an expectation.
  public init?(_ text: String) {
    guard let (name, comparison, threshold) = Self.parts(text),
      let indicator = Self.indicator(name),
      let value = Self.value(threshold, indicator.dimension)
    else { return nil }
    self.indicator = indicator
    self.comparison = comparison
    self.threshold = value
    thresholdText = threshold
    self.text = "\(name) \(comparison.rawValue) \(threshold)"
  }

  /// What is wrong with a text that is no expectation.
  public static func problem(with text: String) -> String {
    guard let (name, _, threshold) = parts(text) else {
      return "'\(text)' should be \(Unit.expectation.wanted)"
    }
    guard let indicator = indicator(name) else {
      return "there is no indicator '\(name)'" + NearestKey.hint(for: name, among: indicators.map(\.name))
    }
    let wanted =
      switch indicator.dimension {
      case .duration: Unit.duration.wanted
      case .count: "a whole number"
      case .share: Unit.share.wanted
      }
    return "'\(threshold)' should be \(wanted), as '\(name)' is measured"
  }

  private static func parts(_ text: String) -> (String, Comparison, String)? {
    for comparison in Comparison.allCases {
      guard let range = text.firstRange(of: comparison.rawValue) else { continue }
      let name = text[..<range.lowerBound].split(separator: " ").joined(separator: " ")
      let threshold = text[range.upperBound...].filter { $0 != " " }
      guard !name.isEmpty, !threshold.isEmpty else { return nil }
      return (name, comparison, String(threshold))
    }
    return nil
  }

  private static func value(_ text: String, _ dimension: Dimension) -> Double? {
    switch dimension {
    case .duration: Unit.duration(text)?.seconds
    case .count: Unit.integer(text).map(Double.init)
    case .share: Unit.share(text)
    }
  }

  /// Whether a measured value meets the expectation.
  public func isMet(by value: Double) -> Bool {
    switch comparison {
    case .less: value < threshold
    case .lessOrEqual: value <= threshold
    case .greater: value > threshold
    case .greaterOrEqual: value >= threshold
    case .equal: value == threshold
    }
  }
}

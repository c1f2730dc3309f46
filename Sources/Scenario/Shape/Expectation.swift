import CanonicalModel
import Chronology

/// A threshold on an indicator: `postingLatency.p99 < 24h`.
package struct Expectation: Hashable, Sendable {
  /// How the indicator is compared with the threshold.
  package enum Comparison: String, Sendable, CaseIterable {
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case equal = "=="
    case less = "<"
    case greater = ">"
  }

  /// What an indicator measures.
  package enum Dimension: Hashable, Sendable {
    /// A span of time.
    case duration
    /// A number of things.
    case count
    /// A share of one.
    case share
    /// An amount in the currency of the scenario's costs.
    case money
  }

  /// An indicator that an expectation can name.
  package struct Indicator: Hashable, Sendable {
    /// The name.
    package let name: String
    /// What it measures.
    package let dimension: Dimension
    /// A sentence for documentation.
    package let meaning: String
    /// What it counts, where it is a number of things.
    package var things: String? = nil
    /// What it is divided by or taken over; `nil`: nothing.
    package var denominator: String? = nil
    /// The unit for people.
    package var wordedUnit: String {
      switch dimension {
      case .duration: "seconds"
      case .count: things ?? "1"
      case .share: "share of one"
      case .money: "currency of the scenario's costs"
      }
    }
    /// Whether it is a statistic of what documents took.
    package var isLatency: Bool { name.hasPrefix("postingLatency.") }
    /// Whether more of it is better, where nothing else is said.
    package var isBetterHigh: Bool {
      ["postingThroughput", "documentsPosted", "invoicesPosted", "ingestionCompleteness"].contains(name)
    }
    /// Whether each billing period of a run has one of its own.
    package var isMonthly: Bool { isLatency || name.hasPrefix("closeCycleTime") }
  }

  /// In how many of the months, or runs, a threshold has to be kept: `in 95% of months`. Without one, a study asks it of the mean
  /// over runs.
  package struct Portion: Hashable, Sendable {
    /// What is counted.
    package enum Unit: String, Hashable, Sendable {
      /// Billing periods of all runs.
      case months
      /// Runs.
      case runs
    }
    /// The least share.
    package var share: Double
    /// Of what.
    package var unit: Unit
  }

  /// The indicators that expectations can name.
  package static let indicators: [Indicator] = {
    var all = [
      ("p50", "median"), ("p90", "90th percentile"), ("p95", "95th percentile"), ("p99", "99th percentile"),
      ("p999", "99.9th percentile"), ("max", "maximum"), ("mean", "mean"),
    ].map { statistic, words in
      Indicator(
        name: "postingLatency.\(statistic)", dimension: .duration,
        meaning: "\(words) of the time from an invoice's issue to its document in the ERP's ledger",
        denominator: "all invoices whose document an ERP has, each once, of all entities together")
    }
    all += [
      Indicator(
        name: "closeCycleTime", dimension: .duration,
        meaning: "the longest time from a period's end until all its documents were in the ledger",
        denominator: "the longest of all entities and accounting periods of the run"),
      Indicator(
        name: "drainTime", dimension: .duration,
        meaning: "the longest time from a fault's end until its ERP's outbox was empty",
        denominator: "the longest of all faults of an ERP; 0 where none left documents waiting"),
      Indicator(
        name: "postingThroughput", dimension: .count,
        meaning: "documents of all kinds that reached the ledgers, per hour in which documents waited",
        things: "documents per hour",
        denominator:
          "hours in which documents waited for any ERP; hours in which they waited for several are counted once"
      ),
      Indicator(
        name: "documentsPosted", dimension: .count,
        meaning: "documents of all kinds in the ledgers: invoices, payments, credit memos, journals",
        things: "documents"),
      Indicator(
        name: "invoicesPosted", dimension: .count, meaning: "issued invoices that are in the ledgers",
        things: "invoices"),
      Indicator(
        name: "erpCalls", dimension: .count, meaning: "calls of all kinds that the ERPs received",
        things: "calls"),
      Indicator(
        name: "erpCalls.post", dimension: .count, meaning: "calls to post documents that the ERPs received",
        things: "calls"),
      Indicator(
        name: "erpCalls.lookUp", dimension: .count,
        meaning: "calls that look up documents of unknown outcome", things: "calls"),
      Indicator(
        name: "erpCalls.readBack", dimension: .count,
        meaning: "calls that read a ledger, or a period of it, back for the reconciliation", things: "calls"),
      Indicator(
        name: "erpCalls.refused", dimension: .count,
        meaning: "calls of all kinds that an ERP refused for its limits or because it was down",
        things: "calls"),
      Indicator(
        name: "logRecords", dimension: .count, meaning: "records written to the core's durable log",
        things: "records"),
      Indicator(
        name: "peakOutbox", dimension: .count,
        meaning: "the greatest number of documents waiting for one ERP",
        things: "documents", denominator: "the greatest over all ERPs"),
      Indicator(
        name: "peakBrokerLag", dimension: .count,
        meaning: "the greatest number of usage events waiting in the broker",
        things: "usage events"),
      Indicator(
        name: "exceptionCases", dimension: .count, meaning: "exception cases raised", things: "cases"),
      Indicator(
        name: "reconciliationBreaks", dimension: .count, meaning: "boundaries at which totals differed",
        things: "breaks"),
      Indicator(
        name: "ingestionCompleteness", dimension: .share,
        meaning:
          "accepted events as a share of all usage events emitted, quarantined and rejected ones included",
        denominator: "usage events that the sources emitted, each once, operational ones left out"),
    ]
    return all + costs
  }()

  /// What a run costs by the prices of the scenario.
  private static let costs = [
    ("cost", "the sum of the parts below", nil as String?),
    ("cost.calls", "ERP calls of all kinds, refused ones included, at the price of each", nil),
    ("cost.storage", "usage events as long as they are kept", nil),
    ("cost.workers", "posting workers of all ERPs, from the start to the horizon", nil),
    (
      "cost.licences",
      "licences of the scenario's plan that the ERPs' places need, from the start to the horizon", nil
    ),
    (
      "costPerMillionEvents", "the cost of the run per million usage events",
      "usage events that the sources emitted, each once, operational ones left out; in millions"
    ),
  ].map { name, meaning, denominator in
    Indicator(name: name, dimension: .money, meaning: meaning, denominator: denominator)
  }

  /// The name of the longest time from the end of an entity's faults of a kind until its outbox was empty.
  package static func drainAfter(entity: String, fault: String) -> String {
    "drainAfter(erp/\(entity) \(fault))"
  }

  /// The indicator of a name; `nil` where there is none.
  package static func indicator(_ name: String) -> Indicator? {
    if let known = indicators.first(where: { $0.name == name }) { return known }
    if let open = name.firstIndex(of: "("), name.hasSuffix(")"), name[open...].hasPrefix("(erp/"),
      name[open...].count > 6, !name[open...].contains(" "),
      let base = indicators.first(where: { $0.name == name[..<open] }), base.isMonthly
    {
      return Indicator(
        name: name, dimension: base.dimension, meaning: base.meaning + ", of one entity and its ERP")
    }
    guard name.hasPrefix("drainAfter(erp/"), name.hasSuffix(")"), name.split(separator: " ").count == 2 else {
      return nil
    }
    return Indicator(
      name: name, dimension: .duration,
      meaning: "the longest time from the end of such a fault until the ERP's outbox was empty")
  }

  /// The indicator's name.
  package var indicator: Indicator
  /// The comparison.
  package var comparison: Comparison
  /// The threshold: seconds, a number, or a share of one.
  package var threshold: Double
  /// The currency of a threshold on money.
  package var currency: Currency?
  /// The threshold as written.
  package var thresholdText: String
  /// The whole text.
  package var text: String
  /// In which part of the months or runs it has to be kept; `nil`: by the figure of a run, and in studies by their mean.
  package var portion: Portion?

  /// Reads an expectation: `closeCycleTime < 3h`, `closeCycleTime < 3h in 95% of months`, `P(close by day 3) >= 0.95`.
  package init?(_ text: String) {
    guard let (inner, portion) = Self.divided(text), let (name, comparison, threshold) = Self.parts(inner),
      let indicator = Self.indicator(name),
      let value = Self.value(threshold, indicator.dimension)
    else { return nil }
    if portion?.unit == .months, !indicator.isMonthly { return nil }
    self.indicator = indicator
    self.comparison = comparison
    self.threshold = value
    self.portion = portion
    currency = indicator.dimension == .money ? Currency(code: String(threshold.suffix(3))) : nil
    thresholdText = currency == nil ? threshold : "\(threshold.dropLast(3)) \(threshold.suffix(3))"
    self.text =
      portion == nil
      ? "\(name) \(comparison.rawValue) \(thresholdText)" : text.split(separator: " ").joined(separator: " ")
  }

  /// What has to be kept, and in which part of the months or runs; `nil` where that part cannot be read.
  private static func divided(_ text: String) -> (inner: String, portion: Portion?)? {
    let words = text.split(separator: " ").map(String.init)
    if words.first?.hasPrefix("P(") == true {
      guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")") else { return nil }
      let rest = text[text.index(after: close)...].filter { $0 != " " }
      guard rest.hasPrefix(">") else { return nil }
      let figure = String(rest.drop { $0 == ">" || $0 == "=" })
      guard let share = Unit.share(figure) ?? probability(figure) else { return nil }
      var inner = String(text[text.index(after: open)..<close])
      let named = inner.split(separator: " ").map(String.init)
      if named.count == 4, named[0...2] == ["close", "by", "day"], let day = Unit.integer(named[3]), day > 0 {
        inner = "closeCycleTime <= \(day)d"
      }
      let isMonthly = parts(inner).flatMap { indicator($0.0) }?.isMonthly ?? false
      return (inner, Portion(share: share, unit: isMonthly ? .months : .runs))
    }
    guard words.count > 4, words[words.count - 4] == "in", words[words.count - 2] == "of" else {
      return (text, nil)
    }
    guard let share = Unit.share(words[words.count - 3]),
      let unit = Portion.Unit(rawValue: words[words.count - 1])
    else { return nil }
    return (words.dropLast(4).joined(separator: " "), Portion(share: share, unit: unit))
  }

  /// A number from 0 to 1, such as `0.95`.
  private static func probability(_ text: String) -> Double? {
    guard let units = Unit.decimal(text, digits: 9), units <= 1_000_000_000 else { return nil }
    return Double(units) / 1e9
  }

  /// What is wrong with a text that is no expectation.
  package static func problem(with text: String) -> String {
    if text.hasPrefix("P(") {
      return
        "'\(text)' should look like 'P(close by day 3) >= 0.95', with days from 1; of another time say 'closeCycleTime < 60h in 95% of months'"
    }
    guard let (inner, portion) = divided(text) else {
      return
        "'\(text)' should end with a share of months or runs, such as 'closeCycleTime < 3h in 95% of months', "
        + "or be a probability such as 'P(close by day 3) >= 0.95'"
    }
    guard let (name, _, threshold) = parts(inner) else {
      return "'\(text)' should be \(Unit.expectation.wanted)"
    }
    guard let indicator = indicator(name) else {
      return "there is no indicator '\(name)'" + NearestKey.hint(for: name, among: indicators.map(\.name))
    }
    if portion?.unit == .months, !indicator.isMonthly, value(threshold, indicator.dimension) != nil {
      return
        "'\(name)' is measured once per run and not by month; say 'in \(portion.map { Self.percent($0.share) } ?? "95%") of runs'"
    }
    let wanted =
      switch indicator.dimension {
      case .duration: Unit.duration.wanted
      case .count: "a whole number"
      case .share: Unit.share.wanted
      case .money: "an amount such as 3.50 USD"
      }
    return "'\(threshold)' should be \(wanted), as '\(name)' is measured"
  }

  /// Where the mistake in a text that is no expectation begins: a column, counted from 1 in Unicode scalars.
  package static func column(ofProblemIn text: String) -> Int {
    func column(_ index: String.Index) -> Int {
      text.unicodeScalars.distance(from: text.startIndex, to: index) + 1
    }
    let start = text.firstIndex { $0 != " " } ?? text.startIndex
    guard !text.hasPrefix("P("), let (inner, portion) = divided(text) else {
      return column(text.ranges(of: " in ").last?.upperBound ?? start)
    }
    guard let (name, comparison, threshold) = parts(inner) else { return column(text.endIndex) }
    guard let indicator = indicator(name), let sign = text.firstRange(of: comparison.rawValue) else {
      return column(start)
    }
    if value(threshold, indicator.dimension) == nil {
      return column(text[sign.upperBound...].firstIndex { $0 != " " } ?? text.endIndex)
    }
    return column(portion == nil ? start : text.ranges(of: " in ").last?.upperBound ?? start)
  }

  private static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths))%" : "\(tenths)%"
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
    case .money:
      Currency(code: String(text.suffix(3))) == nil
        ? nil : Unit.decimal(String(text.dropLast(3)), digits: 6).map { Double($0) / 1e6 }
    }
  }

  /// Whether a measured value meets the expectation.
  package func isMet(by value: Double) -> Bool {
    switch comparison {
    case .less: value < threshold
    case .lessOrEqual: value <= threshold
    case .greater: value > threshold
    case .greaterOrEqual: value >= threshold
    case .equal: value == threshold
    }
  }
}

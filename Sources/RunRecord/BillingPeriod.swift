extension RunRecord {
  /// A billing period, and how long its documents took.
  package struct BillingPeriod: Codable, Equatable, Sendable {
    /// The legal entity; `nil`: all together.
    package var entity: String?
    /// Such as `2026-01`.
    package var period: String
    /// From its end until the ledger took its last document; until the run's end where it is open.
    package var closeSeconds: Double
    /// Whether the horizon ends before it does: its usage stops early, and nothing but silence follows it. Indicators of closing
    /// leave it out, unless there is no other.
    package var isCutOff: Bool
    /// Statistics of the time from issue to the ledger, in seconds.
    package var postingLatency: [String: Double]
    /// Whether invoices of it were in no ledger when time was up; absent where none was.
    package var isOpen: Bool?

    /// Makes an entry.
    package init(
      entity: String?, period: String, closeSeconds: Double, isCutOff: Bool, postingLatency: [String: Double],
      isOpen: Bool? = nil
    ) {
      self.entity = entity
      self.period = period
      self.closeSeconds = closeSeconds
      self.isCutOff = isCutOff
      self.postingLatency = postingLatency
      self.isOpen = isOpen
    }
  }

  /// The warning on periods that are cut off, for people; `nil` where none is.
  package var cutOffWarning: String? {
    let all = periods ?? []
    var names: [String] = []
    for period in all where period.isCutOff && !names.contains(period.period) { names.append(period.period) }
    guard !names.isEmpty else { return nil }
    let list = names.joined(separator: ", ")
    return all.allSatisfy(\.isCutOff)
      ? "the horizon cuts off every billing period (\(list)): closing is measured after usage has stopped, which delays it; a horizon beyond a month's end measures a month with usage on both sides"
      : "the horizon cuts off \(list), which indicators of closing leave out"
  }
}

extension RunRecord {
  /// The warning, where an expectation speaks of closing.
  package var closingWarning: String? {
    expectations.contains { $0.expectation.contains("close") } ? cutOffWarning : nil
  }

  /// The unit of what an expectation measures.
  package func unit(of expectation: Expectation) -> String {
    expectation.indicator.hasPrefix("share of ") ? "share" : indicators[expectation.indicator]?.unit ?? "1"
  }
}

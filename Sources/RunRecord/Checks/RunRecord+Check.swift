extension RunRecord: CheckedRecord {
  /// What reports, stories and the dashboard rely on.
  package func check() throws(RecordProblem) {
    guard schema == Self.currentSchema else {
      throw RecordProblem("'\(schema)' should be \(Self.currentSchema)", at: "schema")
    }
    try Check.within("simulated", simulated.check)
    try Check.within("configuration", configuration.check)
    try Check.within("controlTotals", controlTotals.check)
    try Check.each("trialBalances", trialBalances) { (balance) throws(RecordProblem) in try balance.check() }
    try Check.each("closes", closes) { (close) throws(RecordProblem) in try close.check() }
    try Check.each("invariants", invariants) { (invariant) throws(RecordProblem) in try invariant.check() }
    try Check.each("expectations", expectations) { (expectation) throws(RecordProblem) in
      try Check.figure(expectation.measured, "measured")
      try Check.figure(expectation.threshold, "threshold")
    }
    try Check.within("situations") { () throws(RecordProblem) in try Check.counts(situations) }
    for (name, indicator) in indicators.sorted(by: { $0.key < $1.key }) {
      try Check.within("indicators.\(name)") { () throws(RecordProblem) in
        try Check.figure(indicator.value, "value")
      }
    }
    try Check.each("erps", erps) { (erp) throws(RecordProblem) in try erp.check() }
    try Check.each("faults", faults) { (fault) throws(RecordProblem) in
      try Check.instant(fault.start, "start")
      try Check.instant(fault.end, "end")
      try Check.seconds(fault.drainSeconds, "drainSeconds")
      if let hits = fault.hits { try Check.count(hits, "hits") }
    }
    try Check.each("declaredFaults", declaredFaults) { (fault) throws(RecordProblem) in
      try Check.count(fault.began, "began")
      if let hits = fault.hits { try Check.count(hits, "hits") }
    }
    if let costs {
      try Check.decimal(costs.total, "costs")
      try Check.decimal(costs.perMillionEvents, "costs")
      try Check.each("costs", costs.parts) { (part) throws(RecordProblem) in
        try Check.decimal(part.amount, "amount")
      }
    }
    if let costs {
      try Check.decimal(costs.total, "costs")
      try Check.decimal(costs.perMillionEvents, "costs")
      try Check.each("costs", costs.parts) { (part) throws(RecordProblem) in
        try Check.decimal(part.amount, "amount")
      }
    }
    try Check.each("periods", periods ?? []) { (period) throws(RecordProblem) in
      try Check.figure(period.closeSeconds, "closeSeconds")
      try Check.within("postingLatency") { () throws(RecordProblem) in
        try Check.figures(period.postingLatency)
      }
    }
    try Check.within("exceptionCases") { () throws(RecordProblem) in try Check.counts(exceptionCases) }
    try Check.each("cases", cases) { (entry) throws(RecordProblem) in
      try Check.instant(entry.raised, "raised")
      try Check.instant(entry.resolved, "resolved")
      try Check.seconds(entry.ageSeconds, "ageSeconds")
      try Check.count(entry.waiting, "waiting")
    }
    try Check.each("timeline", timeline) { (moment) throws(RecordProblem) in
      try moment.check(entities: configuration.entities.count, processes: configuration.processes.count)
    }
    try Check.within("series") { () throws(RecordProblem) in
      try series.check(entities: configuration.entities.count)
    }
    if let wallClock { try Check.within("wallClock", wallClock.check) }
  }
}

extension RunRecord.Simulated {
  func check() throws(RecordProblem) {
    for (key, instant) in [("start", start), ("end", end), ("deadline", deadline)] {
      try Check.instant(instant, key)
    }
    try Check.seconds(seconds, "seconds")
    try Check.count(kernelEvents, "kernelEvents")
    try Check.count(usageEvents, "usageEvents")
    try Check.count(deliveries, "deliveries")
  }
}

extension RunRecord.Configuration {
  func check() throws(RecordProblem) {
    try Check.seconds(horizon, "horizon")
    try Check.count(customers, "customers")
    try Check.each("entities", entities) { (entity) throws(RecordProblem) in
      try Check.count(entity.customers, "customers")
    }
  }
}

extension RunRecord.Invariant {
  func check() throws(RecordProblem) {
    try Check.count(checks, "checks")
    try Check.count(violationCount, "violationCount")
    try Check.each("violations", violations) { (violation) throws(RecordProblem) in
      try Check.instant(violation.at, "at")
    }
  }
}

extension RunRecord.ERP {
  func check() throws(RecordProblem) {
    try Check.counts([
      ("calls", calls), ("throttled", throttled), ("unavailable", unavailable), ("dropped", dropped),
      ("answersLost", answersLost), ("lookUps", lookUps), ("keyHits", keyHits), ("documents", documents),
      ("peakOutbox", peakOutbox),
    ])
    try Check.within("postingLatency") { () throws(RecordProblem) in try Check.figures(postingLatency) }
    try Check.seconds(busySeconds, "busySeconds")
    try Check.each("resources", resources) { (resource) throws(RecordProblem) in
      try Check.figure(resource.utilization, "utilization")
      try Check.figure(resource.peak, "peak")
    }
  }
}

extension RunRecord.Moment {
  /// - Parameters:
  ///   - entities: how many the run has.
  ///   - processes: how many its core has.
  func check(entities: Int, processes wanted: Int) throws(RecordProblem) {
    try Check.instant(at, "at")
    try Check.count(accepted, "accepted")
    try Check.length(erps.count, entities, of: "configuration.entities", "erps")
    try Check.length(processes.count, wanted, of: "configuration.processes", "processes")
    try Check.each("erps", erps) { (state) throws(RecordProblem) in
      try Check.counts([("outbox", state.outbox), ("invoiced", state.invoiced), ("posted", state.posted)])
      try Check.difference(state.trend, "trend")
    }
  }
}

extension RunRecord.Series {
  /// - Parameter entities: how many the run has.
  func check(entities: Int) throws(RecordProblem) {
    try Check.seconds(step, "step")
    let samples = delivered.count
    try Check.seconds(step * Double(samples), "step")
    let single = [
      ("delivered", delivered), ("refused", refused), ("openWindows", openWindows), ("brokerLag", brokerLag),
    ]
    for (key, values) in single { try Self.check(values, samples, key) }
    for (key, rows) in [("outbox", outbox), ("posted", posted)] {
      try Check.length(rows.count, entities, of: "configuration.entities", key)
      for (index, values) in rows.enumerated() { try Self.check(values, samples, "\(key)[\(index)]") }
    }
  }

  private static func check(_ values: [Int], _ samples: Int, _ key: String) throws(RecordProblem) {
    try Check.length(values.count, samples, of: "series.delivered", key)
    try Check.each(key, values) { (value) throws(RecordProblem) in try Check.count(value, "") }
  }
}

extension RunRecord.WallClock {
  func check() throws(RecordProblem) {
    for (key, value) in [
      ("seconds", seconds), ("kernelEventsPerSecond", kernelEventsPerSecond),
      ("usageEventsPerSecond", usageEventsPerSecond), ("timesRealTime", timesRealTime),
    ] { try Check.figure(value, key) }
    try Check.counts([
      ("allocatedBytes", allocatedBytes), ("residentBytes", residentBytes),
      ("peakResidentBytes", peakResidentBytes),
    ])
  }
}

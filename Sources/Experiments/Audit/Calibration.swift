import Chronology
import RunRecord
import Scenario
import World

/// Fits the ERPs' latencies of a scenario to what a run on the real clock took, so that its simulation tells of that system: the
/// median of the latency of postings, entity by entity.
package struct Calibration: Sendable {
  /// What came of it for an entity.
  package struct Fit: Sendable {
    /// The entity.
    package var entity: String
    /// The latency in the scenario.
    package var before: Span
    /// The latency with which the simulation has the median of the real run.
    package var after: Span
    /// The mean error of the simulated percentiles, relative to the real ones.
    package var errorBefore: Double
    /// The same with the new latency.
    package var errorAfter: Double
  }

  private let run: SimulationRun
  private let postings: [Audit.Postings]
  private static let shares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)]

  /// Prepares.
  ///
  /// - Parameter postings: what a real run took, in the order of entities.
  package init(_ run: SimulationRun, postings: [Audit.Postings]) {
    self.run = run
    self.postings = postings
  }

  /// Fits. Entities without postings are left out.
  ///
  /// - Parameter rounds: how often the simulation is asked: each halves what is unknown.
  package func fit(rounds: Int = 12) -> [Fit] {
    var run = run
    let initial = run.assembly.world.erps.map(\.latency)
    var record = run.perform()
    let before = errors(record)
    var best = (errors: before, latencies: initial)
    // Half of a posting's latency at least is that of calls, or nearly nothing is.
    var bounds = zip(postings, record.erps).enumerated().map { index, pair -> (low: Span, high: Span) in
      guard let real = pair.0.latency(0.5), let simulated = pair.1.postingLatency["p50"], simulated > 0 else {
        return (initial[index], initial[index])
      }
      let moved = Span(seconds: initial[index].seconds * real / simulated)
      return real < simulated ? (.milliseconds(1), initial[index]) : (initial[index], moved * 2)
    }
    for _ in 0..<rounds {
      for index in bounds.indices {
        run.assembly.world.erps[index].latency = Span(
          nanoseconds: (bounds[index].low.nanoseconds + bounds[index].high.nanoseconds) / 2)
      }
      record = run.perform()
      for (index, error) in errors(record).enumerated() {
        let latency = run.assembly.world.erps[index].latency
        if let real = postings[index].latency(0.5), let simulated = record.erps[index].postingLatency["p50"] {
          if simulated < real { bounds[index].low = latency } else { bounds[index].high = latency }
        }
        guard let error, let known = best.errors[index], error < known else { continue }
        best.errors[index] = error
        best.latencies[index] = latency
      }
    }
    return zip(record.erps, initial.indices).compactMap { erp, index in
      guard let first = before[index], let last = best.errors[index] else { return nil }
      return Fit(
        entity: erp.entity, before: initial[index], after: best.latencies[index], errorBefore: first,
        errorAfter: last)
    }
  }

  private func errors(_ record: RunRecord) -> [Double?] {
    zip(record.erps, postings).map { erp, real in
      let errors = Self.shares.compactMap { name, share -> Double? in
        guard let simulated = erp.postingLatency[name], let latency = real.latency(share), latency > 0 else {
          return nil
        }
        return (simulated - latency).magnitude / latency
      }
      return errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
    }
  }
}

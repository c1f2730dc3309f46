/// Throughput and latency over a load test, in steps of equal length from the first scheduled send time on.
///
/// A request belongs to the step in which it was scheduled, so that a target that stalls does not hide what it delays (no coordinated
/// omission); throughput counts acknowledgements when they came.
package struct LoadTimeline: Sendable, Equatable {
  /// An acknowledged request.
  struct Sample: Sendable {
    /// Its scheduled send time, in nanoseconds of the machine.
    var due: Int64
    /// When it was acknowledged.
    var acknowledged: Int64
    var events: Int
  }

  /// In seconds.
  package private(set) var step: Double
  /// Events whose scheduled send time lies in a step.
  package private(set) var due: [Int]
  /// Events that were acknowledged in it.
  package private(set) var acknowledged: [Int]
  /// Requests that were sent again in it.
  package private(set) var retried: [Int]
  /// Latency in seconds of the requests scheduled in it, by percentile.
  package private(set) var latency: [String: [Double?]]
  /// Requests by latency, in rising order.
  package private(set) var distribution: [Bin]

  /// Requests whose latency lies above the bin before and not above a limit.
  package struct Bin: Sendable, Equatable {
    /// In seconds.
    package var upTo: Double
    package var requests: Int
  }

  /// Steps at most.
  static let maximum = 120

  /// Makes a timeline; `nil`: nothing was acknowledged.
  ///
  /// - Parameters:
  ///   - due: the scheduled send time of every event, in nanoseconds, rising.
  ///   - retries: when requests were sent again.
  init?(due events: [Int64], samples: [Sample], retries: [Int64]) {
    guard let start = events.first, !samples.isEmpty else { return nil }
    assert(samples.allSatisfy { $0.due >= start }, "nothing is sent before the first event")
    let end = max(events.last ?? start, samples.map(\.acknowledged).max() ?? start, retries.max() ?? start)
    let seconds = Double(end - start) * 1e-9
    var step = 0.1
    for factor in Self.factors where step * Double(Self.maximum) <= seconds { step = factor }
    while step * Double(Self.maximum) <= seconds { step *= 2 }
    self.step = step
    let count = Int(seconds / step) + 1
    func place(_ at: Int64) -> Int { max(0, min(count - 1, Int(Double(at - start) * 1e-9 / step))) }
    (due, acknowledged, retried) = (
      [Int](repeating: 0, count: count), [Int](repeating: 0, count: count), [Int](repeating: 0, count: count)
    )
    for event in events { due[place(event)] += 1 }
    for retry in retries { retried[place(retry)] += 1 }
    var latencies = [[Int64]](repeating: [], count: count)
    for sample in samples {
      acknowledged[place(sample.acknowledged)] += sample.events
      latencies[place(sample.due)].append(max(0, sample.acknowledged - sample.due))
    }
    for index in latencies.indices { latencies[index].sort() }
    latency = [:]
    for (name, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1)] {
      latency[name] = latencies.map { sorted in
        sorted.isEmpty
          ? nil : Double(sorted[max(0, Int((Double(sorted.count) * share).rounded(.up)) - 1)]) * 1e-9
      }
    }
    distribution = Self.distribution(latencies.flatMap(\.self))
  }

  private static let factors = [0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600]

  /// Bins whose limits are 1, 2 or 5 times a power of ten.
  private static func distribution(_ latencies: [Int64]) -> [Bin] {
    var bins: [Bin] = []
    var rest = latencies.sorted()[...]
    for power in [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000] {
      for factor in [1.0, 2, 5] where !rest.isEmpty {
        let limit = power * factor
        let end = rest.firstIndex { Double($0) * 1e-9 > limit } ?? rest.endIndex
        if end > rest.startIndex || !bins.isEmpty {
          bins.append(Bin(upTo: limit, requests: end - rest.startIndex))
        }
        rest = rest[end...]
      }
    }
    if !rest.isEmpty { bins.append(Bin(upTo: Double(rest.last ?? 0) * 1e-9, requests: rest.count)) }
    return bins
  }
}

import CanonicalModel
import Chronology
import SimulationKernel
import Statistics
import World

/// The model of an ERP, its places, queue and limits, against what queueing theory says of it.
package struct TheoryStudy: Sendable {
  /// A figure that theory gives, and what was simulated.
  package struct Row: Sendable {
    /// The model, in Kendall's notation.
    package var model: String
    /// Which figure, with its unit.
    package var figure: String
    /// What theory says.
    package var theory: Double
    /// What was seen.
    package var simulated: Interval
    /// Whether theory lies within the interval.
    package var holds: Bool { simulated.contains(theory) || simulated.mean == theory }
  }

  /// Calls of a replication; the first tenth of them is left out, as each begins with nothing there.
  package var calls = 20_000
  /// Replications of each model.
  package var replications = 30
  /// The share of intervals that are to hold the true value.
  package var confidence = 0.95
  /// The first seed; replications take one each.
  package var seed: UInt64 = 1

  /// A study with its usual figures.
  package init() {}

  /// All models.
  package func rows() -> [Row] {
    singleServers() + manyServers() + general() + network() + [tokenBucket(), drain()]
  }

  /// How many of so many intervals for the mean wait at M/M/1, each from one run by batch means, hold the true one.
  package func coverage(of intervals: Int) -> Int {
    let (arrivals, service) = (0.5, 1.0)
    let theory = QueueingTheory.wait(arrivals: arrivals, service: service, servers: 1)
    return (0..<intervals).count { index in
      let network = StationNetwork(
        [.init(Self.erp(service: service, servers: 1), arrivals: arrivals)], seed: seed + UInt64(index))
      let waits = withoutWarmUp(network.run(calls: calls)[0].waits)
      return SteadyState.batchMeans(waits, confidence: confidence)?.contains(theory) ?? false
    }
  }

  /// How far the mean wait at M/M/1 is from the true one where nothing is there at first: of whole runs, and of what MSER-5 leaves.
  package func startBias(busy: Double, calls: Int) -> (whole: Double, cut: Double) {
    let theory = QueueingTheory.wait(arrivals: busy, service: 1, servers: 1)
    let waits = (0..<replications).map { index in
      let station = StationNetwork.Station(Self.erp(service: 1, servers: 1), arrivals: busy)
      let network = StationNetwork([station], seed: (seed + UInt64(index)) << 8 | 8)
      return Array(network.run(calls: calls)[0].waits.prefix(calls))
    }
    let cut = SteadyState.warmUp(ofReplications: waits)
    func mean(from first: Int) -> Double {
      Moments(waits.map { Moments($0.dropFirst(first)).mean }).mean
    }
    return (mean(from: 0) - theory, mean(from: cut) - theory)
  }

  // MARK: The models

  private func singleServers() -> [Row] {
    let (arrivals, service) = (0.7, 1.0)
    let runs = runs([.init(Self.erp(service: service, servers: 1), arrivals: arrivals)], model: 1)
    let wait = QueueingTheory.wait(arrivals: arrivals, service: service, servers: 1)
    let long = 5.0
    return [
      row("M/M/1, 70 % busy", "mean wait, s", wait, runs.map { mean($0[0].waits) }),
      row(
        "M/M/1, 70 % busy", "mean number there", arrivals * (wait + service), runs.map { $0[0].meanNumber }),
      row(
        "M/M/1, 70 % busy", "share there longer than 5 s",
        QueueingTheory.share(longerThan: long, arrivals: arrivals, service: service),
        runs.map { run in mean(run[0].stays.map { $0 > long ? 1 : 0 }) }),
    ]
  }

  private func manyServers() -> [Row] {
    let three = runs([.init(Self.erp(service: 1, servers: 3), arrivals: 2.4)], model: 2)
    let limited = runs([.init(Self.erp(service: 1, servers: 2, queue: 3), arrivals: 1.8)], model: 3)
    let loss = runs([.init(Self.erp(service: 1, servers: 4, queue: 0), arrivals: 3)], model: 4)
    func blocked(_ runs: [[StationNetwork.Measures]]) -> [Double] {
      runs.map { Double($0[0].refused) / Double($0[0].calls) }
    }
    return [
      row(
        "M/M/3, 80 % busy", "mean wait, s", QueueingTheory.wait(arrivals: 2.4, service: 1, servers: 3),
        three.map { mean($0[0].waits) }),
      row(
        "M/M/3, 80 % busy", "share that waits",
        QueueingTheory.delayProbability(arrivals: 2.4, service: 1, servers: 3),
        three.map { run in mean(run[0].waits.map { $0 > 0 ? 1 : 0 }) }),
      row(
        "M/M/2/5", "share rejected",
        QueueingTheory.blocking(arrivals: 1.8, service: 1, servers: 2, capacity: 5), blocked(limited)),
      row(
        "M/M/4/4", "share rejected", QueueingTheory.blocking(arrivals: 3, service: 1, servers: 4),
        blocked(loss)),
    ]
  }

  private func general() -> [Row] {
    let fixed = runs([.init(Self.erp(sigma: 0), arrivals: 0.8)], model: 5)
    let sigma = 0.8
    // A log-normal time with a median of 1 has the mean exp(σ²/2) and the squared variation exp(σ²) − 1.
    let mean = DeterministicMath.exp(sigma * sigma / 2)
    let spread = runs([.init(Self.erp(sigma: sigma), arrivals: 0.5)], model: 6)
    return [
      row(
        "M/D/1, 80 % busy", "mean wait, s", QueueingTheory.wait(arrivals: 0.8, service: 1, variation: 0),
        fixed.map { self.mean($0[0].waits) }),
      row(
        "M/G/1, log-normal", "mean wait, s",
        QueueingTheory.wait(
          arrivals: 0.5, service: mean, variation: DeterministicMath.exp(sigma * sigma) - 1),
        spread.map { self.mean($0[0].waits) }),
    ]
  }

  private func network() -> [Row] {
    let external = [0.4, 0.2, 0]
    let routing: [[Double]] = [[0, 0.5, 0.3], [0.2, 0, 0.6], [0.1, 0, 0]]
    let servers = [1, 1, 2]
    let service = [1.0, 0.8, 1.5]
    let stations = external.indices.map { index in
      StationNetwork.Station(
        Self.erp(service: service[index], servers: servers[index]), arrivals: external[index],
        routing: routing[index])
    }
    let arrivals = QueueingTheory.arrivals(external: external, routing: routing)
    let runs = runs(stations, model: 7)
    return external.indices.map { index in
      row(
        "Jackson network, place \(index + 1)", "mean wait, s",
        QueueingTheory.wait(arrivals: arrivals[index], service: service[index], servers: servers[index]),
        runs.map { mean($0[index].waits) })
    }
  }

  /// A full bucket goes at once; then one call goes for each token that comes back.
  private func tokenBucket() -> Row {
    var erp = Self.erp(sigma: 0)
    (erp.limits, erp.concurrency, erp.retryAfter) = (
      [RateLimit(100, per: .seconds(20), .tokenBucket)], nil, .zero
    )
    let spans = (0..<2).map { index in
      let network = StationNetwork([.init(erp, arrivals: 1)], seed: seed + UInt64(index))
      // The bucket gives a call a nanosecond late, so that it never gives one early.
      return (network.push(calls: 600) * 1e6).rounded() / 1e6
    }
    return row("token bucket, 100 in 20 s", "time for 600 calls, s", 100, spans)
  }

  private func drain() -> Row {
    let (arrivals, service, outage) = (0.6, 1.0, 500.0)
    let spans = (0..<replications * 10).map { index in
      let network = StationNetwork(
        [.init(Self.erp(service: service, servers: 1), arrivals: arrivals)], seed: seed + UInt64(index))
      return network.drain(after: Span(seconds: outage))
    }
    return row(
      "M/M/1 after 500 s of outage", "time to drain, s",
      QueueingTheory.drain(outage: outage, arrivals: arrivals, service: service), spans)
  }

  // MARK: Runs

  /// - Parameter model: a number of its own, so that no two models share their calls.
  private func runs(_ stations: [StationNetwork.Station], model: UInt64) -> [[StationNetwork.Measures]] {
    (0..<replications).map { index in
      let network = StationNetwork(stations, seed: (seed + UInt64(index)) << 8 | model)
      return network.run(calls: calls)
    }
  }

  private func mean(_ series: [Double]) -> Double { Moments(withoutWarmUp(series)).mean }
  private func withoutWarmUp(_ series: [Double]) -> [Double] { Array(series.dropFirst(series.count / 10)) }

  private func row(_ model: String, _ figure: String, _ theory: Double, _ values: [Double]) -> Row {
    Row(
      model: model, figure: figure, theory: theory, simulated: Interval(of: values, confidence: confidence))
  }

  /// An ERP with places, a queue, and service times about a mean.
  private static func erp(service: Double, servers: Int, queue: Int = .max) -> ERPProfile {
    var erp = self.erp(sigma: 0)
    (erp.latency, erp.latencyLaw) = (Span(seconds: service), .exponential)
    (erp.concurrency, erp.queueDepth) = (servers, queue)
    return erp
  }

  /// An ERP with one place, and service times about a median of a second.
  private static func erp(sigma: Double) -> ERPProfile {
    var erp = ERPProfile(
      name: "theory", latency: .seconds(1), latencySigma: sigma, latencyPerDocument: .zero, idempotency: .none
    )
    (erp.concurrency, erp.queueDepth) = (1, .max)
    // Theory's callers wait for as long as it takes, and its answers take no time.
    (erp.queueWait, erp.serverTimeout) = (.days(365), .days(365))
    (erp.answerAfter, erp.refusalAfter) = (.zero, .zero)
    return erp
  }
}

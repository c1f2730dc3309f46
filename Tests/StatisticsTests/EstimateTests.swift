import SimulationKernel
import Testing

@testable import Statistics

private func isNear(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool { (a - b).magnitude <= tolerance }

@Suite("Estimates")
struct EstimateTests {
  /// From tables of the t distribution, as in any textbook.
  @Test(
    "Student's t has the quantiles of the tables",
    arguments: [
      (0.975, 1, 12.706205), (0.95, 1, 6.313752), (0.975, 2, 4.302653), (0.975, 5, 2.570582),
      (0.99, 10, 2.763769), (0.975, 29, 2.045230), (0.995, 60, 2.660283), (0.975, 1000, 1.962339),
      (0.025, 5, -2.570582), (0.5, 7, 0), (0.9995, 3, 12.923979),
    ])
  func tables(p: Double, degrees: Double, t: Double) {
    #expect(isNear(StudentT.quantile(p, degrees: degrees), t, 1e-6))
    #expect(isNear(StudentT.probability(below: t, degrees: degrees), p, 1e-7))
  }

  @Test("with one degree of freedom it is Cauchy's, with very many the normal distribution")
  func limits() {
    for t in [0.0, 0.3, 1, 2.5] {
      // Cauchy: tan(π(p − ½)) at 1 is exactly ¾.
      #expect(
        isNear(
          StudentT.probability(below: -t, degrees: 4), 1 - StudentT.probability(below: t, degrees: 4), 1e-12))
    }
    #expect(isNear(StudentT.probability(below: 1, degrees: 1), 0.75, 1e-12))
    #expect(isNear(StudentT.quantile(0.975, degrees: 1e9), Normal.quantile(0.975), 1e-6))
  }

  @Test("moments are those of two passes, also far from zero")
  func moments() {
    let values = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]
    let moments = Moments(values)
    #expect(moments.mean == 1e9 + 10)
    #expect(isNear(moments.variance ?? 0, 30, 1e-6))
    #expect(Moments([5]).variance == nil && Moments().mean == 0)
  }

  @Test("an interval is as wide as the textbook says, and nobody knows how wide from one value")
  func intervals() {
    // Mean 10, standard deviation 2, five values: 2.776445 · 2 / √5.
    let interval = Interval(of: [8, 12, 8, 12, 10], confidence: 0.95)
    #expect(interval.mean == 10)
    #expect(isNear(interval.halfWidth ?? 0, 2.776445 * 2 / 5.0.squareRoot(), 1e-5))
    #expect(interval.contains(12.4) && !interval.contains(12.5) && !interval.contains(7.5))
    let one = Interval(of: [3], confidence: 0.95)
    #expect(one.halfWidth == nil && !one.contains(3))
    #expect(Interval(of: [4, 4, 4], confidence: 0.95).halfWidth == 0)
  }

  @Test("95 of 100 intervals hold the true mean")
  func coverage() {
    var stream = RandomStream(rootSeed: 3, name: "coverage")
    let held = (0..<2000).count { _ in
      Interval(of: (0..<6).map { _ in stream.normal(mean: 7, deviation: 2) }, confidence: 0.95).contains(7)
    }
    // Three standard deviations of a share of 95 % of 2,000.
    #expect((1900 - 30...1900 + 30).contains(held))
  }

  @Test("replications end when the mean is known well enough, not before a few, and at a limit")
  func stopping() {
    let rule = StoppingRule(precision: 0.1, minimum: 3, maximum: 50)
    #expect(!rule.isEnough(Interval(mean: 10, halfWidth: 0.1, confidence: 0.95, count: 2)))
    #expect(rule.isEnough(Interval(mean: 10, halfWidth: 0.9, confidence: 0.95, count: 3)))
    #expect(!rule.isEnough(Interval(mean: 10, halfWidth: 1.1, confidence: 0.95, count: 49)))
    #expect(rule.isEnough(Interval(mean: 10, halfWidth: 1.1, confidence: 0.95, count: 50)))
    #expect(rule.isEnough(Interval(mean: 0, halfWidth: 0, confidence: 0.95, count: 3)))
    #expect(!rule.isEnough(Interval(mean: 0, halfWidth: 1, confidence: 0.95, count: 3)))
  }

  @Test("several comparisons at once need more confidence each; nothing failed is not nothing fails")
  func several() {
    #expect(isNear(Comparisons.confidence(ofEach: 5, together: 0.95), 0.99, 1e-12))
    #expect(Comparisons.confidence(ofEach: 0, together: 0.95) == 0.95)
    // Nearly three in so many: the rule of three.
    #expect(isNear(Comparisons.failureBound(runs: 100, confidence: 0.95), 0.0295, 1e-4))
    #expect(isNear(Comparisons.failureBound(runs: 1, confidence: 0.95), 0.95, 1e-12))
    #expect(Comparisons.failureBound(runs: 0, confidence: 0.95) == 1)
  }

  @Test("a quantile's bounds are order statistics: from the 40th to the 61st of a hundred for the median")
  func quantiles() {
    let values = (1...100).map { Double(101 - $0) }
    let median = Quantile.interval(of: values, 0.5, confidence: 0.95)
    #expect(median?.value == 50)
    #expect(median?.bounds == 40...61)
    #expect(Quantile.interval(of: values, 0.99, confidence: 0.95)?.bounds == nil)
    #expect(Quantile.interval(of: [], 0.5, confidence: 0.95) == nil)
  }
}

@Suite("Long series")
struct SteadyStateTests {
  /// Noise about zero, behind a beginning that is far off.
  private static func series(transient: Int, length: Int, seed: UInt64) -> [Double] {
    var stream = RandomStream(rootSeed: seed, name: "series")
    return (0..<length).map { index in
      stream.normal(mean: index < transient ? 10 : 0, deviation: 1)
    }
  }

  @Test(
    "what is not typical at the beginning is cut off, and hardly more",
    arguments: 1...5 as ClosedRange<UInt64>)
  func warmUp(seed: UInt64) throws {
    let cut = try #require(SteadyState.warmUp(Self.series(transient: 100, length: 1000, seed: seed)))
    #expect((100...400).contains(cut))
    #expect(SteadyState.warmUp(Self.series(transient: 0, length: 1000, seed: seed)).map { $0 <= 500 } ?? true)
    #expect(SteadyState.warmUp(Self.series(transient: 700, length: 1000, seed: seed)) == nil)
    #expect(SteadyState.warmUp([1, 2, 3]) == nil)
  }

  @Test("values that depend on each other get an honest width by batches, and far too narrow a one without")
  func batchMeans() throws {
    var held = (batches: 0, naive: 0)
    for seed in 1...200 as ClosedRange<UInt64> {
      var stream = RandomStream(rootSeed: seed, name: "autoregressive")
      var value = 0.0
      let series = (0..<2000).map { _ -> Double in
        value = 0.9 * value + stream.normal(mean: 0, deviation: 1)
        return value
      }
      held.batches += try #require(SteadyState.batchMeans(series, confidence: 0.95)).contains(0) ? 1 : 0
      held.naive += Interval(of: series, confidence: 0.95).contains(0) ? 1 : 0
    }
    #expect((180...199).contains(held.batches))
    #expect(held.naive < 100)
    #expect(SteadyState.batchMeans([1, 2], batches: 3, confidence: 0.95) == nil)
  }
}

@Suite("Curves and screening")
struct CurveTests {
  @Test("the scalability law is found again in what it gives, and its peak")
  func scalability() throws {
    func law(_ n: Double) -> Double { 100 * n / (1 + 0.05 * (n - 1) + 0.001 * n * (n - 1)) }
    let fit = try #require(ScalabilityLaw(fitting: [1, 2, 4, 8, 16, 32, 64].map { ($0, law($0)) }))
    #expect(isNear(fit.single, 100, 1e-6) && isNear(fit.contention, 0.05, 1e-9))
    #expect(isNear(fit.coherency, 0.001, 1e-9) && fit.greatestResidual < 1e-9)
    #expect(isNear(fit.peak ?? 0, 950.0.squareRoot(), 1e-3))
    // What grows in proportion, and what grows even faster: no share is negative.
    let line = try #require(ScalabilityLaw(fitting: [1, 2, 4].map { ($0, 7 * $0) }))
    #expect(line.contention < 1e-9 && line.coherency < 1e-9 && isNear(line.single, 7, 1e-6))
    let faster = try #require(ScalabilityLaw(fitting: [1, 2, 4].map { ($0, $0 * $0) }))
    #expect(faster.contention == 0 && faster.coherency == 0 && faster.greatestResidual > 0.3)
    #expect(ScalabilityLaw(fitting: [(1, 1), (2, 2)]) == nil)
    #expect(ScalabilityLaw(fitting: [(1, 1), (2, 0), (3, 1)]) == nil)
  }

  /// Flat until 2, then rising by one for one, seen at so many places of a range.
  private static func kinked(to end: Double, _ count: Int = 6, extra: [Double] = [], noise: Double = 0)
    -> [Knee.Point]
  {
    let places = (0..<count).map { 0.2 + (end - 0.2) * Double($0) / Double(count - 1) } + extra
    return places.sorted().map { Knee.Point(x: $0, y: 2 + max(0, $0 - 2), noise: noise) }
  }

  @Test(
    "a knee is bracketed by the points on both sides of it, whatever the range; where too few points are, there is none",
    arguments: [3.0, 4, 12, 24])
  func knee(end: Double) {
    for extra in [[], [1, 1.5, 2.5], [1.9, 2.1]] as [[Double]] {
      let points = Self.kinked(to: end, extra: extra)
      if let index = Knee.bracket(of: points) {
        #expect(points[index].x <= 2 && points[index + 1].x >= 2, "\(end) \(extra)")
      } else {
        #expect(points.count { $0.x < 2 } < 3 || points.count { $0.x > 2 } < 3, "\(end) \(extra)")
      }
    }
  }

  @Test("a line, a curve that bends everywhere, one that turns down and what chance explains have no knee")
  func noKnee() {
    let line = (0..<8).map { Knee.Point(x: Double($0), y: 3 * Double($0), noise: 0) }
    #expect(Knee.bracket(of: line) == nil)
    #expect(Knee.bracket(of: (0..<8).map { Knee.Point(x: Double($0), y: 5, noise: 0) }) == nil)
    #expect(Knee.bracket(of: (0..<8).map { Knee.Point(x: Double($0), y: Double($0 * $0), noise: 0) }) == nil)
    #expect(
      Knee.bracket(of: (0..<8).map { Knee.Point(x: Double($0), y: min(Double($0), 4), noise: 0) }) == nil)
    #expect(Knee.bracket(of: Self.kinked(to: 4, noise: 2)) == nil)
  }

  @Test("screening finds the size of each effect, and where it depends on others")
  func screening() {
    let screening = Screening(assumptions: 4, paths: 20, seed: 1)
    for (path, steps) in zip(screening.paths, screening.steps) {
      #expect(path.count == 5 && Set(steps) == [0, 1, 2, 3])
      #expect(path.joined().allSatisfy { (-1e-12...1 + 1e-12).contains($0) })
      for (step, index) in steps.enumerated() {
        let changed = path[step].indices.filter { path[step][$0] != path[step + 1][$0] }
        #expect(changed == [index])
      }
    }
    let effects = screening.effects(
      of: screening.paths.map { path in
        path.map { 3 * $0[0] - 2 * $0[1] + 4 * $0[2] * $0[1] }
      }
    ).compactMap(\.self)
    #expect(effects.count == 4 && effects.allSatisfy { $0.count == 20 })
    #expect(isNear(effects[0].magnitude.mean, 3, 1e-9) && isNear(effects[0].mean.mean, 3, 1e-9))
    #expect(effects[0].spread < 1e-9)
    #expect(effects[3].magnitude.mean == 0)
    #expect(effects[1].spread > 0.5 && effects[1].magnitude.mean > effects[1].mean.mean.magnitude)
  }

  /// Figures from D. Gross and others, "Fundamentals of Queueing Theory", and by hand.
  @Test("queueing formulas agree with each other where their models meet, and with figures by hand")
  func formulas() {
    // M/M/1 at 80 %: wait 4 services; M/D/1 half of it; Erlang's C of one server is its load.
    #expect(isNear(QueueingTheory.wait(arrivals: 0.8, service: 1, servers: 1), 4, 1e-12))
    #expect(isNear(QueueingTheory.wait(arrivals: 0.8, service: 1, variation: 1), 4, 1e-12))
    #expect(isNear(QueueingTheory.wait(arrivals: 0.8, service: 1, variation: 0), 2, 1e-12))
    #expect(isNear(QueueingTheory.delayProbability(arrivals: 0.8, service: 1, servers: 1), 0.8, 1e-12))
    // Erlang's B of 3 erlangs at 4 servers: (81/24) / (1 + 3 + 9/2 + 27/6 + 81/24) = 0.2061.
    #expect(isNear(QueueingTheory.blocking(arrivals: 3, service: 1, servers: 4), 3.375 / 16.375, 1e-12))
    #expect(
      isNear(
        QueueingTheory.blocking(arrivals: 3, service: 1, servers: 4, capacity: 4), 3.375 / 16.375, 1e-12))
    let arrivals = QueueingTheory.arrivals(external: [1, 0], routing: [[0, 0.5], [0.5, 0]])
    #expect(isNear(arrivals[0], 4.0 / 3, 1e-12) && isNear(arrivals[1], 2.0 / 3, 1e-12))
    #expect(isNear(QueueingTheory.drain(outage: 100, arrivals: 0.5, service: 1), 100, 1e-12))
  }
}

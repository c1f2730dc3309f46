import Foundation
import Testing

@testable import SimulationKernel

@Suite("Random streams")
struct RandomStreamTests {
  @Test("SplitMix64 gives the published sequence of seed 1234567")
  func splitMix() {
    var generator = SplitMix64(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    for value in expected { #expect(generator.next() == value) }
  }

  @Test("xoshiro256** gives the published sequence of state 1, 2, 3, 4")
  func xoshiro() {
    var stream = RandomStream(state: (1, 2, 3, 4))
    let expected: [UInt64] = [11520, 0, 1_509_978_240, 1_215_971_899_390_074_240]
    for value in expected { #expect(stream.next() == value) }
  }

  @Test("streams depend on seed and name alone")
  func names() {
    var a = RandomStream(rootSeed: 1, name: "load/api")
    var again = RandomStream(rootSeed: 1, name: "load/api")
    var otherName = RandomStream(rootSeed: 1, name: "load/apj")
    var otherSeed = RandomStream(rootSeed: 2, name: "load/api")
    let first = a.next()
    #expect(first == again.next())
    #expect(first != otherName.next())
    #expect(first != otherSeed.next())
  }

  @Test("bounded integers are uniform", arguments: [1, 2, 3, 7, 100] as [UInt64])
  func bounded(bound: UInt64) {
    var stream = RandomStream(rootSeed: 9, name: "below")
    var counts = [Int](repeating: 0, count: Int(bound))
    let draws = 20_000
    for _ in 0..<draws { counts[Int(stream.below(bound))] += 1 }
    let expected = Double(draws) / Double(bound)
    let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    #expect(chiSquare < Double(bound) + 5 * (2 * Double(bound)).squareRoot() + 5)
  }
}

@Suite("Deterministic mathematics")
struct DeterministicMathTests {
  @Test("log agrees with the C library to 1 ulp over the whole range")
  func logarithm() {
    var stream = RandomStream(rootSeed: 3, name: "log")
    for _ in 0..<20_000 {
      let x = Double(bitPattern: stream.next() & 0x7fff_ffff_ffff_ffff)
      guard x.isFinite, x > 0 else { continue }
      let expected = Foundation.log(x)
      #expect(abs(DeterministicMath.log(x) - expected) <= 1.01 * expected.ulp, "log(\(x))")
    }
    #expect(DeterministicMath.log(1) == 0)
    #expect(DeterministicMath.log(0) == -.infinity)
    #expect(DeterministicMath.log(-1).isNaN)
  }

  @Test("the nearest whole number is the one that the C library finds")
  func nearest() {
    var stream = RandomStream(rootSeed: 5, name: "nearest")
    var values = [
      0, 0.5, 0.49999999999999994, 1.5, 2.5, 0x1p52, 0x1p53 + 2, 1e300, .infinity, 4503599627370495.5,
    ]
    for _ in 0..<20_000 {
      values.append(stream.uniform(0, 1) * DeterministicMath.exp(stream.uniform(-5, 40)))
    }
    for x in values {
      #expect(DeterministicMath.nearest(x) == x.rounded())
      #expect(DeterministicMath.nearest(-x) == (-x).rounded())
    }
    #expect(DeterministicMath.nearest(.nan).isNaN)
  }

  @Test("exp agrees with the C library to 1 ulp, and saturates")
  func exponential() {
    var stream = RandomStream(rootSeed: 4, name: "exp")
    for _ in 0..<20_000 {
      let x = stream.uniform(-740, 709)
      let expected = Foundation.exp(x)
      #expect(abs(DeterministicMath.exp(x) - expected) <= 1.01 * expected.ulp, "exp(\(x))")
    }
    #expect(DeterministicMath.exp(0) == 1)
    #expect(DeterministicMath.exp(710) == .infinity)
    #expect(DeterministicMath.exp(-746) == 0)
  }

  @Test("the normal quantile inverts the distribution function")
  func normalQuantile() {
    for p in [1e-12, 1e-5, 0.01, 0.025, 0.3, 0.5, 0.8, 0.975, 0.999999] {
      let back = 0.5 * erfc(-DeterministicMath.normalQuantile(p) / 2.0.squareRoot())
      #expect(abs(back - p) < 1e-12 * max(1, p / 1e-3) + p * 1e-10, "p = \(p)")
    }
    #expect(abs(DeterministicMath.normalQuantile(0.975) - 1.959963984540054) < 1e-14)
  }

  @Test("logGamma agrees with the C library")
  func logGamma() {
    for x in [0.5, 1, 1.5, 2, 3.7, 10, 55.5, 1e4, 1e9] {
      #expect(
        abs(DeterministicMath.logGamma(x) - Foundation.lgamma(x)) <= 1e-12 * max(1, abs(Foundation.lgamma(x)))
      )
    }
  }
}

/// A distribution, how to draw it, and what theory says of it.
struct Theory: CustomTestStringConvertible, Sendable {
  var name: String
  var mean: Double
  var variance: Double
  /// Pairs of probability and quantile.
  var quantiles: [(Double, Double)]
  var draw: @Sendable (inout RandomStream) -> Double
  var testDescription: String { name }
}

private let z90 = 1.2815515655446004

let theories: [Theory] = [
  Theory(
    name: "uniform(2, 6)", mean: 4, variance: 16.0 / 12, quantiles: [(0.25, 3), (0.9, 5.6)],
    draw: { $0.uniform(2, 6) }),
  Theory(
    name: "exponential(3)", mean: 3, variance: 9, quantiles: [(0.5, 2.0794415), (0.99, 13.815511)],
    draw: { $0.exponential(mean: 3) }),
  Theory(
    name: "normal(10, 2)", mean: 10, variance: 4, quantiles: [(0.5, 10), (0.9, 10 + 2 * z90)],
    draw: { $0.normal(mean: 10, deviation: 2) }),
  Theory(
    name: "logNormal(3, 0.5)", mean: 3 * Foundation.exp(0.125),
    variance: 9 * (Foundation.exp(0.25) - 1) * Foundation.exp(0.25),
    quantiles: [(0.5, 3), (0.9, 3 * Foundation.exp(0.5 * z90))],
    draw: { $0.logNormal(median: 3, sigma: 0.5) }),
  Theory(
    name: "gamma(2.5, 2)", mean: 5, variance: 10, quantiles: [(0.5, 4.35146), (0.9, 9.23636)],
    draw: { $0.gamma(shape: 2.5, scale: 2) }),
  Theory(
    name: "gamma(0.5, 1)", mean: 0.5, variance: 0.5, quantiles: [(0.5, 0.2274682), (0.9, 1.3527717)],
    draw: { $0.gamma(shape: 0.5, scale: 1) }),
  Theory(
    name: "pareto(1, 4)", mean: 4.0 / 3, variance: 4.0 / 18, quantiles: [(0.5, 1.189207), (0.99, 3.162278)],
    draw: { $0.pareto(minimum: 1, shape: 4) }),
  Theory(
    name: "poisson(4)", mean: 4, variance: 4, quantiles: [(0.5, 4), (0.9, 7)],
    draw: { Double($0.poisson(mean: 4)) }),
  Theory(
    name: "poisson(200)", mean: 200, variance: 200, quantiles: [(0.5, 200), (0.9, 218)],
    draw: { Double($0.poisson(mean: 200)) }),
  Theory(
    name: "bernoulli(0.3)", mean: 0.3, variance: 0.21, quantiles: [],
    draw: { $0.bernoulli(0.3) ? 1 : 0 }),
]

@Suite("Distributions")
struct DistributionTests {
  @Test("have the moments and quantiles of theory", arguments: theories)
  func moments(theory: Theory) {
    var stream = RandomStream(rootSeed: 20_261_121, name: theory.name)
    let count = 60_000
    var values = (0..<count).map { _ in theory.draw(&stream) }
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    let standardError = (theory.variance / Double(count)).squareRoot()
    #expect(abs(mean - theory.mean) < 4 * standardError)
    #expect(abs(variance / theory.variance - 1) < 0.12)
    values.sort()
    for (probability, quantile) in theory.quantiles {
      // The share below the quantile is binomial; discrete distributions put mass on the quantile itself.
      let below = Double(values.partitioningIndex { $0 >= quantile }) / Double(count)
      let upTo = Double(values.partitioningIndex { $0 > quantile }) / Double(count)
      let tolerance = 4 * (probability * (1 - probability) / Double(count)).squareRoot()
      #expect(below - tolerance <= probability && probability <= upTo + tolerance, "quantile \(probability)")
    }
  }

  @Test("Zipf ranks have weights 1 / rank^s")
  func zipf() {
    let table = AliasTable.zipf(count: 50, exponent: 1.1)
    expectShares(table, weights: (1...50).map { Foundation.pow(Double($0), -1.1) })
  }

  @Test("an empirical table gives each value its weight")
  func empirical() {
    let weights = [5.0, 0, 1, 3, 0.5]
    expectShares(AliasTable(weights: weights), weights: weights)
    let distribution = EmpiricalDistribution([(1, 1), (10, 3)])
    var stream = RandomStream(rootSeed: 5, name: "empirical")
    let mean = (0..<20_000).map { _ in distribution.draw(from: &stream) }.reduce(0, +) / 20_000
    #expect(abs(mean - 7.75) < 0.15)
  }

  @Test("a table of quantiles draws what inversion draws from the same word, and stays monotone")
  func quantileTable() {
    let quantiles: [@Sendable (Double) -> Double] = [
      { -DeterministicMath.log($0) },
      { 3 * DeterministicMath.exp(DeterministicMath.normalQuantile($0)) },
      { DeterministicMath.exp(-DeterministicMath.log($0) / 1.5) },
    ]
    for quantile in quantiles {
      let table = QuantileTable(quantile)
      var stream = RandomStream(rootSeed: 7, name: "table")
      var twin = stream
      var drawn: [(unit: Double, value: Double)] = []
      for _ in 0..<20_000 {
        let unit = twin.unit()
        let value = table.draw(from: &stream)
        #expect(abs(value / quantile(unit) - 1) < 1e-4 || abs(value - quantile(unit)) < 1e-6)
        drawn.append((unit, value))
      }
      drawn.sort { $0.unit < $1.unit }
      let rises = quantile(0.9) > quantile(0.1)
      #expect(
        zip(drawn, drawn.dropFirst()).allSatisfy { rises ? $0.value <= $1.value : $0.value >= $1.value })
    }
  }

  @Test("interpolating quantiles adds some millionths to a mean at most", arguments: [0.5, 1, 1.2])
  func quantileTableMean(sigma: Double) {
    let quantile: @Sendable (Double) -> Double = {
      DeterministicMath.exp(sigma * DeterministicMath.normalQuantile($0))
    }
    let points = QuantileTable(quantile).points
    // The interpolated cells by the trapezoid that they are, and the quantile itself by Simpson's rule.
    let step = 1 / 4096.0
    var (interpolated, exact) = (0.0, 0.0)
    for cell in 64..<4032 {
      let low = Double(cell) * step
      interpolated += (points[cell] + points[cell + 1]) / 2
      exact += (quantile(low) + 4 * quantile(low + step / 2) + quantile(low + step)) / 6
    }
    let mean = DeterministicMath.exp(sigma * sigma / 2)
    #expect(abs(interpolated - exact) * step / mean < 2e-6)
    #expect(abs(interpolated / exact - 1) > 1e-9, "a table of nothing would be exact")
  }

  private func expectShares(_ table: AliasTable, weights: [Double]) {
    var stream = RandomStream(rootSeed: 6, name: "alias")
    let count = 100_000
    var counts = [Int](repeating: 0, count: table.count)
    for _ in 0..<count { counts[table.draw(from: &stream)] += 1 }
    let total = weights.reduce(0, +)
    for (rank, weight) in weights.enumerated() {
      let share = weight / total
      let tolerance = 4.5 * (share * (1 - share) / Double(count)).squareRoot() + 1e-9
      #expect(abs(Double(counts[rank]) / Double(count) - share) <= tolerance, "outcome \(rank)")
    }
  }

  @Test("draw the same bits forever (golden values)")
  func golden() {
    var stream = RandomStream(rootSeed: 42, name: "golden")
    var fingerprint = Fingerprint()
    for _ in 0..<1000 {
      fingerprint.absorb(stream.exponential(mean: 1).bitPattern)
      fingerprint.absorb(stream.normal(mean: 0, deviation: 1).bitPattern)
      fingerprint.absorb(stream.logNormal(median: 3, sigma: 1).bitPattern)
      fingerprint.absorb(stream.gamma(shape: 2, scale: 1).bitPattern)
      fingerprint.absorb(stream.pareto(minimum: 1, shape: 1.5).bitPattern)
      fingerprint.absorb(UInt64(stream.poisson(mean: 50)))
    }
    #expect(fingerprint.description == "1eebf7f0cc11328bd52454f562dc35bc")
  }
}

extension Array {
  /// The first index whose element satisfies a predicate that is false and then true.
  fileprivate func partitioningIndex(_ belongsInSecond: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if belongsInSecond(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

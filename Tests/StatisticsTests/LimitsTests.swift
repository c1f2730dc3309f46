import SimulationKernel
import Testing

@testable import Statistics

private func isNear(_ a: Double, _ b: Double, _ share: Double) -> Bool {
  (a - b).magnitude <= share * b.magnitude
}

/// Figures of Python's scipy 1.17.1 and numpy 2.4.6, whose own random numbers drew 500,000 resamples.
@Suite("Limits of means and shares")
struct LimitsTests {
  @Test(
    "limits of shares are those of Clopper and Pearson",
    arguments: [
      (20.0, 20.0, 0.05, 0.8608916593317348, 1.0), (19, 20, 0.025, 0.7512672372279722, 0.9987349105020502),
      (3, 10, 0.025, 0.06673951117773447, 0.6524528500599973), (0, 59, 0.05, 0, 0.04950760988822693),
      (80, 80, 0.02, 0.9522760787285134, 1), (7.5, 12.25, 0.05, 0.3437189984877529, 0.8378572722216565),
    ])
  func clopperPearson(successes: Double, trials: Double, error: Double, lower: Double, upper: Double) {
    #expect((Proportion.lowerLimit(successes, of: trials, error: error) - lower).magnitude < 1e-9)
    #expect((Proportion.upperLimit(successes, of: trials, error: error) - upper).magnitude < 1e-9)
  }

  /// scipy.stats.binomtest(k, n, alternative="less").proportion_ci(0.95, "exact").high
  @Test(
    "how many seeds fail at most, after so many of which none or few did",
    arguments: [
      (0.0, 1000.0, 0.0029912495452490075), (0, 1, 0.95), (0, 10, 0.2588655508933471),
      (3, 200, 0.03830970849818942), (12, 50, 0.35965569683213106),
    ])
  func failureBound(failures: Double, seeds: Double, upper: Double) {
    #expect((Proportion.upperLimit(failures, of: seeds, error: 0.05) - upper).magnitude < 1e-9)
  }

  /// The least m for which scipy.stats.fisher_exact([[k, n - k], [0, m]], alternative="greater") is at most 0.05.
  @Test(
    "how many clean seeds show a fix",
    arguments: [
      (1, 1, 19), (1, 1000, 19_000), (3, 200, 342), (10, 1000, 348), (50, 50, 1), (2, 40, 138),
    ])
  func clearTrials(failures: Int, seeds: Int, clear: Int) {
    #expect(Proportion.clearTrials(after: failures, of: seeds, error: 0.05) == clear)
  }

  @Test("of what never failed, nothing shows a fix; what can hardly be shown takes no longer to say")
  func noClearTrials() {
    #expect(Proportion.clearTrials(after: 0, of: 10, error: 0.05) == nil)
    #expect(Proportion.clearTrials(after: 11, of: 10, error: 0.05) == nil)
    #expect(Proportion.clearTrials(after: 1, of: 10, error: 1e-300) == nil)
  }

  /// scipy.stats.binom.sf(k - 1, n, 0.5)
  @Test(
    "the sign test is that of a fair coin",
    arguments: [
      (1, 1, 0.5), (5, 5, 0.03125), (8, 10, 0.0546875), (3, 10, 0.9453125), (60, 100, 0.028443966820490444),
      (0, 4, 1),
    ])
  func signTest(heads: Int, throws: Int, probability: Double) {
    #expect((Proportion.signTest(heads, of: `throws`) - probability).magnitude < 1e-12)
  }

  /// scipy.stats.hypergeom.sf(successes - 1, trials + old, successes + before, trials)
  @Test(
    "Fisher's test tells how likely so many of all failures are new, however many there are",
    arguments: [
      (3, 20, 0, 20, 0.11538461538461539), (12, 40, 2, 40, 0.003223999182076244),
      (5, 19, 1, 20, 0.07959607959607959),
      (600, 1000, 600, 1000, 0.5182019341532618), (640, 1000, 560, 1000, 0.00015431298654720163),
      (7, 7, 0, 3, 0.008333333333333333), (20, 20, 1, 20, 1.5234333559042173e-10), (1, 1, 5, 5, 1),
      (90, 100, 3, 100, 5.052545854763798e-41), (0, 20, 3, 20, 1), (4, 10, 0, 0, 1),
    ])
  func fisher(successes: Int, trials: Int, before: Int, old: Int, probability: Double) {
    let own = Proportion.fisher(successes, of: trials, after: before, of: old)
    #expect((own - probability).magnitude <= 1e-9 * probability)
  }

  @Test(
    "months of one run that fail together count for less than independent ones; all alike, a run counts once")
  func clusters() {
    let some = Array(repeating: (successes: 12, trials: 12), count: 17) + [(11, 12), (6, 12), (10, 12)]
    #expect(isNear(Proportion.effectiveTrials(some), 47.35010520176686, 1e-6))
    #expect(Proportion.effectiveTrials(Array(repeating: (12, 12), count: 20)) == 20)
    #expect(Proportion.effectiveTrials(Array(repeating: (1, 1), count: 19) + [(0, 1)]) == 20)
  }

  @Test("the bootstrap's limits of a skewed sample are those of another program's resamples")
  func bootstrap() throws {
    let exponential = (0..<20).map { -DeterministicMath.log(1 - (Double($0) + 0.5) / 20) }
    let limits = try #require(StudentizedBootstrap(exponential, resamples: 20_000))
    #expect(isNear(limits.mean, 0.9827754719736861, 1e-12))
    #expect(isNear(Skewness.of(exponential), 1.3935521073250554, 1e-9))
    #expect(isNear(limits.lowerLimit(error: 0.025), 0.61957, 0.02))
    #expect(isNear(limits.upperLimit(error: 0.025), 1.61985, 0.02))
    let four = try #require(
      StudentizedBootstrap(Array(repeating: 1.0, count: 16) + [5, 9, 13, 21], resamples: 20_000))
    #expect(isNear(four.lowerLimit(error: 0.05), 1.66632, 0.03))
    #expect(isNear(four.upperLimit(error: 0.05), 8.5004, 0.03))
    // No resample of 1.15 % holds any of the four: below that there is no limit.
    #expect(four.upperLimit(error: 0.008) == .infinity)
    #expect(StudentizedBootstrap([4, 4, 4]) == nil && StudentizedBootstrap([4]) == nil)
  }

  @Test("the tail that a few log-normal values say too little of is told from their logarithms")
  func logNormal() throws {
    let values = (0..<25).map { DeterministicMath.exp(Normal.quantile((Double($0) + 0.5) / 25)) + 7 }
    for (error, limit) in [(0.05, 9.76848), (0.025, 10.14525), (0.01, 10.70657)] {
      let found = try #require(ShiftedLogNormal.upperLimit(of: values, error: error, draws: 40_000))
      #expect(isNear(found - 7, limit - 7, 0.03))
    }
    // What is not skewed to the right has no such tail.
    #expect(ShiftedLogNormal.upperLimit(of: values.map { -$0 }, error: 0.05) == nil)
    #expect(ShiftedLogNormal.upperLimit(of: [1, 1, 1, 1, 1], error: 0.05) == nil)
  }

  @Test("one outage in twenty runs gives a mean no upper limit, but a lower one")
  func single() {
    let limits = MeanLimits(of: Array(repeating: 2.0, count: 19) + [22], confidence: 0.95)
    #expect(limits.mean == 3 && limits.upper == nil)
    #expect(limits.lower.map { $0 <= 3 } == true)
    let alike = MeanLimits(of: Array(repeating: 2.0, count: 20), confidence: 0.95)
    #expect(alike.lower == 2 && alike.upper == 2)
  }

  @Test(
    "an interval of values that are hardly skewed is Student's; of skewed ones it reaches further to the side of the tail"
  )
  func intervals() throws {
    let even = (1...20).map(Double.init)
    let limits = MeanLimits(of: even, confidence: 0.95)
    // scipy: t.interval(0.95, 19, loc=10.5, scale=sem).
    #expect(isNear(try #require(limits.lower), 7.731189431979746, 1e-9))
    #expect(isNear(try #require(limits.upper), 13.268810568020253, 1e-9))
    let skewed = (0..<20).map { -DeterministicMath.log(1 - (Double($0) + 0.5) / 20) }
    let right = MeanLimits(of: skewed, confidence: 0.95)
    let left = MeanLimits(of: skewed.map { -$0 }, confidence: 0.95)
    // Resamples of numpy with half of the error on the side of the tail, all of it on the other.
    let near = try #require(right.lower)
    #expect((0.56...0.68).contains(near), "\(near)")
    #expect(try #require(right.upper) > 1.7)
    #expect((-0.68...(-0.56)).contains(try #require(left.upper)))
    #expect(try #require(left.lower) < -1.7)
  }

  @Test(
    "a mean that rests on a few values has no limit near them: ten values for each unit of squared skewness"
  )
  func few() {
    func limits(_ count: Int, of all: Int) -> MeanLimits {
      // Not two values only, so that no resample is without spread.
      let values = (0..<all).map { ($0 < count ? 100.0 : 0) + Double($0 % 7) }
      return MeanLimits(of: values, eachWithError: 0.03)
    }
    // A share q has the skewness (1 - 2q) / sqrt(q (1 - q)): 2.67 at 8 of 80, 1.96 at 12; 2.67 at 4 of 40, 1.5 at 8.
    #expect(!limits(8, of: 80).restsOnFew && !limits(12, of: 80).restsOnFew)
    #expect(limits(6, of: 80).restsOnFew && limits(4, of: 40).restsOnFew && !limits(8, of: 40).restsOnFew)
    // Five times as far from the mean as the values lie apart: what is out of the question stays so.
    let few = limits(6, of: 80)
    #expect(few.upper == few.mean + 5 * 105)
    #expect(few.lower.map { $0 < few.mean && $0 > 0 } == true)
    let left = MeanLimits(of: (0..<40).map { ($0 < 4 ? -100.0 : 0) + Double($0 % 7) }, eachWithError: 0.03)
    #expect(left.restsOnFew && left.lower.map { $0 < -500 } == true && left.upper.map { $0 < 10 } == true)
  }

  @Test(
    "bounds of quantiles are order statistics by the exact binomial distribution",
    arguments: [(60, 0.9, 0.95, 49.0...59.0), (20, 0.5, 0.9, 6.0...15.0), (29, 0.95, 0.9, nil)]
      as [(Int, Double, Double, ClosedRange<Double>?)])
  func quantiles(count: Int, p: Double, confidence: Double, bounds: ClosedRange<Double>?) {
    #expect(Quantile.interval(of: (1...count).map(Double.init), p, confidence: confidence)?.bounds == bounds)
  }

  @Test("the error is spent over all looks, and none of it twice")
  func looks() {
    let looks = Looks(minimum: 20, maximum: 80)
    #expect(looks.sizes == [20, 40, 80] && Looks(minimum: 20, maximum: 20).sizes == [20])
    #expect(Looks(minimum: 20, maximum: 50).sizes == [20, 40, 50])
    let errors = looks.sizes.indices.map { looks.error(of: $0, total: 0.05) }
    // In proportion to the squares of 20, 40 and 80.
    #expect(zip(errors, [0.003125, 0.009375, 0.0375]).allSatisfy { isNear($0, $1, 1e-12) })
    // All of 80 months are enough for 95 of 100.
    #expect(Proportion.lowerLimit(80, of: 80, error: looks.error(of: 2, total: 0.05 * 0.7)) > 0.95)
  }
}

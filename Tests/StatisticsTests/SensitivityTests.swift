import SimulationKernel
import Testing

@testable import Statistics

/// Functions whose indices are known in closed form, over the unit cube.
enum TestFunction {
  /// The function of T. Ishigami and T. Homma (1990) with A = 7 and B = 0.1.
  static func ishigami(_ point: [Double]) -> Double {
    let x = point.map { (2 * $0 - 1) * Double.pi }
    let (first, second) = (sine(x[0]), sine(x[1]))
    return first + 7 * second * second + 0.1 * x[2] * x[2] * x[2] * x[2] * first
  }

  /// First order and total indices of it: V1 = 3.6942 + …, from its closed form, as in SALib's documentation.
  static let ishigamiIndices = (
    first: [0.313905, 0.442411, 0.0], total: [0.557589, 0.442411, 0.243684]
  )

  /// The g-function of I. Sobol' with these coefficients.
  static let coefficients = [0, 1, 4.5, 9]

  static func g(_ point: [Double]) -> Double {
    zip(point, coefficients).reduce(1) { $0 * ((4 * $1.0 - 2).magnitude + $1.1) / (1 + $1.1) }
  }

  /// Vi = 1/3 / (1 + ai)²; V = Π (1 + Vi) − 1; VTi = Vi Π (1 + Vj).
  static var gIndices: (first: [Double], total: [Double]) {
    let parts = coefficients.map { 1 / 3.0 / ((1 + $0) * (1 + $0)) }
    let product = parts.reduce(1) { $0 * (1 + $1) }
    return (parts.map { $0 / (product - 1) }, parts.map { $0 * product / (1 + $0) / (product - 1) })
  }

  /// The sine by its series, after reduction: tests need no more than twelve digits.
  private static func sine(_ x: Double) -> Double {
    var (term, sum) = (x, x)
    for n in 1...20 {
      term *= -x * x / Double(2 * n * (2 * n + 1))
      sum += term
    }
    return sum
  }
}

@Suite("Effects and shares of variance")
struct SensitivityTests {
  typealias Function = @Sendable ([Double]) -> Double

  static let functions: [(name: String, function: Function, first: [Double], total: [Double])] = [
    (
      "Ishigami", TestFunction.ishigami, TestFunction.ishigamiIndices.first,
      TestFunction.ishigamiIndices.total
    ),
    ("g", TestFunction.g, TestFunction.gIndices.first, TestFunction.gIndices.total),
  ]

  @Test(
    "intervals of indices of functions with a known answer hold it in about 95 of 100 studies",
    arguments: [0, 1])
  func coverage(_ index: Int) throws {
    let (_, function, first, total) = Self.functions[index]
    var (held, all) = (0, 0)
    for seed in 0..<60 {
      let design = VarianceShares(assumptions: first.count, rows: 100, seed: UInt64(seed))
      let result = try #require(
        VarianceShares.shares(of: design.rows.map { $0.map(function) }, confidence: 0.95))
      for (place, share) in result.shares.enumerated() {
        for (limits, truth) in [(share.first, first[place]), (share.total, total[place])] {
          all += 1
          if let low = limits.lower, let high = limits.upper, low <= truth, truth <= high { held += 1 }
        }
      }
    }
    let share = Double(held) / Double(all)
    #expect(share > 0.90 && share < 0.995, "\(share)")
  }

  @Test("what chance does to a figure is told apart from what its assumptions do")
  func chance() throws {
    // x + noise of the same variance: half and half. The points of a row have the noise in common.
    var stream = RandomStream(rootSeed: 5, name: "noise")
    let design = VarianceShares(assumptions: 2, rows: 2000, seed: 3)
    let results = design.rows.map { row in
      let noise = stream.unit()
      return row.map { $0[0] + noise }
    }
    let result = try #require(VarianceShares.shares(of: results, confidence: 0.95))
    #expect((result.chance.mean - 0.5).magnitude < 0.05)
    #expect((result.shares[0].first.mean - 0.5).magnitude < 0.05)
    #expect((result.shares[0].total.mean - 0.5).magnitude < 0.05)
    #expect(result.shares[1].total.mean < 1e-12 && result.shares[1].first.mean.magnitude < 1e-12)
  }

  @Test("a figure that does not vary, or cannot be measured, has no indices")
  func nothing() {
    let design = VarianceShares(assumptions: 2, rows: 10, seed: 1)
    #expect(VarianceShares.shares(of: design.rows.map { $0.map { _ in 7.0 } }, confidence: 0.95) == nil)
    #expect(VarianceShares.shares(of: design.rows.map { $0.map { _ in .nan } }, confidence: 0.95) == nil)
    var some = design.rows.map { $0.map { $0[0] } }
    some[3][1] = .nan
    #expect(VarianceShares.shares(of: some, confidence: 0.95)?.rows == 9)
  }

  @Test(
    "the mean effect of a linear assumption is its slope, and intervals of others hold theirs in about 95 of 100 studies"
  )
  func effects() {
    // The elementary effects of x·y on four levels: the mean of the other, which is 1/2.
    var held = 0
    for seed in 0..<100 {
      let screening = Screening(assumptions: 3, paths: 12, seed: UInt64(seed))
      let effects = screening.effects(of: screening.paths.map { $0.map { $0[0] * $0[1] + 2 * $0[2] } })
      #expect((effects[2]?.mean.mean ?? 0) > 2 - 1e-9 && (effects[2]?.mean.mean ?? 9) < 2 + 1e-9)
      if let limits = effects[0]?.mean, let low = limits.lower, let high = limits.upper,
        low <= 0.5, 0.5 <= high
      {
        held += 1
      }
    }
    #expect(held >= 88, "\(held)")
  }

  @Test("chance alone is shown to matter in few of 100 studies; what does more, in all")
  func shown() {
    var wrong = 0
    var missed = 0
    for seed in 0..<100 {
      var noise = RandomStream(rootSeed: UInt64(seed), name: "noise")
      let screening = Screening(assumptions: 2, paths: 12, seed: UInt64(seed))
      // The second assumption has no effect, but another draw of chance at each of its values.
      let results = screening.paths.map { path in
        path.map { point in (0..<2).map { _ in 5 * point[0] + noise.unit() } }
      }
      let effects = screening.effects(of: results, confidence: 0.95)
      if effects[0]?.isShown != true || !screening.isGreater(0, than: 1, in: results, confidence: 0.95) {
        missed += 1
      }
      if effects[1]?.isShown == true { wrong += 1 }
      #expect(!screening.isGreater(1, than: 0, in: results, confidence: 0.95))
    }
    #expect(wrong <= 11, "\(wrong) of 100")
    #expect(missed <= 10, "\(missed) of 100")
  }

  @Test("a trajectory on which a figure could not be measured is left out, and the others are not")
  func unmeasured() throws {
    let screening = Screening(assumptions: 2, paths: 5, seed: 9)
    var results = screening.paths.map { $0.map { $0[0] + 3 * $0[1] } }
    results[2][0] = .nan
    let effects = screening.effects(of: results)
    #expect(Set(effects.map { $0?.count ?? 0 }) == [4, 5])
    #expect(screening.effects(of: results.map { $0.map { _ in .nan } }).allSatisfy { $0 == nil })
  }
}

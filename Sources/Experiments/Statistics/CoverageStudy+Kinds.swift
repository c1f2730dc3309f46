import RunRecord
import Scenario
import SimulationKernel

extension CoverageStudy {
  /// A kind of indicator.
  package struct Kind: Sendable {
    /// What it is like.
    package var name: String
    /// Its true mean.
    package var mean: Double
    /// What can be asked of it.
    package var demand = Demand.all
    /// Draws a figure as it would be without random faults, with the first of them, and so on: with all of them at last.
    var draw: @Sendable (inout RandomStream) -> [Double]
    /// How many random faults the scenario would declare.
    var faults = 0
  }

  /// What can be asked of a kind.
  package enum Demand: Sendable {
    /// Intervals hold in 93 to 97 of 100, and at most 5 studies in 100 are wrong.
    case all
    /// Intervals hold in at least 93: figures of few values, or with a tail that not all samples show, give intervals that are too wide.
    case atLeast
    /// At most 5 studies in 100 are wrong; intervals are shown.
    case findings
    /// Nothing: the sample says nothing of what it does not hold.
    case nothing
  }

  /// The kinds.
  package static let kinds: [Kind] = light + skewed + discrete + rare

  private static func plain(
    _ name: String, _ mean: Double, _ demand: Demand = .all,
    _ draw: @escaping @Sendable (inout RandomStream) -> Double
  ) -> Kind {
    Kind(name: name, mean: mean, demand: demand) { stream in [draw(&stream)] }
  }

  private static let light: [Kind] = {
    func harmonic(_ count: Int) -> Double { (1...count).reduce(0.0) { $0 + 1 / Double($1) } }
    return [
      plain("normal", 10) { $0.normal(mean: 10, deviation: 2) },
      plain("uniform", 0.5) { $0.unit() },
      plain("sum of 200 exponential services", 200) { stream in
        (0..<200).reduce(0.0) { sum, _ in sum + stream.exponential(mean: 1) }
      },
      plain("slowest of 50 exponential services", harmonic(50)) { stream in
        (0..<50).map { _ in stream.exponential(mean: 1) }.max() ?? 0
      },
    ]
  }()

  private static let skewed: [Kind] = [
    plain("exponential", 1) { $0.exponential(mean: 1) },
    plain("10 less an exponential: tail to the left", 9) { 10 - $0.exponential(mean: 1) },
    plain("log-normal, sigma 0.5", DeterministicMath.exp(0.125)) { $0.logNormal(median: 1, sigma: 0.5) },
    plain("log-normal, sigma 1", DeterministicMath.exp(0.5)) { $0.logNormal(median: 1, sigma: 1) },
    plain("log-normal, sigma 2", DeterministicMath.exp(2), .atLeast) { $0.logNormal(median: 1, sigma: 2) },
    plain("sum of 67 log-normal, sigma 2", 67 * DeterministicMath.exp(2)) { stream in
      (0..<67).reduce(0.0) { sum, _ in sum + stream.logNormal(median: 1, sigma: 2) }
    },
    plain("Pareto, shape 1.5: no variance", 3, .nothing) { $0.pareto(minimum: 1, shape: 1.5) },
  ]

  private static let discrete: [Kind] = [
    plain("discrete: cases, Poisson 1", 1) { stream in
      var (count, sum) = (0.0, stream.exponential(mean: 1))
      while sum < 1 {
        count += 1
        sum += stream.exponential(mean: 1)
      }
      return count
    },
    plain("discrete: yes in 30 of 100", 0.3, .atLeast) { $0.bernoulli(0.3) ? 1 : 0 },
    plain("discrete: yes in 3 of 100", 0.03, .findings) { $0.bernoulli(0.03) ? 1 : 0 },
  ]

  private static let rare: [Kind] = {
    /// An outage of up to a day in a share of runs, besides what else moves a close of an hour, in seconds.
    func outage(
      _ name: String, _ share: Double, noise: Double, _ demand: Demand = .atLeast, declared: Bool = true
    )
      -> Kind
    {
      Kind(
        name: name, mean: 3600 + share * 43_200, demand: demand,
        draw: { stream in
          let calm = 3600 + (noise > 0 ? stream.normal(mean: 0, deviation: noise) : 0)
          let hit = stream.bernoulli(share)
          let length = stream.unit() * 86_400
          return declared ? [calm, hit ? calm + length : calm] : [hit ? calm + length : calm]
        }, faults: declared ? 1 : 0)
    }
    return [
      outage("an outage in 30 of 100 runs", 0.3, noise: 20),
      outage("an outage in 10 of 100 runs", 0.1, noise: 20),
      outage("the same, all other runs alike", 0.1, noise: 0),
      outage("an outage in 3 of 100 runs", 0.03, noise: 20, .findings),
      // A fault of ten minutes in every run hides that none has met the other one.
      Kind(
        name: "an outage in 3 of 100, a delay in all", mean: 3600 + 600 + 0.03 * 43_200, demand: .findings,
        draw: { stream in
          let calm = 3600 + stream.normal(mean: 0, deviation: 20)
          let delayed = calm + stream.unit() * 1200
          let hit = stream.bernoulli(0.03)
          let length = stream.unit() * 86_400
          return [calm, delayed, hit ? delayed + length : delayed]
        }, faults: 2),
      outage("an outage in 10 of 100, not declared", 0.1, noise: 20, .findings, declared: false),
      outage("an outage in 3 of 100, not declared", 0.03, noise: 20, .nothing, declared: false),
    ]
  }()

  /// Figures of a kind in place of a laboratory's.
  final class Figures: StudySource {
    private let kind: Kind
    /// By how much the value of the only knob stretches a figure.
    private let stretch: (Double) -> Double
    private var drawn: [UInt64: [Double]] = [:]

    init(_ kind: Kind, stretch: @escaping (Double) -> Double) {
      self.kind = kind
      self.stretch = stretch
    }

    /// A figure with so many of the random faults.
    private func figure(_ seed: UInt64, faults: Int) -> Double {
      let all =
        drawn[seed]
        ?? {
          var stream = RandomStream(rootSeed: seed, name: "coverage/\(kind.name)")
          return kind.draw(&stream)
        }()
      drawn[seed] = all
      return all[faults]
    }

    func replications(of variants: [Laboratory.Variant], seeds: [UInt64]) -> [[Replication]] {
      variants.map { variant in
        var factor = 1.0
        var faults = kind.faults
        for edit in variant.edits {
          switch edit {
          case .set(_, let value): factor = stretch(Double(value) ?? 1)
          case .remove: faults -= 1
          }
        }
        return seeds.map { seed in
          Replication(
            seed: seed, fingerprint: "", broken: [], missed: [],
            indicators: ["closeCycleTime": figure(seed, faults: faults) * factor], resources: [:], peaks: [:])
        }
      }
    }

    func traits(of variant: Laboratory.Variant) -> StudyTraits {
      func first(_ count: Int) -> Laboratory.Variant {
        var left = variant
        left.edits += (count..<kind.faults).map { .remove(path: ["faults", "\($0)"]) }
        return left
      }
      return StudyTraits(
        drawsAtRandom: true,
        randomFaults: (0..<kind.faults).map { number in
          .init(
            name: "faults.\(number)", with: first(number + 1), without: first(number),
            happenings: { seed in
              self.figure(seed, faults: number) == self.figure(seed, faults: number + 1) ? 0 : 1
            })
        })
    }
  }
}

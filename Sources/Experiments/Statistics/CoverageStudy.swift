import RunRecord
import Scenario
import SimulationKernel
import Statistics

/// How often what studies say is right: intervals and findings on figures whose true mean is known.
public struct CoverageStudy: Sendable {
  /// A kind of indicator.
  public struct Kind: Sendable {
    /// What it is like.
    public var name: String
    /// Its true mean.
    public var mean: Double
    /// Whether intervals are to hold it in 93 to 97 of 100: no method does so from 20 values of the heaviest tails.
    public var isOrdinary = true
    /// Draws a figure, and what it would be without the random fault that may have changed it.
    var draw: @Sendable (inout RandomStream) -> (value: Double, undisturbed: Double)
    /// Whether the scenario would declare random faults.
    var hasFaults = false
  }

  /// What came of a kind.
  public struct Row: Sendable {
    /// The kind.
    public var kind: Kind
    /// How many values make an interval.
    public var values: Int
    /// Of all intervals, the share that has both ends.
    public var formed: Double
    /// Of those with the end in question, the share that holds the true mean; an open end holds whatever lies there.
    public var held: Double
    /// The same of Student's intervals.
    public var student: Double
  }

  /// Findings on a kind, with the threshold at the true mean.
  public struct Findings: Sendable {
    /// The kind.
    public var kind: Kind
    /// The share of studies that called `figure < mean` met.
    public var met: Double
    /// The share that called it missed.
    public var missed: Double
  }

  /// Intervals, or studies, of each kind.
  public var repetitions = 1000
  /// The first seed.
  public var seed: UInt64 = 1

  /// A study with its usual figures.
  public init() {}

  /// The kinds.
  public static let kinds: [Kind] = {
    func plain(
      _ name: String, _ mean: Double, _ draw: @escaping @Sendable (inout RandomStream) -> Double
    ) -> Kind {
      Kind(name: name, mean: mean) { stream in
        let value = draw(&stream)
        return (value, value)
      }
    }
    func rare(_ name: String, share: Double, noise: Double) -> Kind {
      Kind(
        name: name, mean: 3600 + share * 43_200,
        draw: { stream in
          let calm = 3600 + (noise > 0 ? stream.normal(mean: 0, deviation: noise) : 0)
          let hit = stream.bernoulli(share)
          let length = stream.unit() * 86_400
          return (hit ? calm + length : calm, calm)
        }, hasFaults: true)
    }
    func harmonic(_ count: Int) -> Double { (1...count).reduce(0.0) { $0 + 1 / Double($1) } }
    var kinds = [
      plain("normal", 10) { $0.normal(mean: 10, deviation: 2) },
      plain("uniform", 0.5) { $0.unit() },
      plain("exponential", 1) { $0.exponential(mean: 1) },
      plain("sum of 200 exponential services", 200) { stream in
        (0..<200).reduce(0.0) { sum, _ in sum + stream.exponential(mean: 1) }
      },
      plain("slowest of 50 exponential services", harmonic(50)) { stream in
        (0..<50).map { _ in stream.exponential(mean: 1) }.max() ?? 0
      },
      plain("log-normal, sigma 0.5", DeterministicMath.exp(0.125)) { $0.logNormal(median: 1, sigma: 0.5) },
      plain("log-normal, sigma 1", DeterministicMath.exp(0.5)) { $0.logNormal(median: 1, sigma: 1) },
      plain("discrete: cases, Poisson 1", 1) { stream in
        var (count, sum) = (0.0, stream.exponential(mean: 1))
        while sum < 1 {
          count += 1
          sum += stream.exponential(mean: 1)
        }
        return count
      },
      plain("discrete: yes in 30 of 100", 0.3) { $0.bernoulli(0.3) ? 1 : 0 },
      rare("an outage in 30 of 100 runs", share: 0.3, noise: 20),
      rare("an outage in 10 of 100 runs", share: 0.1, noise: 20),
      rare("the same, all other runs alike", share: 0.1, noise: 0),
      plain("log-normal, sigma 2", DeterministicMath.exp(2)) { $0.logNormal(median: 1, sigma: 2) },
      plain("sum of 67 log-normal, sigma 2", 67 * DeterministicMath.exp(2)) { stream in
        (0..<67).reduce(0.0) { sum, _ in sum + stream.logNormal(median: 1, sigma: 2) }
      },
    ]
    for index in kinds.indices.suffix(2) { kinds[index].isOrdinary = false }
    return kinds
  }()

  private func stream(_ kind: Kind, _ repetition: Int) -> RandomStream {
    RandomStream(rootSeed: seed + UInt64(repetition), name: "coverage/\(kind.name)")
  }

  /// How often two-sided intervals of 95 % hold the true mean, as `compare` gives them.
  public func intervals(of values: Int, _ kind: Kind) -> Row {
    var (formed, held, student) = (0, 0, 0)
    for repetition in 0..<repetitions {
      var stream = stream(kind, repetition)
      let drawn = (0..<values).map { _ in kind.draw(&stream) }
      let figures = drawn.map(\.value)
      student += Interval(of: figures, confidence: 0.95).holds(kind.mean) ? 1 : 0
      guard var estimate = Estimate(figures, confidence: 0.95) else { continue }
      estimate.leaveOpen(
        ifUnchanged: kind.hasFaults ? zip(drawn.map(\.value), drawn.map(\.undisturbed)).map { $0 } : nil)
      formed += estimate.halfWidth == nil ? 0 : 1
      held += estimate.holds(kind.mean) ?? true ? 1 : 0
    }
    let all = Double(repetitions)
    return Row(
      kind: kind, values: values, formed: Double(formed) / all, held: Double(held) / all,
      student: Double(student) / all)
  }

  /// How often a value is called met, or missed, whose mean is the threshold itself: looks and errors as in `capacity`.
  public func findings(_ kind: Kind) -> Findings {
    let plan = CapacityPlan(
      CapacityQuestion(
        name: "coverage", goal: .largest, objectives: [],
        knobs: []))
    let looks = Looks(least: plan.replications.least, most: plan.replications.most)
    guard var objective = Expectation("closeCycleTime < 1h") else {
      return Findings(kind: kind, met: 1, missed: 1)
    }
    objective.threshold = kind.mean
    let judge = ObjectiveJudge(objectives: [objective], isRandom: true)
    var (met, missed) = (0, 0)
    for repetition in 0..<repetitions {
      var stream = stream(kind, repetition)
      let drawn = (0..<plan.replications.most).map { _ in kind.draw(&stream) }
      func replications(_ values: [Double]) -> [Replication] {
        values.map { value in
          Replication(
            seed: 1, fingerprint: "", broken: [], missed: [], indicators: ["closeCycleTime": value],
            resources: [:], peaks: [:])
        }
      }
      for (number, size) in looks.sizes.enumerated() {
        let error = looks.error(of: number, total: 0.05)
        let (finding, _) = judge.finding(
          replications(drawn.prefix(size).map(\.value)), .init(met: error, missed: error),
          undisturbed: kind.hasFaults ? replications(drawn.prefix(size).map(\.undisturbed)) : nil)
        if finding == .met { met += 1 }
        if finding == .missed { missed += 1 }
        if finding != .open { break }
      }
    }
    return Findings(
      kind: kind, met: Double(met) / Double(repetitions), missed: Double(missed) / Double(repetitions))
  }
}

extension Estimate {
  /// Takes the interval away where the scenario declares random faults and none of the replications met one that changed the figure.
  ///
  /// - Parameter pairs: the figure of each replication with the faults and without; `nil` where there are none.
  mutating func leaveOpen(ifUnchanged pairs: [(Double, Double)]?) {
    guard let pairs, pairs.allSatisfy({ $0.0 == $0.1 }) else { return }
    (lower, upper, halfWidth) = (nil, nil, nil)
  }
}

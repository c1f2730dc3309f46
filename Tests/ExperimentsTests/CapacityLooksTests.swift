import Chronology
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("How often a value of a capacity study is looked at")
struct CapacityLooksTests {
  /// Figures of a range from 1 to 2, given on which seeds a study judges.
  private struct Figures: StudySource {
    let figure: @Sendable (_ value: Int, _ seed: UInt64) -> Double

    func replications(of variants: [Laboratory.Variant], seeds: [UInt64]) throws -> [[Replication]] {
      variants.map { variant in
        seeds.map { seed in
          Replication(
            seed: seed, fingerprint: "", broken: [], missed: [],
            indicators: ["closeCycleTime": figure(Int(variant.name) ?? 0, seed)], resources: [:], peaks: [:])
        }
      }
    }

    func traits(of variant: Laboratory.Variant) throws -> StudyTraits {
      StudyTraits(drawsAtRandom: true, randomFaults: [])
    }
  }

  /// How many replications the greater of two values was judged by; the smaller one always meets the objective.
  private func runs(
    _ replications: (minimum: Int, maximum: Int) = (40, 80), _ figure: @escaping @Sendable (UInt64) -> Double
  ) throws -> (runs: Int, finding: CapacityStudy.Finding) {
    var plan = CapacityPlan(
      CapacityQuestion(
        name: "q", goal: .largest, objectives: [try #require(Expectation("closeCycleTime < 100s"))],
        knobs: [.init(path: ["value"], range: try #require(ExploredRange(from: "1", to: "2")))]))
    plan.replications = replications
    let curve = try plan.curve(
      from: Figures { value, seed in
        let scatter = Double(seed % 5)
        if value == 1 { return 10 + scatter }
        return seed <= CapacityPlan.searchSeeds ? 50 + scatter : figure(seed) + scatter
      })
    let point = try #require(curve.points.last)
    return (point.runs, point.finding)
  }

  @Test("one that fresh seeds do not bear out is left after half of the replications, and is not called met")
  func early() throws {
    let found = try runs { _ in 150 }
    #expect(found.runs == 20 && found.finding != .met)
  }

  @Test(
    "one that the last look could not show either is left after the first, and one that it may is looked at again"
  )
  func hopeless() throws {
    // The scatter of -30 and 30 around 97: nothing that 80 replications could show. Around 90 they do.
    let hopeless = try runs { $0 % 2 == 0 ? 65 : 125 }
    #expect(hopeless.runs == 40 && hopeless.finding == .open)
    let narrow = try runs { $0 % 2 == 0 ? 58 : 118 }
    #expect(narrow.runs == 80)
    let clear = try runs { $0 % 2 == 0 ? 38 : 42 }
    #expect(clear.runs == 40 && clear.finding == .met)
  }

  @Test("where a number of replications was asked for, it is that one")
  func fixed() throws {
    #expect(try runs((30, 30)) { _ in 150 }.runs == 30)
  }
}

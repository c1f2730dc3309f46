import RunRecord
import Testing

@testable import Experiments

@Suite("Corrections of usage that came late, twice or never")
struct CorrectionTests {
  @Test(
    "late-corrections: a correction withdraws only what was accepted or waits", arguments: [1, 42, 7, 99])
  func lateCorrections(seed: UInt64) throws {
    let record = try Finding.run("robustness/late-corrections.yaml", seed: seed)
    #expect(record.broken == [])
    for row in record.controlTotals.meters {
      #expect(row.emitted.count == row.metered.count + row.putAside.count && row.metered.count > 0)
    }
  }

  @Test("the shipped scenarios with usage that is late beyond the horizon", arguments: [1, 2, 3])
  func shipped(seed: UInt64) throws {
    let aggregations = try Repository.scenario(
      "aggregations.yaml",
      settings: (0..<6).map { "load.\($0).arrivals={ poisson: 8/h }" }
        + ["customers.count=10", "delivery.late.delay.pareto.max=20d", "delivery.late.share=10%"])
    #expect(try SimulationRun(aggregations, seed: seed).perform().broken == [])
    let onboarding = try Repository.scenario(
      "onboarding.yaml",
      settings: [
        "customers.count=40", "load.0.arrivals={ poisson: 20/h }", "load.1.arrivals={ poisson: 3/h }",
        "load.2.arrivals={ poisson: 3/h }", "load.3.arrivals={ poisson: 3/h }",
        "delivery.late.delay.exponential.mean=3d",
      ])
    #expect(try SimulationRun(onboarding, seed: seed).perform().broken == [])
  }

  @Test(
    "mixes of late usage, copies, corrections and voids",
    arguments: [
      "{late: {share: 50%, delay: {constant: 13d}}, corrections: {share: 50%, voids: 50%, delay: 2d}, duplicates: 30%}",
      "{late: {share: 50%, delay: {constant: 15d}}, corrections: {share: 50%, voids: 50%, delay: 20d}, duplicates: 30%}",
      "{late: {share: 30%, delay: {exponential: {mean: 12d}}}, corrections: {share: 60%, voids: 30%, delay: 14d}}",
      "{late: {share: 60%, delay: {constant: 1d}}, corrections: {share: 40%, voids: 100%, delay: 1h}, unknownAccounts: 10%}",
      "{late: {share: 30%, delay: {constant: 15d}}, corrections: {share: 50%, voids: 0%, delay: 15d}, invalid: 10%}",
      "{late: {share: 100%, delay: {constant: 14d}}, corrections: {share: 100%, voids: 50%, delay: 14d}, reorder: 1h}",
    ])
  func mixes(delivery: String) throws {
    for design in ["middleware", "{ name: x, extends: middleware, ingestion: { contentHorizon: 1h } }"] {
      for seed in 1...3 as ClosedRange<UInt64> {
        let record = try Finding.run(
          "robustness/late-corrections.yaml", settings: ["delivery=\(delivery)", "design=\(design)"],
          seed: seed)
        #expect(record.broken == [], "seed \(seed), \(design)")
      }
    }
  }

  @Test(
    "what was taken for a copy by its contents never counted, and is not taken back", arguments: [1, 2, 3])
  func restamped(seed: UInt64) throws {
    let record = try Finding.run(
      "robustness/late-corrections.yaml",
      settings: [
        "delivery={restamped: 40%, duplicates: 20%, corrections: {share: 50%, voids: 50%, delay: 2h}}",
        "design={ name: x, extends: middleware, ingestion: { contentHorizon: 14d } }",
      ], seed: seed)
    #expect(record.broken == [])
  }
}

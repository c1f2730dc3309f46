import RunRecord
import Statistics
import Testing

@testable import Experiments

/// `scripts/coverage` counts them in full; these would notice a method that is wrong by far.
@Suite("How often studies are right")
struct CoverageTests {
  private func kind(_ name: String) throws -> CoverageStudy.Kind {
    try #require(CoverageStudy.kinds.first { $0.name == name })
  }

  /// With 5 % of 40 there are 2 wrong on average, and more than 6 in three of a thousand.
  @Test(
    "an answer is wrong in at most 5 of 100 studies, with the threshold at the true mean",
    arguments: [
      "normal", "an outage in 10 of 100 runs", "an outage in 3 of 100, a delay in all",
    ])
  func findings(_ name: String) throws {
    var study = CoverageStudy()
    study.repetitions = 40
    let findings = try study.findings(try kind(name))
    #expect(max(findings.below, findings.above, findings.beyond) <= 0.15, "\(findings)")
    // A study that never answers is never wrong.
    if name == "normal" { #expect(findings.answered > 0.5) }
  }

  @Test(
    "intervals hold the true mean in about 95 of 100, of skewed figures too",
    arguments: ["normal", "exponential"])
  func intervals(_ name: String) throws {
    var study = CoverageStudy()
    study.repetitions = 100
    let row = try study.intervals(try kind(name), StoppingRule(precision: 0.05, minimum: 20, maximum: 60))
    #expect((0.87...1).contains(row.held), "\(row)")
    #expect(row.formed > 0.95)
  }
}

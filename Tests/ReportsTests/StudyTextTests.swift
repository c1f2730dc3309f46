import RunRecord
import Testing

@testable import Reports

@Suite("Reports of studies")
struct StudyTextTests {
  private func estimate(_ mean: Double, _ width: Double?) -> Estimate {
    Estimate(mean: mean, halfWidth: width, confidence: 0.95, count: 5)
  }

  @Test("a comparison shows means with intervals, differences from the first, and what can be said")
  func comparison() {
    func variant(_ name: String, _ mean: Double) -> Comparison.Variant {
      Comparison.Variant(
        name: name, settings: [], runs: 5, sound: 5, broken: [], failureBound: 0.45,
        estimates: ["closeCycleTime": estimate(mean, 60)])
    }
    let comparison = Comparison(
      meterstorm: "1", scenario: "s.yaml", scenarioHash: "h", options: ["compare", "defect d"],
      confidence: 0.95,
      seeds: [1, 2, 3, 4, 5], variants: [variant("a", 7200), variant("b", 3600), variant("c", 7190)],
      indicators: [.init(name: "closeCycleTime", unit: "s"), .init(name: "drainTime", unit: "s")],
      differences: [
        .init(
          indicator: "closeCycleTime", first: "a", second: "b", difference: estimate(3600, 90),
          finding: .higher),
        .init(
          indicator: "closeCycleTime", first: "a", second: "c", difference: estimate(10, 90), finding: .none),
      ], verdict: ["closeCycleTime: b < c ≈ a"], interrupted: false)
    let text = ComparisonText(comparison).text()
    #expect(text.contains("comparison on s.yaml · defect d\n5 seeds, the same for all: 1 to 5\n"))
    #expect(text.contains("2h ± 1m"))
    // From a to b: an hour less, and shown; from a to c: nothing shown.
    #expect(text.contains("-1h ± 1m 30s *"))
    #expect(text.contains("-10.0s ± 1m 30s\n"))
    #expect(text.contains("  drainTime"))
    #expect(text.hasSuffix("  closeCycleTime: b < c ≈ a\n"))
    #expect(!text.split(separator: "\n").contains { $0.hasSuffix(" ") })
  }

  @Test("a capacity study shows the answer, what runs out, every point, and a chart")
  func capacity() {
    var study = CapacityStudy(
      meterstorm: "1", scenario: "s.yaml", scenarioHash: "h", options: ["capacity"], name: "outage",
      seeks: "largest", objectives: ["closeCycleTime < 6h"], thresholds: ["closeCycleTime": 21600],
      knobs: [.init(path: "faults.0.for", from: "600s", to: "43200s")], confidence: 0.95)
    func point(_ value: String, _ mean: Double, _ finding: CapacityStudy.Finding) -> CapacityStudy.Point {
      CapacityStudy.Point(
        values: [value], numbers: [0], runs: 5, finding: finding, reasons: [],
        estimates: ["closeCycleTime": estimate(mean, 0), "closeCycle": estimate(1, 0)], resources: [:],
        peaks: [:])
    }
    study.runs = 15
    study.curves = [
      .init(
        setting: nil,
        points: [point("600s", 7200, .met), point("20302s", 21000, .met), point("43200s", 42000, .missed)],
        answer: "20302s", beyond: "43200s", isMonotone: true, binding: "erp/us outage 86 %", knee: "20302s",
        law: nil)
    ]
    let text = CapacityText(study).text()
    #expect(text.contains("faults.0.for from 10m to 12h"))
    #expect(text.contains("faults.0.for = 20302s (5h 38m) meets them; 12h is not shown to"))
    #expect(text.contains("what runs out beyond: erp/us outage 86 %"))
    #expect(text.contains("the curve turns up at 5h 38m"))
    #expect(text.contains("12h           missed         11h 40m     5  " + String(repeating: "█", count: 30)))
    study.curves[0].answer = nil
    study.curves[0].isMonotone = false
    #expect(CapacityText(study).text().contains("no value in the range is shown to meet them"))
    #expect(CapacityText(study).text().contains("not monotone"))
    study.interrupted = true
    #expect(CapacityText(study).text().contains("INTERRUPTED"))
  }
}

import Foundation
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
      ], interrupted: false)
    let text = ComparisonText(comparison).text()
    #expect(text.contains("comparison on s.yaml · defect d\n5 seeds, the same for all: 1 to 5\n"))
    #expect(text.contains("2h ± 1m"))
    // From a to b: an hour less, and shown; from a to c: nothing shown.
    #expect(text.contains("-1h ± 1m 30s *"))
    #expect(text.contains("-10.0s ± 1m 30s\n"))
    #expect(text.contains("  drainTime"))
    #expect(text.contains("\n  closeCycleTime: b ≈ c ≈ a\n"))
    #expect(!text.split(separator: "\n").contains { $0.hasSuffix(" ") })
    #expect(text.hasSuffix("\nDONE  3 of 3 variants without a violation\n"))
    var failing = comparison
    failing.variants[1].settings = ["design=x"]
    failing.variants[1].sound = 3
    failing.variants[1].broken = [.init(invariant: "no-double-posting", seeds: 2)]
    #expect(
      ComparisonText(failing).text().hasSuffix(
        """

        DONE  2 of 3 variants without a violation
        first: b: no-double-posting on 2 of 5 seeds
        next:  meterstorm campaign s.yaml --defect=d --set=design=x --no-explore --seeds 1..5

        """))
    failing.conditions = [
      .init(condition: "closeCycleTime > +5%", variant: "b", finding: .open, excess: nil, reason: nil)
    ]
    let failed = ComparisonText(failing).text().split(separator: "\n").suffix(3)
    #expect(failed.first?.hasPrefix("FAIL  2 of 3 variants") == true)
    #expect(failed.contains("first: b: closeCycleTime > +5% cannot be excluded"))
  }

  @Test("a capacity study shows the answer, what runs out, every point, and a chart")
  func capacity() {
    var study = CapacityStudy(
      meterstorm: "1", scenario: "s.yaml", scenarioHash: "h", options: ["capacity"], name: "outage",
      seeks: "largest", objectives: ["closeCycleTime < 6h"], thresholds: ["closeCycleTime": 21600],
      units: ["closeCycleTime": "s"],
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
        answer: "20302s", beyond: "43200s", isMonotone: true,
        binding: [.init(resource: "erp/us outage", utilization: 0.86)], knee: "20302s",
        law: nil)
    ]
    study.curves[0].kneeEnd = "43200s"
    let text = CapacityText(study).text()
    #expect(text.contains("closeCycleTime < 6h (mean over runs)"))
    #expect(text.contains("faults.0.for from 10m to 12h"))
    #expect(text.contains("faults.0.for = 20302s (5h 38m) meets them; 12h misses them"))
    #expect(text.contains("bottleneck beyond that: erp/us outage 86 %"))
    #expect(text.contains("the curve turns up between 5h 38m and 12h"))
    #expect(text.contains("12h           missed         11h 40m     5  " + String(repeating: "█", count: 30)))
    #expect(
      text.hasSuffix(
        """

        MET  outage: faults.0.for = 5h 38m
        first: missed at 12h: an objective
        next:  meterstorm run s.yaml --seed 1 --set=faults.0.for=43200s --log short

        """))
    study.curves[0].answer = nil
    study.curves[0].isMonotone = false
    #expect(CapacityText(study).text().contains("\nNOT MET  outage: by no value in the range\n"))
    #expect(CapacityText(study).text().contains("no value in the range is shown to meet them"))
    #expect(CapacityText(study).text().contains("not monotone"))
    // What is said of the other values is what the table says.
    study.curves[0].answer = "20302s"
    study.curves[0].exceptions = ["600s"]
    for index in study.curves[0].points.indices { study.curves[0].points[index].numbers = [Double(index)] }
    #expect(CapacityText(study).text().contains("not monotone: 10m misses the objectives again"))
    study.curves[0].points[2].finding = .open
    study.curves[0].points[2].reasons = ["closeCycleTime < 6h: not shown within 80 replications"]
    #expect(CapacityText(study).text().contains("open: at 12h: closeCycleTime < 6h: not shown within 80"))
    study.interrupted = true
    #expect(CapacityText(study).text().contains("INTERRUPTED"))
  }

  private func verdict(
    _ variants: [Comparison.Variant], _ differences: [Comparison.Difference]
  ) -> [String] {
    ComparisonVerdict(
      Comparison(
        meterstorm: "1", scenario: "s", scenarioHash: "h", options: [], confidence: 0.95, seeds: [],
        variants: variants, indicators: [.init(name: "closeCycleTime", unit: "s")], differences: differences,
        interrupted: false)
    ).sentences
  }

  @Test("words claim what intervals allow: an order where it is shown, and none where it is not")
  func words() {
    func entry(_ name: String, _ mean: Double, sound: Int) -> Comparison.Variant {
      Comparison.Variant(
        name: name, settings: [], runs: 10, sound: sound,
        broken: sound < 10 ? [.init(invariant: "no-double-posting", seeds: 10 - sound)] : [],
        failureBound: sound == 10 ? 0.26 : nil,
        estimates: ["closeCycleTime": Estimate(mean: mean, halfWidth: 1, confidence: 0.95, count: 10)])
    }
    func difference(_ a: String, _ b: String, _ finding: Comparison.Difference.Finding)
      -> Comparison.Difference
    {
      Comparison.Difference(
        indicator: "closeCycleTime", first: a, second: b,
        difference: Estimate(mean: 0, halfWidth: 1, confidence: 0.95, count: 10), finding: finding)
    }
    let entries = [entry("a", 300, sound: 10), entry("b", 100, sound: 3), entry("c", 200, sound: 10)]
    func sentences(_ finding: Comparison.Difference.Finding) -> [String] {
      verdict(
        entries, [difference("a", "b", .higher), difference("a", "c", finding), difference("b", "c", .lower)])
    }
    #expect(sentences(.higher).contains("closeCycleTime: b < c < a"))
    #expect(sentences(.none).contains("closeCycleTime: b < c ≈ a"))
    #expect(sentences(.higher).contains("b: fails on 7 of 10 seeds: no-double-posting on 7."))
    #expect(
      sentences(.higher).last == "Of the variants without a violation, c closes soonest: 3m 20s ± 1.00s.")
    #expect(sentences(.none).last?.contains("none of the variants without a violation is shown") == true)
    #expect(sentences(.none).contains { $0.hasPrefix("a, c: no invariant broke on any of 10 seeds") })
    let same = verdict(
      [entry("a", 300, sound: 10), entry("c", 300, sound: 10)], [difference("a", "c", .identical)])
    #expect(same.contains("closeCycleTime: a = c"))
    #expect(same.last == "a, c: no difference; all of them close at the same instant on every seed.")
    // What was looked at is counted as a run's headline counts it; of nothing compared, nothing is said.
    var counted = entry("a", 300, sound: 10)
    counted.invariants = InvariantTally([.held, .held, .notExercised])
    var idle = entry("i", 1, sound: 10)
    idle.invariants = InvariantTally([.notExercised, .notExercised])
    let counts = verdict([counted, idle], [])
    #expect(counts[0].hasPrefix("a: 2 of 2 invariants held · 1 not exercised, on all 10 seeds; with 95 %"))
    #expect(counts[1].hasPrefix("i: 0 of 0 invariants held · 2 not exercised: nothing was compared"))
    #expect(counts.last == "Only a broke no invariant on any seed; how fast the others are matters little.")
    let none = verdict([entry("b", 1, sound: 0)], [])
    #expect(none.last == "None of them is reliable.")
  }
}

@Suite("Reports of load tests")
struct LoadReportTests {
  private func record(_ verdict: Verdict, problems: [String] = []) -> LoadRecord {
    func invariant(_ name: String, _ verdict: InvariantVerdict) -> RunRecord.Invariant {
      RunRecord.Invariant(
        name: name, boundary: "posting", statement: "<b>held</b>", verdict: verdict,
        checks: verdict == .notJudged ? 0 : 5,
        violationCount: verdict == .broken ? 1 : 0,
        violations: verdict == .broken
          ? [.init(at: "2026", ids: ["<i>"], expected: "1", actual: "2", difference: nil, events: [])] : [])
    }
    var record = LoadRecord(
      meterstorm: "1", scenario: "s", seed: 1, target: "core", timeScale: 240, verdict: verdict,
      interrupted: false,
      ingestion: .init(
        scheduled: 1000, acknowledged: 1000, requests: 10, repetitions: 2, turnedAway: 1, seconds: 2,
        latency: ["p50": 0.0012, "p99": 0.25, "max": 3]),
      documents: 4, acknowledgedAndLost: 0,
      compared: [.init(name: "us: calls", unit: "1", simulated: 10, real: 12)], stuck: [], problems: problems,
      invariants: [
        invariant("a", .held), invariant("b", verdict == .pass ? .held : .broken), invariant("c", .notJudged),
      ])
    record.calibrated = [.init(entity: "us", latency: 0.7, fitted: 2.5, errorBefore: 0.5, errorAfter: 0.25)]
    return record
  }

  @Test(
    "the verdict first; what was not judged is not counted as held; percentiles from when a request was due")
  func text() {
    let good = LoadText(record(.pass)).text()
    #expect(good.hasPrefix("PASS  2 of 2 invariants held · 1 not judged"))
    #expect(good.contains("1,000 of 1,000 events acknowledged, copies included, in 2.00s: 500/s"))
    #expect(good.contains("p50 1.20 ms, p99 250.0 ms, max 3.00s"))
    #expect(good.contains("20.0 %") && good.contains("50.0 %") && good.contains("25.0 %"))
    let bad = LoadText(record(.fail, problems: ["it broke"])).text()
    #expect(bad.hasPrefix("FAIL  1 of 2 invariants held") && bad.contains("✗ b (posting): 1 of 5 checks"))
    #expect(bad.contains("✗ it broke"))
  }

  @Test("as a page, with names that stay names")
  func page() throws {
    let page = try LoadReport(record(.fail, problems: ["it <broke>"])).html()
    #expect(page.contains("FAIL") && page.contains("it &lt;broke&gt;") && page.contains("&lt;i&gt;"))
    #expect(!page.contains("<b>held</b>") && page.contains("not judged"))
    #expect(
      try LoadReport(record(.pass)).html().contains(
        "Every event was acknowledged, and all 2 judged invariants held."))
  }

  @Test(
    "shows latency and throughput over time where they were measured, and the difference from the simulation")
  func overTime() throws {
    var record = record(.pass)
    let without = try LoadReport(record).html()
    #expect(!without.contains("Latency over time") && without.contains("+20.0 %"))
    record.ingestion.timeline = .init(
      step: 1, due: [500, 500, 0], acknowledged: [400, 0, 600], retried: [0, 2, 0],
      latency: [
        "p50": [0.001, nil, 0.002], "p95": [0.01, nil, 0.1], "p99": [0.25, nil, 3], "max": [0.25, nil, 3],
      ],
      distribution: [.init(upTo: 0.001, requests: 6), .init(upTo: 5, requests: 4)])
    let page = try LoadReport(record).html()
    for words in [
      "Latency over time: p50, greatest 2 ms; p95, greatest 100 ms; p99, greatest 3 s", "log scale",
      "max, peak 3 s",
      "Throughput over time: scheduled, greatest 500; acknowledged, greatest 600", "retried, peak 2.00",
      "60.0 %",
    ] { #expect(page.contains(words), "\(words)") }
    let again = try JSONDecoder().decode(LoadRecord.self, from: record.json())
    #expect(again == record, "a step without a request is null")
  }
}

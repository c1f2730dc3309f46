import RunRecord
import Testing

@testable import Reports

@Suite("Pages of studies")
struct StudyPageTests {
  private func point(_ value: String, _ number: Double, _ mean: Double, _ finding: CapacityStudy.Finding)
    -> CapacityStudy.Point
  {
    CapacityStudy.Point(
      values: [value], numbers: [number], runs: 20, finding: finding, reasons: [],
      estimates: ["closeCycleTime": Estimate(mean: mean, halfWidth: 60, confidence: 0.95, count: 20)],
      resources: [:], peaks: [:])
  }

  private func curve(_ setting: String?, _ answer: String?, _ beyond: String?) -> CapacityStudy.Curve {
    .init(
      setting: setting,
      points: [
        point("500", 500, 4000, .met), point("2835", 2835, 250_000, .met),
        point("8406", 8406, 270_000, .open),
        point("20000", 20000, 400_000, .missed),
      ], answer: answer, beyond: beyond, isMonotone: true,
      binding: [.init(resource: "erp/us places", utilization: 0.98)], knee: nil, law: nil)
  }

  private func study(_ curves: [CapacityStudy.Curve], seeks: String = "largest") -> CapacityStudy {
    var study = CapacityStudy(
      meterstorm: "1", scenario: "s.yaml", scenarioHash: "h", options: ["capacity"], name: "load",
      seeks: seeks, objectives: ["closeCycleTime < 3d"], thresholds: ["closeCycleTime": 259_200],
      units: ["closeCycleTime": "s"], knobs: [.init(path: "customers.count", from: "500", to: "20000")],
      confidence: 0.95)
    study.curves = curves
    study.words = [
      "customers.count": .init(text: "customers", kind: "count"),
      "entities.0.erp.concurrency": .init(text: "connections of entity us's ERP", kind: "count"),
      "faults.0.for": .init(text: "length of the outage", kind: "duration"),
    ]
    study.titles = ["closeCycleTime": "time to close the books"]
    study.objectiveWords = ["day-3 close on average"]
    return study
  }

  @Test("a sentence that a CFO reads, from the values that the table shows")
  func sentence() throws {
    let both = study([
      curve("entities.0.erp.concurrency=5", "2835", "8406"),
      curve("entities.0.erp.concurrency=15", "8406", "20000"),
      curve("entities.0.erp.concurrency=65", "20000", nil), curve("entities.0.erp.concurrency=1", nil, "500"),
    ])
    let sentence =
      "Day-3 close on average holds up to 2,835 customers with 5 connections of entity us's ERP, 8,406 with 15, at least 20,000 with 65; with 1 it is shown for no value."
    #expect(StudySentences(both).answer == sentence)
    let page = try CapacityReport([both]).html()
    // At the top, and in its section where there are others. All lines are in one chart, in both sizes, and each answer is marked.
    #expect(page.split(separator: HTML.escaped(sentence)).count == 2)
    #expect(try CapacityReport([both, both]).html().contains("answer\">\(HTML.escaped(sentence))"))
    #expect(
      page.split(separator: "class=\"wide\"").count == 2 && page.split(separator: "class=\"slim\"").count == 2
    )
    for mark in ["up to 2,835</text>", "up to 8,406</text>", "at least 20,000</text>"] {
      #expect(page.split(separator: mark).count == 3, "\(mark)")
    }
    #expect(page.contains("objective 3d") && page.contains("<h3>Time to close the books</h3>"))
    #expect(page.contains(">customers</text>") && !page.contains("entities.0.erp.concurrency"))
  }

  @Test("one thing is one thing, and lengths are no numbers of things")
  func grammar() {
    var single = study([curve("entities.0.erp.concurrency=1", "2835", "8406")])
    #expect(StudySentences(single).answer?.hasSuffix("with 1 connection of entity us's ERP.") == true)
    single = study([curve(nil, "2835", "500")], seeks: "smallest")
    #expect(StudySentences(single).answer == "Day-3 close on average takes at least 2,835 customers.")
    var length = study([curve(nil, "20302s", "43200s")])
    length.knobs = [.init(path: "faults.0.for", from: "600s", to: "43200s")]
    #expect(
      StudySentences(length).answer
        == "Day-3 close on average holds with a length of the outage up to 5h 38m.")
    let none = study([curve(nil, nil, "500")])
    #expect(
      StudySentences(none).answer
        == "Day-3 close on average is not shown to hold with any number of customers from 500 to 20,000.")
  }

  @Test("a study of an earlier version, without words, shows its paths")
  func earlier() throws {
    var old = study([curve("entities.0.erp.concurrency=5", "2835", "8406")])
    (old.words, old.titles, old.objectiveWords) = (nil, nil, nil)
    let page = try CapacityReport([old]).html()
    #expect(page.contains("customers.count") && page.contains("closeCycleTime"))
  }

  @Test(
    "axes have round figures in their unit, few enough to be read",
    arguments: [
      (0.0, 10_800.0, Axis.Unit.duration, 6, "0 1h 2h 3h"),
      (0.0, 400_000.0, .duration, 6, "0 1d 2d 3d 4d 5d"),
      (0.0, 95.0, .duration, 6, "0 30s 1m 1m 30s 2m"),
      (0.0, 0.87, .share, 6, "0 % 20 % 40 % 60 % 80 % 100 %"),
      (0.0, 19_500.0, .number(""), 6, "0 5,000 10,000 15,000 20,000"),
      (-3.0, 7.0, .number(""), 6, "-5 0 5 10"),
    ])
  func axes(_ low: Double, _ high: Double, _ unit: Axis.Unit, _ count: Int, _ labels: String) {
    let axis = Axis(from: low, to: high, unit: unit, count: count, isWhole: true)
    #expect(axis.low <= low && axis.high >= high && axis.ticks.count <= count + 1)
    let shown = axis.ticks.map(axis.label).joined(separator: " ")
    #expect(shown == labels)
  }

  @Test("an axis of every size has between two ticks and as many as there is room for, all different")
  func sizes() {
    for power in -4...7 {
      for lead in [1.0, 1.7, 2.3, 4.9, 7.5] {
        var high = lead
        for _ in 0..<abs(power) { high = power < 0 ? high / 10 : high * 10 }
        for unit in [Axis.Unit.duration, .share, .number("")] {
          for count in [4, 6, 9] {
            let axis = Axis(from: 0, to: high, unit: unit, count: count, isWhole: true)
            let labels = axis.ticks.map(axis.label)
            #expect((2...count + 1).contains(labels.count), "\(high) \(unit): \(labels)")
            if high > 0.01 { #expect(Set(labels).count == labels.count, "\(high) \(unit): \(labels)") }
            #expect(axis.high >= high * 0.999999 && axis.high <= high * 3.5, "\(high) \(unit): \(labels)")
          }
        }
      }
    }
  }

  @Test("the table of a comparison is on its page, with differences from the first")
  func comparison() throws {
    func variant(_ name: String, _ mean: Double) -> Comparison.Variant {
      Comparison.Variant(
        name: name, settings: [], runs: 5, sound: 5, broken: [], failureBound: 0.45,
        estimates: ["closeCycleTime": Estimate(mean: mean, halfWidth: 60, confidence: 0.95, count: 5)])
    }
    let comparison = Comparison(
      meterstorm: "1", scenario: "s.yaml", scenarioHash: "h", options: ["compare"], confidence: 0.95,
      seeds: [1, 2, 3, 4, 5], variants: [variant("a", 7200), variant("b", 3600)],
      indicators: [.init(name: "closeCycleTime", unit: "s", title: "time to close the books")],
      differences: [
        .init(
          indicator: "closeCycleTime", first: "a", second: "b",
          difference: Estimate(mean: 3600, halfWidth: 90, confidence: 0.95, count: 5), finding: .higher)
      ], interrupted: false)
    let page = try ComparisonReport(comparison).html()
    #expect(page.contains("2h ± 1m") && page.contains("1h ± 1m"))
    #expect(page.contains("-1h ± 1m 30s *"))
    #expect(page.contains("seeds without a violation") && page.contains("Time to close the books"))
  }
}

import Foundation
import ResultsDatabase
import RunRecord
import Statistics
import Synchronization
import Testing

@testable import Experiments
@testable import Scenario

/// The month's end of the capacity scenarios with few customers: NetSuite takes 6.02 s an invoice.
private func monthEnd(_ settings: [String] = []) throws -> Campaign {
  let template = try ScenarioTemplate(
    file: Repository.root.appendingPathComponent("scenarios/capacity/outage.yaml").path,
    settings: (["customers.count=60", "design.posting.concurrency=1"] + settings)
      .compactMap(ScenarioFile.Setting.init))
  var campaign = Campaign(template, seeds: 0...0)
  campaign.explores = false
  return campaign
}

private func laboratory(_ campaign: Campaign, jobs: Int = 2, _ store: ResultsStore? = nil) throws
  -> Laboratory
{
  try Laboratory(campaign, store: store ?? ResultsStore(path: ":memory:"), jobs: jobs)
}

private func variant(_ name: String, _ setting: String) -> Laboratory.Variant {
  let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
  return Laboratory.Variant(
    name: name, edits: [.set(path: parts[0].split(separator: ".").map(String.init), value: parts[1])])
}

@Suite("Comparisons of designs")
struct DesignComparisonTests {
  private func comparison(_ variants: [Laboratory.Variant]) -> DesignComparison {
    var study = DesignComparison(variants)
    study.rule = .init(precision: 0.5, least: 4, most: 4)
    return study
  }

  @Test("two designs that are the same come out as no difference")
  func same() throws {
    let result = try comparison([variant("a", "description=one"), variant("b", "description=other")])
      .perform(in: laboratory(monthEnd()))
    #expect(!result.differences.isEmpty)
    #expect(result.differences.allSatisfy { $0.finding == .identical && $0.difference.halfWidth == 0 })
    #expect(
      result.verdict.last == "a, b: no difference; all of them close at the same instant on every seed.")
    #expect(result.variants.map(\.sound) == [4, 4])
  }

  @Test("what is faster is shown to be, with an interval that leaves zero out, and in words")
  func faster() throws {
    let result = try comparison([
      variant("one", "design.posting.concurrency=1"), variant("three", "design.posting.concurrency=3"),
    ]).perform(in: laboratory(monthEnd()))
    let closing = try #require(result.differences.first { $0.indicator == "closeCycleTime" })
    #expect(closing.finding == .higher)
    // 60 invoices one after another take 361.2 s; three at once, 120.4 s.
    #expect((closing.difference.mean - 240.8).magnitude < 1)
    let documents = try #require(result.differences.first { $0.indicator == "documentsPosted" })
    #expect(documents.finding == .identical)
    #expect(result.verdict.contains("closeCycleTime: three < one"))
    #expect(
      result.verdict.last?.hasPrefix("Of those that held every invariant, three closes soonest: 2h 2m")
        == true
    )
    // Common random numbers: both met the same usage.
    #expect(result.seeds == [1, 2, 3, 4])
  }

  @Test("a design that breaks invariants is said to, and is not called the fastest")
  func broken() throws {
    var campaign = try monthEnd(["faults.0.at=month-end+2h", "faults.0.for=30s"])
    campaign.defect = Defect.all.first { $0.name == "late-event-dropped-silently" }
    let result = try comparison([variant("a", "design.posting.concurrency=2"), variant("b", "seed=7")])
      .perform(in: laboratory(campaign))
    // Whatever that defect breaks here, the words agree with the counts.
    for entry in result.variants {
      let isSound = entry.sound == entry.runs
      #expect(entry.broken.isEmpty == isSound && (entry.failureBound != nil) == isSound)
      #expect(result.verdict.contains { $0.hasPrefix("\(entry.name): does not hold") } == !isSound)
    }
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
      ComparisonVerdict(
        entries,
        [difference("a", "b", .higher), difference("a", "c", finding), difference("b", "c", .lower)],
        ["closeCycleTime"], confidence: 0.95
      ).sentences
    }
    #expect(sentences(.higher).contains("closeCycleTime: b < c < a"))
    #expect(sentences(.none).contains("closeCycleTime: b < c ≈ a"))
    #expect(sentences(.higher).contains("b: does not hold on 7 of 10 seeds: no-double-posting on 7."))
    #expect(sentences(.higher).last == "Of those that held every invariant, c closes soonest: 3m 20s ± 1 s.")
    #expect(sentences(.none).last?.contains("none of those that held every invariant is shown") == true)
    #expect(sentences(.none).contains { $0.hasPrefix("a, c: every invariant held on all 10 seeds") })
    let none = ComparisonVerdict([entry("b", 1, sound: 0)], [], [], confidence: 0.95).sentences
    #expect(none.last == "None of them can be relied on.")
  }
}

@Suite("Studies")
struct LaboratoryTests {
  @Test(
    "give the same bytes on one thread and on two, and after an interruption, without a run being made twice")
  func sameBytes() throws {
    let campaign = try monthEnd()
    var study = DesignComparison([
      variant("a", "customers.count=20"), variant("b", "customers.count=30"),
    ])
    study.rule = .init(precision: 0.5, least: 4, most: 4)
    let whole = try study.perform(in: laboratory(campaign, jobs: 1)).json()
    #expect(try study.perform(in: laboratory(campaign, jobs: 2)).json() == whole)
    let store = try ResultsStore(path: ":memory:")
    let stopped = try study.perform(
      in: Laboratory(campaign, store: store, jobs: 1) { $0 < 3 })
    #expect(stopped.interrupted && stopped.seeds.isEmpty)
    let id = try store.begin(campaign.identity)
    let kept = try study.variants.map { try store.replications(of: id, variant: $0.key).count }
    #expect(kept.reduce(0, +) == 3)
    let count = Mutex(0)
    let resumed = try study.perform(
      in: Laboratory(campaign, store: store, jobs: 2) { done in
        count.withLock { $0 = max($0, done) }
        return true
      })
    #expect(try resumed.json() == whole)
    #expect(count.withLock { $0 } == 5)
    #expect(try store.studies(of: id).map(\.kind) == ["comparison"])
    #expect(try store.studies(of: id).first?.result == whole)
  }

  @Test("refuse a variant that makes no sense before anything is run")
  func refusal() throws {
    let store = try ResultsStore(path: ":memory:")
    let campaign = try monthEnd()
    let study = DesignComparison([variant("a", "customers.count=20"), variant("b", "customers.count=many")])
    let error = #expect(throws: InvalidInput.self) { try study.perform(in: laboratory(campaign, store)) }
    #expect(error?.description.contains("the variant 'b' cannot be used") == true)
    #expect(error?.description.contains("variant 'b' customers.count:1:1: ") == true)
    let id = try store.begin(campaign.identity)
    #expect(try store.replications(of: id, variant: study.variants[0].key).isEmpty)
  }

  @Test("a database of the first version takes studies, too, and what is merged brings them along")
  func versions() throws {
    let path = NSTemporaryDirectory() + "meterstorm-\(UUID().uuidString).db"
    defer {
      for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
    let campaign = try monthEnd()
    let replication = Replication(
      seed: 3, fingerprint: "f", broken: [], missed: [], indicators: ["closeCycleTime": 1], resources: [:],
      peaks: [:])
    do {
      let store = try ResultsStore(path: path)
      _ = try store.begin(campaign.identity)
      try store.becomeFirstVersion()
    }
    #expect(try ResultsStore(path: path, isReadOnly: true).studies(of: 1).isEmpty)
    let store = try ResultsStore(path: path)
    let id = try store.begin(campaign.identity)
    try store.add(replication, variant: "v", to: id)
    try store.add(replication, variant: "v", to: id)
    try store.keep(study: "capacity", question: "load", result: Data("{}".utf8), of: id)
    var other = replication
    other.fingerprint = "g"
    #expect(throws: ResultsError.self) { try store.add(other, variant: "v", to: id) }
    let target = try ResultsStore(path: ":memory:")
    try target.merge(store)
    let own = try target.begin(campaign.identity)
    #expect(try target.replications(of: own, variant: "v") == [3: replication])
    #expect(try target.studies(of: own).map(\.question) == ["load"])
  }
}

@Suite("Capacity")
struct CapacityPlanTests {
  private static func question(
    _ goal: CapacityQuestion.Goal, _ knobs: [(String, String, String)], _ objectives: [String]
  ) -> CapacityQuestion {
    CapacityQuestion(
      name: "test", goal: goal, objectives: objectives.compactMap(Expectation.init),
      knobs: knobs.map { path, low, high in
        .init(
          path: path.split(separator: ".").map(String.init), range: ExploredRange(from: low, to: high)!)
      })
  }

  private func plan(_ question: CapacityQuestion) -> CapacityPlan {
    var plan = CapacityPlan(question)
    (plan.replications, plan.grid) = ((2, 4), 3)
    return plan
  }

  @Test("the largest load is that of the hand calculation, and what binds is named")
  func largest() throws {
    // Two hours until the last window closes; 300 s more hold 49 documents of 6.02 s, one after another: the journal of
    // recognised revenue, and 48 invoices.
    let plan = plan(
      Self.question(.largest, [("customers.count", "10", "100")], ["closeCycleTime < 7500s"]))
    let study = try plan.perform(in: laboratory(monthEnd()))
    let curve = try #require(study.curves.first)
    #expect(curve.answer == "48" && curve.beyond == "49" && curve.isMonotone)
    #expect(curve.binding?.contains("erp/us workers 100 %") == true)
    #expect(curve.points.map(\.numbers[0]) == curve.points.map(\.numbers[0]).sorted())
    #expect(study.runs == curve.points.reduce(0) { $0 + $1.runs })
  }

  @Test(
    "the smallest number of workers is that of the hand calculation; throughput follows the scalability law")
  func smallest() throws {
    // 361.2 s of work within 100 s: four.
    var plan = plan(
      Self.question(.smallest, [("design.posting.concurrency", "1", "9")], ["closeCycleTime < 7300s"]))
    plan.grid = 5
    let curve = try #require(try plan.perform(in: laboratory(monthEnd())).curves.first)
    #expect(curve.answer == "4" && curve.beyond == "3")
    let law = try #require(curve.law)
    #expect(law.greatestResidual < 0.1 && law.contention < 0.02)
  }

  @Test("a range that all meet or none meets has its ends as answers")
  func ends() throws {
    let easy = plan(Self.question(.largest, [("customers.count", "5", "9")], ["closeCycleTime < 1d"]))
    let all = try #require(try easy.perform(in: laboratory(monthEnd())).curves.first)
    #expect(all.answer == "9" && all.beyond == nil)
    let hard = plan(Self.question(.largest, [("customers.count", "5", "9")], ["closeCycleTime < 1h"]))
    let none = try #require(try hard.perform(in: laboratory(monthEnd())).curves.first)
    #expect(none.answer == nil && none.beyond == "5")
  }

  @Test("a map tells the cells that meet from those that do not, and effects tell what matters")
  func several() throws {
    let knobs = [("customers.count", "20", "100"), ("design.posting.concurrency", "1", "3")]
    let map = try plan(Self.question(.map, knobs, ["closeCycleTime < 7450s"]))
      .perform(in: laboratory(monthEnd())).map
    // 20, 60 and 100 invoices, by 1, 2 and 3: 250 s of work for each worker are 41 invoices.
    #expect(map.map(\.values) == ["20", "60", "100"].flatMap { a in ["1", "2", "3"].map { [a, $0] } })
    #expect(map.map { $0.finding == .met } == [true, true, true, false, true, true, false, false, true])
    let effects = try plan(
      Self.question(.effects, knobs + [("faults.0.for", "10m", "20m")], ["closeCycleTime < 7450s"])
    ).perform(in: laboratory(monthEnd())).effects
    #expect(Set(effects.prefix(2).map(\.path)) == ["customers.count", "design.posting.concurrency"])
    // An outage that ends before the first invoice does nothing.
    #expect(effects.last?.path == "faults.0.for" && effects.last?.magnitude == 0)
    #expect(effects.first?.alone.compactMap(\.self).count == 2)
  }

  @Test(
    "a finding needs the confidence limit on its side; what breaks an invariant or cannot be measured is missed"
  )
  func findings() {
    let plan = plan(Self.question(.largest, [("a", "1", "2")], ["closeCycleTime < 100s"]))
    func replication(_ time: Double?, broken: [String] = []) -> Replication {
      Replication(
        seed: 1, fingerprint: "", broken: broken, missed: [],
        indicators: time.map { ["closeCycleTime": $0] } ?? [:],
        resources: [:], peaks: [:])
    }
    #expect(plan.judge([replication(90), replication(91), replication(92)]).0 == .met)
    // The same mean, less certain: Student's t with 2 degrees of freedom, one-sided 95 %, is 2.92.
    #expect(plan.judge([replication(80), replication(91), replication(102)]).0 == .open)
    #expect(plan.judge([replication(110), replication(111), replication(112)]).0 == .missed)
    #expect(plan.judge([replication(90), replication(90, broken: ["x"])]).0 == .missed)
    #expect(plan.judge([replication(90), replication(nil)]).0 == .missed)
    #expect(plan.judge([replication(90)]).0 == .open)
    #expect(plan.judge([replication(90, broken: ["x"])]).1 == ["x breaks on 1 of 1 seeds"])
  }

  @Test(
    "a capacity section that makes no sense is refused with its place",
    arguments: [
      ("- { name: a, vary: [ { path: customers.count, from: 9, to: 5 } ] }", "the lower one first"),
      ("- { name: a, vary: [ { path: customers.count, from: 1, to: 5d } ] }", "same unit"),
      ("- { name: a, seeks: map, vary: [ { path: customers.count, from: 1, to: 5 } ] }", "a map turns two"),
      ("- { name: a, seeks: most, vary: [ { path: customers.count, from: 1, to: 5 } ] }", "largest"),
      (
        "- { name: a, vary: [ { path: customers.count, from: 1, to: 5 } ], objectives: [ closing < 1d ] }",
        "closing"
      ),
      ("- { name: a, vary: [] }", "vary"),
      ("- { name: a, vary: [ { path: '', from: 1, to: 5 } ] }", "path"),
    ])
  func refused(section: String, words: String) throws {
    let error = #expect(throws: InvalidInput.self) {
      try ScenarioTemplate(
        file: Repository.root.appendingPathComponent("scenarios/capacity/month-end.yaml").path,
        settings: [ScenarioFile.Setting("capacity=[ \(section.dropFirst(2)) ]")!])
    }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }
}

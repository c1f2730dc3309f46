import Foundation
import GRDB
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
    study.rule = .init(precision: 0.5, minimum: 4, maximum: 4)
    return study
  }

  @Test("two designs that are the same come out as no difference")
  func same() throws {
    let result = try comparison([variant("a", "description=one"), variant("b", "description=other")])
      .perform(in: laboratory(monthEnd()))
    #expect(!result.differences.isEmpty)
    #expect(result.differences.allSatisfy { $0.finding == .identical && $0.difference.halfWidth == 0 })
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
    // Common random numbers: both met the same usage.
    #expect(result.seeds == [1, 2, 3, 4])
  }

  @Test("a variant that breaks invariants has them counted by seed, and no bound on its failures")
  func broken() throws {
    // The ERP takes a call and loses its answers: with that defect each is posted again.
    var campaign = try monthEnd([
      "faults=[ { at: month-end, for: 5h, target: erp/us, timeoutAfterCommit: { share: 50% } } ]",
      "entities.0.erp.idempotency=none",
    ])
    campaign.defect = Defect.all.first { $0.name == "retry-without-key" }
    let result = try comparison([
      variant("faults", "description=one"), variant("none", "faults=[]"),
    ]).perform(in: laboratory(campaign))
    #expect(result.variants.map(\.sound) == [0, 4])
    #expect(result.variants[0].broken.contains(.init(invariant: "no-double-posting", seeds: 4)))
    #expect(result.variants[0].failureBound == nil && result.variants[1].broken.isEmpty)
    // Nothing failed on four seeds: 1 - 0.05^(1/4).
    #expect(((result.variants[1].failureBound ?? 0) - 0.5271).magnitude < 1e-3)
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
    study.rule = .init(precision: 0.5, minimum: 4, maximum: 4)
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
    }
    // As the first version made it: without what came with the second.
    try DatabaseQueue(path: path).write {
      try $0.execute(
        sql: "DROP TABLE replication; DROP TABLE study; DROP TABLE record; PRAGMA user_version = 1")
    }
    let before = try ResultsStore(path: path, isReadOnly: true)
    #expect(
      try before.studies(of: 1).isEmpty && before.keptRuns(limit: 9).isEmpty && before.keptRun(1) == nil)
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

  @Test("a kept run is found by what its record speaks of, replaced by a later one like it, and merged")
  func keptRuns() throws {
    let store = try ResultsStore(path: ":memory:")
    let campaign = try monthEnd()
    let (run, _) = try campaign.prepare(3)
    var record = run.perform()
    try store.keep(record, variant: [], of: campaign.identity)
    try store.keep(record, variant: ["a=b"], of: campaign.identity)
    record.verdict = .fail
    record.scenario = "one \"quoted\""
    try store.keep(record, variant: [], of: campaign.identity)
    let kept = try store.keptRuns(limit: 9)
    #expect(kept.map(\.variant) == [["a=b"], []] && kept.map(\.verdict) == [.pass, .fail])
    #expect(kept.allSatisfy { $0.seed == 3 && $0.fingerprint == record.fingerprint })
    #expect(try store.keptRuns(limit: 1).count == 1)
    #expect(try store.keptRuns(speakingOf: "one \"quoted\"", limit: 9).map(\.id) == [1])
    #expect(try store.keptRuns(speakingOf: "no such words", limit: 9).isEmpty)
    #expect(try RunRecord(json: #require(try store.keptRun(1)).record).scenario == record.scenario)
    let target = try ResultsStore(path: ":memory:")
    try target.merge(store)
    try target.merge(store)
    #expect(try target.keptRuns(limit: 9).map(\.variant) == [["a=b"], []])
    #expect(try target.keptRun(7) == nil)
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
    (plan.replications, plan.search, plan.grid) = ((20, 20), (2, 2), 3)
    return plan
  }

  /// Nothing of it is drawn at random: what is found is shown by any number of replications. Usage comes every minute, so that the
  /// last window of January closes with the next event after an hour of grace, seven seconds later.
  private static let steady = [
    "load=[ { meter: api_calls, arrivals: { constant: 60/h }, quantity: 30 } ]"
  ]

  @Test("the largest load is that of the hand calculation, and what binds is named")
  func largest() throws {
    // An hour and 7 s until the last window closes; 292 s more hold 48 invoices of 6.02 s, one after another.
    let plan = plan(
      Self.question(.largest, [("customers.count", "10", "100")], ["closeCycleTime < 3899s"]))
    let study = try plan.perform(in: laboratory(monthEnd(Self.steady)))
    let curve = try #require(study.curves.first)
    #expect(curve.answer == "48" && curve.beyond == "49" && curve.isMonotone)
    let binding = try #require(curve.binding.first)
    #expect(binding.resource == "erp/us workers" && binding.utilization > 0.95)
    #expect(curve.points.map(\.numbers[0]) == curve.points.map(\.numbers[0]).sorted())
    // What was judged was searched before.
    #expect(study.runs > curve.points.reduce(0) { $0 + $1.runs })
    #expect(curve.points.count { $0.finding == .met && $0.runs >= 20 } == 1)
  }

  @Test(
    "the smallest number of workers is that of the hand calculation; throughput follows the scalability law")
  func smallest() throws {
    // 361.2 s of work within 100 s: four.
    var plan = plan(
      Self.question(.smallest, [("design.posting.concurrency", "1", "9")], ["closeCycleTime < 3711s"]))
    plan.grid = 5
    let curve = try #require(try plan.perform(in: laboratory(monthEnd(Self.steady))).curves.first)
    #expect(curve.answer == "4" && curve.beyond == "3")
    let law = try #require(curve.law)
    #expect(law.greatestResidual < 0.1 && law.contention < 0.02)
  }

  @Test("a range that all meet or none meets has its ends as answers")
  func ends() throws {
    let easy = plan(Self.question(.largest, [("customers.count", "5", "9")], ["closeCycleTime < 1d"]))
    let all = try #require(try easy.perform(in: laboratory(monthEnd(Self.steady))).curves.first)
    #expect(all.answer == "9" && all.beyond == nil)
    let hard = plan(Self.question(.largest, [("customers.count", "5", "9")], ["closeCycleTime < 1h"]))
    let none = try #require(try hard.perform(in: laboratory(monthEnd(Self.steady))).curves.first)
    #expect(none.answer == nil && none.beyond == "5")
  }

  @Test("a map tells the cells that meet from those that do not, and effects tell what matters")
  func several() throws {
    let knobs = [("customers.count", "20", "100"), ("design.posting.concurrency", "1", "3")]
    let map = try plan(Self.question(.map, knobs, ["closeCycleTime < 3861s"]))
      .perform(in: laboratory(monthEnd(Self.steady))).map
    // 20, 60 and 100 invoices, by 1, 2 and 3: 250 s of work for each worker are 41 invoices.
    #expect(map.map(\.values) == ["20", "60", "100"].flatMap { a in ["1", "2", "3"].map { [a, $0] } })
    #expect(map.map { $0.finding == .met } == [true, true, true, false, true, true, false, false, true])
    let effects = try plan(
      Self.question(.effects, knobs + [("faults.0.for", "10m", "20m")], ["closeCycleTime < 3861s"])
    ).perform(in: laboratory(monthEnd())).effects
    #expect(Set(effects.prefix(2).map(\.path)) == ["customers.count", "design.posting.concurrency"])
    // An outage that ends before the first invoice does nothing.
    #expect(effects.last?.path == "faults.0.for" && effects.last?.magnitude == 0)
    #expect(effects.first?.alone.compactMap(\.self).count == 2)
  }

  @Test(
    "a capacity section that makes no sense is refused with its place",
    arguments: [
      ("- { name: a, vary: [ { path: customers.count, from: 9, to: 5 } ] }", "the lower one first"),
      ("- { name: a, vary: [ { path: customers.count, from: 1, to: 5d } ] }", "same unit"),
      ("- { name: a, seeks: map, vary: [ { path: customers.count, from: 1, to: 5 } ] }", "a map varies two"),
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

  @Test(
    "the time to drain is measured for each kind of fault: nothing where nothing was left, none where it never ended"
  )
  func drains() throws {
    func indicators(_ settings: [String]) throws -> [String: RunRecord.Indicator] {
      try monthEnd(settings).prepare(1).run.perform().indicators
    }
    let name = "drainAfter(erp/us outage)"
    // It ends before an invoice is issued; three hours later, 60 invoices are left, and posting tries again every few minutes.
    #expect(try indicators([])[name] == .init(value: 0, unit: "s"))
    let value = try #require(try indicators(["faults.0.for=3h"])[name]?.value)
    #expect((361...361 + 450).contains(value))
    let endless = try indicators(["faults.0.for=3h", "entities.0.erp.latency=4d", "drainWithin=1h"])
    #expect(endless[name] == nil)
    let objective = try #require(Expectation("drainAfter(erp/us  outage)<20m"))
    #expect(objective.text == "drainAfter(erp/us outage) < 20m" && objective.indicator.unit == "s")
    #expect(
      Expectation("drainAfter(erp/us) < 20m") == nil && Expectation("drainAfter(us outage) < 20m") == nil)
  }

  @Test("steps of a range are its values, the ends included; a range beyond all bounds has an end, too")
  func steps() throws {
    let counts = try #require(ExploredRange(from: "5", to: "9"))
    #expect(counts.steps == 4 && counts.value(step: 0).text == "5" && counts.value(step: 9).text == "9")
    #expect((0...4).map { counts.value(at: (Double($0) + 0.5) / 5) } == ["5", "6", "7", "8", "9"])
    #expect(counts.value(at: 1) == "9")
    let rates = try #require(ExploredRange(from: "10/h", to: "40/h"))
    #expect(rates.value(step: rates.steps / 2).text == "25.000/h" && rates.value(step: 0).number == 10)
    let spans = try #require(ExploredRange(from: "1h", to: "2h"))
    #expect(spans.value(step: 60).text == "3660s" && spans.value(step: 60).number == 3660)
    let vast = try #require(ExploredRange(from: "0", to: "99999999999999999999"))
    #expect(vast.steps == .max && vast.value(at: 1).count == 19)
  }

  @Test("edits read back from their text, and what is none is refused")
  func edits() {
    for text in ["delivery.duplicates=3%", "-payments", "load.0.arrivals={ poisson: 5/h }", "a="] {
      #expect(ScenarioTemplate.Edit(text: text)?.text == text)
    }
    for text in ["", "=5", "-", "customers.count", "."] { #expect(ScenarioTemplate.Edit(text: text) == nil) }
  }
}

import Foundation
import GRDB
import Reports
import ResultsDatabase
import RunRecord
import SimulationKernel
import Testing

@testable import Experiments

@Suite("The gate between two commits")
struct CommitGateTests {
  /// A run of which only the seed, what fails, and some indicators matter.
  func run(
    _ seed: UInt64, fails: [String] = [], missed: [String] = [], _ indicators: [String: Double] = [:],
    fingerprint: String? = nil, variant: [String] = [], events: Int64 = 100
  ) -> CampaignRun {
    CampaignRun(
      seed: seed, verdict: fails.isEmpty && missed.isEmpty ? .pass : .fail,
      fingerprint: fingerprint ?? "f\(seed)", usageEvents: events, kernelEvents: 9, simulatedSeconds: 1,
      broken: fails.map {
        CampaignRun.Broken(
          invariant: $0, at: "2026-01-01T00:00:00Z", ids: ["a"], expected: "1", actual: "2", violations: 1)
      }, missed: missed, cause: "", situations: [:], exercised: ["drains"], variant: variant,
      indicators: indicators)
  }

  func side(
    _ name: String, _ runs: [CampaignRun], counts: [WorkCounts.Count] = [], scenario: String = "s.yaml"
  ) -> GateSide {
    GateSide(
      source: "\(name).db", commit: name,
      runs: runs.isEmpty ? [] : [.init(scenario: scenario, options: [], hash: "h", runs: runs)],
      counts: counts)
  }

  func judge(
    _ base: [CampaignRun], _ candidate: [CampaignRun], _ conditions: [GateCondition] = GateCondition.standard
  ) throws -> GateRecord {
    var gate = CommitGate(base: side("main", base), candidate: side("work", candidate))
    gate.conditions = conditions
    return try gate.judge()
  }

  func finding(_ record: GateRecord, _ text: String) -> GateRecord.ConditionFinding? {
    record.conditions.first { $0.text == text }?.finding
  }

  private let seeds: ClosedRange<UInt64> = 1...200

  @Test("what newly fails is named with its seeds and the command of the simplest one")
  func newFailure() throws {
    let base = seeds.map { run($0) }
    var candidate = base
    candidate[6] = run(7, fails: ["no-lost-usage"], events: 90)
    candidate[9] = run(10, fails: ["no-lost-usage"], events: 20)
    let record = try judge(base, candidate)
    #expect(record.verdict == .fail && finding(record, "new failure") == .failed)
    #expect(finding(record, "more failures") == .passed)
    let worst = try #require(record.worst)
    #expect(worst.text.contains("no-lost-usage fails on 2 of 200 seeds of s.yaml, before on 0 of 200"))
    #expect(worst.text.contains("seeds 7, 10 passed in the base"))
    #expect(worst.command == "meterstorm run s.yaml --seed 10 --explore")
    #expect(record.scenarios[0].identical == 200 && record.scenarios[0].properties[0].finding == .newFailure)
    // The other way round it is good news.
    let mended = try judge(candidate, base)
    #expect(mended.verdict == .pass && mended.scenarios[0].properties[0].finding == .gone)
  }

  @Test("a failure on seeds that the base has not run is named as such")
  func unpairedFailure() throws {
    let record = try judge([run(1), run(2)], [run(1), run(2), run(3, missed: ["x < 1"])])
    let condition = try #require(record.conditions.first { $0.text == "new failure" })
    #expect(condition.finding == .notJudged && record.scenarios[0].properties[0].finding == .unknown)
    #expect(condition.reasons[0].text.contains("the base has not run these seeds with the same variant"))
    // By chance alone, all k failures of 80 seeds lie among these 20 with a probability of C(20, k) / C(80, k): 0.25 at 1, 1.1e-7 at 10.
    func candidate(_ failing: Int) -> [CampaignRun] {
      (101...120).map { run($0, missed: Int($0) - 101 < failing ? ["x < 1"] : []) }
    }
    let base = (1...60).map { run($0) }
    #expect(finding(try judge(base, candidate(1)), "new failure") == .notJudged)
    #expect(finding(try judge(base, candidate(10)), "new failure") == .failed)
  }

  @Test("more seeds of a failure that was there before count only where chance does not explain them")
  func moreFailures() throws {
    let base = seeds.map { run($0, fails: $0 <= 10 ? ["drains"] : []) }
    func candidate(_ failing: ClosedRange<UInt64>) -> [CampaignRun] {
      seeds.map { run($0, fails: failing.contains($0) ? ["drains"] : []) }
    }
    // Other seeds, as many: as after a change of the order of draws.
    let moved = try judge(base, candidate(101...112))
    #expect(moved.verdict == .pass && moved.scenarios[0].properties[0].finding == .same)
    #expect(try judge(base, candidate(101...112), [.newlyFailingSeed]).verdict == .fail)
    #expect(try judge(base, candidate(101...112), [.anyFailure]).verdict == .fail)
    let more = try judge(base, candidate(1...40))
    #expect(more.verdict == .fail && finding(more, "more failures") == .failed)
    #expect(more.scenarios[0].properties[0].newlyFailing == 30)
  }

  @Test(
    "an indicator fails only where it is shown to be worse by more than the margin, whichever way is worse")
  func indicators() throws {
    func runs(_ close: Double, _ posted: Double, _ noise: String) -> [CampaignRun] {
      var stream = RandomStream(rootSeed: 5, name: noise)
      return seeds.map {
        let level = Double(1000 + $0)
        return run(
          $0,
          [
            "closeCycleTime": level * close * (1 + stream.normal(mean: 0, deviation: 0.02)),
            "documentsPosted": 500 * posted, "invoicesPosted": 400 * posted, "drainTime": 0,
          ])
      }
    }
    let base = runs(1, 1, "a")
    let same = try judge(base, runs(1, 1, "b"))
    #expect(same.verdict == .pass)
    #expect(
      same.scenarios[0].indicators.map(\.finding) == [.none, .identical, .identical, .identical],
      "in the order of the list")
    let slower = try judge(base, runs(1.08, 1, "b"))
    #expect(slower.worst?.text.hasPrefix("closeCycleTime of s.yaml is +8.") == true)
    #expect(slower.worst?.command?.contains("--seed") == true)
    // Worse, and within the margin.
    let hardly = try judge(base, runs(1.02, 1, "b"))
    #expect(hardly.verdict == .pass && hardly.scenarios[0].indicators[0].finding == .worse)
    #expect(try judge(base, runs(1.02, 1, "b"), [GateCondition("closeCycleTime > +1%")]).verdict == .fail)
    // More documents are better, fewer are worse.
    let mended = try judge(base, runs(1, 1.2, "b"))
    #expect(mended.verdict == .pass)
    for name in ["documentsPosted", "invoicesPosted"] {
      #expect(mended.scenarios[0].indicators.first { $0.name == name }?.finding == .better, "\(name)")
    }
    #expect(
      try judge(base, runs(1, 0.9, "b")).worst?.text.contains("documentsPosted of s.yaml is -10.0 %") == true)
  }

  @Test("more documents of a candidate that newly breaks an invariant are no improvement")
  func unsound() throws {
    let base = seeds.map { run($0, fails: $0 == 3 ? ["drains"] : [], ["documentsPosted": 500]) }
    func more(_ fails: (UInt64) -> [String]) throws -> GateRecord.Indicator {
      try judge(base, seeds.map { run($0, fails: fails($0), ["documentsPosted": 600]) }).scenarios[0]
        .indicators[0]
    }
    #expect(try more { _ in [] }.finding == .better)
    #expect(try more { $0 == 3 ? ["drains"] : [] }.finding == .better, "what broke before")
    #expect(try more { $0 == 3 ? ["no-double-posting"] : [] }.finding == .unsound)
    #expect(try more { $0 == 9 ? ["drains"] : [] }.finding == .unsound)
  }

  @Test("failures are counted on the seeds that both ran, beside all")
  func inCommon() throws {
    let base = (1...10).map { run($0, fails: $0 <= 3 ? ["drains"] : []) }
    let record = try judge(base, (3...16).map { run($0, fails: $0 <= 5 || $0 > 12 ? ["drains"] : []) })
    let property = record.scenarios[0].properties[0]
    #expect(property.failingInBoth == 1 && property.newlyFailing == 2 && property.newlyPassing == 0)
    #expect(GateText(record).text().contains("3 of 10 → 7 of 14 seeds (in common: 1 → 3 of 8)"))
    #expect(GateText(try judge(base, base)).text().contains("3 → 3 of 10 seeds"))
  }

  @Test("too few seeds show nothing of an indicator: a default condition notes it, one asked for fails")
  func fewSeeds() throws {
    let (base, candidate) = ([run(1, ["cost": 1])], [run(1, ["cost": 9])])
    #expect(try judge(base, candidate).verdict == .pass)
    #expect(finding(try judge(base, candidate), "indicators worse by 5%") == .notJudged)
    var gate = CommitGate(base: side("main", base), candidate: side("work", candidate))
    (gate.conditions, gate.standard) = ([.indicatorsWorse(0.05)], 0)
    #expect(try gate.judge().verdict == .fail)
    // Two seeds that say the same could be chance: it takes as many as a coin that never shows tails.
    let two = try judge([1, 2].map { run($0, ["cost": 1]) }, [1, 2].map { run($0, ["cost": 9]) })
    #expect(two.verdict == .pass && two.scenarios[0].indicators[0].finding == .unknown)
    #expect(
      try judge(seeds.map { run($0, ["cost": 1]) }, seeds.map { run($0, ["cost": 9]) }).verdict == .fail)
  }

  @Test(
    "an indicator that is asked for by name is judged in each scenario that measures it, or the gate fails")
  func namedIndicator() throws {
    func side(_ name: String, _ factor: Double) -> GateSide {
      GateSide(
        source: "\(name).db", commit: name,
        runs: [
          .init(
            scenario: "long.yaml", options: [], hash: "h",
            runs: seeds.map { run($0, ["closeCycleTime": Double(1000 + $0) * factor]) }),
          .init(
            scenario: "short.yaml", options: [], hash: "h",
            runs: (1...2).map { run($0, ["closeCycleTime": 100 * factor]) }),
          .init(scenario: "other.yaml", options: [], hash: "h", runs: seeds.map { run($0, ["cost": 1]) }),
        ], counts: [])
    }
    var gate = CommitGate(base: side("main", 1), candidate: side("work", 0.99))
    (gate.conditions, gate.standard) = ([try GateCondition("closeCycleTime > +2%")], 0)
    let named = try gate.judge()
    #expect(named.verdict == .fail && named.conditions[0].finding == .notJudged)
    #expect(named.conditions[0].reasons.count == 1)
    #expect(named.worst?.text.hasPrefix("closeCycleTime of short.yaml was measured on 2 seeds") == true)
    // Of all indicators, each has to be judged; a default condition only notes what could not be.
    (gate.conditions, gate.standard) = (GateCondition.standard, GateCondition.standard.count)
    let all = try #require(try gate.judge().conditions.first { $0.text == "indicators worse by 5%" })
    #expect(all.finding == .notJudged && all.reasons.map(\.scenario) == ["short.yaml"] && !all.fails)
    // The same on each seed is a fact, however few they are.
    gate = CommitGate(base: side("main", 1), candidate: side("work", 1))
    (gate.conditions, gate.standard) = ([try GateCondition("closeCycleTime > +2%")], 0)
    #expect(try gate.judge().verdict == .pass)
  }

  @Test("without a seed that both ran nothing is compared, and that is said and fails, unless it is allowed")
  func noCommonSeeds() throws {
    let (base, candidate) = ((1...20).map { run($0, ["cost": 1]) }, (21...40).map { run($0, ["cost": 1]) })
    let record = try judge(base, candidate)
    #expect(record.verdict == .fail && finding(record, "missing results") == .failed)
    #expect(record.worst?.text.hasPrefix("no seed of s.yaml was run by both") == true)
    var gate = CommitGate(base: side("main", base), candidate: side("work", candidate))
    gate.allowsMissing = true
    let allowed = try gate.judge()
    #expect(allowed.verdict == .pass && allowed.notes.contains { $0.hasPrefix("no seed of s.yaml") })
  }

  @Test("where a few extremes leave the mean open, what every seed shows is shown")
  func mostSeeds() throws {
    let base = (1...60).map { run($0, ["erpCalls.readBack": 14]) }
    // Each is worse, and the mean rests on one.
    let worse = (1...60).map { run($0, ["erpCalls.readBack": $0 == 60 ? 1e9 : 100 + Double($0 % 7)]) }
    let record = try judge(base, worse)
    let indicator = try #require(record.scenarios[0].indicators.first { $0.name == "erpCalls.readBack" })
    #expect(indicator.finding == .worse && indicator.worseOn == 60 && indicator.betterOn == 0)
    #expect(finding(record, "indicators worse by 5%") == .failed)
    // One extreme alone is no change of most seeds.
    let once = (1...60).map { run($0, ["erpCalls.readBack": $0 == 60 ? 1e9 : 14]) }
    #expect(try judge(base, once).scenarios[0].indicators[0].finding != .worse)
  }

  @Test("an indicator that can no longer be measured fails, and what lies exactly at the limit does not")
  func vanishedAndExact() throws {
    let base = seeds.map { run($0, ["closeCycleTime": Double(1000 + $0) / 3]) }
    func candidate(_ measured: Int) -> [CampaignRun] {
      base.enumerated().map { index, own in
        run(own.seed, index < measured ? ["closeCycleTime": Double(1000 + own.seed) / 3] : [:])
      }
    }
    for measured in [0, 2] {
      let gone = try judge(base, candidate(measured))
      #expect(finding(gone, "indicators worse by 5%") == .failed)
      #expect(gone.scenarios[0].indicators[0].finding == .vanished)
      #expect(gone.worst?.text.contains("can no longer be measured on \(seeds.count - measured) of") == true)
    }
    // A few, which may be chance.
    #expect(try judge(base, candidate(seeds.count - 3)).verdict == .pass)
    let exactly = base.map { own in run(own.seed, ["closeCycleTime": Double(1000 + own.seed) / 3 * 1.05]) }
    for text in ["indicators worse by 5%", "closeCycleTime > +5%"] {
      #expect(finding(try judge(base, exactly, [try GateCondition(text)]), text) == .passed)
    }
  }

  @Test("a handful of pairs shows nothing, however close together they lie")
  func handful() throws {
    let base = (1...6).map { run($0, ["closeCycleTime": 100 + Double($0) * 1e-6]) }
    let slower = (1...6).map { run($0, ["closeCycleTime": 110 + Double($0) * 2e-6]) }
    #expect(finding(try judge(base, slower), "indicators worse by 5%") == .notJudged)
  }

  @Test("seeds that drew another variant are not compared")
  func variants() throws {
    let record = try judge(
      seeds.map { run($0, ["cost": 1], variant: ["a=1"]) },
      seeds.map { run($0, ["cost": 9], variant: [$0 <= 50 ? "a=1" : "a=2"]) })
    #expect(record.scenarios[0].pairs == 50 && record.scenarios[0].otherVariants == 150)
  }

  @Test("counts of work fail beyond their margin, and only what both counted is compared")
  func work() throws {
    func count(_ name: String, _ value: Double, _ kind: WorkCounts.Kind = .instructions) -> WorkCounts.Count {
      WorkCounts.Count(name: name, kind: kind, unit: "instructions an event", value: value)
    }
    func judge(_ value: Double) throws -> GateRecord {
      try CommitGate(
        base: side("main", [], counts: [count("pipeline", 1000), count("gone", 1), count("nothing", 0)]),
        candidate: side("work", [], counts: [count("pipeline", value), count("new", 1), count("nothing", 5)])
      ).judge()
    }
    let slow = try judge(1050)
    #expect(slow.worst?.text.hasPrefix("pipeline: +5.0 % instructions, 1000 before, 1050 now") == true)
    #expect(slow.notes == ["only the base counted gone", "only the candidate counted new"])
    #expect(try judge(1019).verdict == .pass && judge(500).verdict == .pass)
    #expect(finding(try judge(1019), "new failure") == .notJudged)
  }

  @Test("further conditions: too few seeds, and what is no longer exercised")
  func furtherConditions() throws {
    let base = seeds.map { run($0) }
    var candidate = seeds.prefix(60).map { run($0) }
    #expect(try judge(base, candidate, [.seedsBelow(60)]).verdict == .pass)
    #expect(try judge(base, candidate, [.seedsBelow(61)]).verdict == .fail)
    #expect(try judge(base, candidate, [.notExercised]).verdict == .pass)
    for index in candidate.indices { candidate[index].exercised = [] }
    #expect(try judge(base, candidate, [.notExercised]).worst?.text.hasPrefix("drains was exercised") == true)
  }

  @Test("a scenario that only one of the two has fails the gate by name, unless that is allowed")
  func missingScenario() throws {
    let (shared, alone) = ([run(1), run(2)], [run(1)])
    var both = side("main", shared)
    both.runs.append(.init(scenario: "alone.yaml", options: ["design x"], hash: "h", runs: alone))
    for (base, candidate, text) in [
      (both, side("work", shared), "the base ran alone.yaml · design x, and the candidate did not"),
      (side("main", shared), both, "the candidate ran alone.yaml · design x, and the base did not"),
    ] {
      var gate = CommitGate(base: base, candidate: candidate)
      let record = try gate.judge()
      #expect(record.verdict == .fail && finding(record, "missing results") == .failed)
      #expect(record.worst?.text == text && record.worst?.scenario == "alone.yaml")
      gate.allowsMissing = true
      let allowed = try gate.judge()
      #expect(allowed.verdict == .pass && allowed.notes.last == text)
      #expect(finding(allowed, "missing results") == nil)
      // Also where other conditions are asked for.
      gate.allowsMissing = false
      (gate.conditions, gate.standard) = ([.newFailure], 0)
      #expect(try gate.judge().verdict == .fail)
    }
    #expect(finding(try judge(shared, shared), "missing results") == .passed)
  }

  @Test(
    "a kind of evidence that only one of the two has fails the gate: counts of instructions or allocations, indicators"
  )
  func missingKind() throws {
    let runs = [run(1, ["cost": 1])]
    func count(_ kind: WorkCounts.Kind) -> WorkCounts.Count {
      WorkCounts.Count(name: "pipeline", kind: kind, unit: "an event", value: 1000)
    }
    func missing(_ base: GateSide, _ candidate: GateSide) throws -> [String] {
      let record = try CommitGate(base: base, candidate: candidate).judge()
      let condition = try #require(record.conditions.first { $0.text == "missing results" })
      #expect((record.verdict == .fail) == !condition.reasons.isEmpty)
      return condition.reasons.map(\.text)
    }
    let counted = side("a", runs, counts: [count(.instructions), count(.allocations)])
    #expect(try missing(counted, counted) == [])
    #expect(
      try missing(counted, side("b", runs, counts: [count(.allocations)])) == [
        "the base has counts of instructions, and the candidate has none"
      ])
    #expect(
      try missing(side("b", runs), counted) == [
        "the candidate has counts of instructions, and the base has none",
        "the candidate has counts of allocations, and the base has none",
      ])
    #expect(
      try missing(side("a", runs), side("b", [run(1)])) == [
        "the base has indicators of s.yaml, and the candidate has none"
      ])
  }

  @Test("two sides without anything in common are an error, and no pass")
  func nothingInCommon() {
    let gate = CommitGate(
      base: side("main", [run(1)]), candidate: side("work", [run(1)], scenario: "other.yaml"))
    let error = #expect(throws: CommitGate.NothingInCommon.self) { try gate.judge() }
    #expect(error?.description.contains("main.db has s.yaml, and work.db has other.yaml") == true)
  }

  @Test("clean comparisons hardly ever raise an alarm, however often the draws have changed")
  func falseAlarms() throws {
    let names = ["closeCycleTime", "drainTime", "exceptionCases", "erpCalls", "peakOutbox", "logRecords"]
    var alarms = 0
    for history in 0..<200 as Range<UInt64> {
      func runs(_ side: String) -> [CampaignRun] {
        var stream = RandomStream(rootSeed: history, name: side)
        return (1...60 as ClosedRange<UInt64>).map { seed in
          let skewed = DeterministicMath.exp(stream.normal(mean: 0, deviation: 1))
          var indicators = Dictionary(
            uniqueKeysWithValues: names.map { ($0, 100 * (1 + 0.1 * stream.normal(mean: 0, deviation: 1))) })
          indicators["drainTime"] = stream.below(5) == 0 ? 1000 * skewed : 0
          indicators["exceptionCases"] = Double(stream.below(4) / 3)
          // An old failure on one seed in eight.
          return run(seed, fails: seed <= 2 || stream.below(8) == 0 ? ["drains"] : [], indicators)
        }
      }
      // The narrowest margin there is: any difference counts.
      let record = try judge(
        runs("base"), runs("candidate"), [.newFailure, .moreFailures, .indicatorsWorse(0)])
      if record.verdict != .pass { alarms += 1 }
    }
    // 1 % of 200 are two.
    #expect(alarms <= 5, "\(alarms) of 200")
  }

  @Test(
    "conditions are read, and written as they were read",
    arguments: [
      "new failure", "more failures", "newly failing seed", "any failure", "not exercised", "seeds < 500",
      "indicators worse by 5%", "instructions > +2%", "allocations > +2.5%", "closeCycleTime > +5%",
      "postingThroughput < -10%",
    ])
  func readsConditions(_ text: String) throws { #expect(try GateCondition(text).text == text) }

  @Test(
    "nonsense for a condition says what would be right",
    arguments: [
      ("new failures", "new failure"), ("", "conditions are"), ("seeds > 5", "seeds < 500"),
      ("seeds < 0", "seeds < 500"), ("instructions > lots", "instructions > +2%"),
      ("indicators worse by much", "indicators worse by 5%"), ("closeCycleTme > +5%", "closeCycleTime"),
      ("instructions < +2%", "+2%"), ("instructions > +nan%", "+2%"),
    ])
  func badConditions(_ text: String, _ hint: String) {
    let error = #expect(throws: InvalidCondition.self) { try GateCondition(text) }
    #expect(error?.message.contains(hint) == true, "\(error?.message ?? "")")
  }
}

@Suite("The results database and commits")
struct CommitStoreTests {
  private func identity(_ commit: String?, hash: String = "a") -> ResultsStore.Campaign {
    ResultsStore.Campaign(
      scenario: "s.yaml", scenarioHash: hash, options: [], meterstorm: "1", commit: commit)
  }

  private func run(_ seed: UInt64) -> CampaignRun {
    CampaignRun(
      seed: seed, verdict: .pass, fingerprint: "f\(seed)", usageEvents: 1, kernelEvents: 1,
      simulatedSeconds: 1, broken: [], missed: [], cause: "", situations: [:], variant: [], began: [0],
      hit: [0], indicators: ["cost": 1.5, "closeCycleTime": 60])
  }

  @Test("each commit has runs of its own, and a scenario may change between them")
  func commits() throws {
    let store = try ResultsStore(path: ":memory:")
    let first = try store.begin(identity("1111111"))
    try store.add([run(1), run(2)], to: first)
    let second = try store.begin(identity("2222222", hash: "b"))
    #expect(second != first)
    try store.add([run(1)], to: second)
    #expect(try store.commits() == ["1111111", "2222222"])
    #expect(try store.runs(of: second) == [run(1)], "with its indicators")
    // The same commit goes on; one that has changed without a new name is refused.
    #expect(try store.begin(identity("1111111")) == first)
    let error = #expect(throws: ResultsError.self) { try store.begin(identity("1111111", hash: "b")) }
    #expect(error?.description.contains("another --commit") == true)
    let other = try ResultsStore(path: ":memory:")
    try store.keep([.init(name: "p", kind: .instructions, unit: "u", value: 5)], of: "2222222")
    #expect(try other.merge(store) == 3)
    #expect(try other.commits() == ["1111111", "2222222"])
    #expect(try other.counts(of: "2222222").map(\.value) == [5])
    #expect(try other.counts(of: "1111111").isEmpty)
  }

  @Test("a side of a gate is the last commit, or the one whose name begins so")
  func sides() throws {
    let store = try ResultsStore(path: ":memory:")
    for commit in ["1111aaa", "1111bbb-dirty", "1112ccc", "1112ccc-dirty"] {
      try store.add([run(1)], to: try store.begin(identity(commit)))
    }
    func side(_ name: String?) throws -> String? { try GateSide(store, source: "x.db", commit: name).commit }
    #expect(try side(nil) == "1112ccc-dirty")
    #expect(try side("1112") == "1112ccc", "what is clean before what is not")
    #expect(try side("1111b") == "1111bbb-dirty")
    for (name, hint) in [("111", "2 commits begin with '111'"), ("9", "there is no commit '9'")] {
      let error = #expect(throws: ResultsError.self) { try side(name) }
      #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
    }
  }

  /// A database as the fourth version of the format made it.
  private func old(_ path: String) throws {
    try DatabaseQueue(path: path).writeWithoutTransaction { database in
      try database.execute(
        sql: """
          PRAGMA journal_mode = WAL;
          CREATE TABLE campaign (
            id INTEGER PRIMARY KEY, scenario TEXT NOT NULL, options TEXT NOT NULL, hash TEXT NOT NULL,
            meterstorm TEXT NOT NULL, UNIQUE (scenario, options));
          CREATE TABLE run (
            campaign INTEGER NOT NULL REFERENCES campaign (id), seed INTEGER NOT NULL, verdict TEXT NOT NULL,
            fingerprint TEXT NOT NULL, usage_events INTEGER NOT NULL, kernel_events INTEGER NOT NULL,
            simulated_seconds REAL NOT NULL, broken TEXT NOT NULL, missed TEXT NOT NULL, cause TEXT NOT NULL,
            situations TEXT NOT NULL, variant TEXT NOT NULL, exercised TEXT NOT NULL DEFAULT '[]',
            PRIMARY KEY (campaign, seed)) WITHOUT ROWID;
          CREATE TABLE replication (
            campaign INTEGER NOT NULL REFERENCES campaign (id), variant TEXT NOT NULL, seed INTEGER NOT NULL,
            fingerprint TEXT NOT NULL, result TEXT NOT NULL, PRIMARY KEY (campaign, variant, seed)) WITHOUT ROWID;
          CREATE TABLE study (
            campaign INTEGER NOT NULL REFERENCES campaign (id), kind TEXT NOT NULL, question TEXT NOT NULL,
            result TEXT NOT NULL, PRIMARY KEY (campaign, kind, question)) WITHOUT ROWID;
          CREATE TABLE record (
            id INTEGER PRIMARY KEY, scenario TEXT NOT NULL, options TEXT NOT NULL, hash TEXT NOT NULL,
            meterstorm TEXT NOT NULL, variant TEXT NOT NULL, seed INTEGER NOT NULL, verdict TEXT NOT NULL,
            fingerprint TEXT NOT NULL, record TEXT NOT NULL, UNIQUE (hash, options, meterstorm, variant, seed));
          ALTER TABLE run ADD COLUMN faults TEXT NOT NULL DEFAULT '{}';
          PRAGMA application_id = \(0x4d54_5253);
          PRAGMA user_version = 4;
          INSERT INTO campaign VALUES (7, 's.yaml', '', 'a', '1');
          INSERT INTO run VALUES (7, 3, 'pass', 'f3', 1, 1, 1.0, '[]', '[]', '', '{}', '[]', '[]', '{"met":[],"began":[0]}');
          INSERT INTO study VALUES (7, 'comparison', 'q', '{}');
          """)
    }
  }

  @Test("a database of the fourth version is read as it is, and written after it has been brought up to date")
  func fourthVersion() throws { try Temporary.folder { try fourthVersion(try $0.write("old.db", "")) } }

  private func fourthVersion(_ path: String) throws {
    try old(path)
    func check(_ store: ResultsStore) throws {
      let campaigns = try store.campaigns()
      #expect(campaigns.map(\.id) == [7] && campaigns[0].campaign == identity(nil))
      let run = try #require(try store.runs(of: 7).first)
      #expect(run.seed == 3 && run.began == [0] && run.hit == nil && run.indicators.isEmpty)
      #expect(try store.studies(of: 7).map(\.question) == ["q"])
      #expect(try store.commits().isEmpty && store.counts(of: "x").isEmpty)
    }
    try check(try ResultsStore(path: path, isReadOnly: true))
    let store = try ResultsStore(path: path)
    try check(store)
    #expect(try store.begin(identity(nil)) == 7, "what has no commit goes on without one")
    let id = try store.begin(identity("1234567"))
    #expect(id != 7)
    try store.add([run(3)], to: id)
    try store.add([run(4)], to: 7)
    #expect(try ResultsStore(path: path, isReadOnly: true).runs(of: 7).map(\.seed) == [3, 4])
    // References between the tables hold as before.
    let broken = try DatabaseQueue(path: path).read { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check") }
    #expect(broken.isEmpty)
    let target = try DatabaseQueue(path: path).read {
      try Row.fetchAll($0, sql: "PRAGMA foreign_key_list(run)").map { $0["table"] as String }
    }
    #expect(target == ["campaign"])
  }
}

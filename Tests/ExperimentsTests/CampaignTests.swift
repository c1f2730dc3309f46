import Foundation
import ResultsDatabase
import RunRecord
import Synchronization
import Testing

@testable import Experiments
@testable import Scenario

/// The chaos scenario with less usage, until just after the month's end, so that debug builds run it in two seconds.
private func chaos(_ settings: [String] = []) throws -> ScenarioTemplate {
  // A value that is set twice is refused: what a test sets takes the place of what is set here.
  let few = [
    "load.0.arrivals={ poisson: 1/h }", "load.1.arrivals={ poisson: 1/h }", "horizon=30d",
  ].filter { own in
    !settings.contains { $0.prefix(while: { $0 != "=" }) == own.prefix(while: { $0 != "=" }) }
  }
  return try ScenarioTemplate(
    file: Repository.root.appendingPathComponent("scenarios/chaos.yaml").path,
    settings: (few + settings).compactMap(ScenarioFile.Setting.init))
}

/// A file that is gone when the test is.
private final class TemporaryFile {
  let path = NSTemporaryDirectory() + "meterstorm-\(UUID().uuidString).db"
  deinit {
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
  }
}

@Suite("Campaigns")
struct CampaignTests {
  @Test("are on each seed what a run of that seed is, also where seeds draw which customers leave")
  func drawnContracts() throws {
    let template = try ScenarioTemplate(
      file: Repository.root.appendingPathComponent("scenarios/contract-life.yaml").path,
      settings: [ScenarioFile.Setting("customers.churn=30%")].compactMap(\.self))
    let store = try ResultsStore(path: ":memory:")
    let campaign = Campaign(template, seeds: 5...7)
    _ = try campaign.perform(into: store)
    let alone = try (5...7).map {
      try SimulationRun(template.scenario, seed: $0).perform(.verdict).fingerprint
    }
    #expect(try store.runs(of: store.begin(campaign.identity)).map(\.fingerprint) == alone)
  }

  @Test("come to the same results on any number of threads, in parts, and after a stop")
  func sameResults() throws {
    let template = try chaos()
    func runs(_ change: (inout Campaign) -> Void, into store: ResultsStore) throws -> [CampaignRun] {
      var campaign = Campaign(template, seeds: 1...6)
      change(&campaign)
      _ = try campaign.perform(into: store)
      return try store.runs(of: try store.begin(campaign.identity))
    }
    let whole = try runs({ $0.jobs = 1 }, into: ResultsStore(path: ":memory:"))
    #expect(whole.map(\.seed) == Array(1...6))
    #expect(whole.allSatisfy { $0.verdict == .pass })
    #expect(Set(whole.map(\.fingerprint)).count == 6)
    let resumed = try ResultsStore(path: ":memory:")
    #expect(try runs({ ($0.jobs, $0.seeds) = (2, 2...4) }, into: resumed).count == 3)
    #expect(try runs({ $0.jobs = 2 }, into: resumed) == whole)
    let (odd, even) = (try ResultsStore(path: ":memory:"), try ResultsStore(path: ":memory:"))
    #expect(try runs({ $0.partition = Campaign.Partition("1/2")! }, into: odd).map(\.seed) == [1, 3, 5])
    #expect(try runs({ $0.partition = Campaign.Partition("2/2")! }, into: even).map(\.seed) == [2, 4, 6])
    #expect(try odd.merge(even) == 3)
    #expect(try odd.merge(even) == 0)
    #expect(try odd.runs(of: try odd.begin(Campaign(template, seeds: 1...1).identity)) == whole)
  }

  @Test(
    "keep of a run without its history what they keep of the whole one",
    arguments: [nil, "retry-without-key"])
  func brief(defect: String?) throws {
    var campaign = Campaign(
      try chaos([
        "expectations=[ postingLatency.p99 < 1ms, reconciliationBreaks == 0, peakOutbox < 1, postingThroughput > 1000000 ]"
      ]),
      seeds: 1...4)
    campaign.defect = Defect.all.first { $0.name == defect }
    for seed in campaign.seeds {
      let (run, variant) = try campaign.prepare(seed)
      let (whole, brief) = (run.perform(), run.perform(.verdict))
      #expect(CampaignRun(brief, variant: variant) == CampaignRun(whole, variant: variant))
      #expect(brief.expectations == whole.expectations)
      #expect(whole.expectations.count { $0.verdict == .fail } >= 3)
      #expect(!whole.series.delivered.isEmpty && brief.series.delivered.isEmpty)
    }
  }

  @Test("when guided, descend from what reached something new, the same whatever the threads and stops")
  func guided() throws {
    var campaign = Campaign(try chaos(["explore.faults.later=12h"]), seeds: 1...12)
    (campaign.isGuided, campaign.generation, campaign.options) = (true, 4, [Campaign.guidedOption])
    let store = try ResultsStore(path: ":memory:")
    _ = try campaign.perform(into: store)
    let whole = try store.runs(of: try store.begin(campaign.identity))
    #expect(whole.map(\.seed) == Array(1...12))
    let resumed = try ResultsStore(path: ":memory:")
    var other = campaign
    (other.jobs, other.seeds) = (2, 1...6)
    _ = try other.perform(into: resumed)
    other.seeds = 1...12
    _ = try other.perform(into: resumed)
    #expect(try resumed.runs(of: try resumed.begin(campaign.identity)) == whole)
    // The first generation is drawn as without guidance, and later ones have parts of it that chance does not give.
    let exploration = try #require(campaign.template.scenario.exploration)
    let drawn = Dictionary(
      uniqueKeysWithValues: (1...12 as ClosedRange<UInt64>).map { seed in
        (seed, exploration.edits(of: campaign.template, seed: seed).map(\.text))
      })
    #expect(whole.prefix(4).allSatisfy { $0.variant == drawn[$0.seed] })
    let children = whole.dropFirst(4).filter { $0.variant != drawn[$0.seed] }
    #expect(children.count >= 3)
    let figures = Set(whole.prefix(4).flatMap(\.variant).filter { $0.hasPrefix("faults.") })
    #expect(children.contains { Set($0.variant).intersection(figures).count > 5 })
    // Each can be repeated from the database alone.
    let child = try #require(children.last)
    var repeated = Campaign(campaign.template, seeds: 0...0)
    try repeated.loadVariant(of: child.seed, from: store)
    #expect(try repeated.prepare(child.seed).run.perform().fingerprint == child.fingerprint)
    #expect(throws: ResultsError.self) { try repeated.loadVariant(of: 99, from: store) }
  }

  @Test("move faults to later moments, however these are written")
  func laterFaults() throws {
    let template = try chaos(["explore.faults.later=12h", "explore.faults.leftOut=0%"])
    let exploration = try #require(template.scenario.exploration)
    let edits = exploration.edits(of: template, seed: 3).map(\.text).filter { $0.contains(".at=") }
    #expect(edits.count == template.root["faults"]!.elements.count { $0["at"] != nil })
    #expect(edits.contains { $0.hasPrefix("faults.0.at=month-end+") && $0.hasSuffix("s") })
    // One fault begins an hour after the month's end at the earliest, others with the run.
    let faults = template.root["faults"]!.elements
    let (hour, begin) = (
      try #require(faults.firstIndex { $0["at"]?.text == "month-end+1h" }),
      try #require(faults.firstIndex { $0["at"]?.text == "0h" })
    )
    func seconds(_ index: Int, _ prefix: String) -> Int? {
      edits.first { $0.hasPrefix("faults.\(index).at=\(prefix)") }
        .flatMap { Int($0.dropFirst("faults.\(index).at=\(prefix)".count).dropLast()) }
    }
    #expect((3600..<13 * 3600).contains(try #require(seconds(hour, "month-end+"))))
    #expect((0..<12 * 3600).contains(try #require(seconds(begin, ""))))
    _ = try template.scenario(applying: exploration.edits(of: template, seed: 3))
  }

  @Test(
    "end at the first failure on request, and say what broke first, on which seeds and under which faults")
  func failures() throws {
    var campaign = Campaign(
      try chaos(["explore.faults.leftOut=0%"]), seeds: 1...40)
    campaign.defect = Defect.all.first { $0.name == "retry-without-key" }
    campaign.failsFast = true
    let store = try ResultsStore(path: ":memory:")
    let summary = try campaign.perform(into: store)
    #expect(summary.runs < 40)
    #expect(summary.passed == summary.runs - 1)
    let group = try #require(summary.failures.first)
    #expect(group.invariant == campaign.defect?.caughtBy)
    #expect(group.cause.contains(" erp"))
    #expect(group.seeds == [group.exampleSeed])
    #expect(group.example?.expected.isEmpty == false)
    // Its smallest scenario breaks the same.
    var shrunk = summary
    try campaign.shrink(&shrunk, kinds: 1, seconds: 5, in: store)
    let text = try #require(shrunk.failures.first?.shrunk)
    #expect(text.contains("Breaks \(group.invariant)"))
    var unshrunk = shrunk
    unshrunk.failures[0].shrunk = nil
    #expect(unshrunk == summary)
  }

  @Test("keep what is complete when they are interrupted")
  func interrupted() throws {
    let campaign = Campaign(try chaos(), seeds: 1...400)
    let store = try ResultsStore(path: ":memory:")
    let summary = try campaign.perform(into: store) { _ in false }
    #expect(summary.interrupted)
    #expect(summary.runs > 0 && summary.runs < 400)
    #expect(summary.runs == summary.passed)
  }

  @Test("refuse a variant that makes no sense, with the seed and what it has drawn; earlier results stay")
  func badVariant() throws {
    let store = try ResultsStore(path: ":memory:")
    let path = "explore.values=[ { path: design.billing.lateUsage, oneOf: [ accrue, nonsense ] } ]"
    var campaign = Campaign(try chaos([path]), seeds: 1...20)
    campaign.jobs = 1
    let error = #expect(throws: InvalidInput.self) { try campaign.perform(into: store) }
    #expect(error?.description.contains("design.billing.lateUsage=nonsense") == true)
    #expect(error?.description.contains("cannot be 'nonsense'") == true)
    let done = try store.runs(of: try store.begin(campaign.identity))
    #expect(done.allSatisfy { $0.variant.contains("design.billing.lateUsage=accrue") })
  }

  @Test("are another campaign when a file that they name has changed, also one that seeds draw")
  func identity() throws {
    let file = TemporaryFile()
    func identity(_ text: String, _ settings: [ScenarioFile.Setting]) throws -> String {
      try text.write(toFile: file.path, atomically: true, encoding: .utf8)
      let path = Repository.root.appendingPathComponent("scenarios/chaos.yaml").path
      return Campaign(try ScenarioTemplate(file: path, settings: settings), seeds: 1...1).identity
        .scenarioHash
    }
    let design = [ScenarioFile.Setting(path: "design", text: file.path, label: "--design")]
    let drawn = ["explore.values=[ { path: design, oneOf: [ \(file.path) ] } ]"].compactMap(
      ScenarioFile.Setting.init)
    for settings in [design, drawn] {
      let first = try identity("{ name: mine, extends: middleware }", settings)
      #expect(try identity("{ name: mine, extends: middleware }", settings) == first)
      #expect(try identity("{ name: mine, extends: middleware, posting: { key: none } }", settings) != first)
    }
  }

  @Test("count to the end of all seeds, and of parts that others have begun")
  func edges() throws {
    let template = try chaos()
    let progress = Mutex<[Campaign.Progress]>([])
    func last(_ change: (inout Campaign) -> Void, into store: ResultsStore) throws -> Campaign.Progress? {
      progress.withLock { $0.removeAll() }
      var campaign = Campaign(template, seeds: 1...4)
      change(&campaign)
      _ = try campaign.perform(into: store) { now in
        progress.withLock { $0.append(now) }
        return true
      }
      return progress.withLock { $0.last }
    }
    let store = try ResultsStore(path: ":memory:")
    _ = try last({ $0.partition = Campaign.Partition("1/2")! }, into: store)
    let second = try #require(try last({ $0.partition = Campaign.Partition("2/2")! }, into: store))
    #expect(second.total == 2 && second.done <= 2)
    for seeds in [0...UInt64.max, 0...UInt64(Int64.max), 1...UInt64(Int64.max)] {
      let open = try last({ ($0.seeds, $0.seconds) = (seeds, 0.5) }, into: ResultsStore(path: ":memory:"))
      #expect(try #require(open).total == nil)
    }
    // The last seed that there is, and parts beyond it.
    let end = try ResultsStore(path: ":memory:")
    _ = try last({ $0.seeds = UInt64.max...UInt64.max }, into: end)
    _ = try last({ ($0.seeds, $0.partition) = (5...5, Campaign.Partition("3/3")!) }, into: end)
    #expect(
      try end.runs(of: end.begin(Campaign(template, seeds: 1...1).identity)).map(\.seed) == [UInt64.max])
  }

  @Test("stop in the middle of a run that takes long")
  func interruptedRun() throws {
    let template = try chaos(["load.0.arrivals={ constant: 2/s }", "explore.values=[]"])
    let store = try ResultsStore(path: ":memory:")
    let summary = try Campaign(template, seeds: 1...1).perform(into: store) { _ in false }
    #expect(summary.interrupted)
    #expect(summary.runs == 0)
  }

  @Test("read their parts", arguments: ["1/1", "2/3", "3/3"])
  func partitions(text: String) { #expect(Campaign.Partition(text) != nil) }

  @Test("refuse parts that there are not", arguments: ["0/1", "4/3", "1", "a/b", "1/2/3", "-1/2", ""])
  func badPartitions(text: String) { #expect(Campaign.Partition(text) == nil) }
}

@Suite("Exploration")
struct ExplorationTests {
  @Test("draws the same for the same seed, other things for others, and each decision on its own")
  func draws() throws {
    let template = try chaos()
    let exploration = try #require(template.scenario.exploration)
    let first = exploration.edits(of: template, seed: 7)
    #expect(first == exploration.edits(of: template, seed: 7))
    #expect(first != exploration.edits(of: template, seed: 8))
    // One decision less shifts no other.
    var fewer = exploration
    fewer.values.removeFirst()
    fewer.features.removeFirst()
    let rest = Set(fewer.edits(of: template, seed: 7).map(\.text))
    #expect(rest.isSubset(of: Set(first.map(\.text))))
  }

  @Test("leaves out what it says as often as it says, and every variant can be used")
  func shares() throws {
    let template = try chaos()
    let exploration = try #require(template.scenario.exploration)
    var (faults, payments) = (0, 0)
    for seed in 1...200 as ClosedRange<UInt64> {
      let edits = exploration.edits(of: template, seed: seed)
      let scenario = try template.scenario(applying: edits)
      faults += scenario.faults.count
      if scenario.payments == nil { payments += 1 }
      #expect((2...30).contains(scenario.customers))
    }
    let all = Double(template.scenario.faults.count) * 200
    #expect(abs(Double(faults) / all - 0.5) < 0.04)
    #expect(abs(Double(payments) / 200 - 0.3) < 0.13)  // four standard errors
  }

  @Test(
    "reads ranges with their units",
    arguments: [
      ("1", "9", "4", 0.4), ("0%", "10%", "5.000%", 0.5), ("1/h", "3/h", "2.000/h", 0.5),
      ("1h", "3h", "7200s", 0.5),
      ("2.5", "4.5", "3.500", 0.5), ("250ms", "750ms", "500000000ns", 0.5), ("1", "9", "9", 0.999_999),
    ])
  func ranges(low: String, high: String, middle: String, at: Double) throws {
    let range = try #require(ExploredRange(from: low, to: high))
    #expect(range.value(at: at) == middle)
    #expect(ExploredRange(from: high, to: low) == nil)
  }

  @Test(
    "takes a tree apart and writes it so that it reads back the same",
    arguments: [
      "chaos", "standard", "month-end-throttle", "azure-llm-tokens",
    ])
  func yaml(name: String) throws {
    let file = Repository.root.appendingPathComponent("scenarios/\(name).yaml").path
    let tree = try ScenarioTemplate(file: file).root
    let again = try YAMLReader.read(text: tree.yaml, file: "again")
    #expect(again.yaml == tree.yaml)
    let odd = LocatedNode(
      .sequence(
        ["", "true", "a: b", "'", "\"\\", "é\n\t", "- x", "0x1F", "#", "null", "{", "1,000"].map {
          LocatedNode(.scalar($0, isQuoted: true), at: Position(file: "odd"))
        }), at: Position(file: "odd"))
    let read = try YAMLReader.read(text: odd.yaml, file: "odd")
    #expect(read.elements.map(\.text) == odd.elements.map(\.text))
  }

  @Test(
    "says what is wrong with an explore section, and where",
    arguments: [
      ("explore={ values: [ { path: customers.count, from: 3 } ] }", "either 'from' and 'to', or 'oneOf'"),
      ("explore={ values: [ { path: a, from: 3%, to: 1% } ] }", "the lower one first"),
      ("explore={ values: [ { path: a, from: 3%, to: 1h } ] }", "same unit"),
      ("explore={ features: { leftOut: 3%, of: [ paymets ] } }", "no 'paymets'"),
      ("explore={ faults: { strength: { from: 3, to: 1 } } }", "smaller factor must come first"),
      ("explore={ fault: {} }", "did you mean 'faults'"),
    ])
  func mistakes(setting: String, message: String) throws {
    let error = #expect(throws: InvalidInput.self) { try chaos([setting]) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.diagnostics.first?.position.line ?? 0 > 0)
  }
}

@Suite("The results database")
struct ResultsStoreTests {
  private let identity = ResultsStore.Campaign(
    scenario: "s.yaml", scenarioHash: "a", options: ["defect x"], meterstorm: "1")

  private func run(_ seed: UInt64, fingerprint: String = "f") -> CampaignRun {
    CampaignRun(
      seed: seed, verdict: .fail, fingerprint: fingerprint, usageEvents: 3, kernelEvents: 4,
      simulatedSeconds: 0.5,
      broken: [
        CampaignRun.Broken(
          invariant: "no-lost-usage", at: "2026-01-01T00:00:00Z", ids: ["<a> \"b\""], expected: "1 & 2",
          actual: "]]>", violations: 2)
      ], missed: ["x < 1"], cause: "outage erp/us", situations: ["throttled": 2], variant: ["a=b"])
  }

  @Test("gives back what it was given, once, in the order of seeds")
  func roundTrip() throws {
    let file = TemporaryFile()
    do {
      let store = try ResultsStore(path: file.path)
      let id = try store.begin(identity)
      try store.add([run(9), run(2), run(UInt64(Int64.max))], to: id)
      try store.add([run(2)], to: id)
    }
    let store = try ResultsStore(path: file.path)
    let id = try store.begin(identity)
    #expect(try store.runs(of: id) == [run(2), run(9), run(UInt64(Int64.max))])
    #expect(try store.seeds(of: id) == [2, 9, UInt64(Int64.max)])
  }

  @Test("refuses a second outcome of a seed, and a scenario that has changed; what was there stays")
  func contradictions() throws {
    let store = try ResultsStore(path: ":memory:")
    let id = try store.begin(identity)
    try store.add([run(1)], to: id)
    let error = #expect(throws: ResultsError.self) {
      try store.add([run(2), run(1, fingerprint: "g")], to: id)
    }
    #expect(error?.description.contains("another fingerprint") == true)
    #expect(try store.runs(of: id) == [run(1)])
    var changed = identity
    changed.scenarioHash = "b"
    let change = #expect(throws: ResultsError.self) { try store.begin(changed) }
    #expect(change?.description.contains("has changed since the 1 runs") == true)
    var other = identity
    other.options = []
    #expect(try store.begin(other) != id)
  }

  @Test("says why a file cannot be used")
  func badFiles() throws {
    let text = TemporaryFile()
    try "this is no database, though it is long enough to be taken for one by its size alone".write(
      toFile: text.path, atomically: true, encoding: .utf8)
    #expect(throws: ResultsError.self) { try ResultsStore(path: text.path) }
    let error = #expect(throws: ResultsError.self) { try ResultsStore(path: "/nowhere/at/all.db") }
    #expect(error?.description.contains("cannot be opened") == true)
    // Another program's database.
    let foreign = TemporaryFile()
    do { _ = try ResultsStore(path: foreign.path) }
    var bytes = try Data(contentsOf: URL(fileURLWithPath: foreign.path))
    bytes.replaceSubrange(68..<72, with: [0, 0, 0, 9])  // the application id
    try bytes.write(to: URL(fileURLWithPath: foreign.path))
    let other = #expect(throws: ResultsError.self) { try ResultsStore(path: foreign.path) }
    #expect(other?.description.contains("another program") == true)
    // A later version of the format.
    bytes.replaceSubrange(68..<72, with: [0x4d, 0x54, 0x52, 0x53])
    bytes.replaceSubrange(60..<64, with: [0, 0, 0, 99])
    try bytes.write(to: URL(fileURLWithPath: foreign.path))
    let later = #expect(throws: ResultsError.self) { try ResultsStore(path: foreign.path) }
    #expect(later?.description.contains("version 99") == true)
  }

  @Test("what is merged stays as it is, and has to be a database with results")
  func readOnly() throws {
    let (own, other, empty) = (TemporaryFile(), TemporaryFile(), TemporaryFile())
    do {
      let store = try ResultsStore(path: other.path)
      try store.add([run(3)], to: try store.begin(identity))
    }
    let before = try Data(contentsOf: URL(fileURLWithPath: other.path))
    #expect(try ResultsStore(path: own.path).merge(ResultsStore(path: other.path, isReadOnly: true)) == 1)
    #expect(try Data(contentsOf: URL(fileURLWithPath: other.path)) == before)
    try Data().write(to: URL(fileURLWithPath: empty.path))
    let error = #expect(throws: ResultsError.self) { try ResultsStore(path: empty.path, isReadOnly: true) }
    #expect(error?.description.contains("empty") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: empty.path)).isEmpty)
  }

  @Test("a damaged file is an error and no crash")
  func damage() throws {
    let file = TemporaryFile()
    do {
      let store = try ResultsStore(path: file.path)
      try store.add((1...500).map { run($0) }, to: try store.begin(identity))
    }
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file.path))
    #expect(bytes.count > 40_000)
    for index in stride(from: 8192, to: bytes.count, by: 7) { bytes[index] = 0xa5 }
    try bytes.write(to: URL(fileURLWithPath: file.path))
    #expect(throws: ResultsError.self) {
      let store = try ResultsStore(path: file.path)
      for (id, _) in try store.campaigns() { _ = try store.runs(of: id) }
    }
  }
}

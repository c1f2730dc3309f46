import Foundation
import RunRecord
import Testing

@testable import Experiments
@testable import Scenario

@Suite("Shrinking")
struct ShrinkTests {
  private func tree(_ yaml: String) throws -> LocatedNode { try YAMLReader.read(text: yaml, file: "test") }

  /// Shrinks a tree whose failure is known, without running anything.
  private func shrunk(_ yaml: String, fails: @escaping (Shrinker.Candidate) -> Bool) throws -> Shrinker {
    var shrinker = Shrinker(
      Shrinker.Candidate(tree: try tree(yaml), seed: 9), events: 100, progress: { _, _ in true },
      check: { fails($0) ? 1 : nil })
    shrinker.shrink()
    return shrinker
  }

  private static let yaml = """
    name: big
    horizon: 64d
    entities: [ { name: us, erp: netsuite }, { name: de, erp: { profile: xero } } ]
    customers: { count: 40, contracts: { us: a, de: b }, seats: 3 }
    load: [ { meter: a, arrivals: { poisson: 40/h } }, { meter: b, arrivals: { bursts: { base: 5/h, peak: 9/h } } } ]
    faults: [ { at: 1d, target: erp/de }, { x: 1 }, { x: 2 }, { x: 3 }, { for: 8h, x: 4, drop: { share: 12% } }, { x: 5 } ]
    payments: { dueAfter: 4d }
    """

  @Test("keeps what the failure needs, and nothing else")
  func minimal() throws {
    let result = try shrunk(Self.yaml) { candidate in
      let tree = candidate.tree
      let needed = tree["faults"]?.elements.contains { $0["x"]?.text == "4" && $0["drop"] != nil } ?? false
      return needed && tree["name"] != nil
        && (tree["customers"]?["count"]?.text.flatMap(Unit.integer) ?? 0) >= 3
    }
    #expect(result.best.tree.yaml == "{ name: big, customers: { count: 3 }, faults: [{ x: 4, drop: {} }] }")
    #expect(result.best.seed == 9)
    #expect(result.kept < result.tried)
  }

  @Test("comes to the same end each time")
  func repeatable() throws {
    func once() throws -> Shrinker {
      try shrunk(Self.yaml) { ($0.tree["faults"]?.elements.count ?? 0) >= 2 && $0.tree["load"] != nil }
    }
    let (first, second) = (try once(), try once())
    #expect(first.best.tree.yaml == second.best.tree.yaml)
    #expect(first.tried == second.tried)
  }

  @Test("takes an entity away with everything that names it")
  func entities() throws {
    let result = try shrunk(Self.yaml) { candidate in
      let names = (candidate.tree["entities"]?.elements ?? []).compactMap { $0["name"]?.text }
      let contracts = candidate.tree["customers"]?["contracts"]?.pairs.map(\.key.name) ?? []
      let targets = (candidate.tree["faults"]?.elements ?? []).compactMap { $0["target"]?.text }
      // Whoever is named must be there.
      return !names.isEmpty && Set(contracts) == Set(names)
        && targets.allSatisfy { $0.hasPrefix("erp/") && names.contains(String($0.dropFirst(4))) }
    }
    #expect(result.best.tree["entities"]?.elements.count == 1)
    #expect(result.best.tree["faults"] == nil)
  }

  @Test("looks at other seeds where a large step loses the failure, and says which it has taken")
  func otherSeeds() throws {
    let result = try shrunk(Self.yaml) { candidate in
      let count = candidate.tree["customers"]?["count"]?.text.flatMap(Unit.integer) ?? 0
      return count >= 1 && candidate.tree["horizon"] != nil && (count == 40 || candidate.seed == 2)
    }
    #expect(result.best.seed == 2)
    #expect(result.best.tree["customers"]?["count"]?.text == "1")
  }

  @Test("stops when it is told to, with the smallest so far")
  func stops() throws {
    var tries = 0
    var shrinker = Shrinker(
      Shrinker.Candidate(tree: try tree(Self.yaml), seed: 1), events: 1,
      progress: { _, _ in
        tries += 1
        return tries < 3
      }, check: { _ in 1 })
    shrinker.shrink()
    #expect(shrinker.tried == 3)
  }

  @Test(
    "a planted failure of the chaos scenario comes down to a few faults, customers and events, in a file that fails alike"
  )
  func planted() throws {
    let template = try ScenarioTemplate(
      file: Repository.root.appendingPathComponent("scenarios/chaos.yaml").path,
      settings: ["load.0.arrivals={ poisson: 1/h }", "load.1.arrivals={ poisson: 1/h }", "explore.values=[]"]
        .compactMap(
          ScenarioFile.Setting.init))
    var campaign = Campaign(template, seeds: 1...1)
    campaign.defect = Defect.all.first { $0.name == "retry-without-key" }
    let seed = try #require(
      try (1...20).first { try campaign.prepare($0).run.perform().verdict == .fail } as UInt64?)
    let outcome = try #require(try Shrink(campaign, seed: seed).perform())
    #expect(outcome.after.faults <= 3)
    #expect(outcome.after.customers <= 2)
    #expect(outcome.after.usageEvents <= 20)
    #expect(outcome.before.usageEvents > 1000)
    // The file stands on its own and fails in the same way; without the defect it holds.
    let path = NSTemporaryDirectory() + "meterstorm-\(UUID().uuidString).yaml"
    try outcome.scenario.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let scenario = try ScenarioFile.read(file: path)
    let failing = try SimulationRun(scenario, defect: campaign.defect).perform()
    #expect(failing.invariants.contains { $0.name == outcome.broken && $0.verdict == .broken })
    #expect(try SimulationRun(scenario).perform().verdict == .pass)
  }

  @Test("a seed that breaks nothing has nothing to shrink")
  func nothing() throws {
    let template = try ScenarioTemplate(
      file: Repository.root.appendingPathComponent("scenarios/azure-llm-tokens.yaml").path)
    #expect(try Shrink(Campaign(template, seeds: 1...1), seed: 1).perform() == nil)
    #expect(
      try Shrink(Campaign(template, seeds: 1...1), seed: 1, wanted: "no-lost-usage").perform() == nil)
  }
}

import CanonicalModel
import Chronology
import Foundation
import RunRecord
import Testing
import UsageToCash
import World

@testable import Experiments
@testable import Scenario

@Suite("Setting a value sets one value")
struct SettingTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Findings/designs").path

  private func template(_ settings: [String], file: String = "builtin", design: String? = nil) throws
    -> ScenarioTemplate
  {
    var choice = SimulationChoice()
    (choice.design, choice.settings) = (design, settings)
    return try ScenarioTemplate(file: "\(Self.folder)/\(file).yaml", settings: choice.edits)
  }

  @Test("builtin: a value set below a named design changes that value alone, and the name says so")
  func builtIn() throws {
    let plain = try template([]).scenario.design
    for (settings, design) in [
      (["design.posting.concurrency=5"], nil),
      (["design.posting.concurrency=5"], "custom-scripts"),
      (["design.posting.concurrency=5", "design=custom-scripts"], nil),
    ] as [([String], String?)] {
      let changed = try template(settings, design: design).scenario
      var wanted = plain
      (wanted.concurrency, wanted.name) = (5, "custom-scripts*")
      #expect(changed.design == wanted)
      #expect(try SimulationRun(changed).perform().verdict == .fail)
    }
    let edited = try template([]).scenario(
      applying: [.set(path: ["design", "posting", "concurrency"], value: "5")])
    #expect(edited.design.key == plain.key && edited.design.name == "custom-scripts*")
  }

  @Test(
    "a design in a file, a schedule, an ERP, contracts and a share are written out before a part of them is set"
  )
  func shortForms() throws {
    let file = try template(["design.posting.concurrency=7"], file: "acme-small").scenario.design
    #expect((file.concurrency, file.batchSize, file.key) == (7, 50, .documentDerived))
    #expect(file.name == "acme*")
    let nightly = try template(
      ["design=nightly-batch", "design.posting.schedule.nightly.at=3h"]
    ).scenario.design
    #expect(nightly.schedule == .nightly(at: .hours(3), for: .hours(3)))
    let erp = try template(["entities.0.erp.concurrency=9"]).scenario.entities[0].erp
    #expect(erp.profile == "business-central" && erp.concurrency == 9)
    let copies = try template(
      ["delivery.duplicates=2%", "delivery.duplicates.delay=1h"]
    ).root.find(["delivery", "duplicates"])
    #expect(copies?["share"]?.text == "2%" && copies?["delay"]?.text == "1h")
    let book = try template(["customers.contracts.us.charges.0.unitPrice=0.02"]).scenario.entities[0]
      .priceBook
    #expect(try book != template([]).scenario.entities[0].priceBook)
  }

  @Test("the shape in which an ERP takes documents is its profile's, or a file's")
  func shapes() throws {
    let profiles = Dictionary(uniqueKeysWithValues: ERPProfile.builtIn.map { ($0.name, $0.payloadShape) })
    #expect(profiles["netsuite"] == .netSuite && profiles["s4hana-cloud"] == .sap)
    #expect(profiles.values.count { $0 == .canonical } == profiles.count - 2)
    let own = try template(["entities.0.erp.payloadShape=netSuite"]).scenario
    #expect(try Assembly(own).policy.posting.systems.map(\.shape) == [.netSuite, .netSuite])
    let record = try SimulationRun(own).perform()
    #expect(record.resolved?.erps[0].changed.map(\.path) == ["payloadShape"])
    let plain = try SimulationRun(template([]).scenario).perform()
    #expect(plain.resolved?.erps[0].settings.contains { $0.path == "payloadShape" } == false)
  }

  @Test(
    "what would have no effect is refused",
    arguments: [
      ["customers.count=5", "customers.count=6"], ["extends=other.yaml"], ["-payments"],
    ])
  func noEffect(_ settings: [String]) {
    #expect(throws: InvalidInput.self) { try template(settings) }
  }

  @Test("a record holds every setting as run, those that differ marked, and the words that repeat it")
  func resolved() throws {
    let settings = ["design.posting.concurrency=5", "entities.0.erp.concurrency=9"]
    var campaign = Campaign(try template(settings), seeds: 0...0)
    campaign.explores = false
    campaign.options = settings.map { "set \($0)" }
    let record = try campaign.prepare(7).run.perform()
    let resolved = try #require(record.resolved)
    #expect(resolved.design.settings.count == 32 && resolved.design.base == "custom-scripts")
    #expect(resolved.design.changed.map(\.path) == ["posting.concurrency"])
    #expect(resolved.design.changed.first?.builtIn == "4")
    #expect(resolved.erps.map(\.base) == ["business-central"])
    #expect(resolved.erps[0].changed.map(\.path) == ["concurrency"])
    #expect(
      record.commandLine == [
        "meterstorm", "run", "\(Self.folder)/builtin.yaml", "--seed", "7", "--set",
        "design.posting.concurrency=5", "--set", "entities.0.erp.concurrency=9",
      ])
  }
}

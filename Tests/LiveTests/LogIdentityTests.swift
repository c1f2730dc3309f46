import CanonicalModel
import Chronology
import Foundation
import Testing

@testable import Experiments
@testable import Live
@testable import Scenario
@testable import World

@Suite("A log opened again under another scenario")
struct LogIdentityTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// An edit of the scenario and of what it names: settings, and changes of files.
  struct Edit: CustomTestStringConvertible, Sendable {
    var name: String
    var settings: [String] = []
    var file: (name: String, old: String, new: String)?
    /// Part of the reason; `nil`: the edit is harmless.
    var reason: String?
    var testDescription: String { name }
  }

  static let edits: [Edit] = [
    Edit(
      name: "one customer more", settings: ["customers.count=301"],
      reason: "customers.count is '301', was '300'"),
    Edit(
      name: "another load before the others",
      file: ("live/month-end.yaml", "load:\n", "load:\n  - { meter: tokens, arrivals: { poisson: 1/s } }\n"),
      reason: "load."),
    Edit(
      name: "a load left out",
      file: (
        "live/month-end.yaml",
        "  - { meter: tokens, arrivals: { poisson: 2/s }, quantity: { lognormal: { median: 900, sigma: 1.2 } } }\n",
        ""
      ), reason: "load.1.meter was removed"),
    Edit(name: "a meter of another name", settings: ["load.1.meter=api_calls"], reason: "load.1.meter"),
    Edit(name: "another rate", settings: ["load.0.arrivals.poisson=7/s"], reason: "load.0.arrivals.poisson"),
    Edit(name: "another skew", settings: ["customers.skew.zipf=1.1"], reason: "customers.skew.zipf"),
    Edit(
      name: "entities in another order",
      settings: [
        "entities=[ { name: de, currency: EUR, erp: s4hana-cloud }, { name: us, currency: USD, erp: netsuite } ]"
      ], reason: "entities.0.name"),
    Edit(name: "another ERP", settings: ["entities.0.erp=xero"], reason: "entities.0.erp"),
    Edit(name: "another start", settings: ["start=2026-01-31T21:00:00Z"], reason: "start"),
    Edit(name: "another horizon", settings: ["horizon=3h"], reason: "horizon"),
    Edit(name: "another design", settings: ["design=micro-batch"], reason: "design"),
    Edit(name: "another window", settings: ["design.metering.window=30m"], reason: "design.metering.window"),
    Edit(
      name: "a value that was not set", settings: ["design.posting.concurrency=5"], reason: "design.posting"),
    Edit(
      name: "another price",
      file: ("price-books/saas-usd.yaml", "unitPrice: ", "unitPrice: 1"),
      reason: "file saas-usd.yaml has changed"),
    Edit(
      name: "a comment in a price book",
      file: ("price-books/saas-eur.yaml", "currency", "# dearer soon\ncurrency"),
      reason: "file saas-eur.yaml has changed"),
    Edit(
      name: "the price books exchanged",
      settings: [
        "customers.contracts.us=FOLDER/price-books/saas-eur.yaml",
        "customers.contracts.de=FOLDER/price-books/saas-usd.yaml",
        "entities.0.currency=EUR", "entities.1.currency=USD",
      ], reason: "customers.contracts.us"),
    Edit(name: "other faults", settings: ["faults.2.for=20m"], reason: "faults.2.for"),
    Edit(name: "more duplicates", settings: ["delivery.duplicates.share=3%"], reason: "delivery.duplicates"),
    Edit(
      name: "a base's value",
      file: ("base.yaml", "reorder: 30s", "reorder: 31s"), reason: "delivery.reorder is '31s', was '30s'"),
    Edit(name: "another grace", settings: ["design.metering.grace=5m"], reason: "design.metering.grace"),
    Edit(name: "another name", settings: ["name=renamed"]),
    Edit(name: "another description", settings: ["description=other words"]),
    Edit(name: "another seed", settings: ["seed=43"]),
    Edit(name: "an expectation", settings: ["expectations=[postingLatency.p99 < 24h]"]),
    Edit(
      name: "a comment and another order of keys",
      file: (
        "live/month-end.yaml", "seed: 42\nstart: 2026-01-31T22:00:00Z\nhorizon: 2h\n",
        "# nothing else\nhorizon: 2h\nstart: 2026-01-31T22:00:00Z\nseed: 42\n"
      )),
  ]

  /// The scenario in a folder of its own, on a base, with an edit.
  private func template(_ folder: URL, _ edit: Edit? = nil) throws -> ScenarioTemplate {
    if let (name, old, new) = edit?.file {
      let file = folder.appendingPathComponent(name)
      let text = try String(contentsOf: file, encoding: .utf8)
      let range = try #require(text.range(of: old), "\(old)")
      try text.replacingCharacters(in: range, with: new).write(to: file, atomically: true, encoding: .utf8)
    }
    return try ScenarioTemplate(
      file: folder.appendingPathComponent("live/month-end.yaml").path,
      settings: (edit?.settings ?? []).compactMap {
        ScenarioFile.Setting($0.replacing("FOLDER", with: folder.path))
      })
  }

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = URL(fileURLWithPath: NSTemporaryDirectory() + "meterstorm-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let manager = FileManager.default
    try manager.createDirectory(at: folder.appendingPathComponent("live"), withIntermediateDirectories: true)
    try manager.copyItem(
      at: Self.root.appendingPathComponent("scenarios/price-books"),
      to: folder.appendingPathComponent("price-books"))
    var text = try String(
      contentsOf: Self.root.appendingPathComponent("scenarios/live/month-end.yaml"), encoding: .utf8)
    let reorder = "  reorder: 30s\n"
    text.removeSubrange(try #require(text.range(of: reorder)))
    try ("extends: ../base.yaml\n" + text).write(
      to: folder.appendingPathComponent("live/month-end.yaml"), atomically: true, encoding: .utf8)
    try "delivery:\n\(reorder)".write(
      to: folder.appendingPathComponent("base.yaml"), atomically: true, encoding: .utf8)
    try body(folder)
  }

  private func service(_ template: ScenarioTemplate, _ folder: URL) throws -> PipelineService {
    let assembly = try Assembly(template.scenario)
    return try PipelineService(
      assembly.world, policy: assembly.policy, scenario: template.scenario.name,
      identity: LogIdentity(template.identity.map { .init(name: $0.name, value: $0.value) }),
      log: folder.appendingPathComponent("pipeline.log").path,
      clock: LiveClock(start: template.scenario.start, scale: 1), erps: "http://127.0.0.1:9")
  }

  @Test("is refused with what differs, or the difference is harmless", arguments: edits)
  func edited(_ edit: Edit) async throws {
    var services: [PipelineService] = []
    try withFolder { folder in
      let before = try template(folder)
      do {
        _ = try FileLog(
          path: folder.appendingPathComponent("pipeline.log").path,
          header: .init(
            scenario: before.scenario.name,
            identity: LogIdentity(before.identity.map { .init(name: $0.name, value: $0.value) }),
            clock: LiveClock(start: before.scenario.start, scale: 1)), contracts: [])
      }
      let after = try template(folder, edit)
      guard let reason = edit.reason else {
        services.append(try service(after, folder))
        return
      }
      let refusal = #expect(throws: FileLogError.self) { try service(after, folder) }
      let words = try #require(refusal).description
      #expect(words.contains("another scenario") && words.contains(reason), "\(words)")
    }
    for service in services { await service.stop() }
  }

  @Test("the same files read from another folder are the same")
  func moved() throws {
    try withFolder { folder in
      let before = try template(folder).identity
      let other = folder.appendingPathComponent("elsewhere")
      try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
      for name in ["live", "price-books", "base.yaml"] {
        try FileManager.default.copyItem(
          at: folder.appendingPathComponent(name), to: other.appendingPathComponent(name))
      }
      let after = try template(other).identity
      #expect(before.map(\.name) == after.map(\.name) && before.map(\.value) == after.map(\.value))
    }
  }
}

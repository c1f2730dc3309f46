import Foundation
import Testing

@testable import Scenario

@Suite("What is suggested for faults in another vocabulary")
struct FaultHintTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func scenario(faults: String) throws {
    let setting = try #require(ScenarioFile.Setting("faults=[ \(faults) ]"))
    _ = try ScenarioFile.read(
      file: root.appendingPathComponent("Findings/designs/chaos2.yaml").path, settings: [setting])
  }

  @Test("a first guess at faults: each is told what can be said, all at once")
  func chaos() throws {
    let error = try #require(throws: InvalidInput.self) {
      try ScenarioFile.read(file: Self.root.appendingPathComponent("Findings/designs/chaos1.yaml").path)
    }
    let text = error.description
    for hint in [
      "say when: { outbox: { above: 50 } }", "say random: { every: 2h24m }", "when: { situation:",
      "'process/posting' cannot have the fault partition; it can have crash; partition hits erp/us",
      "say clockSkew: { ahead: 5m }", "'process/ingestion' cannot have the fault clockSkew",
      "clockSkew hits producers",
      "say delay: { upTo: 30s } on the way there, or brownOut", "month-end+1h", "there is no target 'erp/uk'",
    ] {
      #expect(text.contains(hint), "\(hint)")
    }
  }

  @Test("errors of meaning in several faults are told at once")
  func all() throws {
    let error = try #require(throws: InvalidInput.self) {
      try Self.scenario(
        faults:
          "{ at: 1d, target: erp/us, outage: {} }, { at: 1d, for: 1h, target: erp/uk, outage: {} }, { for: 1h, target: erp/us, outage: {} }"
      )
    }
    #expect(error.diagnostics.count == 3)
  }

  @Test(
    "plain values and other words",
    arguments: [
      ("{ at: 1d, for: 1h, target: erp/us, drop: 5% }", "say drop: { share: 5% }"),
      ("{ at: 1d, for: 1h, target: erp/us, throttle: 10% }", "say throttle: { to: 10% }"),
      ("{ at: 1d, target: process/posting, crash: 30s }", "say crash: { restartAfter: 30s }"),
      ("{ at: 1d, for: 1h, target: producers, clockSkew: -5m }", "say clockSkew: { behind: 5m }"),
      ("{ at: 1d, for: 1h, target: erp/us, errors: 20% }", "say brownOut: { slowdown: 1, errors: 20% }"),
      ("{ random: 2h, for: 1h, target: erp/us, outage: {} }", "say random: { every: 2h }"),
      (
        "{ when: inFlight >= 4, for: 1h, target: erp/us, outage: {} }", "say when: { inFlight: { above: 3 } }"
      ),
      ("{ at: 1d, duration: 1h, target: erp/us, outage: {} }", "say for: 1h"),
      ("{ at: 1d, for: 1h, target: erp/us, delay: { add: 30s } }", "say delay: { upTo: 30s }"),
      ("{ at: 1d, target: erp/us, outage: 20m }", "say outage: {}, for: 20m"),
    ])
  func words(fault: String, hint: String) throws {
    let error = try #require(throws: InvalidInput.self) {
      try Self.scenario(faults: "\(fault)")
    }
    #expect(error.description.contains(hint), "\(error)")
  }
}

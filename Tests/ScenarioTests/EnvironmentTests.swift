import CanonicalModel
import Chronology
import Foundation
import Testing

@testable import Scenario

/// Reads the sample with changes.
private func sample(_ changes: (String, String)..., files: [String: String] = [:]) throws -> ScenarioFile {
  let folder = TemporaryFolderHolder.folder()
  _ = try Sample.write(Sample.scenario, in: folder)
  for (name, text) in files { _ = try folder.write(text, to: name) }
  var text = Sample.scenario
  for (old, new) in changes { text = text.replacingOccurrences(of: old, with: new) }
  return try ScenarioFile.read(file: try folder.write(text, to: "scenario.yaml"))
}

private enum TemporaryFolderHolder {
  static func folder() -> TemporaryFolder {
    guard let folder = try? TemporaryFolder() else { fatalError("no temporary folder") }
    return folder
  }
}

@Suite("Faults in scenario files")
struct FaultFileTests {
  private func faults(_ text: String) throws -> [ScenarioFile.Fault] {
    try sample(("horizon: 2d", "horizon: 2d\nfaults: [ \(text) ]")).faults
  }

  @Test("come at a moment, again and again, at random, or when a condition holds")
  func timing() throws {
    let start = CivilDate(year: 2026, month: 1, day: 1).start
    #expect(
      try faults("{ at: 1h, every: 6h, times: 3, for: 1m, target: erp/us, outage: {} }")[0].timing
        == .at([start + .hours(1), start + .hours(7), start + .hours(13)]))
    let endless = try faults("{ at: 1h, every: 6h, for: 1m, target: erp/us, outage: {} }")[0].timing
    guard case .at(let moments) = endless else {
      Issue.record("no moments")
      return
    }
    #expect(moments.count == 8, "as long as there is usage")
    #expect(
      try faults("{ random: { every: 2h }, for: 1m, target: erp/us, outage: {} }")[0].timing
        == .random(every: .hours(2)))
    let condition = try faults(
      "{ when: { outbox: { above: 9 }, after: 5s }, times: 2, for: 1m, target: erp/us, outage: {} }")[0]
    #expect(condition.timing == .when(.outbox(above: 9), after: .seconds(5), times: 2))
    let reached = try faults(
      "{ when: { situation: { name: throttled, reached: 4 } }, for: 1m, target: erp/us, outage: {} }")[0]
    #expect(reached.timing == .when(.situation(.throttled, times: 4), after: .zero, times: 1))
  }

  @Test("hit every target that a pattern names and that can have them")
  func patterns() throws {
    let all = try faults("{ at: 1h, for: 1m, target: '*', outage: {} }")[0].targets
    #expect(all == [.erp(EntityID(index: 0)), .tax, .gateway, .crm, .exchange, .broker])
    let processes = try faults("{ at: 1h, target: process/*, crash: { restartAfter: 9s } }")[0]
    #expect(processes.targets == CoreService.allCases.map { .process($0) })
    #expect(processes.duration == .seconds(9))
    let two = try faults("{ at: 1h, for: 1m, target: [ gate*, t*x ], drop: { share: 1% } }")[0].targets
    #expect(two == [.gateway, .tax])
  }

  static let mistakes: [(String, String)] = [
    ("{ for: 1h, target: erp/us, outage: {} }", "'at', 'random' or 'when' is missing"),
    ("{ at: 1h, random: { every: 1h }, for: 1h, target: tax, outage: {} }", "give only one of"),
    ("{ at: 1h, times: 3, for: 1h, target: tax, outage: {} }", "'times' needs 'every'"),
    ("{ random: { every: 1h }, every: 1h, for: 1h, target: tax, outage: {} }", "'every' goes with 'at'"),
    ("{ at: 1h, for: 1h, target: tax, throttle: { to: 10% } }", "'tax' cannot have the fault throttle"),
    ("{ at: 1h, for: 1h, target: processes/*, outage: {} }", "there is no target 'processes/*'"),
    ("{ at: 1h, target: erp/us, crash: { restartAfter: 1m } }", "'erp/us' cannot have the fault crash"),
    ("{ at: 1h, for: 1h, target: erp/us, brownOut: { slowdown: 0.5 } }", "should be between 1.0"),
    ("{ at: 1h, for: 1h, target: producers, clockSkew: { ahead: 1m, behind: 1m } }", "needs exactly one of"),
    ("{ at: 1h, for: 1h, target: erp/us, outage: { for: 2h } }", "'for' is given twice"),
    ("{ at: 1h, for: 0s, target: erp/us, outage: {} }", "'for' is missing or zero"),
    ("{ when: { outbox: { over: 3 } }, for: 1h, target: tax, outage: {} }", "unknown key 'over'"),
    (
      "{ when: { situation: throtled }, for: 1h, target: tax, outage: {} }",
      "there is no situation 'throtled'"
    ),
    (
      "{ when: { situation: { name: throtled, reached: 2 } }, for: 1h, target: tax, outage: {} }",
      "did you mean 'throttled'"
    ),
    ("{ at: 1h, for: 1h, target: producers, clockSkew: { ahead: 400d } }", "must not exceed 365d"),
  ]

  @Test("a mistake is told with its place", arguments: mistakes.indices)
  func mistake(index: Int) throws {
    let (fault, message) = Self.mistakes[index]
    let error = #expect(throws: InvalidInput.self) { try faults(fault) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("scenario.yaml:3:") == true, "line 3 of the file")
  }
}

@Suite("ERPs and designs in scenario files")
struct ERPFileTests {
  @Test("a profile's figures can each be exchanged")
  func overrides() throws {
    let scenario = try sample(
      (
        "erp: ideal",
        """
        erp: { profile: xero, concurrency: 3, reserved: 1, limits: [ { limit: 9, per: 1m, unit: documents, window: fixed } ], \
        idempotency: { retention: 2h, refusesOtherBodies: true }, periods: nextOpen, jobTime: 5m, indexLag: 7s, \
        lostAnswers: 1%, serverTimeout: 90s, payloadShape: sap, queueDepth: 4, queueWait: 1m, linesPerDocument: 10 }
        """
      ))
    let erp = scenario.entities[0].erp
    #expect(erp.profile == "xero" && erp.concurrency == 3 && erp.reserved == 1)
    #expect(erp.limits == [RateLimit(9, .documents, per: .minutes(1), .fixed)])
    #expect(erp.idempotency == .key(retention: .hours(2), refusesOtherBodies: true))
    #expect(erp.payloadShape == .sap)
    #expect(erp.periods == .nextOpen && erp.jobTime == .minutes(5) && erp.indexLag == .seconds(7))
    #expect(erp.lostAnswers == 0.01 && erp.serverTimeout == .seconds(90) && erp.latency == nil)
  }

  @Test("a design starts from a built-in one and exchanges strategies")
  func designs() throws {
    let design = try sample(
      (
        "horizon: 2d",
        """
        horizon: 2d
        design:
          extends: custom-scripts
          processes: [ [ billing, posting ], [ ingestion ], [ payments ] ]
          ingestion: { capture: direct, store: memory }
          posting: { key: none, order: perAccount, schedule: { nightly: { at: 1h, for: 2h } }, attempts: 3 }
        """
      )
    ).design
    #expect(design.processes == [["billing", "posting"], ["ingestion"], ["payments"]])
    #expect(design.capture == .direct && design.deduplicationStore == .memory && design.key == .none)
    #expect(design.order == .perAccount && design.schedule == .nightly(at: .hours(1), for: .hours(2)))
    #expect(design.attempts == 3 && design.syncEvery == .minutes(5), "the rest is as it was")
  }

  @Test(
    "a mistake in a design is told",
    arguments: [
      ("{ processes: [ [ billing ] ] }", "each service runs in one process: 'ingestion' is in 0"),
      ("{ posting: { schedule: { nightly: { at: 23h, for: 2h } } } }", "end before midnight"),
      ("{ posting: { key: minute } }", "posting.key' cannot be 'minute'; there are: document"),
      ("{ extends: middelware }", "did you mean 'middleware'?"),
    ])
  func mistake(design: String, message: String) throws {
    let error = #expect(throws: InvalidInput.self) {
      try sample(("horizon: 2d", "horizon: 2d\ndesign: \(design)"))
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }
}

@Suite("CloudEvents")
struct CloudEventsTests {
  private static func event(_ id: Int, _ time: String, _ data: String, type: String = "calls") -> String {
    #"{"specversion":"1.0","id":"\#(id)","source":"/a","type":"\#(type)","time":"\#(time)","data":\#(data)}"#
  }

  private func read(_ lines: String...) throws -> [TraceRecord] {
    let scenario = try sample(
      (
        "arrivals: 1/s",
        "trace: { file: events.jsonl, format: cloudevents, type: calls, quantity: data.usage.tokens }"
      ), files: ["events.jsonl": lines.joined(separator: "\n")])
    guard case .trace(let records) = scenario.load[0].pattern else { return [] }
    return records
  }

  @Test("are read by type, with quantities by path and their written digits")
  func reading() throws {
    let records = try read(
      Self.event(1, "2026-01-01T00:00:02Z", #"{"usage":{"tokens":0.1}}"#),
      Self.event(2, "2026-01-01T00:00:01Z", #"{"usage":{"tokens":"12.000001"}}"#), "",
      Self.event(3, "2026-01-01T00:00:03Z", #"{"usage":{}}"#, type: "other"),
      Self.event(4, "2026-01-01T00:00:05Z", #"{"usage":{"tokens":9007199254}}"#))
    #expect(records.map(\.quantity0) == [12_000_001, 100_000, 9_007_199_254_000_000])
  }

  @Test(
    "a broken line is told by its number",
    arguments: [
      ("{", "this line is not a JSON object"), ("[1]", "this line is not a JSON object"),
      (#"{"specversion":"1.0","id":"1","source":"/a"}"#, "the CloudEvent has no 'type'"),
      (CloudEventsTests.event(2, "yesterday", #"{"usage":{"tokens":1}}"#), "'time' should be a time"),
      (CloudEventsTests.event(2, "2026-01-01T00:00:01Z", #"{"usage":{}}"#), "and is missing"),
      (CloudEventsTests.event(2, "2026-01-01T00:00:01Z", #"{"usage":{"tokens":-1}}"#), "and is '-1'"),
    ])
  func broken(line: String, message: String) throws {
    let error = #expect(throws: InvalidInput.self) {
      try read(Self.event(1, "2026-01-01T00:00:02Z", #"{"usage":{"tokens":1}}"#), line)
    }
    #expect(error?.description.contains("events.jsonl:2:1: ") == true)
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }
}

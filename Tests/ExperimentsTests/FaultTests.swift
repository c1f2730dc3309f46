import Chronology
import RunRecord
import Scenario
import Testing
import UsageToCash

@testable import Experiments

/// A fault as a scenario has it, and the situation in which it shows.
struct FaultCase: Sendable, CustomTestStringConvertible {
  let fault: String
  let situations: [String]
  /// Whether nothing else goes wrong, so that what shows is this fault's.
  let isAlone: Bool

  init(_ fault: String, _ situations: String..., isAlone: Bool = false) {
    self.fault = fault
    self.situations = situations
    self.isAlone = isAlone
  }

  var testDescription: String { fault }

  static let all = [
    FaultCase("{ at: month-end, for: 12h, target: erp/us, outage: {} }", "called-during-outage"),
    FaultCase("{ at: month-end, for: 12h, target: erp/*, maintenance: {} }", "throttled"),
    FaultCase("{ at: month-end, for: 12h, target: erp/de, throttle: { to: 1% } }", "queued-at-erp"),
    FaultCase(
      "{ at: month-end, for: 12h, target: erp/*, brownOut: { slowdown: 30, errors: 40% } }",
      "called-during-outage"),
    FaultCase(
      "{ at: month-end-1h, for: 4h, target: erp/us, slowDeath: { slowdown: 9000 } }",
      "died-during-call", "unknown-resolved-not-posted"),
    FaultCase(
      "{ at: month-end, for: 12h, target: erp/*, timeoutAfterCommit: { share: 60% } }",
      "timeout-after-commit", "unknown-resolved-posted"),
    FaultCase(
      "{ at: month-end, for: 12h, target: erp/*, refusals: { share: 30% } }", "posting-refused",
      "posting-replayed"),
    FaultCase(
      "{ at: month-end, for: 12h, target: erp/*, partialFailure: { share: 40% } }", "batch-half-succeeded"),
    FaultCase(
      "{ at: month-end, for: 12h, target: erp/us, rejectLater: { share: 30% } }", "accepted-by-job",
      "rejected-after-accepted", "posting-replayed"),
    FaultCase("{ at: month-end, for: 12h, target: erp/us, partition: {} }", "request-lost"),
    FaultCase(
      "{ at: month-end, for: 12h, target: erp/*, drop: { share: 40% } }", "request-lost", "answer-lost"),
    FaultCase("{ at: month-end, for: 12h, target: erp/*, delay: { upTo: 3m } }", "message-delayed"),
    FaultCase("{ at: month-end, for: 12h, target: erp/us, duplicate: { share: 50% } }", "request-duplicated"),
    FaultCase("{ at: month-end, for: 12h, target: tax, outage: {} }", "drafted-without-tax"),
    FaultCase(
      "{ at: month-end, for: 12h, target: tax, brownOut: { slowdown: 200, errors: 50% } }", "tax-refused"),
    FaultCase(
      "{ at: month-end, for: 12h, target: tax, timeoutAfterCommit: { share: 90% } }", "tax-answer-lost"),
    FaultCase("{ at: month-end, for: 12h, target: tax, drop: { share: 70% } }", "request-lost"),
    FaultCase(
      "{ at: 0h, for: 60d, target: gateway, timeoutAfterCommit: { share: 50% } }", "charge-answer-lost"),
    FaultCase(
      "{ at: 0h, for: 60d, target: gateway, drop: { share: 50% } }", "request-lost", "charge-repeated"),
    FaultCase("{ at: 0h, for: 60d, target: gateway, duplicate: { share: 50% } }", "request-duplicated"),
    FaultCase("{ at: 0h, for: 60d, target: gateway, outage: {} }", "charge-refused"),
    FaultCase("{ at: month-end, for: 7d, target: gateway, partition: {} }", "request-lost"),
    FaultCase("{ at: 0h, for: 60d, target: webhooks, duplicate: { share: 60% } }", "notice-duplicated"),
    FaultCase("{ at: 0h, for: 60d, target: webhooks, delay: { upTo: 3d } }", "message-delayed"),
    FaultCase(
      "{ random: { every: 12h }, target: process/*, crash: { restartAfter: 10m } }", "process-crashed",
      "effect-repeated", isAlone: true),
    FaultCase(
      "{ when: { situation: status-told }, target: process/posting, crash: { restartAfter: 2m } }",
      "process-crashed", isAlone: true),
    FaultCase(
      "{ when: { inFlight: { above: 0 } }, times: 5, for: 1h, target: erp/us, outage: {} }",
      "died-during-call"),
    FaultCase(
      "{ when: { outbox: { above: 3 }, after: 1s }, for: 1h, target: [ erp/us, erp/de ], partition: {} }",
      "request-lost"),
    FaultCase(
      "{ at: 1d, every: 1d, times: 30, for: 1h, target: '*', outage: {} }", "called-during-outage"),
  ]
}

@Suite("Faults")
struct FaultTests {
  /// Always a few crashes and lost answers, so that faults meet one another.
  private static let others = """
    { random: { every: 4d }, target: process/billing, crash: { restartAfter: 1m } }, \
    { random: { every: 4d }, target: process/posting, crash: { restartAfter: 1m } }, \
    { at: month-end, for: 3d, target: erp/us, timeoutAfterCommit: { share: 5% } }
    """

  @Test("each shows in the world, and the middleware survives it", arguments: FaultCase.all)
  func survived(_ fault: FaultCase) throws {
    let scenario = try Repository.scenario(
      "crashes.yaml",
      settings: [
        "customers.count=16", "load.0.arrivals={ poisson: 1/h }",
        "faults=[ \(fault.fault)\(fault.isAlone ? "" : ", \(Self.others)") ]",
      ])
    let record = try SimulationRun(scenario).perform()
    for situation in fault.situations {
      #expect((record.situations[situation] ?? 0) > 0, "\(situation)")
    }
    let broken = record.invariants.filter { $0.verdict == .broken }.map(\.name)
    #expect(broken.isEmpty)
    #expect(record.simulated.ended == "quiescent")
  }

  @Test(
    "of CRM and the exchange rates show in the world, and are survived",
    arguments: [
      FaultCase("{ at: 0h, for: 120d, target: crm, delay: { upTo: 20d } }", "contract-told-late"),
      FaultCase("{ at: 18d, for: 9d, target: crm, outage: {} }", "contract-told-late"),
      FaultCase("{ at: 0h, for: 120d, target: crm, drop: { share: 60% } }", "request-lost"),
      FaultCase("{ at: 0h, for: 120d, target: crm, duplicate: { share: 60% } }", "feed-repeated"),
      FaultCase("{ at: 0h, for: 200d, target: fx, delay: { upTo: 3d } }", "rate-awaited"),
      FaultCase("{ at: month-end-2d, for: 4d, target: fx, partition: {} }", "rate-awaited", "request-lost"),
      FaultCase("{ at: 0h, for: 120d, target: fx, duplicate: { share: 60% } }", "feed-repeated"),
    ])
  func masterData(_ fault: FaultCase) throws {
    let scenario = try Repository.scenario(
      "late-master-data.yaml",
      settings: [
        "customers.count=16", "load.0.arrivals={ poisson: 2/h }",
        "faults=[ \(fault.fault), { random: { every: 5d }, target: process/*, crash: { restartAfter: 2m } } ]",
      ])
    let record = try SimulationRun(scenario).perform()
    for situation in fault.situations {
      #expect((record.situations[situation] ?? 0) > 0, "\(situation)")
    }
    #expect(record.invariants.filter { $0.verdict == .broken }.map(\.name).isEmpty)
    #expect(record.simulated.ended == "quiescent")
    #expect(record.indicators["reconciliationBreaks"]?.value == 0)
  }

  @Test("a key that the ERP forgets early is no key: posting waits until a look-up is certain")
  func shortLivedKeys() throws {
    let scenario = try Repository.scenario("short-lived-keys.yaml")
    let record = try SimulationRun(scenario).perform()
    #expect(record.verdict == .pass)
    #expect((record.situations["unknown-resolved-posted"] ?? 0) > 0)
    #expect(record.situations["key-expired-before-retry"] == 0)
    // As it was until a campaign found seed 785 of chaos.yaml: a look-up after a minute, and trust in the key.
    let trusting = Defect(
      name: "short-lived-key-trusted", mistake: "", models: "", caughtBy: "no-double-posting", scenario: ""
    ) {
      for index in $0.policy.posting.systems.indices {
        $0.policy.posting.systems[index].settlesAfter = .minutes(1)
      }
    }
    let broken = try SimulationRun(scenario, defect: trusting).perform()
    #expect(broken.invariants.first { $0.name == "no-double-posting" }?.verdict == .broken)
    #expect((broken.situations["key-expired-before-retry"] ?? 0) > 0)
  }

  @Test("two days of outage over a close: capture goes on, the backlog shows, the closed period stays closed")
  func outageOverClose() throws {
    let record = try SimulationRun(
      Repository.scenario("outage-over-close.yaml", settings: ["load.0.arrivals={ poisson: 60/h }"])
    ).perform()
    #expect(record.verdict == .pass)
    let step = record.series.step
    let start = try #require(Instant(iso8601: record.simulated.start))
    let outage = try #require(Instant(iso8601: "2026-01-31T12:00:00Z"))
    let first = Int((outage - start).seconds / step) + 1
    let hours = first..<first + 47
    #expect(hours.allSatisfy { record.series.delivered[$0] > 0 }, "usage is captured in every hour")
    let backlog = record.series.outbox.map { series in series[hours.upperBound - 1] }
    #expect(backlog.allSatisfy { $0 > 100 }, "the backlog is in sight: \(backlog)")
    #expect((record.situations["dated-to-next-period"] ?? 0) > 0)
    let closed = try #require(record.invariants.first { $0.name == "no-posting-into-closed-period" })
    let order = try #require(record.invariants.first { $0.name == "posting-order" })
    #expect(closed.verdict == .held && closed.checks > 500)
    #expect(order.verdict == .held && order.checks > 100)
    #expect(record.series.outbox.allSatisfy { $0.last == 0 }, "everything drains")
  }
}

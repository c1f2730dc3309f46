import Foundation
import Reports
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("Faults that never end")
struct EndlessFaultTests {
  private func run(_ faults: String, _ settings: [String] = [], _ name: String = "studies/base") throws
    -> RunRecord
  {
    try Finding.run("\(name).yaml", settings: ["faults=[\(faults)]", "drainWithin=3d"] + settings)
  }

  private func problem(_ fault: String) -> String {
    do {
      _ = try run(fault)
      return ""
    } catch { return "\(error)" }
  }

  @Test("an outage forever leaves every document in the outbox when time is up, which is a failure")
  func outage() throws {
    let record = try run("{ at: month-end, for: forever, target: erp/us, outage: {} }")
    #expect(record.verdict == .fail && record.broken.contains("drains"))
    #expect(record.simulated.ended == "limit")
    let drains = try #require(record.invariants.first { $0.name == "drains" })
    #expect(drains.violations.contains { $0.ids.contains("outbox/us") || $0.actual.contains("200") })
    #expect(record.erps[0].documents == 0)
    // The limit is the one of the file: nothing waits for an end that never comes.
    let calm = try Finding.run("studies/base.yaml", settings: ["drainWithin=3d"])
    #expect(record.simulated.deadline == calm.simulated.deadline)
    #expect(record.faults.map(\.neverEnds) == [true] && record.faults[0].end == record.simulated.end)
    #expect(record.indicator("drainTime") == nil)
    #expect(record.declaredFaults[0].fault.hasSuffix(", without end"))
    let text = TextSummary(record).text()
    #expect(text.contains("and never ends") && text.contains("work was left when time was up"))
    #expect(try RunReport(record).html().contains("never"))
  }

  @Test("work may be left where the scenario says so: then nothing is judged of it, and the run passes")
  func mayLeaveWork() throws {
    let record = try run("{ at: month-end, for: forever, target: erp/us, outage: {} }", ["mayLeaveWork=true"])
    #expect(record.invariants.first { $0.name == "drains" }?.verdict == .notJudged)
    #expect(record.verdict == .pass)
  }

  @Test(
    "a fault that lets enough through may last forever, and the run ends when all is posted",
    arguments: [
      "throttle: { to: 50% }", "timeoutAfterCommit: { share: 20% }", "drop: { share: 5% }",
      "duplicate: { share: 10% }", "delay: { upTo: 5s }", "brownOut: { slowdown: 2, errors: 10% }",
      "partialFailure: { share: 10% }",
    ])
  func bearable(_ kind: String) throws {
    // The file's calls wait for an answer for 30 days, longer than there is time.
    let record = try run(
      "{ at: month-end, for: forever, target: erp/us, \(kind) }", ["design.posting.timeout=1m"])
    #expect(record.verdict == .pass && record.simulated.ended == "quiescent")
    #expect(record.erps[0].documents == 200)
    #expect(record.faults.map(\.neverEnds) == [true])
  }

  @Test("a process that never starts again leaves its work, the others go on")
  func crash() throws {
    let record = try run(
      "{ at: month-end, target: process/posting, crash: { restartAfter: never } }", [], "designs/chaos2")
    #expect(record.verdict == .fail && record.broken.contains("drains"))
    // Two calls of twenty documents each were under way: the ERP has them all the same.
    #expect(record.erps[0].documents == 40)
    #expect(record.timeline.contains { $0.text.hasSuffix("never starts again") })
  }

  @Test("a broker that is down for good keeps what it was sent from everybody: work is left")
  func broker() throws {
    let record = try run("{ at: 6d, for: forever, target: broker, outage: {} }")
    #expect(record.verdict == .fail && record.broken.contains("drains"))
    // A day of six events an hour.
    #expect(record.declaredFaults[0].hits ?? 0 >= 143 && record.declaredFaults[0].hits ?? 0 <= 145)
  }

  @Test("what has no meaning without an end, and what would come again after one, is refused with the reason")
  func refused() {
    #expect(
      problem("{ at: 1d, for: forever, target: erp/us, maintenance: {} }").contains(
        "'maintenance' has an end"))
    #expect(
      problem("{ at: 1d, for: forever, target: erp/us, slowDeath: { slowdown: 3 } }")
        .contains("'slowDeath' has an end"))
    #expect(
      problem("{ at: 1d, for: forever, target: broker, rebalance: {} }").contains("'rebalance' has an end"))
    #expect(
      problem("{ at: 1d, every: 1d, for: forever, target: erp/us, outage: {} }")
        .contains("what never ends does not come again"))
    #expect(
      problem("{ when: { outbox: { above: 5 } }, times: 3, for: forever, target: erp/us, outage: {} }")
        .contains("what never ends does not come again"))
    #expect(problem("{ at: 1d, for: ever, target: erp/us, outage: {} }").contains("say for: forever"))
  }

  @Test("a condition and a draw can begin what never ends")
  func begun() throws {
    let met = try run("{ when: { outbox: { above: 150 } }, for: forever, target: erp/us, outage: {} }")
    #expect(met.verdict == .fail && met.faults.count == 1 && met.erps[0].documents < 200)
    let drawn = try run("{ random: { every: 1d }, for: forever, target: erp/us, outage: {} }")
    #expect(drawn.verdict == .fail && drawn.erps[0].documents == 0)
  }
}

@Suite("How long a run waits after a fault")
struct DrainLimitTests {
  /// `drainWithin` counts from the last usage, the end of the last fault, and the end of the billing period that follows.
  @Test(
    "an outage that lasts longer than drainWithin is no failure of the design: the limit counts from its end")
  func longOutage() throws {
    let faults = "faults=[{ at: month-end, for: 10d, target: erp/us, outage: {} }]"
    let record = try Finding.run("studies/base.yaml", settings: [faults, "drainWithin=1d"])
    #expect(record.verdict == .pass && record.simulated.ended == "quiescent")
    // The outage ends on 11 February; a day after the end of that month's period, and one to drain.
    #expect(record.simulated.deadline.hasPrefix("2026-03-03"))
    // What the business bears is an expectation, and is missed.
    let judged = try Finding.run(
      "studies/base.yaml", settings: [faults, "drainWithin=1d", "expectations=[closeCycleTime < 3d]"])
    #expect(judged.verdict == .fail && judged.broken.isEmpty)
  }
}

@Suite("What faults hit")
struct FaultHitTests {
  private func run(_ faults: String, _ settings: [String] = []) throws -> RunRecord {
    try Finding.run("studies/base.yaml", settings: ["faults=[\(faults)]"] + settings)
  }

  @Test(
    "an outage hits the calls that it refuses and those that die with it; both are counted by the ERP as well"
  )
  func outage() throws {
    let record = try run("{ at: month-end, for: 3h, target: erp/us, outage: {} }")
    let erp = record.erps[0]
    #expect(erp.unavailable + erp.dropped > 0)
    #expect(record.declaredFaults[0].hits == erp.unavailable + erp.dropped)
    #expect(record.faults[0].hits == erp.unavailable + erp.dropped)
    #expect(TextSummary(record).text().contains("hit \(erp.unavailable + erp.dropped)"))
  }

  @Test(
    "answers that are lost, calls that are throttled, and documents that are refused are counted one by one")
  func others() throws {
    let lost = try run("{ at: month-end, for: 1d, target: erp/us, timeoutAfterCommit: { share: 30% } }")
    #expect(lost.erps[0].answersLost > 0 && lost.declaredFaults[0].hits == lost.erps[0].answersLost)
    let throttled = try run(
      "{ at: month-end, for: 1d, target: erp/us, throttle: { to: 50% } }",
      ["entities.0.erp.concurrency=3", "design.posting.backoffStrategy=perCall"])
    #expect(throttled.erps[0].throttled > 0)
    #expect(throttled.declaredFaults[0].hits == throttled.erps[0].throttled)
    let refused = try run("{ at: month-end, for: 4h, target: erp/us, refusals: { share: 100% } }")
    #expect(refused.declaredFaults[0].hits == refused.situations["posting-refused"])
  }

  @Test("messages on the way, events of producers, and crashes of processes are counted")
  func elsewhere() throws {
    let delayed = try run("{ at: month-end, for: 1d, target: erp/us, delay: { upTo: 5s } }")
    #expect(delayed.declaredFaults[0].hits ?? 0 > 0)
    #expect(delayed.declaredFaults[0].hits == delayed.situations["message-delayed"])
    let skewed = try run("{ at: 1d, for: 1d, target: producers, clockSkew: { ahead: 1s } }")
    #expect(skewed.declaredFaults[0].hits == skewed.situations["clock-skewed"])
    let crashed = try run("{ at: 1d, target: process/ingestion, crash: { restartAfter: 1m } }")
    #expect(crashed.declaredFaults[0].hits == 1 && crashed.declaredFaults[0].began == 1)
  }

  @Test("a fault that began when nothing was there to hit is said to have met nothing, in text and on pages")
  func nothing() throws {
    let record = try run("{ at: 1d, for: 1h, target: erp/us, outage: {} }")
    #expect(record.declaredFaults[0].began == 1 && record.declaredFaults[0].hits == 0)
    #expect(record.declaredFaults[0].metNothing)
    #expect(TextSummary(record).text().contains("began and hit nothing: outage of erp/us"))
    #expect(RunMarkdown(record).text().contains("Faults that began and hit nothing"))
    #expect(try RunReport(record).html().contains("Faults that began and hit nothing"))
  }

  @Test("what is counted changes nothing: the sum over windows is that of the declaration")
  func windows() throws {
    let record = try run("{ at: month-end, every: 2h, times: 5, for: 20m, target: erp/us, outage: {} }")
    // The run ends once all is posted: not all five begin.
    #expect(record.faults.count == record.declaredFaults[0].began && record.faults.count > 1)
    #expect(record.faults.reduce(0) { $0 + ($1.hits ?? 0) } == record.declaredFaults[0].hits)
  }
}

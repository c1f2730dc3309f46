import CanonicalModel
import Chronology
import RunRecord
import Scenario
import Testing
import World

@testable import Experiments

/// Contracts that are tried, pause and end: who leaves when, what is put aside, and what cannot be said.
@Suite("Lives of contracts")
struct ContractLifeTests {
  private func scenario(_ customers: String, design: String = "middleware", faults: String = "[]") throws
    -> ScenarioFile
  {
    try Self.read(
      """
      name: life
      start: 2026-01-01
      horizon: 120d
      design: \(design)
      entities: [ { name: us, currency: USD, erp: ideal } ]
      customers: { contracts: { us: { currency: USD, charges: [ { meter: calls, model: perUnit, unitPrice: 1 } ] } }, \(customers) }
      load: [ { meter: calls, arrivals: { constant: 1/d } } ]
      faults: \(faults)
      """)
  }

  private static func read(_ text: String) throws -> ScenarioFile {
    var scenario: ScenarioFile?
    try Temporary.folder { folder in
      scenario = try ScenarioTemplate(file: try folder.write("scenario.yaml", text)).scenario
    }
    return try #require(scenario)
  }

  private func ends(_ scenario: ScenarioFile, seed: UInt64 = 42) throws -> [Instant?] {
    try Assembly(scenario, seed: seed).world.catalog.subscriptions.map { own in
      own.terms.first { $0.status == .ended }?.from
    }
  }

  @Test("of every hundred customers a churn of 10 % a month takes ten a month")
  func churn() throws {
    let ends = try ends(scenario("count: 4000, churn: 10%"))
    let start = try #require(Instant(iso8601: "2026-01-01"))
    // Of 4,000 stay 3,600, 3,240 and 2,916 after a month, two and three: within four standard deviations, 76, 99 and 113.
    for (month, stay, tolerance) in [(1, 3600, 76), (2, 3240, 99), (3, 2916, 113)] {
      let by = Period(ordinal: Period(holding: start).ordinal + Int32(month)).start
      let left = ends.count { $0.map { $0 > by } ?? true }
      #expect(abs(left - stay) <= tolerance, "\(left) after \(month) months")
    }
    #expect(ends.allSatisfy { $0.map { $0 > start && $0.floored(to: .days(1)) == $0 } ?? true })
  }

  @Test(
    "who leaves when depends on the seed and the customer alone: not on the design, the faults or how many others there are"
  )
  func commonRandomNumbers() throws {
    let known = try ends(scenario("count: 50, churn: 20%"))
    #expect(Set(known.map { $0 == nil }).count == 2)
    #expect(try ends(scenario("count: 50, churn: 20%", design: "direct-api")) == known)
    let fault = "[ { at: 3d, for: 1h, target: erp/us, outage: {} } ]"
    #expect(try ends(scenario("count: 50, churn: 20%", faults: fault)) == known)
    #expect(try Array(ends(scenario("count: 80, churn: 20%")).prefix(50)) == known)
    #expect(try ends(scenario("count: 50, churn: 20%"), seed: 43) != known)
  }

  @Test("a pause waits in a case of its own, an end in that of what is not included")
  func putAside() throws {
    let paused = try Finding.run("money/life-pause.yaml")
    #expect(paused.cases.map(\.kind) == ["usage-quarantined/paused"])
    let ended = try Finding.run("money/life-term.yaml")
    #expect(ended.cases.map(\.kind) == ["usage-quarantined/not-entitled"])
    // What is used in a trial is taken in, and on an invoice at nothing.
    let tried = try Finding.run("money/life-trial.yaml")
    #expect(tried.cases.isEmpty && tried.controlTotals.capture.accepted == 3)
  }

  @Test(
    "what does not go together is refused, with what would",
    arguments: [
      ("count: 2, renews: false", "'renews: false' ends contracts when their 'term' is over: give one"),
      ("count: 2, cycle: anniversary, billingDay: 15", "leave 'cycle' or 'billingDay' out"),
      ("count: 2, term: 12 months, pausesExtendTerm: true", "give 'term' and 'renews: false'"),
      ("count: 2, trial: 36h", "a trial must be whole days, at most 365"),
      ("count: 2, cancellations: [ { customer: c3, at: 2026-02-01 } ]", "there is no customer 'c3'"),
      ("count: 2, cancellations: [ { customer: c1, share: 5%, at: 2026-02-01 } ]", "not both"),
      ("count: 2, pauses: [ { from: 2026-02-03, until: 2026-02-01 } ]", "a pause must end after it begins"),
      ("count: 2, cancellations: [ { at: 2026-02-01T00:30:00Z } ]", "at the beginning of a usage window"),
      ("count: 2, billingDay: 29", "cannot be '29'"), ("count: 2, term: 13 weeks", "cannot be '13 weeks'"),
    ])
  func refused(customers: String, message: String) throws {
    let error = #expect(throws: InvalidInput.self) { _ = try Assembly(try scenario(customers)) }
    #expect(error.map { "\($0)".contains(message) } ?? false, "\(String(describing: error))")
  }

  @Test("a trial needs periods of its own where a meter is no sum")
  func levels() throws {
    func text(_ day: String) -> String {
      """
      name: life
      start: 2026-01-01
      horizon: 60d
      entities: [ { name: us, currency: USD, erp: ideal } ]
      customers: { count: 1, trial: 14d, billingDay: \(day), contracts: { us: { currency: USD, charges: [ { meter: peak, model: perUnit, unitPrice: 1 } ] } } }
      load: [ { meter: peak, aggregation: max, arrivals: { constant: 1/d } } ]
      """
    }
    #expect(throws: InvalidInput.self) { _ = try Self.read(text("first")) }
    let record = try SimulationRun(Self.read(text("signUp"))).perform()
    #expect(record.verdict == .pass)
  }
}

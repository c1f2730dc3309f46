import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("What outsiders found at the keys of counterparts")
struct OutsideTests {
  private func verdict(_ name: String, in record: RunRecord) throws -> RunRecord.Invariant {
    try #require(record.invariants.first { $0.name == name })
  }

  @Test("a look-up waits for the job that an ERP has made of a call", arguments: [UInt64(1), 2])
  func jobs(seed: UInt64) throws {
    let record = try Finding.run("outside/job-without-idempotency.yaml", seed: seed)
    let verdict = try verdict("no-double-posting", in: record)
    #expect(record.broken.isEmpty && verdict.checks > 0)
  }

  @Test("a run waits for identifiers that are linked after the last usage")
  func links() throws {
    let record = try Finding.run("outside/late-links.yaml")
    let verdict = try verdict("drains", in: record)
    #expect(record.broken.isEmpty && verdict.checks > 0)
  }

  /// Requests that never reached the gateway are on no statement: nothing but the core's own patience ends them.
  @Test("payments that are under way at rest break 'drains', and nothing that adds up cash")
  func cash() throws {
    let record = try Finding.run(
      "../../scenarios/chaos.yaml",
      settings: [
        "design.payments.timeout=366d",
        "faults.16={ at: 0h, for: 90d, target: gateway, drop: { share: 30% } }",
      ], seed: 1)
    #expect(record.broken == ["drains"])
    #expect(try verdict("cash-balances", in: record).verdict == .notJudged)
  }

  @Test(
    "what became of a charge whose answer was lost is found on the gateway's statement, however patient the core is"
  )
  func statement() throws {
    let record = try Finding.run(
      "../../scenarios/chaos.yaml", settings: ["design.payments.timeout=366d"], seed: 1)
    #expect(record.broken.isEmpty)
    #expect(try verdict("cash-balances", in: record).checks > 0)
  }

  @Test("a tax engine is left alone for five seconds at least")
  func pause() throws {
    #expect(throws: InvalidInput.self) {
      try Finding.run("../../scenarios/chaos.yaml", settings: ["design.billing.tax.pause=1s"], seed: 3)
    }
  }
}

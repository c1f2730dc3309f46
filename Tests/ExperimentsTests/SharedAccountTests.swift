import Foundation
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("Entities that share an account of an ERP")
struct SharedAccountTests {
  private func run(_ name: String, _ settings: [String] = []) throws -> RunRecord {
    try Finding.run("physics/\(name).yaml", settings: settings)
  }

  /// Posting starts two hours after the month: an hour of grace, and one of silence.
  private func makespan(_ record: RunRecord) throws -> Double {
    try #require(record.indicator("closeCycleTime")) - 7200
  }

  private func problem(_ settings: String...) -> String {
    do {
      _ = try run("shared", settings)
      return ""
    } catch { return "\(error)" }
  }

  @Test("400 calls of 6 s through the 5 places of one account take 480 s, and 241 s through two accounts")
  func places() throws {
    let (shared, alone) = (try run("shared"), try run("alone"))
    #expect(shared.broken.isEmpty && alone.broken.isEmpty)
    #expect(abs(try makespan(shared) - 480) < 1.5)
    #expect(abs(try makespan(alone) - 240.8) < 1.5)
    // Each has its own ledger, and the use of places is the account's: none is ever idle.
    #expect(shared.erps.map(\.documents) == [200, 200])
    #expect(shared.erps.map(\.account) == ["group", "group"] && alone.erps.map(\.account) == [nil, nil])
    for erp in shared.erps {
      let places = try #require(erp.resources.first { $0.name == "places" })
      #expect(places.utilization > 0.98 && places.utilization <= 1 && places.peak == 1)
    }
    let uses = Replication(shared).resources.keys.filter { $0.hasSuffix(" places") }
    #expect(uses == ["erp/group places"], "one resource, and not one of each entity")
  }

  @Test("a limit of the rate is one for all of an account: 60 calls a minute for both together")
  func limits() throws {
    let limit = "entities.0.erp.limits=[{ limit: 60, per: 1m }]"
    let quick = [
      "entities.0.erp.latency=100ms", "entities.0.erp.concurrency=1000", limit,
      "entities.0.erp.retryAfter=1s",
    ]
    // 400 calls at 60 a minute: the last 40 may begin after six whole minutes.
    let shared = try makespan(run("shared", quick))
    #expect(shared > 360 && shared < 480)
    let own = quick + quick.map { $0.replacingOccurrences(of: "entities.0", with: "entities.1") }
    // 200 calls each: the last 20 may begin after three.
    let alone = try makespan(run("alone", own))
    #expect(alone > 180 && alone < 300)
  }

  @Test(
    "an outage of the account, or of an entity in it, stops both; documents that are refused are those of one"
  )
  func faults() throws {
    let outage = "for: 1h, outage: {} }]"
    let named = try ["group", "us", "uk", "*"].map {
      try run("shared", ["faults=[{ at: month-end+2h, target: erp/\($0), \(outage)"])
    }
    for record in named {
      #expect(record.fingerprint == named[0].fingerprint && record.broken.isEmpty)
      #expect(record.faults.map(\.target) == ["erp/group"])
      #expect(record.indicator("drainAfter(erp/us outage)") ?? 0 > 0)
      #expect(record.indicator("drainAfter(erp/uk outage)") ?? 0 > 0)
    }
    let refused = try run(
      "shared", ["faults=[{ at: month-end, for: 1d, target: erp/uk, refusals: { share: 100% } }]"])
    #expect(refused.faults.map(\.target) == ["erp/uk"])
    #expect(refused.indicator("closeCycleTime(erp/us)") ?? .infinity < 10_000)
    #expect(refused.indicator("closeCycleTime(erp/uk)") ?? 0 > 80_000)
  }

  @Test("a throttle shrinks what both have together")
  func throttle() throws {
    let record = try run(
      "shared", ["faults=[{ at: month-end, for: 1d, target: erp/us, throttle: { to: 40% } }]"])
    // Two places are left.
    #expect(abs(try makespan(record) - 400 * 6 / 2) < 2)
  }

  @Test("settings that differ from those of the account are refused where they stand, and what agrees is not")
  func settings() throws {
    #expect(problem("entities.1.erp.concurrency=5") == "")
    let differs = problem("entities.1.erp.concurrency=7")
    #expect(differs.contains("'concurrency' differs from that of the account 'group'"))
    #expect(differs.hasPrefix("--set entities.1.erp.concurrency"))
    #expect(problem("entities.1.erp.profile=xero").contains("the account 'group' is one of netsuite"))
    #expect(problem("entities.1.erp.account=US").contains("is called like the entity 'us'"))
    let moved = problem("entities.1.cutOver={ at: 2026-01-30, erp: { profile: netsuite, account: group } }")
    #expect(moved.contains("'uk' is in the account 'group' already"))
    // In the file's own lines.
    do {
      _ = try Finding.run("physics/differing.yaml")
      Issue.record("differing limits of one account were accepted")
    } catch let error as InvalidInput {
      #expect("\(error)".contains("differing.yaml:7:74: 'concurrency' differs"))
    }
  }

  @Test("an entity may move into the account of another one, and shares its places from then on")
  func cutOver() throws {
    let moved = try run(
      "alone",
      [
        "entities.0.erp.account=group",
        "entities.1.cutOver={ at: 2026-01-30, erp: { profile: netsuite, account: group } }",
      ])
    #expect(moved.broken.isEmpty)
    #expect(abs(try makespan(moved) - 480) < 1.5)
    let places = moved.erps.flatMap(\.resources).filter { $0.name == "places" }
    #expect(places.count == 2 && places.allSatisfy { $0.utilization > 0.9 && $0.utilization <= 1 })
  }
}

import CanonicalModel
import Chronology
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("Pauses after refusals, over whole runs")
struct BackoffTests {
  @Test(
    "partial-failure-hammers: two days in which every document fails need hundreds of calls",
    arguments: [1, 42, 7]
  )
  func partialFailure(seed: UInt64) throws {
    let record = try Finding.run("robustness/partial-failure-hammers.yaml", seed: seed)
    #expect(record.broken == [])
    let erp = try #require(record.erps.first)
    // Refused for 46 hours from the first invoice on. A pause of 150 to 300 s between two calls, after some shorter ones, makes
    // 552 to 1,104 of them; and three for 50 documents of which all are posted, as many again to count and look up.
    #expect((500...1_150).contains(erp.calls))
    #expect(erp.documents == 50)
  }

  @Test("documents that fail alone do not keep the others waiting")
  func healthyDocuments() throws {
    // Half of all attempts fail for two days: a document needs two on average, the pauses double from 2 s on.
    let record = try Finding.run(
      "robustness/partial-failure-hammers.yaml",
      settings: ["faults=[{at: month-end, target: erp/us, partialFailure: {share: 50%}, for: 2d}]"])
    #expect(record.broken == [])
    let erp = try #require(record.erps.first)
    #expect(erp.documents == 50 && erp.calls < 80)
    #expect(try #require(erp.postingLatency["p50"]) < 10)
  }

  @Test(
    "documents that are refused, and those that a job rejects later, do not hammer either",
    arguments: [1, 2, 3])
  func neighbours(seed: UInt64) throws {
    let faults =
      "faults=[{at: month-end, target: erp/us, rejectLater: {share: 30%}, for: 1d}, "
      + "{at: month-end, target: erp/us, refusals: {share: 30%}, for: 1d}, "
      + "{at: month-end, target: erp/us, partialFailure: {share: 60%}, for: 1d}]"
    for erp in ["netsuite", "oracle-fusion", "s4hana-cloud", "quickbooks-online", "sage-intacct"] {
      let record = try Finding.run(
        "robustness/partial-failure-hammers.yaml", settings: [faults, "entities.0.erp=\(erp)"], seed: seed)
      #expect(record.broken == [], "\(erp)")
      #expect(try #require(record.erps.first).calls < 1_000, "\(erp)")
    }
  }

  @Test("09-xero-day-limit: what waits for Retry-After comes back when it may, not half as late again")
  func dayLimit() throws {
    // Invoiced at 02:00. 60 calls a minute: the 5,000th within 84 minutes. The first comes free 24 h after it was made, and
    // 1,000 more take 16 min 40 s at 60 a minute: 26 h 16 min 40 s after the month, give or take latencies and pauses.
    let record = try Finding.run("money/09-xero-day-limit.yaml")
    let close = try #require(record.indicator("closeCycleTime")) / 60
    #expect(abs(close - (26 * 60 + 17)) < 2)
    #expect(record.broken == [])
  }

  @Test("outage: pauses differ from seed to seed and never exceed maximumBackoff")
  func outage() throws {
    var pauses: Set<Int> = []
    for seed in 1...20 {
      let record = try Finding.run("studies/outage.yaml", seed: UInt64(seed))
      // The invoice is posted by a call of 10 s after the outage of 5 h that the month began with.
      let pause = try #require(record.indicator("closeCycleTime")) - 5 * 3600 - 10
      #expect(pause > -1 && pause <= 301)
      pauses.insert(Int(pause))
    }
    #expect(pauses.count >= 15)
  }

  // MARK: More workers than places

  /// 2,000 invoices at 02:00, a call of 6 s and 20 ms each.
  private func month(_ settings: [String], seed: UInt64 = 42) throws -> RunRecord {
    let record = try Finding.run(
      "studies/base.yaml",
      settings: [
        "customers.count=2000", "entities.0.erp.latency=6s", "entities.0.erp.latencyLaw=logNormal",
        "entities.0.erp.latencySigma=0",
      ] + settings, seed: seed)
    #expect(record.broken == [])
    return record
  }

  private func makespan(_ record: RunRecord) throws -> Double {
    try #require(record.indicator("closeCycleTime")) - 7200
  }

  private func workers(_ count: Int, _ strategy: String, places: Int = 5) -> [String] {
    [
      "entities.0.erp.concurrency=\(places)", "design.posting.concurrency=\(count)",
      "design.posting.backoffStrategy=\(strategy)",
    ]
  }

  @Test("as many workers as places: 2,000 calls of 6.02 s at 5 places, whatever the design of pauses")
  func noRefusals() throws {
    for strategy in ["perCall", "perOutbox", "adaptive"] {
      // 400 calls one after another at each place; the last is in the ledger before its caller hears of it.
      let makespan = try makespan(month(workers(5, strategy)))
      #expect(abs(makespan - (400 * 6.02 - 0.02)) < 0.001)
    }
  }

  @Test(
    "a pause per call: a worker that was refused comes back within five minutes, and no other waits for it")
  func pausePerCall() throws {
    // By SimPy (scripts/support/posting_theory.py), over seeds: 2,512, 2,599, 2,614 and 2,652 s. The last worker to come back
    // has waited for 300 s at most, and finds a place then, or a few seconds later.
    for count in [6, 10, 15, 65] {
      let record = try month(workers(count, "perCall"))
      let makespan = try makespan(record)
      #expect(
        makespan >= 400 * 6.02 - 1 && makespan <= 2408 + 300 + 3 * 6.02, "\(count) workers: \(makespan)")
      // A worker is refused nine times before its pauses are 150 s at least.
      let refused = try #require(record.indicator("erpCalls.refused"))
      #expect(refused >= Double(count - 5) && refused <= Double((count - 5) * (9 + 2700 / 150)))
    }
  }

  @Test("adaptive: 65 workers post as fast as 5 at 5 places, and few calls are refused")
  func adaptiveWorkers() throws {
    for count in [6, 10, 15, 65] {
      let record = try month(workers(count, "adaptive"))
      #expect(try makespan(record) <= 2408 * 1.01, "\(count) workers")
      // The first burst and its halvings, then a probe after pauses that grow to five minutes.
      #expect(try #require(record.indicator("erpCalls.refused")) < Double(2 * count + 40))
      let use = try #require(record.erps.first?.resources.first { $0.name == "places" })
      #expect(use.utilization > 0.97 && use.peak == 1)
    }
  }

  @Test("throttled to half of 15 places for 12 h at the month's end: 29 minutes of posting with 7")
  func throttledMonthEnd() throws {
    let template = try ScenarioTemplate(
      file: Finding.path("../../scenarios/capacity/month-end.yaml"),
      settings: ["faults=[{at: month-end, for: 12h, target: erp/us, throttle: {to: 50%}}]"].compactMap(
        ScenarioFile.Setting.init))
    let outcome = try SimulationRun(template.scenario).outcome(keepingJournal: true)
    #expect(outcome.record.broken == [])
    // The burst of 1 February: 2,000 calls at 7 places, 286 rounds of 6.02 s, are 28 min 42 s.
    let posted = try #require(outcome.journal).documents
      .filter { $0.posted.hasPrefix("2026-02-01") && $0.key.hasPrefix("invoice/") }
      .compactMap { Instant(iso8601: $0.posted) }
    let first = try #require(posted.min())
    let last = try #require(posted.max())
    #expect(posted.count == 2000)
    #expect(abs(((last - first).seconds + 6) / 60 - 28.7) < 28.7 * 0.03)
  }

  @Test("pauses of the whole outbox are a bottleneck with a name")
  func bottleneck() throws {
    func share(_ record: RunRecord, _ name: String) throws -> Double {
      try #require(record.erps.first?.resources.first { $0.name == name }).utilization
    }
    let waiting = try month(workers(65, "perOutbox"))
    #expect(try share(waiting, "waiting after refusals") > 0.3)
    // A worker that waits while all places are in use is no bottleneck.
    let perCall = try month(workers(65, "perCall"))
    #expect(try share(perCall, "places") > 0.85 && share(perCall, "waiting after refusals") < 0.15)
    let none = try month(workers(5, "perOutbox"))
    #expect(try share(none, "waiting after refusals") == 0)
  }

  @Test(
    "after an outage all three designs post, none later than the longest pause after it", arguments: 1...3)
  func afterOutage(seed: UInt64) throws {
    for strategy in ["perCall", "perOutbox", "adaptive"] {
      let record = try month(
        workers(15, strategy, places: 15) + [
          "design.posting.timeout=60s", "faults=[{at: month-end, for: 5h, target: erp/us, outage: {}}]",
        ],
        seed: seed)
      // 15 workers at 15 places need 134 rounds of 6.02 s; one of them comes back 300 s after the outage at the latest.
      let after = try makespan(record) - 3 * 3600
      #expect(after >= 134 * 6.02 - 1 && after <= 300 + 134 * 6.02 + 20, "\(strategy): \(after)")
    }
  }

  // MARK: Read-backs

  @Test("a trickle reads its ledger back after each document, or as often as the design says")
  func readBacks() throws {
    func calls(_ settings: [String]) throws -> (all: Double, readBack: Double) {
      let record = try Finding.run(
        "studies/two.yaml",
        settings: [
          "customers.count=40",
          "payments={ dueAfter: 2d, transfers: { delay: { exponential: { mean: 2d } } } }",
        ] + settings)
      #expect(record.broken == [])
      return (
        try #require(record.indicator("erpCalls")), try #require(record.indicator("erpCalls.readBack"))
      )
    }
    let often = try calls([])
    let weekly = try calls(["design.reconciliation.readBackEvery=7d"])
    #expect(often.readBack > weekly.readBack && weekly.readBack > 0)
    #expect(often.all - often.readBack == weekly.all - weekly.readBack)
  }
}

import RunRecord
import Testing

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
}

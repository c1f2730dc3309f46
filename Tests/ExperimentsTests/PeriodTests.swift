import Foundation
import ResultsDatabase
import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("Periods and the horizon")
struct PeriodTests {
  @Test("a period that the horizon cuts off decides nothing about closing, and is shown apart")
  func stub() throws {
    // Eight days from 25 January: January has usage on both sides of its end, February two days.
    let record = try Finding.run("studies/base.yaml", settings: ["horizon=8d", "customers.count=20"])
    let periods = try #require(record.periods)
    #expect(periods.map(\.period) == ["2026-01", "2026-02"])
    #expect(periods.map(\.isCutOff) == [false, true])
    // January's last window closes an hour of grace after its end, with the next event; February's by silence, an hour later still.
    #expect(record.indicator("closeCycleTime") == periods[0].closeSeconds)
    #expect(periods[0].closeSeconds < 5400 && periods[1].closeSeconds > 7200)
    #expect(record.cutOffWarning == "the horizon cuts off 2026-02, which indicators of closing leave out")
    #expect(periods.allSatisfy { $0.postingLatency["p99"] != nil })
  }

  @Test("a horizon at a month's end cuts nothing off; one before it leaves no other period, which is said")
  func ends() throws {
    let whole = try Finding.run("studies/base.yaml", settings: ["customers.count=5"])
    #expect(whole.periods?.map(\.isCutOff) == [false] && whole.cutOffWarning == nil)
    let short = try Finding.run("studies/base.yaml", settings: ["horizon=3d", "customers.count=5"])
    #expect(short.periods?.map(\.isCutOff) == [true])
    #expect(short.indicator("closeCycleTime") != nil)
    #expect(short.cutOffWarning?.contains("cuts off every billing period (2026-01)") == true)
  }

  @Test("each entity has its own close, and the longest is that of all")
  func entities() throws {
    let record = try Finding.run(
      "studies/two.yaml", settings: ["customers.count=20", "entities.1.erp.latency=60s"])
    let us = try #require(record.indicator("closeCycleTime(erp/us)"))
    let uk = try #require(record.indicator("closeCycleTime(erp/uk)"))
    // Ten invoices each: 54 s longer for each of the slower one.
    #expect(uk - us > 500 && record.indicator("closeCycleTime") == uk)
    #expect(record.periods?.map(\.entity) == [nil, "us", "uk"])
  }

  @Test("an expectation on months is judged by the months of a run")
  func expectation() throws {
    let record = try Finding.run(
      "studies/base.yaml",
      settings: [
        "start=2026-01-25", "horizon=70d", "customers.count=3",
        "expectations=[ 'closeCycleTime < 90m in 100% of months', 'P(close by day 1) >= 0.95', 'closeCycleTime < 60m in 95% of months' ]",
      ])
    // January, February and March end within the horizon.
    #expect(record.expectations.map(\.measured) == [1, 1, 0])
    #expect(record.expectations.map(\.verdict) == [.pass, .pass, .fail])
    #expect(record.expectations.allSatisfy { record.unit(of: $0) == "share" })
  }
}

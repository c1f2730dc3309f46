import Testing

@testable import Scenario

@Suite("Objectives")
struct ExpectationTests {
  @Test("ask for a figure, for a share of months or runs, or for a probability")
  func forms() throws {
    let plain = try #require(Expectation("closeCycleTime < 3h"))
    #expect(plain.portion == nil && plain.threshold == 10_800 && plain.comparison == .less)
    let months = try #require(Expectation("closeCycleTime  <3h in 95% of months"))
    #expect(months.portion == .init(share: 0.95, unit: .months) && months.threshold == 10_800)
    #expect(months.text == "closeCycleTime <3h in 95% of months")
    let runs = try #require(Expectation("drainTime < 20m in 99.5% of runs"))
    #expect(runs.portion == .init(share: 0.995, unit: .runs) && runs.indicator.name == "drainTime")
    let day = try #require(Expectation("P(close by day 3) >= 0.95"))
    #expect(day.portion == .init(share: 0.95, unit: .months) && day.threshold == 3 * 86_400)
    #expect(day.indicator.name == "closeCycleTime" && day.comparison == .lessOrEqual)
    let latency = try #require(Expectation("P(postingLatency.p99(erp/us) < 2h) >= 90%"))
    #expect(latency.indicator.name == "postingLatency.p99(erp/us)" && latency.portion?.unit == .months)
    #expect(Expectation("P(drainTime < 2h) >= 90%")?.portion?.unit == .runs)
    #expect(Expectation("closeCycleTime(erp/uk) < 3h")?.portion == nil)
  }

  @Test(
    "that cannot be read are refused where the mistake begins",
    arguments: [
      ("postingLatency.p99 < 24x", 22), ("  postingLtency.p99 < 24h", 3), ("drainTime", 10),
      ("closeCycleTime < 3h in 95% of moons", 24), ("drainTime < 3h in 95% of months", 19), ("P(x)", 1),
    ])
  func columns(text: String, column: Int) {
    #expect(Expectation(text) == nil && Expectation.column(ofProblemIn: text) == column)
  }

  @Test(
    "that cannot be read are refused with what would be right",
    arguments: [
      ("closeCycleTime < 3h in 95 of months", "in 95% of months"),
      ("closeCycleTime < 3h in 95% of weeks", "in 95% of months"),
      ("drainTime < 3h in 95% of months", "in 95% of runs"),
      ("P(close by day 3)", "P(close by day 3) >= 0.95"),
      ("P(close by day 3) >= 1.5", "P(close by day 3) >= 0.95"), ("P(close by day 0) >= 0.9", "days from 1"),
      ("drainTime(erp/us) < 3h", "there is no indicator 'drainTime(erp/us)'"),
      ("closeCycleTime < lots in 95% of months", "a duration"),
    ])
  func refused(text: String, words: String) {
    #expect(Expectation(text) == nil)
    #expect(Expectation.problem(with: text).contains(words), "\(Expectation.problem(with: text))")
  }
}

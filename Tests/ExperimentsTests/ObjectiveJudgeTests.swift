import RunRecord
import Scenario
import Testing

@testable import Experiments

private func replication(_ value: Double?, months: [Double] = [], broken: [String] = []) -> Replication {
  var replication = Replication(
    seed: 1, fingerprint: "", broken: broken, missed: [],
    indicators: value.map { ["closeCycleTime": $0] } ?? [:], resources: [:], peaks: [:])
  replication.months = months.enumerated().map { .init(period: "\($0)", values: ["closeCycleTime": $1]) }
  return replication
}

private func judge(_ objective: String, isRandom: Bool = true) -> ObjectiveJudge {
  ObjectiveJudge(objectives: [Expectation(objective)!], isRandom: isRandom)
}

private let error = ObjectiveJudge.Error(met: 0.025, missed: 0.025)

/// Twenty figures about a mean, half of them as far above as the others below.
private func about(_ mean: Double, _ distance: Double, count: Int = 20) -> [Replication] {
  (0..<count).map { replication(mean + (Double($0) - Double(count - 1) / 2) * distance) }
}

@Suite("Findings on objectives")
struct ObjectiveJudgeTests {
  @Test("a mean is met or missed where its limit is on one side, open otherwise; what breaks is missed")
  func means() {
    let judge = judge("closeCycleTime < 100s")
    #expect(judge.finding(about(90, 1), error).0 == .met)
    #expect(judge.finding(about(99, 1), error).0 == .open)
    #expect(judge.finding(about(110, 1), error).0 == .missed)
    #expect(judge.finding(about(90, 1) + [replication(nil)], error).0 == .missed)
    #expect(judge.finding([replication(90)], error).0 == .open)
    let broken = judge.finding(about(90, 1) + [replication(90, broken: ["x"])], error)
    #expect(broken.0 == .missed && broken.1 == ["x breaks on 1 of 21 seeds"])
  }

  @Test("the same figure on every seed shows nothing where the scenario draws at random, and says so")
  func constant() {
    let alike = (0..<20).map { _ in replication(90) }
    let (finding, reasons) = judge("closeCycleTime < 100s").finding(alike, error)
    #expect(finding == .open)
    #expect(
      reasons.first?.contains("all 20 replications give the same figure although the scenario draws") == true)
    #expect(judge("closeCycleTime < 100s", isRandom: false).finding(alike, error).0 == .met)
    // No figure is negative: with all of 20 at 90 s, the mean is above 0.8316 x 90 = 74.8 s (0.025 to the 20th root).
    #expect(judge("closeCycleTime < 74s").finding(alike, error).0 == .missed)
    #expect(judge("closeCycleTime < 76s").finding(alike, error).0 == .open)
    #expect(judge("closeCycleTime > 74s").finding(alike, error).0 == .met)
  }

  @Test("a rare fault that lengthened another time by much leaves a mean open that it has hardly touched")
  func hidden() {
    func runs(_ median: (Int) -> Double, _ close: (Int) -> Double) -> [Replication] {
      (0..<60).map { index in
        var run = replication(close(index))
        run.indicators["postingLatency.p50"] = median(index)
        run.indicators["erpCalls"] = Double(100 + index % 7)
        return run
      }
    }
    // An outage of a day in one run of ten: the close waits for it, the median moves by seconds.
    func effect(hit: Int, median: Double) -> ObjectiveJudge.FaultEffect {
      let with = runs({ $0 < hit ? 20 + median : 20 }, { $0 < hit ? 90_000 : 3600 })
      return ObjectiveJudge.FaultEffect(
        fault: "faults.0", happenings: 9, with: with, without: runs({ _ in 20 }, { _ in 3600 }))
    }
    let seldom = effect(hit: 6, median: 4)
    #expect(seldom.isUnseen(in: "postingLatency.p50"))
    #expect(seldom.reachBeyond("postingLatency.p50")?.name == "closeCycleTime")
    #expect(!seldom.isUnseen(in: "closeCycleTime"))
    // A number of calls is no time: nothing of it is hidden in another one.
    #expect(seldom.reachBeyond("erpCalls") == nil)
    // Where the median has moved as far in three runs, it has been seen.
    #expect(!effect(hit: 6, median: 80_000).isUnseen(in: "postingLatency.p50"))
    // Three in 60 runs of 14 s more are 0.7 s, less than a twentieth of 20 s.
    let small = ObjectiveJudge.FaultEffect(
      fault: "faults.0", happenings: 9, with: runs({ $0 < 6 ? 24 : 20 }, { $0 < 6 ? 3614 : 3600 }),
      without: runs({ _ in 20 }, { _ in 3600 }))
    #expect(!small.isUnseen(in: "postingLatency.p50"))
    let reasons = judge("postingLatency.p50 < 60s").unseen([seldom])
    #expect(reasons.first?.contains("lengthened closeCycleTime by up to 1d") == true, "\(reasons)")
  }

  @Test(
    "a random fault that comes seldom, and that no replication met, leaves a mean open, however narrow its interval is"
  )
  func faults() {
    let calm = about(90, 0.01)
    let judge = judge("closeCycleTime < 100s")
    let ofRuns = ObjectiveJudge(
      objectives: [Expectation("closeCycleTime < 100s in 80% of runs")!], isRandom: true)
    #expect(judge.finding(calm, error).0 == .met)
    func effect(_ happenings: Int, _ with: [Replication], _ without: [Replication])
      -> ObjectiveJudge.FaultEffect
    {
      .init(fault: "faults.1", happenings: happenings, with: with, without: without)
    }
    let reasons = judge.unseen([effect(7, calm, calm)])
    #expect(
      reasons.count == 1
        && reasons[0].contains(
          "none of 20 replications met a random fault (faults.1) that changes closeCycleTime")
    )
    // What comes in every run and changes nothing does nothing; what one run has met is in the figures.
    #expect(judge.unseen([effect(20, calm, calm)]).isEmpty)
    var hit = calm
    hit[7].indicators["closeCycleTime"] = 150
    #expect(judge.unseen([effect(7, hit, calm)]).isEmpty)
    // A fault that all have met says nothing of one that none has.
    #expect(judge.unseen([effect(20, about(91, 0.01), calm), effect(3, calm, calm)]).count == 1)
    #expect(ofRuns.unseen([effect(7, calm, calm)]).isEmpty)
    // One that was met stands out so far that there is no upper limit, and the reason is said.
    let (finding, open) = judge.finding(hit, error)
    #expect(finding == .open && open.first?.contains("the mean depends on a few outliers") == true)
  }

  @Test("one run in ten that misses by far is not met, three replications of width zero or not")
  func rare() {
    let mostly = (0..<40).map { (run: Int) -> Replication in
      let time: Double = run % 10 == 3 ? 40_000 + Double(run) * 100 : 7200 + Double(run % 7)
      return replication(time)
    }
    #expect(judge("closeCycleTime < 3h").finding(mostly, error).0 != .met)
    #expect(judge("closeCycleTime < 3h in 95% of runs").finding(mostly, error).0 != .met)
    // 36 of 40: below 97.2 % at most (Clopper-Pearson, 2.5 %).
    #expect(judge("closeCycleTime < 3h in 98% of runs").finding(mostly, error).0 == .missed)
    // Above 76.3 %.
    #expect(judge("closeCycleTime < 3h in 76% of runs").finding(mostly, error).0 == .met)
    #expect(judge("closeCycleTime < 3h in 77% of runs").finding(mostly, error).0 == .open)
  }

  @Test("shares of months count every month, and runs once where all are alike")
  func months() {
    let good = (0..<20).map { _ in replication(2, months: Array(repeating: 2.0, count: 12)) }
    // 20 runs of 20: 0.025 to the 20th root is 83.2 %.
    #expect(judge("closeCycleTime < 3s in 83% of months").finding(good, error).0 == .met)
    #expect(judge("closeCycleTime < 3s in 84% of months").finding(good, error).0 == .open)
    #expect(judge("P(closeCycleTime < 3s) >= 0.83").finding(good, error).0 == .met)
    // The day is 86,400 s: on day 3 all are done.
    #expect(judge("P(close by day 3) >= 83%").finding(good, error).0 == .met)
    let spread = (0..<20).map { (run: Int) -> Replication in
      var months = Array(repeating: 2.0, count: 12)
      months[run % 12] = 4
      return replication(2, months: months)
    }
    // One month of each twelve misses, and independently: 220 of 240, at least 87.4 % of months.
    #expect(judge("closeCycleTime < 3s in 86% of months").finding(spread, error).0 == .met)
    #expect(judge("closeCycleTime < 3s in 97% of months").finding(spread, error).0 == .missed)
  }
}

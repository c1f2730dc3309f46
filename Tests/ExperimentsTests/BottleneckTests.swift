import RunRecord
import Scenario
import Testing

@testable import Experiments

@Suite("What runs out")
struct BottleneckTests {
  private static func plan(_ objectives: String...) throws -> CapacityPlan {
    CapacityPlan(
      CapacityQuestion(
        name: "q", goal: .largest, objectives: try objectives.map { try #require(Expectation($0)) },
        knobs: [
          CapacityQuestion.Knob(
            path: ["customers", "count"], range: try #require(ExploredRange(from: "1", to: "9")))
        ]))
  }

  /// A day for one entity, five minutes for the other; both use up their ERP's places while they wait.
  private static func point(_ plan: CapacityPlan) -> CapacityStudy.Point {
    var replication = Replication(
      seed: 1, fingerprint: "", broken: [], missed: [], indicators: ["closeCycleTime": 86_400],
      resources: ["erp/na places": 0.98, "erp/emea places": 1, "tax calls": 0.1], peaks: [:])
    replication.months = [
      .init(
        period: "2026-01",
        values: [
          "closeCycleTime": 86_400, "closeCycleTime(erp/na)": 86_400, "closeCycleTime(erp/emea)": 300,
        ])
    ]
    return plan.point([(text: "5", number: 5)], [replication], .open, [])
  }

  @Test("the ERP of an entity that closed hours ago is no bottleneck")
  func last() throws {
    let point = Self.point(try Self.plan("closeCycleTime < 1d"))
    #expect(point.erpsBeside == ["erp/emea"])
    #expect(CapacityPlan.binding(point).map(\.resource) == ["erp/na places"])
  }

  @Test("where an entity's own time is asked for, its ERP is the bottleneck")
  func named() throws {
    let point = Self.point(try Self.plan("closeCycleTime(erp/emea) < 1m"))
    #expect(point.erpsBeside == ["erp/na"])
    #expect(CapacityPlan.binding(point).map(\.resource) == ["erp/emea places"])
  }

  @Test("an ERP whose outage is asked for is a bottleneck, beside that of the entity that closes last")
  func outage() throws {
    let one = Self.point(try Self.plan("drainAfter(erp/emea outage) < 1h"))
    #expect(one.erpsBeside == ["erp/na"])
    let both = Self.point(try Self.plan("drainAfter(erp/emea outage) < 1h", "closeCycleTime < 1d"))
    #expect(both.erpsBeside == nil)
    #expect(CapacityPlan.binding(both).map(\.resource) == ["erp/emea places", "erp/na places"])
  }
}

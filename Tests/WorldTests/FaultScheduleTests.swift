import CanonicalModel
import Chronology
import Testing

@testable import UsageToCash
@testable import World

@Suite("The schedule of faults")
struct FaultScheduleTests {
  @Test("the run waits for faults up to the horizon, and for one after it only once it has begun")
  func awaited() throws {
    let configuration = try Alone.configuration {
      $0.faults = [
        FaultWindow(
          kind: .outage, target: .tax, start: Alone.start + .hours(1), end: Alone.start + .hours(2)),
        FaultWindow(
          kind: .outage, target: .tax, start: Alone.start + .days(3), end: Alone.start + .days(4)),
      ]
    }
    var surroundings = Surroundings(configuration)
    var schedule = FaultSchedule(configuration, seed: 1)
    schedule.begin(&surroundings)
    #expect(surroundings.essential == 2 && schedule.awaitedCount == 1)
    #expect(schedule.lastAwaited(after: Alone.start) == Alone.start + .hours(2))
    schedule.isDue(0, &surroundings)
    schedule.isOver(0, &surroundings)
    #expect(surroundings.essential == 0)
    schedule.isDue(1, &surroundings)
    #expect(surroundings.essential == 1 && schedule.awaitedCount == 2, "its end")
    #expect(schedule.lastAwaited(after: Alone.start) == Alone.start + .days(4))
  }

  @Test("a fault that waits for a situation comes at each multiple of its count")
  func conditions() throws {
    let configuration = try Alone.configuration {
      $0.conditionalFaults = [
        ConditionalFault(
          kind: .outage, targets: [.tax], condition: .situation(.throttled, times: 3), duration: .hours(1),
          times: 2)
      ]
    }
    var surroundings = Surroundings(configuration)
    var schedule = FaultSchedule(configuration, seed: 1)
    var reached: [Int] = []
    for count in 1...9 {
      surroundings.count(.throttled)
      guard !schedule.conditions.isEmpty, schedule.isReached(0, surroundings.observations.situations) else {
        continue
      }
      reached.append(count)
      schedule.trigger(0, &surroundings)
      schedule.removeSpentConditions()
    }
    #expect(reached == [3, 6])
    #expect(schedule.windows.count == 2 && surroundings.essential == 4)
  }
}

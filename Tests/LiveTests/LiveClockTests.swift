import Chronology
import Foundation
import Testing

@testable import Live

@Suite("The scenario's time on the machine's clock")
struct LiveClockTests {
  private let start = CivilDate(year: 2026, month: 1, day: 31).start

  @Test(
    "passes so much faster, from a moment on, and is read back as the moment",
    arguments: [0.001, 1, 960, 1e6])
  func scales(_ scale: Double) {
    let clock = LiveClock(start: start, origin: 1_000, scale: scale)
    #expect(clock.instant(atMachineTime: 1_000) == start)
    #expect(clock.instant(atMachineTime: 1_000 + 1_000_000_000) == start + Span(seconds: scale))
    for seconds in [0.0, 1, 60, 86_400] {
      let instant = start + Span(seconds: seconds * scale)
      #expect(clock.instant(atMachineTime: clock.machineTime(at: instant)) == instant)
    }
    #expect(clock.real(Span(seconds: scale)) == .seconds(1))
    #expect(clock.until(start - .days(1)) == .zero, "what has passed is not waited for")
  }

  @Test("reaches the ends of time, and no further, however fast it runs")
  func ends() {
    let start = CivilDate(year: 2026, month: 1, day: 1).start
    let fast = LiveClock(start: start, origin: 0, scale: 1e6)
    #expect(fast.instant(atMachineTime: 1 << 50) == .distantFuture)
    let slow = LiveClock(start: start, origin: 0, scale: 0.001)
    #expect(slow.machineTime(at: .distantFuture) == .max && slow.machineTime(at: .distantPast) == .min)
    #expect(
      slow.until(.distantPast) == .zero && slow.real(Span(nanoseconds: .max)) == .nanoseconds(Int64.max))
  }

  @Test("is the same in every process that knows its origin")
  func shared() {
    let clock = LiveClock(start: start, scale: 100)
    let other = LiveClock(start: start, origin: clock.origin, scale: 100)
    let before = clock.now
    #expect(other.now >= before && clock == other)
    let first = LiveClock.machineTime
    #expect(LiveClock.machineTime >= first)
  }
}

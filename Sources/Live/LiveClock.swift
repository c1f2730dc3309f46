import Chronology

/// The scenario's time, driven by the machine's: so much faster, from a moment on. It is the same in every process of one machine,
/// as it counts from the machine's start, and nobody can set it.
package struct LiveClock: Hashable, Sendable {
  /// The scenario's time at the origin.
  package let start: Instant
  /// Nanoseconds since the machine started.
  package let origin: Int64
  /// How many of the scenario's seconds pass in one.
  package let scale: Double

  /// Makes a clock.
  ///
  /// - Parameter origin: nanoseconds since the machine started; `nil`: now.
  package init(start: Instant, origin: Int64? = nil, scale: Double) {
    precondition(scale > 0 && scale.isFinite, "a clock goes on")
    self.start = start
    self.origin = origin ?? Self.machineTime
    self.scale = scale
  }

  /// Nanoseconds since the machine started, sleep included.
  package static var machineTime: Int64 {
    let clock = ContinuousClock()
    let (seconds, attoseconds) = clock.systemEpoch.duration(to: clock.now).components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  /// The scenario's time now.
  package var now: Instant { instant(atMachineTime: Self.machineTime) }

  /// The scenario's time at a moment of the machine's.
  package func instant(atMachineTime nanoseconds: Int64) -> Instant {
    // Neither is before the machine's start.
    start + Span(nanoseconds: Self.whole(Double(nanoseconds &- origin) * scale))
  }

  /// The machine's time at an instant of the scenario's.
  package func machineTime(at instant: Instant) -> Int64 {
    let (exact, isFar) = instant.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
    let distance = isFar ? (instant > start ? Double(Int64.max) : Double(Int64.min)) : Double(exact)
    let span = Self.whole(distance / scale)
    let (sum, isOver) = origin.addingReportingOverflow(span)
    return isOver ? (span > 0 ? .max : .min) : sum
  }

  /// How long a span of the scenario's is on the machine.
  package func real(_ span: Span) -> Duration { .nanoseconds(Self.whole(Double(span.nanoseconds) / scale)) }

  /// How long it is until an instant of the scenario's; nothing for what has passed.
  package func until(_ instant: Instant) -> Duration {
    let (rest, isOver) = machineTime(at: instant).subtractingReportingOverflow(Self.machineTime)
    return .nanoseconds(isOver ? 0 : max(0, rest))
  }

  /// Nanoseconds, to the end of their range: a clock may run a million times as fast for days.
  private static func whole(_ nanoseconds: Double) -> Int64 {
    assert(!nanoseconds.isNaN, "a span is a number")
    return Int64(exactly: nanoseconds.rounded(.towardZero)) ?? (nanoseconds > 0 ? .max : .min)
  }
}

import Chronology
import SimulationKernel

/// A delay that is drawn evenly from a range, in whole steps.
public struct DelayRange: Hashable, Sendable, BitwiseCopyable {
  /// The shortest delay.
  public let from: Span
  /// What every delay is below. Where this is ``from``, or not a step above it, the delay is always ``from``.
  public let below: Span

  /// Makes a range.
  ///
  /// - Precondition: `.zero <= from <= below`.
  public init(from: Span, below: Span) {
    precondition(from >= .zero, "no delay is negative")
    precondition(from <= below, "a range of delays ends after it has begun")
    self.from = from
    self.below = below
  }

  /// How many delays there are, a step apart; one at least.
  func count(of step: Span) -> UInt64 {
    precondition(step > .zero, "delays of a range are a step apart")
    return max(1, UInt64((below - from).nanoseconds / step.nanoseconds))
  }

  /// Draws a delay.
  func draw(_ stream: inout RandomStream, step: Span) -> Span {
    from + step * Int64(stream.below(count(of: step)))
  }
}

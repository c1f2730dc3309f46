import Chronology

extension Instant {
  /// The span from another instant to this one; one that is too long is the longest that there is.
  func span(after other: Instant) -> Span {
    let (nanoseconds, overflow) = self.nanoseconds.subtractingReportingOverflow(other.nanoseconds)
    return Span(nanoseconds: overflow ? (self > other ? .max : .min) : nanoseconds)
  }
}

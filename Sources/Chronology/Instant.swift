/// A point of virtual or real time: signed nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Range: the years 1678 to 2262. A span added beyond it leads to its end; the span between two instants traps on overflow.
@frozen
public struct Instant: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  public var nanoseconds: Int64

  /// Makes an instant from nanoseconds since 1970-01-01T00:00:00Z.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The earliest and the latest representable instants.
  public static let distantPast = Instant(nanoseconds: .min)
  /// See ``distantPast``.
  public static let distantFuture = Instant(nanoseconds: .max)

  @inlinable
  public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

  @inlinable
  public static func + (a: Instant, b: Span) -> Instant {
    let (sum, overflow) = a.nanoseconds.addingReportingOverflow(b.nanoseconds)
    return overflow ? (b.nanoseconds > 0 ? .distantFuture : .distantPast) : Instant(nanoseconds: sum)
  }

  @inlinable
  public static func - (a: Instant, b: Span) -> Instant {
    let (difference, overflow) = a.nanoseconds.subtractingReportingOverflow(b.nanoseconds)
    return overflow ? (b.nanoseconds > 0 ? .distantPast : .distantFuture) : Instant(nanoseconds: difference)
  }

  /// The span from `b` to `a`.
  @inlinable
  public static func - (a: Instant, b: Instant) -> Span {
    Span(nanoseconds: a.nanoseconds - b.nanoseconds)
  }

  @inlinable
  public static func += (a: inout Instant, b: Span) { a = a + b }

  /// The start of the interval of length `width`, counted from 1970-01-01T00:00:00Z, that holds this instant.
  @inlinable
  public func floored(to width: Span) -> Instant {
    Instant(nanoseconds: index(of: width) * width.nanoseconds)
  }

  /// The number of the interval of length `width` (from 1970-01-01T00:00:00Z) that holds this instant.
  @inlinable
  public func index(of width: Span) -> Int64 {
    let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: width.nanoseconds)
    return remainder < 0 ? quotient - 1 : quotient
  }
}

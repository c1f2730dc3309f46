/// A length of time in nanoseconds; may be negative. Arithmetic traps on overflow.
@frozen
public struct Span: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The length in nanoseconds.
  public var nanoseconds: Int64

  /// Makes a span of a number of nanoseconds.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// No time at all.
  public static let zero = Span(nanoseconds: 0)

  /// A span of whole nanoseconds.
  @inlinable
  public static func nanoseconds(_ n: Int64) -> Span { Span(nanoseconds: n) }
  /// A span of whole milliseconds.
  @inlinable
  public static func milliseconds(_ n: Int64) -> Span { Span(nanoseconds: n * 1_000_000) }
  /// A span of whole seconds.
  @inlinable
  public static func seconds(_ n: Int64) -> Span { Span(nanoseconds: n * 1_000_000_000) }
  /// A span of whole minutes.
  @inlinable
  public static func minutes(_ n: Int64) -> Span { .seconds(n * 60) }
  /// A span of whole hours.
  @inlinable
  public static func hours(_ n: Int64) -> Span { .seconds(n * 3600) }
  /// A span of whole days of 86,400 s.
  @inlinable
  public static func days(_ n: Int64) -> Span { .seconds(n * 86_400) }

  /// A span of a number of seconds as computed or drawn, cut off to nanoseconds: within 30 years either way.
  @inlinable
  public init(seconds: Double) {
    self.init(nanoseconds: Int64(Swift.max(-1e9, Swift.min(seconds, 1e9)) * 1e9))
  }

  /// The length in seconds, rounded to the nearest `Double`. For rates and display only.
  @inlinable
  public var seconds: Double { Double(nanoseconds) / 1e9 }

  @inlinable
  public static func < (a: Span, b: Span) -> Bool { a.nanoseconds < b.nanoseconds }
  @inlinable
  public static func + (a: Span, b: Span) -> Span { Span(nanoseconds: a.nanoseconds + b.nanoseconds) }
  @inlinable
  public static func - (a: Span, b: Span) -> Span { Span(nanoseconds: a.nanoseconds - b.nanoseconds) }
  @inlinable
  public static func * (a: Span, b: Int64) -> Span { Span(nanoseconds: a.nanoseconds * b) }
  @inlinable
  public static func / (a: Span, b: Int64) -> Span { Span(nanoseconds: a.nanoseconds / b) }
}

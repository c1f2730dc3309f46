import Chronology
import RunRecord

extension RunRecord.Fault {
  /// When it began and ended; `nil` where the record was written by somebody else.
  var window: ClosedRange<Instant>? {
    guard let start = Instant(iso8601: start), let end = Instant(iso8601: end), start <= end else {
      return nil
    }
    return start...end
  }

  /// Whether it was active at an instant, or had ended no longer than a span before.
  func isActive(at instant: Instant, reach: Span = .zero) -> Bool {
    window.map { $0.lowerBound <= instant && instant <= $0.upperBound + reach } ?? false
  }
}

import CanonicalModel
import Chronology

extension TaxPolicy {
  /// The pause after a number of calls in a row that have failed.
  func pause(after failures: Int) -> Span {
    var span = min(pause, maximumPause)
    var left = failures - 1
    while left > 0, span < maximumPause {
      span = min(span * 2, maximumPause)
      left -= 1
    }
    return span
  }
}

import CanonicalModel
import Chronology

extension DesignFile {
  /// Every setting with its path in a design file and its value as it would be written there; `never` and `each input` for what is
  /// left out.
  package var settings: [(path: String, value: String)] { Self.schema.settings.of(self) }

  /// Figures that no article compares: a record names those that differ from the built-in design's.
  package var figures: [(path: String, value: String)] { Self.schema.settings.figures(of: self) }
}

extension PostingSchedule {
  /// The schedule as it is written in a design file.
  var written: String {
    switch self {
    case .continuous: "continuous"
    case .linger(let span): "{ linger: \(span.written) }"
    case .nightly(let at, let length): "{ nightly: { at: \(at.written), for: \(length.written) } }"
    }
  }
}

extension Span {
  /// The span as a scenario file has it: `1h30m`, `250ms`, `0s`.
  package var written: String {
    guard nanoseconds != 0 else { return "0s" }
    var rest = nanoseconds.magnitude
    var text = nanoseconds < 0 ? "-" : ""
    for (size, unit) in [
      (86_400_000_000_000, "d"), (3_600_000_000_000, "h"), (60_000_000_000, "m"), (1_000_000_000, "s"),
      (1_000_000, "ms"), (1_000, "us"), (1, "ns"),
    ] as [(UInt64, String)] where rest >= size {
      text += "\(rest / size)\(unit)"
      rest %= size
    }
    return text
  }
}

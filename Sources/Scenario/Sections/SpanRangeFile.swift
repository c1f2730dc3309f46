import Chronology

/// A delay that is drawn evenly between two bounds.
package struct SpanRangeFile: Hashable, Sendable {
  /// The shortest delay.
  package var min: Span
  /// What every delay is below; the same as ``min``: the delay is always that.
  package var max: Span

  /// Bounds, of which the lower is at least something.
  static func schema(minimum: Span) -> Schema<SpanRangeFile> {
    .record(
      .required("min", .duration, "the shortest"), .required("max", .duration, "what it stays below"),
      make: { (place: Place, min: Span, max: Span) throws(InvalidInput) in
        guard max >= min else {
          throw InvalidInput("the maximum is below the minimum", at: place.node.position)
        }
        guard min >= minimum else {
          throw InvalidInput("the minimum must be at least \(minimum)", at: place.position("min"))
        }
        guard max <= .days(366) else {
          throw InvalidInput("the maximum must not exceed 366d", at: place.position("max"))
        }
        return SpanRangeFile(min: min, max: max)
      })
  }
}

extension Schema where Value == Span {
  /// How long something takes that takes at least so long, and at most a year.
  static func duration(minimum: Span) -> Schema {
    duration.refusing { (span: Span, _) -> String? in
      if span < minimum { return "at least \(minimum)" }
      return span > .days(366) ? "at most 366d" : nil
    }
  }
}

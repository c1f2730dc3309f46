import CanonicalModel

extension Situation {
  /// Its position among all.
  @inline(__always)
  var ordinal: Int { Int(unsafeBitCast(self, to: UInt8.self)) }
}

/// How often each situation was reached.
public struct SituationCounts: Sendable {
  private var counts = ContiguousArray(repeating: 0, count: Situation.allCases.count)

  /// How often a situation was reached.
  public internal(set) subscript(_ situation: Situation) -> Int {
    @inline(__always) get { counts[situation.ordinal] }
    @inline(__always) set { counts[situation.ordinal] = newValue }
  }
}

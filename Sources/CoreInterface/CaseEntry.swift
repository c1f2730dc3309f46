import CanonicalModel
import Chronology

/// A case from its raising to its end.
public struct CaseEntry: Hashable, Sendable {
  /// The case as its owner sees it.
  public var routed: RoutedCase
  /// How many things wait in it.
  public var count: Int
  /// When nothing waited in it any more; `nil`: something still does.
  public var resolved: Instant?

  /// Makes an entry.
  public init(routed: RoutedCase, count: Int, resolved: Instant? = nil) {
    self.routed = routed
    self.count = count
    self.resolved = resolved
  }
}

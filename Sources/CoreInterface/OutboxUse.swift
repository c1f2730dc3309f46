/// What an entity's outbox holds and has under way.
public struct OutboxUse: Hashable, Sendable {
  /// Documents that are not confirmed yet.
  public var depth: Int
  /// Calls that are under way.
  public var calls: Int
  /// Calls to one ERP that may be under way at once.
  public var workers: Int
  /// Whether documents wait that could be under way but for what was refused before.
  public var waitsAfterRefusals: Bool

  /// Makes a report.
  @inlinable
  public init(depth: Int, calls: Int, workers: Int, waitsAfterRefusals: Bool = false) {
    self.depth = depth
    self.calls = calls
    self.workers = workers
    self.waitsAfterRefusals = waitsAfterRefusals
  }
}

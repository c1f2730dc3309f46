import CanonicalModel
import Chronology

/// What should have been metered when the world has come to rest, and where that differs from the claims.
struct Due: Sendable {
  /// Per `subscription × meters + meter`.
  var usage: ContiguousArray<UsageCell>
  /// By window.
  var differences: [WindowDifference]

  func ids(of difference: WindowDifference, _ books: Books) -> [String] {
    let window = Instant(nanoseconds: difference.window * books.usage.window.nanoseconds)
    var ids = books.usage.ids(slot: difference.slot) + ["window \(window)"]
    let digest = difference.cell.count == 1 ? difference.cell.digest : 0 &- difference.cell.digest
    if abs(difference.cell.count) == 1, let event = books.usage.eventName(digest: digest) {
      ids.append(event)
    }
    return ids
  }

  /// The first window in which usage of a slot is missing or counted too often, and the event if it is one.
  func example(of slot: Int, missing: Bool, _ books: Books) -> [String] {
    let first = differences.first { $0.slot == slot && ($0.cell.count > 0) == missing }
    return first.map { Array(ids(of: $0, books).dropFirst(2)) } ?? []
  }
}

import CanonicalModel

/// Count, quantity and order-free hash of a set of usage events: 32 bytes. May be a difference.
struct UsageCell: Hashable, Sendable, BitwiseCopyable {
  var quantity: Int128 = 0
  var digest: UInt64 = 0
  var count: Int64 = 0

  static func += (a: inout UsageCell, b: UsageCell) {
    a.quantity += b.quantity
    a.digest &+= b.digest
    a.count += b.count
  }

  static func -= (a: inout UsageCell, b: UsageCell) {
    a.quantity -= b.quantity
    a.digest &-= b.digest
    a.count -= b.count
  }

  static func - (a: UsageCell, b: UsageCell) -> UsageCell {
    var difference = a
    difference -= b
    return difference
  }

  /// The figures for a violation.
  var text: String {
    "\(count) events, quantity \(Quantity(units: quantity)), hash \(String(digest, radix: 16))"
  }
}

import CanonicalModel

/// How an amount that was agreed for an invoice as a whole is spread over its lines: each line has its share cut off to the minor unit, and the
/// units that are left go to the largest remainders (the Hare-Niemeyer method). The parts come to the whole, and none is a unit from its share.
struct Allocation: Sendable {
  private let planted: PlantedDefects

  init(_ planted: PlantedDefects = []) { self.planted = planted }

  /// Spreads a total over lines in proportion to exact shares that come to it but for rounding.
  ///
  /// Of equal remainders the earlier line has the unit.
  ///
  /// - Complexity: O(*n* log *n*) in the number of lines.
  func spread(_ total: Money, over shares: [Money], in currency: Currency) -> [Money] {
    let minor = Money(minorUnits: 1, of: currency).units
    guard !planted.contains(.discountRoundedByLine) else { return shares.map { $0.rounded(to: currency) } }
    precondition(total.isWhole(in: currency), "a total is spread that is not whole in its currency")
    var parts: [Int128] = []
    var remainders: [Int128] = []
    for share in shares {
      let (quotient, remainder) = share.units.quotientAndRemainder(dividingBy: minor)
      // Cut off downwards, so that every remainder is from 0 to one unit.
      parts.append(remainder < 0 ? quotient - 1 : quotient)
      remainders.append(remainder < 0 ? remainder + minor : remainder)
    }
    let left = total.units / minor - parts.reduce(0, +)
    precondition(
      left >= 0 && left <= parts.count, "rounding leaves more to spread than a minor unit a line: \(left)")
    assert(remainders.allSatisfy { $0 >= 0 && $0 < minor }, "a share was cut off by more than a minor unit")
    if planted.contains(.restOnLastLine) {
      if let last = parts.indices.last { parts[last] += left }
    } else if left > 0 {
      let order = parts.indices.sorted { (remainders[$1], $0) < (remainders[$0], $1) }
      for index in order.prefix(Int(left)) { parts[index] += 1 }
    }
    precondition(parts.reduce(0, +) * minor == total.units, "the parts of a total do not come to it")
    return parts.map { Money(units: $0 * minor) }
  }
}

/// Finds which of a set of usage events a difference is made of, by the wrapping sum of their hashes.
package enum SubsetSum {
  /// As many of the hashes as asked for whose wrapping sum is the target; `nil`: not found within the means.
  ///
  /// Exact where few are chosen or few are left out (up to two of any number, up to four of 600), or where there are few
  /// at all (36); two sets of 64-bit hashes with one sum are as good as impossible.
  package static func indices(of hashes: [UInt64], choosing count: Int, summingTo target: UInt64) -> [Int]? {
    guard count >= 0, count <= hashes.count else { return nil }
    let leftOut = hashes.count - count
    if leftOut < count {
      let rest = hashes.reduce(0, &+) &- target
      guard let others = few(hashes, leftOut, rest) ?? half(hashes, leftOut, rest) else { return nil }
      let gone = Set(others)
      return hashes.indices.filter { !gone.contains($0) }
    }
    return few(hashes, count, target) ?? half(hashes, count, target)
  }

  /// Up to four, by looking for the one or the two that are lacking to every one or two.
  private static func few(_ hashes: [UInt64], _ count: Int, _ target: UInt64) -> [Int]? {
    switch count {
    case 0: return target == 0 ? [] : nil
    case 1: return hashes.firstIndex(of: target).map { [$0] }
    case 2, 3:
      guard count == 2 || hashes.count <= 600 else { return nil }
      var indexOf: [UInt64: Int] = [:]
      for (index, hash) in hashes.enumerated() { indexOf[hash] = index }
      for first in hashes.indices {
        if count == 2 {
          if let second = indexOf[target &- hashes[first]], second > first { return [first, second] }
          continue
        }
        for second in hashes.indices where second > first {
          if let third = indexOf[target &- hashes[first] &- hashes[second]], third > second {
            return [first, second, third]
          }
        }
      }
      return nil
    case 4:
      guard hashes.count <= 600 else { return nil }
      var pairs: [UInt64: (Int, Int)] = [:]
      for second in hashes.indices {
        for first in 0..<second { pairs[hashes[first] &+ hashes[second]] = (first, second) }
      }
      for second in hashes.indices {
        for first in 0..<second {
          if let (third, fourth) = pairs[target &- hashes[first] &- hashes[second]], third > second {
            return [first, second, third, fourth]
          }
        }
      }
      return nil
    default: return nil
    }
  }

  /// Any number of at most 36: every subset of one half is looked for among those of the other.
  private static func half(_ hashes: [UInt64], _ count: Int, _ target: UInt64) -> [Int]? {
    guard hashes.count <= 36 else { return nil }
    let middle = hashes.count / 2
    func sum(_ subset: UInt32, from start: Int) -> UInt64 {
      var sum: UInt64 = 0
      var rest = subset
      while rest != 0 {
        sum &+= hashes[start + rest.trailingZeroBitCount]
        rest &= rest - 1
      }
      return sum
    }
    func chosen(_ subset: UInt32, from start: Int) -> [Int] {
      (0..<32).filter { subset >> UInt32($0) & 1 == 1 }.map { start + $0 }
    }
    var lower: [UInt64: UInt32] = [:]
    for subset in 0..<(UInt32(1) << middle) where subset.nonzeroBitCount <= count {
      lower[sum(subset, from: 0)] = subset
    }
    for subset in 0..<(UInt32(1) << (hashes.count - middle)) where subset.nonzeroBitCount <= count {
      guard let other = lower[target &- sum(subset, from: middle)],
        other.nonzeroBitCount + subset.nonzeroBitCount == count
      else { continue }
      return chosen(other, from: 0) + chosen(subset, from: middle)
    }
    return nil
  }
}

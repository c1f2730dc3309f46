/// Hashes of short keys of integers: what the runtime's own keyed hash costs a hundred instructions for takes six here.
///
/// It withstands no attacker, and has none: keys are dense numbers that the program itself has given out. As with any hash, the
/// order of a table differs from one to the next and must reach no output.
@frozen
public enum KeyHash {
  /// Of one word.
  ///
  /// - Parameter seed: the table's own, so that what one table lists in order does not crowd another.
  @inlinable
  @inline(__always)
  public static func of(_ word: UInt64, seed: Int) -> Int {
    let salted = word ^ (UInt64(truncatingIfNeeded: seed) &* 0xd1b5_4a32_d192_ed03)
    let (high, low) = salted.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
    return Int(truncatingIfNeeded: high ^ low)
  }

  /// Of two words.
  @inlinable
  @inline(__always)
  public static func of(_ a: UInt64, _ b: UInt64, seed: Int) -> Int {
    let (high, low) = (a ^ 0x2d35_8dcc_aa6c_78a5).multipliedFullWidth(by: 0x8bb8_4b93_962e_acc9)
    return of(b ^ high ^ low, seed: seed)
  }
}

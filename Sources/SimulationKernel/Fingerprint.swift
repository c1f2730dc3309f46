/// A rolling 128-bit hash over everything a run did: two runs with equal fingerprints processed the
/// same events in the same order.
///
/// Two 64-bit lanes, each `lane = (lane ⊕ word) × odd constant`, rotated (the multiply-rotate
/// construction of xxHash and wyhash). Not cryptographic: it detects differences, not forgery.
@frozen
public struct Fingerprint: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline var a: UInt64 = 0x9e37_79b9_7f4a_7c15
  @usableFromInline var b: UInt64 = 0xc2b2_ae3d_27d4_eb4f

  /// The fingerprint of nothing.
  @inlinable
  public init() {}

  /// Absorbs one word.
  @inlinable
  @inline(__always)
  public mutating func absorb(_ word: UInt64) {
    a = (a ^ word) &* 0x9fb2_1c65_1e98_df25
    a = (a << 29) | (a >> 35)
    b = (b &+ word) &* 0xd6e8_feb8_6659_fd93
    b ^= b >> 32
  }

  /// Absorbs the bytes of a text, and its length.
  public mutating func absorb(_ text: String) {
    var word: UInt64 = 0
    var count = 0
    for byte in text.utf8 {
      word = word << 8 | UInt64(byte)
      count += 1
      if count % 8 == 0 {
        absorb(word)
        word = 0
      }
    }
    absorb(word)
    absorb(UInt64(count))
  }

  /// The two finished 64-bit lanes.
  public var lanes: (UInt64, UInt64) {
    (SplitMix64.mix(a ^ (b << 1)), SplitMix64.mix(b &+ a))
  }
}

extension Fingerprint: CustomStringConvertible {
  /// 32 lower-case hexadecimal digits.
  public var description: String {
    let (first, second) = lanes
    return hexadecimal(first) + hexadecimal(second)
  }
}

private func hexadecimal(_ word: UInt64) -> String {
  let digits = String(word, radix: 16)
  assert(digits.count <= 16, "a word has sixteen digits")
  return String(repeating: "0", count: 16 - digits.count) + digits
}

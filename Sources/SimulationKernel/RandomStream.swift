/// The SplitMix64 generator (Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014): used to derive seeds and to mix words.
@frozen
public struct SplitMix64: Sendable {
  @usableFromInline var state: UInt64

  /// Starts at a seed.
  @inlinable
  public init(seed: UInt64) { state = seed }

  /// The next 64 random bits.
  @inlinable
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Self.mix(state)
  }

  /// A bijective mix of 64 bits: the finaliser of the generator.
  @inlinable
  public static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// A named stream of random numbers: xoshiro256** (Blackman, Vigna, "Scrambled linear pseudorandom
/// number generators", ACM TOMS 47(4), 2021).
///
/// Its state is derived from a root seed and the stream's name alone, so that adding a component
/// never shifts the draws of another (common random numbers).
@frozen
public struct RandomStream: Sendable {
  @usableFromInline var s0: UInt64
  @usableFromInline var s1: UInt64
  @usableFromInline var s2: UInt64
  @usableFromInline var s3: UInt64

  /// The stream of a name under a root seed: FNV-1a of the name's UTF-8, mixed with the seed, expanded by
  /// ``SplitMix64``.
  public init(rootSeed: UInt64, name: String) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    var seeder = SplitMix64(seed: SplitMix64.mix(rootSeed) ^ SplitMix64.mix(hash &+ 0x632b_e59b_d9b4_e019))
    self.init(state: (seeder.next(), seeder.next(), seeder.next(), seeder.next()))
  }

  /// Starts from a full state, not all zero.
  public init(state: (UInt64, UInt64, UInt64, UInt64)) {
    (s0, s1, s2, s3) = state
    precondition(s0 | s1 | s2 | s3 != 0, "the state of xoshiro256** must not be all zero")
  }

  /// The next 64 random bits.
  @inlinable
  @inline(__always)
  public mutating func next() -> UInt64 {
    let product = s1 &* 5
    let result = ((product << 7) | (product >> 57)) &* 9
    let shifted = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = (s3 << 45) | (s3 >> 19)
    return result
  }

  /// A uniform number in the open interval (0, 1): 53 random bits, shifted by half a step, so never 0 or 1.
  @inlinable
  @inline(__always)
  public mutating func unit() -> Double {
    (Double(next() >> 11) + 0.5) * 0x1p-53
  }

  /// A uniform integer in `0 ..< bound`, without bias (D. Lemire, "Fast random integer generation in
  /// an interval", ACM TOMACS 29(1), 2019).
  ///
  /// - Precondition: `bound > 0`.
  @inlinable
  @inline(__always)
  public mutating func below(_ bound: UInt64) -> UInt64 {
    precondition(bound > 0, "the bound of a random integer must be positive")
    let product = next().multipliedFullWidth(by: bound)
    guard product.low < bound else { return product.high }
    var rare = self
    defer { self = rare }
    return rare.corrected(product, bound)
  }

  /// Draws again while a product lies where it would favour some of the integers.
  @inlinable
  @inline(never)
  mutating func corrected(_ first: (high: UInt64, low: UInt64), _ bound: UInt64) -> UInt64 {
    var product = first
    let threshold = (0 &- bound) % bound
    while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    assert(product.high < bound, "a draw lies below its bound")
    return product.high
  }
}

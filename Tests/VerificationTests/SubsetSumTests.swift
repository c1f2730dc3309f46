import Testing

@testable import Verification

@Suite("Subsets by their sum")
struct SubsetSumTests {
  /// Hashes that look like those of event keys.
  private static func hashes(_ count: Int) -> [UInt64] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29) &* 0xBF58_476D_1CE4_E5B9
    }
  }

  @Test(
    "finds exactly the events that a difference is made of",
    arguments: [
      (5, 5), (5, 0), (30, 13), (36, 20), (200, 1), (200, 198), (500, 3), (500, 496), (3000, 2), (3000, 2998),
    ])
  func finds(_ total: Int, _ count: Int) {
    let hashes = Self.hashes(total)
    // Spread over the whole.
    let chosen = Set((0..<count).map { $0 * total / max(1, count) })
    let target = chosen.reduce(0) { $0 &+ hashes[$1] }
    let found = SubsetSum.indices(of: hashes, choosing: count, summingTo: target)
    #expect(found.map(Set.init) == chosen)
  }

  @Test("finds nothing where nothing fits")
  func nothing() {
    let hashes = Self.hashes(20)
    #expect(SubsetSum.indices(of: hashes, choosing: 7, summingTo: 12345) == nil)
    #expect(SubsetSum.indices(of: hashes, choosing: 21, summingTo: 0) == nil)
    #expect(SubsetSum.indices(of: hashes, choosing: 0, summingTo: 1) == nil)
  }
}

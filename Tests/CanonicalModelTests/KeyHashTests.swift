import CanonicalModel
import Testing

@Suite("Hashes of short keys")
struct KeyHashTests {
  /// How many of 1,024 buckets a thousand and twenty-four keys fall into: 647 of them if they were drawn by lot.
  private func buckets(_ hash: (UInt64) -> Int) -> Int {
    Set((0..<1024).map { hash($0) & 1023 }).count
  }

  @Test(
    "numbers in a row, numbers that differ in one field alone and sparse ones spread over a table as by lot",
    arguments: [0, 1, 7, 0x7f12_8040])
  func spread(seed: Int) {
    #expect(buckets { KeyHash.of($0, seed: seed) } > 600)
    #expect(buckets { KeyHash.of($0 << 32, seed: seed) } > 600)
    #expect(buckets { KeyHash.of($0 &* 4096, seed: seed) } > 600)
    #expect(buckets { KeyHash.of($0, 1, seed: seed) } > 600)
    #expect(buckets { KeyHash.of(5, $0, seed: seed) } > 600)
    #expect(buckets { KeyHash.of($0 << 48, $0 << 40, seed: seed) } > 600)
  }

  @Test("two tables put the same keys in different orders: what one lists does not crowd the next")
  func seeds() {
    let orders = [3, 4].map { seed in (0..<64).map { KeyHash.of(UInt64($0), seed: seed) & 63 } }
    #expect(orders[0] != orders[1])
    #expect(zip(orders[0], orders[1]).count { $0 == $1 } < 16)
  }

  @Test("keys that are equal are found again, and those that differ in any field are others")
  func keys() {
    var keys: Set<PostingKey> = []
    for kind in DocumentKind.allCases {
      for entity in 0..<3 as Range<UInt32> {
        for sequence in 1...20 as ClosedRange<UInt32> {
          for part in 0...2 as ClosedRange<UInt16> {
            keys.insert(
              PostingKey(kind: kind, entity: EntityID(index: entity), sequence: sequence, part: part, of: 2))
          }
        }
      }
    }
    #expect(keys.count == DocumentKind.allCases.count * 3 * 20 * 3)
    #expect(
      keys.contains(PostingKey(kind: .refund, entity: EntityID(index: 2), sequence: 20, part: 1, of: 2)))
    #expect(
      !keys.contains(PostingKey(kind: .refund, entity: EntityID(index: 2), sequence: 20, part: 1, of: 3)))
  }
}

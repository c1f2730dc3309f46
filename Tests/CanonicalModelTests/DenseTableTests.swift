import CanonicalModel
import Testing

@Suite("Tables by dense identifiers")
struct DenseTableTests {
  @Test("rows are looked up, and changed in place, by their identifiers")
  func rows() {
    var table = DenseTable<EntityID, [Int]>(repeating: [], count: 3)
    table[EntityID(index: 1)].append(7)
    table[EntityID(index: 2)] += [8, 9]
    #expect(table == [[], [7], [8, 9]])
    #expect(table.map(\.count) == [0, 1, 2])
    #expect(table[1] == table[EntityID(index: 1)])
  }

  @Test("a row that is changed in place is not copied")
  func places() {
    var table = DenseTable<AccountID, [Int]>([[1, 2, 3], []])
    let before = table[AccountID(index: 0)].withUnsafeBufferPointer(\.baseAddress)
    table[AccountID(index: 0)][1] = 5
    table[AccountID(index: 1)].append(1)
    #expect(table[AccountID(index: 0)].withUnsafeBufferPointer(\.baseAddress) == before)
    #expect(table[AccountID(index: 0)] == [1, 5, 3])
  }
}

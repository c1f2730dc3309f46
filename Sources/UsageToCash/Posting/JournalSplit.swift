import CanonicalModel

extension JournalEntry {
  /// The entry in parts of at most so many lines: each balances in every currency and has a key of its own, and together they
  /// come to the same on every account. The entry itself where it has no more lines, or cannot be split.
  ///
  /// The first line is the counterpart of all others, and of those of a part; a recognition's lines go by twos.
  ///
  /// - Complexity: O(*n*) in the number of lines.
  func split(into maximum: Int?) -> [JournalEntry] {
    let isPaired = key.kind == .recognition
    precondition(!isPaired || lines.count % 2 == 0, "a line of a recognition has no counterpart")
    guard let maximum, lines.count > maximum, maximum >= 2 else { return [self] }
    let others = isPaired ? lines[...] : lines.dropFirst()
    let size = isPaired ? maximum / 2 * 2 : maximum - 1
    let count = (others.count + size - 1) / size
    guard count <= UInt16.max else { return [self] }
    let parts = (0..<count).map { index in
      var part = self
      part.key.part = UInt16(index + 1)
      part.key.parts = UInt16(count)
      let own = others.dropFirst(index * size).prefix(size)
      part.lines = Array(own)
      if !isPaired, var counterpart = lines.first {
        counterpart.amount = .zero - own.reduce(.zero) { $0 + $1.amount }
        if functionalCurrency != nil {
          counterpart.functional = .zero - own.reduce(.zero) { $0 + ($1.functional ?? $1.amount) }
        }
        part.lines.insert(counterpart, at: 0)
      }
      return part
    }
    precondition(
      !isBalanced || parts.reduce(.zero) { $0 + $1.receivable } == receivable,
      "the parts of a document come to another receivable than the whole")
    precondition(parts.last?.key.isLast == true, "the last part of a document is not numbered as such")
    assert(
      parts.allSatisfy { $0.lines.count <= maximum }, "a part of a document has more lines than its ERP takes"
    )
    assert(
      !isBalanced || parts.allSatisfy(\.isBalanced), "a part of a document that balances does not balance")
    return parts
  }
}

import CanonicalModel

/// Amounts by key, for the few keys of one document: looked for one after another, which for a handful is a tenth of what a
/// dictionary costs.
struct Sums<Key: Equatable> {
  private(set) var entries: [(key: Key, amount: Money)] = []

  init(capacity: Int) { entries.reserveCapacity(capacity) }

  /// The sum of a key; `nil` where nothing was added to it.
  subscript(key: Key) -> Money? { entries.first { $0.key == key }?.amount }

  /// Adds an amount, which may be nothing: the key counts as named.
  mutating func add(_ amount: Money, to key: Key) {
    for index in entries.indices where entries[index].key == key {
      entries[index].amount += amount
      return
    }
    entries.append((key, amount))
  }

  /// What the positive ones come to.
  var debits: Money { entries.reduce(.zero) { $1.amount > .zero ? $0 + $1.amount : $0 } }

  /// Whether both name the same keys with the same amounts.
  static func == (a: Self, b: Self) -> Bool {
    a.entries.count == b.entries.count && a.entries.allSatisfy { b[$0.key] == $0.amount }
  }
}

extension Sums where Key == LedgerAccount {
  /// Of the lines of a document.
  init(_ lines: [JournalLine]) {
    self.init(capacity: lines.count)
    for line in lines { add(line.amount, to: line.account) }
  }
}

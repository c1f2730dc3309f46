/// Hours since 1970, a bit each: what is marked lies close together.
struct HourMarks: Sendable {
  /// The hour of the first bit; a multiple of 64.
  private var first: Int64 = 0
  private var words: ContiguousArray<UInt64> = []

  /// Marks an hour.
  mutating func insert(_ hour: Int64) {
    if words.isEmpty { first = hour & ~63 }
    if hour < first {
      let missing = Int((first - (hour & ~63)) / 64)
      words.insert(contentsOf: repeatElement(0, count: missing), at: 0)
      first = hour & ~63
    }
    precondition(hour >= first && first % 64 == 0, "an hour lies before the first that can be marked")
    let word = Int((hour - first) / 64)
    while words.count <= word { words.append(0) }
    words[word] |= 1 << UInt64(hour & 63)
    assert(contains(anyOf: hour..<hour + 1), "an hour was marked and is not")
  }

  /// Whether one of the hours is marked.
  func contains(anyOf hours: Range<Int64>) -> Bool {
    let marked = first..<first + Int64(words.count) * 64
    return hours.clamped(to: marked).contains {
      words[Int(($0 - first) / 64)] >> UInt64($0 & 63) & 1 == 1
    }
  }
}

import CanonicalModel

/// The documents that have to be posted, in the order in which they arose, each found by its key: what is asked of one of them is
/// looked at where it lies.
struct ObligationTable: Sendable {
  private var places: [PostingKey: Int32] = [:]
  private(set) var keys: ContiguousArray<PostingKey> = []
  private var entries: ContiguousArray<PostingObligation> = []

  /// Where a document lies; `nil` where none of the key is known.
  func place(of key: PostingKey) -> Int? { places[key].map { Int($0) } }

  /// The document at a place.
  subscript(place: Int) -> PostingObligation {
    _read { yield entries[place] }
    _modify { yield &entries[place] }
  }

  /// The document of a key.
  subscript(key: PostingKey) -> PostingObligation? { place(of: key).map { entries[$0] } }

  /// All of them, in order.
  var values: ContiguousArray<PostingObligation> { entries }

  /// Takes a document; one of the same key is replaced.
  mutating func oblige(_ key: PostingKey, _ source: PostingObligation.Source) {
    if let place = place(of: key) {
      entries[place] = PostingObligation(source: source)
      return
    }
    places[key] = Int32(entries.count)
    keys.append(key)
    entries.append(PostingObligation(source: source))
  }

  /// Whether anything was accrued.
  var hasAccruals: Bool {
    entries.contains { if case .accrual = $0.source { true } else { false } }
  }
}

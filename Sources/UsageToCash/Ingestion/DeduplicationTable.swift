import CanonicalModel
import Chronology

/// Which part of an event identifies it.
public enum DeduplicationKeying: String, Sendable, CaseIterable {
  /// Source and identifier, as CloudEvents demands.
  case sourceAndID
  /// The identifier alone: wrong as soon as two producers number their events alike.
  case idOnly
  /// No deduplication.
  case none
}

/// Remembers the keys of usage events for at least a horizon of time: two generations of open-addressing
/// tables with linear probing. A key is kept for one to two horizons; memory is bounded by the horizon,
/// not by the run.
///
/// - Complexity: expected O(1) a look-up. About 24 to 48 bytes a key.
struct DeduplicationTable: Sendable {
  private var current: Generation
  private var previous: Generation
  private var rotatesAt: Instant
  private let horizon: Span

  init(horizon: Span) {
    self.horizon = horizon
    current = Generation()
    previous = Generation()
    rotatesAt = .distantPast
  }

  /// Keys that are remembered.
  var count: Int { current.count + previous.count }

  /// Forgets the generation that has aged out; call it once a batch.
  mutating func advance(to now: Instant) {
    if rotatesAt == .distantPast { rotatesAt = now + horizon }
    while now >= rotatesAt {
      previous = current
      current = Generation()
      rotatesAt += horizon
    }
  }

  /// Whether a key is remembered.
  func contains(_ key: UsageEventKey, hash: UInt64) -> Bool {
    current.contains(key, hash: hash) || previous.contains(key, hash: hash)
  }

  /// Remembers a key; `false` if it was known.
  mutating func insert(_ key: UsageEventKey, hash: UInt64) -> Bool {
    if previous.count > 0, previous.contains(key, hash: hash) { return false }
    return current.insert(key, hash: hash)
  }
}

/// One open-addressing table of 96-bit keys, exact.
private struct Generation: Sendable {
  private struct Slot: BitwiseCopyable, Sendable {
    var id: UInt64
    /// The source plus one; 0 marks an empty slot.
    var source: UInt64
  }

  private(set) var count = 0
  private var slots: ContiguousArray<Slot>
  private var mask: Int

  init() {
    slots = ContiguousArray(repeating: Slot(id: 0, source: 0), count: 64)
    mask = 63
  }

  func contains(_ key: UsageEventKey, hash: UInt64) -> Bool {
    let source = UInt64(key.source.index) + 1
    var index = Int(truncatingIfNeeded: hash) & mask
    while slots[index].source != 0 {
      if slots[index].id == key.id && slots[index].source == source { return true }
      index = (index &+ 1) & mask
    }
    return false
  }

  mutating func insert(_ key: UsageEventKey, hash: UInt64) -> Bool {
    let source = UInt64(key.source.index) + 1
    var index = Int(truncatingIfNeeded: hash) & mask
    while slots[index].source != 0 {
      if slots[index].id == key.id && slots[index].source == source { return false }
      index = (index &+ 1) & mask
    }
    slots[index] = Slot(id: key.id, source: source)
    count += 1
    if count * 3 > slots.count * 2 { grow() }
    return true
  }

  private mutating func grow() {
    let old = slots
    mask = old.count * 2 - 1
    slots = ContiguousArray(repeating: Slot(id: 0, source: 0), count: mask + 1)
    for slot in old where slot.source != 0 {
      let key = UsageEventKey(source: SourceID(index: UInt32(slot.source - 1)), id: slot.id)
      var index = Int(truncatingIfNeeded: key.digest) & mask
      while slots[index].source != 0 { index = (index &+ 1) & mask }
      slots[index] = slot
    }
  }
}

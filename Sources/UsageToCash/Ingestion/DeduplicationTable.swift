import CanonicalModel
import Chronology

/// Remembers the keys of usage events for at least a horizon of time, exactly: two generations of open-addressing tables
/// with linear probing. A key is kept for one to two horizons; memory is bounded by the horizon, not by the run.
///
/// A slot holds 64 consecutive identifiers of a source, a bit each: producers number their events, and then a key costs
/// bits and stays in the cache. Identifiers without any order cost a slot each.
///
/// - Complexity: expected O(1) a look-up. Less than a byte a key where identifiers are numbered, 36 to 72 where they are random.
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
      current = Generation(like: previous)
      rotatesAt += horizon
    }
  }

  /// Whether a key is remembered.
  func contains(_ key: UsageEventKey) -> Bool { current.contains(key) || previous.contains(key) }

  /// Remembers the keys of a batch, in order; says of each whether it was new.
  mutating func insert(
    _ events: UnsafeBufferPointer<UsageEvent>, areNew: inout ContiguousArray<Bool>
  ) {
    current.makeRoom(for: events.count)
    if areNew.count < events.count { areNew = ContiguousArray(repeating: false, count: events.count) }
    precondition(areNew.count >= events.count, "there is no room to say of each event whether it is new")
    areNew.withUnsafeMutableBufferPointer { insert(events, areNew: $0) }
  }

  private mutating func insert(
    _ events: UnsafeBufferPointer<UsageEvent>, areNew: UnsafeMutableBufferPointer<Bool>
  ) {
    let mayBeOlder = previous.count > 0
    current.change { blocks, shift in
      var new = (keys: 0, blocks: 0)
      // What comes together most often has its identifiers close together, too: in some blocks in turn.
      Generation.Recent.with(blocks) { recent in
        for index in events.indices {
          let event = events.baseAddress! + index
          let key = UsageEventKey(source: event.pointee.source, id: event.pointee.id)
          if mayBeOlder, previous.contains(key) {
            areNew[index] = false
            continue
          }
          var place = recent[key.id &>> 6]
          if !place.pointee.contains(key) {
            place = Generation.place(of: key, in: blocks, shift)
            recent[key.id &>> 6] = place
          }
          let added = place.pointee.insert(key)
          areNew[index] = added.key
          new.keys &+= added.key ? 1 : 0
          new.blocks &+= added.block ? 1 : 0
        }
      }
      return new
    }
  }

  /// Remembers a key; `false` if it was known.
  @inline(__always)
  mutating func insert(_ key: UsageEventKey) -> Bool {
    if previous.count > 0, previous.contains(key) { return false }
    return current.insert(key)
  }
}

/// One open-addressing table of 96-bit keys, exact.
private struct Generation: Sendable {
  /// 64 consecutive identifiers of a source.
  struct Block: BitwiseCopyable, Sendable {
    /// The identifiers' upper 58 bits.
    var number: UInt64 = 0
    /// The source plus one; 0 marks an empty slot.
    var source: UInt64 = 0
    /// A bit for each identifier that is remembered.
    var known: UInt64 = 0

    /// Whether it is the block of a key.
    @inline(__always)
    func contains(_ key: UsageEventKey) -> Bool {
      number == key.id &>> 6 && source == UInt64(key.source.index) &+ 1
    }

    /// Remembers a key, whose block it is or becomes: whether the key is new, and whether the block is.
    @inline(__always)
    mutating func insert(_ key: UsageEventKey) -> (key: Bool, block: Bool) {
      let isFirst = source == 0
      if isFirst { (number, source) = (key.id &>> 6, UInt64(key.source.index) &+ 1) }
      assert(contains(key), "a key is remembered in another one's block")
      let bit: UInt64 = 1 &<< (key.id & 63)
      let isNew = known & bit == 0
      known |= bit
      return (isNew, isFirst)
    }
  }

  /// The blocks that were found last, by the lowest bits of their numbers.
  struct Recent {
    typealias Place = UnsafeMutablePointer<Block>
    private let places: UnsafeMutableBufferPointer<Place>

    /// Hands out some that all are the first block.
    @inline(__always)
    static func with(_ blocks: UnsafeMutableBufferPointer<Block>, _ body: (Recent) -> Void) {
      withUnsafeTemporaryAllocation(of: Place.self, capacity: 4) { places in
        places.initialize(repeating: blocks.baseAddress!)
        body(Recent(places: places))
      }
    }

    subscript(number: UInt64) -> Place {
      @inline(__always) get { places[Int(number & 3)] }
      @inline(__always) nonmutating set { places[Int(number & 3)] = newValue }
    }
  }

  init() {}

  /// An empty one with the room that another has needed.
  init(like other: Generation) {
    blocks = ContiguousArray(repeating: Block(), count: other.blocks.count)
    shift = other.shift
  }

  private(set) var count = 0
  private var used = 0
  private var blocks = ContiguousArray(repeating: Block(), count: 64)
  /// The upper bits of the hash are the slot: when the table doubles, the blocks stay in order.
  private var shift: UInt64 = 58

  /// The slot of a block, or the empty one where it belongs.
  @inline(__always)
  private static func slot(
    _ number: UInt64, _ source: UInt64, in blocks: UnsafeBufferPointer<Block>, _ shift: UInt64
  ) -> Int {
    var hash = (number ^ source &* 0x9e37_79b9_7f4a_7c15) &* 0xff51_afd7_ed55_8ccd
    hash = (hash ^ (hash >> 32)) &* 0xc4ce_b9fe_1a85_ec53
    var index = Int(truncatingIfNeeded: hash &>> shift)
    let mask = blocks.count &- 1
    assert(blocks.count & mask == 0, "the slots of a table of keys are no power of two")
    while blocks[index].source != 0, blocks[index].number != number || blocks[index].source != source {
      index = (index &+ 1) & mask
    }
    return index
  }

  @inline(__always)
  func contains(_ key: UsageEventKey) -> Bool {
    blocks.withUnsafeBufferPointer {
      let slot = Self.slot(key.id &>> 6, UInt64(key.source.index) &+ 1, in: $0, shift)
      return $0[slot].known &>> (key.id & 63) & 1 == 1
    }
  }

  @inline(__always)
  mutating func insert(_ key: UsageEventKey) -> Bool {
    makeRoom(for: 1)
    let before = count
    change { blocks, shift in
      let added = Self.place(of: key, in: blocks, shift).pointee.insert(key)
      return (added.key ? 1 : 0, added.block ? 1 : 0)
    }
    return count > before
  }

  /// Hands out the blocks, to which keys are added: their number and that of new blocks is the result.
  @inline(__always)
  mutating func change(_ body: (UnsafeMutableBufferPointer<Block>, UInt64) -> (keys: Int, blocks: Int)) {
    let shift = shift
    let added = blocks.withUnsafeMutableBufferPointer { body($0, shift) }
    count &+= added.keys
    used &+= added.blocks
    assert(used <= count && count <= used &* 64, "blocks do not hold the keys that are remembered")
    assert(used < blocks.count, "a table of keys has no empty slot left: a look-up would never end")
  }

  /// The block of a key, or the empty one where it belongs; there must be room for one.
  @inline(__always)
  static func place(
    of key: UsageEventKey, in blocks: UnsafeMutableBufferPointer<Block>, _ shift: UInt64
  ) -> UnsafeMutablePointer<Block> {
    let slot = slot(
      key.id &>> 6, UInt64(key.source.index) &+ 1, in: UnsafeBufferPointer(blocks), shift)
    return blocks.baseAddress! + slot
  }

  /// Grows until so many keys fit, even if each needs a block.
  @inline(__always)
  mutating func makeRoom(for keys: Int) {
    while (used &+ keys) &* 3 > blocks.count &* 2 { grow() }
  }

  @inline(never)
  private mutating func grow() {
    let old = blocks
    precondition(shift > 1, "a table of keys has more slots than a hash can tell apart")
    shift -= 1
    blocks = ContiguousArray(repeating: Block(), count: old.count * 2)
    let shift = shift
    precondition(
      blocks.count == 1 << (64 - Int(shift)),
      "the slots of a table of keys are not as many as its hashes reach")
    blocks.withUnsafeMutableBufferPointer { blocks in
      for block in old where block.source != 0 {
        blocks[Self.slot(block.number, block.source, in: UnsafeBufferPointer(blocks), shift)] = block
      }
    }
  }
}

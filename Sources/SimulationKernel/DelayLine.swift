/// Values on their way, each in a numbered slot, and the order in which those arrive that are due soon.
///
/// Most of what a model sends arrives within moments, and nothing else happens to it on the way. For that, an entry of an
/// ``EventQueue`` costs more than all the rest of its handling; here it is a link into a ring of buckets, each a sorted list
/// (a calendar queue of fixed width: R. Brown, "Calendar queues: a fast O(1) priority queue implementation for the simulation
/// event set problem", CACM 31(10), 1988). What the ring does not reach, or what would make a list long, is refused: it goes
/// to the event queue. Keys are those of the queue, so that both together have one order whichever of them holds what.
///
/// Slots are used again, the one that was freed last first.
///
/// - Complexity: O(1) a value; no allocation once there is room.
@frozen
public struct DelayLine<Payload: BitwiseCopyable>: ~Copyable {
  @frozen
  @usableFromInline
  struct Node: BitwiseCopyable {
    @usableFromInline var key: Int128
    @usableFromInline var payload: Payload
    /// The next of its bucket, or the next free one; -1: none.
    @usableFromInline var next: Int32

    @inlinable
    init(payload: Payload) {
      key = 0
      self.payload = payload
      next = -1
    }
  }

  @frozen
  @usableFromInline
  struct Bucket: BitwiseCopyable {
    @usableFromInline var first: Int32 = -1
    @usableFromInline var last: Int32 = -1

    @inlinable
    init() {}
  }

  /// A word of a word of bits says which of them are empty.
  @inlinable
  static var bucketCount: Int { 64 * 64 }
  /// Steps along a list that is not appended to, at most.
  @inlinable
  static var mostSteps: Int { 16 }

  @usableFromInline var nodes: UnsafeMutablePointer<Node>
  @usableFromInline var capacity = 64
  /// Slots that were ever used.
  @usableFromInline var used = 0
  @usableFromInline var free: Int32 = -1
  @usableFromInline var held = 0

  @usableFromInline let buckets: UnsafeMutablePointer<Bucket>
  /// A bit for each bucket that holds something, and a bit for each word of them that is not zero.
  @usableFromInline let bits: UnsafeMutablePointer<UInt64>
  @usableFromInline var words: UInt64 = 0
  /// The width of a bucket is 2 to the power of this, in nanoseconds.
  @usableFromInline var shift: Int64 = 22
  /// The earliest slot of the ring and its key; -1 and the greatest key where it is empty.
  @usableFromInline var firstSlot = -1
  @usableFromInline var first = Int128.max

  /// Makes an empty line.
  public init() {
    nodes = .allocate(capacity: 64)
    buckets = .allocate(capacity: Self.bucketCount)
    buckets.initialize(repeating: Bucket(), count: Self.bucketCount)
    bits = .allocate(capacity: 64)
    bits.initialize(repeating: 0, count: 64)
  }

  deinit {
    nodes.deallocate()
    buckets.deallocate()
    bits.deallocate()
  }

  /// Values that are held, wherever their turn is noted.
  @inlinable
  public var count: Int { held }

  /// The key of the earliest value in the ring; the greatest number where it is empty.
  @inlinable
  public var firstKey: Int128 {
    @inline(__always) get { first }
  }

  /// Takes a value.
  @inlinable
  @inline(__always)
  public mutating func insert(_ payload: Payload) -> Int {
    held &+= 1
    let slot: Int
    if free >= 0 {
      slot = Int(free)
      free = nodes[slot].next
    } else {
      if used == capacity { grow() }
      slot = used
      used &+= 1
    }
    nodes[slot] = Node(payload: payload)
    return slot
  }

  /// Removes the value of a slot and frees it.
  @inlinable
  @inline(__always)
  public mutating func remove(_ slot: Int) -> Payload {
    assert(held > 0 && slot < used, "a payload is taken from a slot that was handed out, and once")
    held &-= 1
    nodes[slot].next = free
    free = Int32(truncatingIfNeeded: slot)
    return nodes[slot].payload
  }

  /// The value of a slot that is held.
  @inlinable
  public subscript(slot: Int) -> Payload { nodes[slot].payload }

  @inlinable
  @inline(never)
  mutating func grow() {
    nodes.grow(holding: used, to: capacity * 2)
    capacity *= 2
  }

  /// Notes when a slot's value is due; it must not be before `now`.
  ///
  /// - Returns: whether the ring has taken it.
  @inlinable
  @inline(__always)
  public mutating func enter(_ slot: Int, key: Int128, now: Int64) -> Bool {
    assert(key._high >= now, "nothing enters a delay line for an instant that has passed")
    let bucket = key._high &>> shift
    guard bucket &- (now &>> shift) < Int64(Self.bucketCount) else { return false }
    let ring = Int(truncatingIfNeeded: bucket) & (Self.bucketCount &- 1)
    let link = Int32(truncatingIfNeeded: slot)
    nodes[slot].key = key
    nodes[slot].next = -1
    let last = buckets[ring].last
    if last < 0 {
      buckets[ring].first = link
      buckets[ring].last = link
      bits[ring &>> 6] |= 1 &<< UInt64(ring & 63)
      words |= 1 &<< UInt64(ring &>> 6)
    } else if nodes[Int(last)].key < key {
      nodes[Int(last)].next = link
      buckets[ring].last = link
    } else if !squeeze(link, key, ring) {
      return false
    }
    if key < first {
      first = key
      firstSlot = slot
    }
    return true
  }

  /// Links a slot before the last of its bucket.
  @inlinable
  mutating func squeeze(_ link: Int32, _ key: Int128, _ ring: Int) -> Bool {
    var before: Int32 = -1
    var here = buckets[ring].first
    var steps = 0
    while nodes[Int(here)].key < key {
      steps &+= 1
      guard steps < Self.mostSteps else { return false }
      before = here
      here = nodes[Int(here)].next
    }
    nodes[Int(link)].next = here
    if before < 0 { buckets[ring].first = link } else { nodes[Int(before)].next = link }
    return true
  }

  /// Takes the earliest slot out of the ring; its value stays in the slot.
  ///
  /// - Precondition: ``firstKey`` is not the greatest number.
  @inlinable
  @inline(__always)
  public mutating func popFirst() -> Int {
    let slot = firstSlot
    assert(slot >= 0, "there is a first where one is taken")
    let ring = Int(truncatingIfNeeded: first._high &>> shift) & (Self.bucketCount &- 1)
    var next = nodes[slot].next
    buckets[ring].first = next
    if next < 0 {
      buckets[ring].last = -1
      let word = ring &>> 6
      bits[word] &= ~(1 &<< UInt64(ring & 63))
      if bits[word] == 0 { words &= ~(1 &<< UInt64(word)) }
      next = firstAfter(ring)
    }
    assert(next < 0 || nodes[Int(next)].key > first, "what follows in a delay line is due later")
    firstSlot = Int(next)
    first = next < 0 ? .max : nodes[Int(next)].key
    return slot
  }

  /// The first slot of the bucket that follows an empty one around the ring.
  @inlinable
  @inline(__always)
  func firstAfter(_ ring: Int) -> Int32 {
    let word = ring &>> 6
    let rest = bits[word] & (~0 &<< UInt64(ring & 63))
    if rest != 0 { return buckets[word &<< 6 | rest.trailingZeroBitCount].first }
    guard words != 0 else { return -1 }
    // The words that follow, this one at last: what it holds then lies a turn ahead.
    let turn = UInt64(word &+ 1) & 63
    let turned = words &>> turn | words &<< ((64 &- turn) & 63)
    let other = (word &+ 1 &+ turned.trailingZeroBitCount) & 63
    return buckets[other &<< 6 | bits[other].trailingZeroBitCount].first
  }

  /// Makes the ring as wide as a span in nanoseconds, or up to twice that, where it is far from it.
  ///
  /// - Returns: the slots that a narrower ring does not reach, with their keys.
  public mutating func reach(_ span: Int64, now: Int64) -> [(slot: Int, key: Int128)] {
    let cells = UInt64(max(span, 1)) / UInt64(Self.bucketCount)
    let wanted = Int64(64 - cells.leadingZeroBitCount)
    guard wanted > shift || wanted < shift - 2 else { return [] }
    var moved: [(slot: Int, key: Int128)] = []
    while first < .max {
      let key = first
      moved.append((popFirst(), key))
    }
    shift = wanted
    return moved.filter { !enter($0.slot, key: $0.key, now: now) }
  }
}

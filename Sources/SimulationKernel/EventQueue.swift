import Chronology

/// A stable priority queue of scheduled events: earliest time first, then the order of scheduling.
///
/// What is due soon is in a 4-ary implicit heap of `(time, sequence, event)` entries. Ties cannot occur, since sequence
/// numbers are unique, so every correct queue pops in the same order. Where there is so much that a heap no longer fits the
/// cache, what is due later waits unsorted in the buckets of a ``Ladder``, each of which comes into the heap in its time.
///
/// Popping leaves a hole at the root that the next push fills: in a discrete-event simulation most
/// events schedule one successor, and then one sift replaces two ("hold" operation; R. Jones,
/// "An empirical comparison of priority-queue and event-set implementations", CACM 29(4), 1986).
///
/// Unsafe pointers stay in this file, in the ladder and in the delay line: the benchmark `phold` shows 1.3 × over `[Entry]`.
///
/// - Complexity: `schedule` and `next` are O(log₄ n) of the events that are due soon, and O(1) of what is due later; no
///   allocation once the capacity is reached.
@frozen
public struct EventQueue<Event: BitwiseCopyable>: ~Copyable {
  /// One scheduled event.
  @frozen
  public struct Entry: BitwiseCopyable {
    /// The virtual time at which the event is due, in nanoseconds.
    public var time: Int64
    /// The position in the order of scheduling.
    public var sequence: UInt64
    /// The payload.
    public var event: Event

    @inlinable
    init(time: Int64, sequence: UInt64, event: Event) {
      self.time = time
      self.sequence = sequence
      self.event = event
    }

    /// Time and sequence as one number: its upper half is the time.
    @inlinable
    var key: Int128 {
      @inline(__always) get { Int128(_low: sequence, _high: time) }
    }

    /// Whether this entry runs before another: one comparison of 128-bit keys, without a branch.
    @inlinable
    @inline(__always)
    func precedes(_ other: Entry) -> Bool { key < other.key }
  }

  /// Entries in the heap from which on what is due later goes to the ladder: so many fit the second-level cache.
  @inlinable
  static var mostInHeap: Int { 1 << 11 }

  @usableFromInline var entries: UnsafeMutablePointer<Entry>
  @usableFromInline var capacity: Int
  /// Entries in the heap, the hole at the root included.
  @usableFromInline var used: Int
  /// Whether the root was popped and not yet replaced.
  @usableFromInline var hasHole: Bool
  @usableFromInline var nextSequence: UInt64
  /// The heap holds everything that is due until then, and nothing else.
  @usableFromInline var heapLast: Int64
  @usableFromInline var ladder: Ladder<Entry>

  /// Makes an empty queue with room for a number of events.
  @inlinable
  public init(minimumCapacity: Int = 1024) {
    capacity = max(16, min(minimumCapacity, Self.mostInHeap))
    entries = .allocate(capacity: capacity)
    used = 0
    hasHole = false
    nextSequence = 0
    heapLast = .max
    ladder = Ladder()
  }

  deinit {
    entries.deallocate()
    ladder.deallocate()
  }

  /// The number of pending events.
  @inlinable
  public var count: Int { (hasHole ? used - 1 : used) + ladder.count }

  /// Whether no event is pending.
  @inlinable
  public var isEmpty: Bool { count == 0 }

  /// Adds an event.
  @inlinable
  @inline(__always)
  public mutating func schedule(_ event: Event, at time: Instant) {
    schedule(event, key: claimKey(at: time))
  }

  /// Takes a place in the order for something that becomes due at `time`.
  @inlinable
  @inline(__always)
  public mutating func claimKey(at time: Instant) -> Int128 {
    let key = Int128(_low: nextSequence, _high: time.nanoseconds)
    nextSequence &+= 1  // 2⁶⁴ events take centuries
    return key
  }

  /// Adds an event at a place that was taken.
  @inlinable
  @inline(__always)
  public mutating func schedule(_ event: Event, key: Int128) {
    let entry = Entry(time: key._high, sequence: key._low, event: event)
    guard entry.time <= heapLast else { return ladder.add(entry, at: entry.time) }
    if hasHole {
      hasHole = false
      siftDown(entry, from: 0)
      return
    }
    if used == capacity {
      makeRoom()
      guard entry.time <= heapLast else { return ladder.add(entry, at: entry.time) }
    }
    assert(used < capacity, "the heap has room for an event that it takes")
    used &+= 1
    siftUp(entry)
  }

  /// Removes and returns the earliest event, or returns `nil` if none is due at or before `limit`.
  @inlinable
  @inline(__always)
  public mutating func next(until limit: Instant = .distantFuture) -> Entry? {
    if hasHole { fillHole() }
    if used == 0, ladder.count > 0 { refill() }
    guard used > 0, entries[0].time <= limit.nanoseconds else { return nil }
    hasHole = true
    return entries[0]
  }

  /// The time of the earliest pending event.
  @inlinable
  public mutating func peekTime() -> Instant? {
    let key = peekKey()
    return key < .max ? Instant(nanoseconds: key._high) : nil
  }

  /// The place of the earliest pending event; the greatest number if there is none.
  @inlinable
  @inline(__always)
  public mutating func peekKey() -> Int128 {
    if hasHole { fillHole() }
    if used == 0, ladder.count > 0 { refill() }
    return used > 0 ? entries[0].key : .max
  }

  @inlinable
  @inline(__always)
  mutating func fillHole() {
    hasHole = false
    assert(used > 0, "a hole is left by an event that was taken")
    used &-= 1
    if used > 0 { siftDown(entries[used], from: 0) }
  }

  /// The heap is full: what is due later goes to the ladder, unless there is so much on it already that taking its rung down
  /// would cost more than a larger heap.
  @inlinable
  @inline(never)
  mutating func makeRoom() {
    if used >= Self.mostInHeap, ladder.count <= used {
      // Where three quarters of the heap are due later.
      var sample = ContiguousArray<Int64>()
      for index in 0..<256 { sample.append(entries[index * used / 256].time) }
      sample.sort()
      let end = sample[64]
      if end < sample[255] {
        ladder.fold()
        heapLast = end
        var kept = 0
        for index in 0..<used {
          let entry = entries[index]
          if entry.time <= end {
            entries[kept] = entry
            kept &+= 1
          } else {
            ladder.add(entry, at: entry.time)
          }
        }
        assert(kept > 0 && kept < used, "a heap that is parted keeps what is due first, and not all")
        used = kept
        heapify()
        return
      }
    }
    reserve(capacity * 2)
  }

  /// The heap is empty: the next bucket of the ladder comes into it.
  @inlinable
  @inline(never)
  mutating func refill() {
    assert(used == 0, "the heap is filled again when nothing is left in it")
    let count = ladder.nextCount { $0.time }
    if count > capacity { reserve(count) }
    heapLast = ladder.dequeueNext(into: entries)
    assert(entries[0].time <= heapLast, "the heap holds nothing that is due after its end")
    used = count
    if ladder.count == 0 { heapLast = .max }
    heapify()
  }

  @inlinable
  mutating func heapify() {
    guard used > 1 else { return }
    var index = (used &- 2) >> 2
    while index >= 0 {
      siftDown(entries[index], from: index)
      index &-= 1
    }
  }

  @inlinable
  @inline(__always)
  func siftUp(_ entry: Entry) {
    var hole = used &- 1
    while hole > 0 {
      let parent = (hole &- 1) >> 2
      guard entry.precedes(entries[parent]) else { break }
      entries[hole] = entries[parent]
      hole = parent
    }
    entries[hole] = entry
  }

  @inlinable
  @inline(__always)
  func siftDown(_ entry: Entry, from top: Int) {
    let entries = self.entries
    let count = used
    var hole = top
    while true {
      let first = hole &* 4 &+ 1
      if first &+ 3 < count {
        let left = entries[first &+ 1].precedes(entries[first]) ? first &+ 1 : first
        let right = entries[first &+ 3].precedes(entries[first &+ 2]) ? first &+ 3 : first &+ 2
        let least = entries[right].precedes(entries[left]) ? right : left
        guard entries[least].precedes(entry) else { break }
        entries[hole] = entries[least]
        hole = least
      } else {
        guard first < count else { break }
        var least = first
        var other = first &+ 1
        while other < count {
          if entries[other].precedes(entries[least]) { least = other }
          other &+= 1
        }
        guard entries[least].precedes(entry) else { break }
        entries[hole] = entries[least]
        hole = least
      }
    }
    entries[hole] = entry
  }

  @inlinable
  @inline(never)
  mutating func reserve(_ least: Int) {
    entries.grow(holding: used, to: least)
    capacity = least
  }
}

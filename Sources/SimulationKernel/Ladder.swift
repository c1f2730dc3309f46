/// What is due later than the events in the heap of an ``EventQueue``, unsorted: a rung of buckets, each as wide in time as
/// the others, and behind the rung everything that is due after it.
///
/// A ladder queue of one rung (W. Tang, R. Goh, I. Thng, "Ladder queue: an O(1) priority queue structure for large-scale
/// discrete event simulation", ACM TOMACS 15(3), 2005) under a heap: order within a bucket is the heap's business, so
/// neither a bad width nor many events of one instant can do more than make the heap larger.
///
/// - Complexity: O(1) an entry that is added, amortised; O(n) for a new rung over n entries, each of which then is on the
///   rung with a probability of 0.9.
@frozen
@usableFromInline
struct Ladder<Entry: BitwiseCopyable> {
  /// Entries that a bucket of a new rung should hold.
  @inlinable
  static var perBucket: Int { 64 }
  /// Entries of a chunk of memory: what a bucket grows by.
  @inlinable
  static var chunkSize: Int { 16 }

  /// Entries on the rung and behind it.
  @usableFromInline var count = 0
  /// The time at which the rung begins.
  @usableFromInline var start: Int64 = 0
  /// The last instant on the rung; what is later is behind it.
  @usableFromInline var last: Int64 = .min
  /// The width of a bucket is 2 to the power of this.
  @usableFromInline var shift: UInt64 = 0
  /// The first bucket that may hold something.
  @usableFromInline var cursor = 0
  /// A bucket: its last chunk, -1 for none, and how much it holds.
  @frozen
  @usableFromInline
  struct Bucket: BitwiseCopyable {
    @usableFromInline var head: Int32 = -1
    @usableFromInline var count: Int32 = 0

    @inlinable
    init() {}
  }

  /// Buckets of the rung.
  @usableFromInline var bucketCount = 0
  @usableFromInline var bucketCapacity = 0
  @usableFromInline var buckets: UnsafeMutablePointer<Bucket>

  @usableFromInline var chunks: UnsafeMutablePointer<Entry>
  @usableFromInline var chunkCapacity: Int
  /// For each chunk the one before it in its bucket, or the next free one; -1: none.
  @usableFromInline var links: UnsafeMutablePointer<Int32>
  @usableFromInline var free: Int32 = -1

  /// What is due after the rung.
  @usableFromInline var behind: UnsafeMutablePointer<Entry>
  @usableFromInline var behindCount = 0
  @usableFromInline var behindCapacity: Int

  @inlinable
  init() {
    chunkCapacity = 0
    chunks = .allocate(capacity: 1)
    links = .allocate(capacity: 1)
    buckets = .allocate(capacity: 1)
    behindCapacity = 16
    behind = .allocate(capacity: 16)
  }

  /// Gives its memory back: the queue that owns it does so once, at its own end.
  @inlinable
  func deallocate() {
    chunks.deallocate()
    links.deallocate()
    buckets.deallocate()
    behind.deallocate()
  }

  /// Takes an entry that is due at `time`, after everything in the heap.
  @inlinable
  @inline(__always)
  mutating func add(_ entry: Entry, at time: Int64) {
    count &+= 1
    if time <= last { insert(entry, at: time) } else { insertBehind(entry) }
  }

  @inlinable
  @inline(__always)
  mutating func insert(_ entry: Entry, at time: Int64) {
    let bucket = Int(truncatingIfNeeded: UInt64(bitPattern: time &- start) >> shift)
    assert(
      bucket >= cursor && bucket < bucketCount, "an entry of the rung lies in a bucket that is still to come")
    let held = Int(buckets[bucket].count) & (Self.chunkSize &- 1)
    if held == 0 { addChunk(to: bucket) }
    chunks[Int(buckets[bucket].head) &* Self.chunkSize &+ held] = entry
    buckets[bucket].count &+= 1
  }

  @inlinable
  @inline(__always)
  mutating func insertBehind(_ entry: Entry) {
    if behindCount == behindCapacity { growBehind() }
    behind[behindCount] = entry
    behindCount &+= 1
  }

  @inlinable
  mutating func addChunk(to bucket: Int) {
    if free < 0 { growChunks() }
    let chunk = free
    free = links[Int(chunk)]
    links[Int(chunk)] = buckets[bucket].head
    buckets[bucket].head = chunk
  }

  @inlinable
  @inline(never)
  mutating func growChunks() {
    let capacity = max(64, chunkCapacity * 2)
    chunks.grow(holding: chunkCapacity * Self.chunkSize, to: capacity * Self.chunkSize)
    links.grow(holding: chunkCapacity, to: capacity)
    for chunk in chunkCapacity..<capacity {
      links[chunk] = free
      free = Int32(chunk)
    }
    chunkCapacity = capacity
  }

  @inlinable
  @inline(never)
  mutating func growBehind() {
    behind.grow(holding: behindCount, to: behindCapacity * 2)
    behindCapacity *= 2
  }

  /// Moves the entries of the next bucket that holds some to `heap`, which has room for ``nextCount`` of them.
  ///
  /// - Returns: the last instant of the bucket.
  @inlinable
  mutating func dequeueNext(into heap: UnsafeMutablePointer<Entry>) -> Int64 {
    var left = Int(buckets[cursor].count)
    assert(left > 0, "a bucket is taken when something is in it")
    count -= left
    assert(count >= 0, "no more is taken from a ladder than it holds")
    var chunk = buckets[cursor].head
    buckets[cursor] = Bucket()
    var target = heap
    var held = (left - 1) % Self.chunkSize + 1
    while left > 0 {
      target.update(from: chunks + Int(chunk) * Self.chunkSize, count: held)
      target += held
      left -= held
      held = Self.chunkSize
      let before = links[Int(chunk)]
      links[Int(chunk)] = free
      free = chunk
      chunk = before
    }
    cursor += 1
    return cursor >= bucketCount ? last : start &+ Int64(bitPattern: (UInt64(cursor) << shift) &- 1)
  }

  /// How much the next bucket holds that holds some; a new rung is made where none does.
  ///
  /// - Precondition: there is an entry.
  @inlinable
  mutating func nextCount(_ time: (Entry) -> Int64) -> Int {
    assert(count > 0, "an empty ladder has no next bucket")
    if behindCount == count { makeRung(time) }
    while buckets[cursor].count == 0 { cursor += 1 }
    assert(cursor < bucketCount, "what a rung holds lies in one of its buckets")
    return Int(buckets[cursor].count)
  }

  /// Spreads what is behind the rung on a new one, which ends where nine tenths of it are over: a few entries in the far
  /// future do not make all buckets too wide.
  @inlinable
  @inline(never)
  mutating func makeRung(_ time: (Entry) -> Int64) {
    var earliest = Int64.max
    for index in 0..<behindCount { earliest = min(earliest, time(behind[index])) }
    let samples = min(behindCount, 256)
    var sample = ContiguousArray<Int64>()
    for index in 0..<samples { sample.append(time(behind[index * behindCount / samples])) }
    sample.sort()
    let range = UInt64(bitPattern: max(earliest, sample[samples * 9 / 10]) &- earliest)
    // A power of two wide, so that the bucket of an entry is a shift away.
    shift = UInt64(64 - (range / UInt64(max(1, behindCount / Self.perBucket))).leadingZeroBitCount)
    bucketCount = Int(range >> shift) + 1
    start = earliest
    let (reach, overflow) = (UInt64(bucketCount - 1) << shift).addingReportingOverflow((1 << shift) &- 1)
    let longest = UInt64(bitPattern: Int64.max &- earliest)
    last = overflow || reach > longest ? .max : earliest &+ Int64(bitPattern: reach)
    cursor = 0
    if bucketCapacity < bucketCount {
      buckets.deallocate()
      bucketCapacity = bucketCount
      buckets = .allocate(capacity: bucketCapacity)
      buckets.initialize(repeating: Bucket(), count: bucketCapacity)
    }
    var kept = 0
    for index in 0..<behindCount {
      let entry = behind[index]
      if time(entry) <= last {
        insert(entry, at: time(entry))
      } else {
        behind[kept] = entry
        kept &+= 1
      }
    }
    assert(kept < behindCount, "a rung takes the earliest of what waits behind it")
    behindCount = kept
  }

  /// Takes the rung down: everything on it is behind it again.
  @inlinable
  @inline(never)
  mutating func fold() {
    while cursor < bucketCount {
      let held = Int(buckets[cursor].count)
      guard held > 0 else {
        cursor += 1
        continue
      }
      while behindCapacity - behindCount < held { growBehind() }
      _ = dequeueNext(into: behind + behindCount)
      count += held
      behindCount += held
    }
    assert(behindCount == count, "all that a folded ladder holds waits behind")
    last = .min
  }
}

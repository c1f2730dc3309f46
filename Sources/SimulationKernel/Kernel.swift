import Chronology

/// What the kernel needs of an event: a small bit pattern that it can move freely, and two words that
/// stand for it in the fingerprint.
public protocol SimulationEvent: BitwiseCopyable {
  /// The words that are absorbed into the fingerprint beside the event's time.
  var fingerprintWords: (UInt64, UInt64) { get }
}

/// Why the kernel's own loop ended.
public enum StopReason: String, Sendable {
  /// No event is left.
  case quiescent
  /// The next event lies after the limit.
  case limit
  /// The handler asked to stop.
  case stopped
}

/// The virtual clock, the pending events and the fingerprint of one simulation.
///
/// Single-threaded and synchronous: parallelism is across runs. An event may schedule others at or after
/// its own instant; events of one instant run in the order in which they were scheduled.
@frozen
public struct Kernel<Event: SimulationEvent>: ~Copyable {
  @usableFromInline var queue: EventQueue<Event>
  @usableFromInline var clock: Instant
  @usableFromInline var processedCount: UInt64
  @usableFromInline var rolling: Fingerprint

  /// The current virtual time.
  @inlinable
  public var now: Instant { clock }
  /// Events processed so far.
  @inlinable
  public var processed: UInt64 { processedCount }
  /// The rolling hash over every event processed.
  @inlinable
  public var fingerprint: Fingerprint { rolling }

  /// Starts the clock.
  @inlinable
  public init(start: Instant, minimumCapacity: Int = 1024) {
    queue = EventQueue(minimumCapacity: minimumCapacity)
    clock = start
    processedCount = 0
    rolling = Fingerprint()
  }

  /// The number of pending events.
  @inlinable
  public var pending: Int { queue.count }

  /// Schedules an event.
  ///
  /// - Precondition: `time` is not before ``now``.
  @inlinable
  @inline(__always)
  public mutating func schedule(_ event: Event, at time: Instant) {
    precondition(time >= clock, "an event was scheduled before the current instant")
    queue.schedule(event, at: time)
  }

  /// The place in the order of events of something that becomes due at `time` and is kept elsewhere, as in a ``DelayLine``.
  ///
  /// - Precondition: `time` is not before ``now``.
  @inlinable
  @inline(__always)
  public mutating func claimKey(at time: Instant) -> Int128 {
    precondition(time >= clock, "an event was scheduled before the current instant")
    return queue.claimKey(at: time)
  }

  /// Schedules an event at a place that was claimed.
  @inlinable
  @inline(__always)
  public mutating func schedule(_ event: Event, key: Int128) { queue.schedule(event, key: key) }

  /// The place of the next event; the greatest number if there is none.
  @inlinable
  @inline(__always)
  public mutating func peekKey() -> Int128 { queue.peekKey() }

  /// Processes an event that was kept elsewhere, and whose place is before ``peekKey()``: moves the clock to it.
  @inlinable
  @inline(__always)
  public mutating func process(_ event: Event, key: Int128) {
    assert(key._high >= clock.nanoseconds, "the clock does not run backwards")
    clock = Instant(nanoseconds: key._high)
    processedCount &+= 1  // 2⁶⁴ events take centuries
    let words = event.fingerprintWords
    rolling.absorb(UInt64(bitPattern: key._high) ^ words.0)
    rolling.absorb(words.1)
  }

  /// Absorbs a fact that is not an event (a result, an answer's content) into the fingerprint.
  @inlinable
  public mutating func absorb(_ word: UInt64) { rolling.absorb(word) }

  /// Takes the next event that is due at or before `limit` and moves the clock to it.
  @inlinable
  @inline(__always)
  public mutating func next(until limit: Instant = .distantFuture) -> Event? {
    guard let entry = queue.next(until: limit) else { return nil }
    process(entry.event, key: entry.key)
    return entry.event
  }

  /// Runs events in order until none is left, the limit is passed or the handler returns `false`.
  ///
  /// - Returns: why the loop ended; on `.limit` the clock stands at the last event, not at the limit.
  @inlinable
  public mutating func run(
    until limit: Instant = .distantFuture,
    _ handle: (inout Kernel, Event) -> Bool
  ) -> StopReason {
    while let event = next(until: limit) {
      if !handle(&self, event) { return .stopped }
    }
    return queue.isEmpty ? .quiescent : .limit
  }
}

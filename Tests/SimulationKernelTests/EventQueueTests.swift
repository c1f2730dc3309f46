import CJemalloc
import Chronology
import SimulationKernel
import Testing

@Suite("The event queue")
struct EventQueueTests {
  @Test(
    "pops by time, and in the order of scheduling at one instant", arguments: [1, 2, 3, 17, 400] as [UInt64])
  func orderIsStable(seed: UInt64) {
    var stream = RandomStream(rootSeed: seed, name: "queue")
    var queue = EventQueue<UInt32>(minimumCapacity: 16)
    var reference: [(time: Int64, sequence: Int, event: UInt32)] = []
    var scheduled = 0
    var now: Int64 = 0
    for step in 0..<4000 {
      if stream.below(5) < 3 || reference.isEmpty {
        let time = now + Int64(stream.below(50))
        queue.schedule(UInt32(step), at: Instant(nanoseconds: time))
        reference.append((time, scheduled, UInt32(step)))
        scheduled += 1
      } else {
        let earliest = reference.indices.min {
          (reference[$0].time, reference[$0].sequence) < (reference[$1].time, reference[$1].sequence)
        }!
        let expected = reference.remove(at: earliest)
        let entry = queue.next()
        #expect(entry?.event == expected.event, "seed \(seed), step \(step)")
        now = expected.time
      }
      #expect(queue.count == reference.count)
    }
  }

  /// How far ahead events are scheduled: near and far, many at one instant, and some in the far future.
  enum Spread: CaseIterable {
    case even, instants, skewed, growing

    func draw(_ stream: inout RandomStream, step: Int) -> Int64 {
      switch self {
      case .even: Int64(stream.below(1_000_000_000))
      case .instants: Int64(stream.below(4)) * 1000
      case .skewed: stream.below(50) == 0 ? Int64(stream.below(1 << 40)) : Int64(stream.below(1000))
      case .growing: Int64(stream.below(UInt64(step + 1)))
      }
    }
  }

  @Test("has many pending events in the order of time and of scheduling", arguments: Spread.allCases)
  func manyPending(spread: Spread) {
    var stream = RandomStream(rootSeed: 7, name: "queue")
    var queue = EventQueue<UInt32>()
    var times: [Int64] = []
    var last: (time: Int64, event: UInt32)?
    var popped = 0
    var isInOrder = true
    func pop() -> Bool {
      guard let entry = queue.next() else { return false }
      // Nothing is scheduled in the past, so what comes out must rise, by time and then by number.
      if let last, (entry.time, entry.event) <= last { isInOrder = false }
      if times[Int(entry.event)] != entry.time { isInOrder = false }
      last = (entry.time, entry.event)
      popped += 1
      return true
    }
    // Fills up, holds, runs nearly empty and then empty, and all of it again.
    for _ in 0..<2 {
      for (steps, pushes, pops) in [(60_000, 2, 1), (60_000, 1, 1), (20_000, 1, 3), (40_000, 3, 1)] {
        for step in 0..<steps {
          for _ in 0..<pushes {
            let time = (last?.time ?? 0) + spread.draw(&stream, step: step)
            queue.schedule(UInt32(times.count), at: Instant(nanoseconds: time))
            times.append(time)
          }
          for _ in 0..<pops { _ = pop() }
          if step % 10_007 == 0 { #expect(queue.count == times.count - popped) }
        }
      }
      while pop() {}
      #expect(popped == times.count && queue.isEmpty)
    }
    #expect(isInOrder)
  }

  @Test("keeps an event that lies after the limit")
  func limit() {
    var queue = EventQueue<UInt8>()
    queue.schedule(1, at: Instant(nanoseconds: 10))
    #expect(queue.next(until: Instant(nanoseconds: 9)) == nil)
    #expect(queue.count == 1)
    #expect(queue.peekTime() == Instant(nanoseconds: 10))
    #expect(queue.next(until: Instant(nanoseconds: 10))?.event == 1)
    #expect(queue.count == 0)
    #expect(queue.peekTime() == nil)
  }

  @Test("orders negative and extreme times")
  func extremes() {
    var queue = EventQueue<UInt8>()
    for (index, time) in [Int64.max, 0, -1, .min, 1].enumerated() {
      queue.schedule(UInt8(index), at: Instant(nanoseconds: time))
    }
    var order: [UInt8] = []
    while let entry = queue.next() { order.append(entry.event) }
    #expect(order == [3, 2, 1, 4, 0])
  }

  @Test("allocates nothing in steady state")
  func noAllocation() {
    var queue = EventQueue<UInt64>(minimumCapacity: 2048)
    var stream = RandomStream(rootSeed: 1, name: "hold")
    for index in 0..<1000 {
      queue.schedule(UInt64(index), at: Instant(nanoseconds: Int64(stream.below(1000))))
    }
    let before = meterstorm_thread_allocated_bytes()
    for _ in 0..<10_000 {
      guard let entry = queue.next() else { break }
      queue.schedule(entry.event, at: Instant(nanoseconds: entry.time + Int64(stream.below(1000))))
    }
    #expect(meterstorm_thread_allocated_bytes() - before == 0)
  }
}

private struct Tick: SimulationEvent {
  var number: UInt32
  var fingerprintWords: (UInt64, UInt64) { (1, UInt64(number)) }
}

@Suite("The kernel")
struct KernelTests {
  @Test("stops at the limit, on request, and when nothing is left")
  func stopReasons() {
    var kernel = Kernel<Tick>(start: Instant(nanoseconds: 0))
    for number in 0..<5 {
      kernel.schedule(Tick(number: UInt32(number)), at: Instant(nanoseconds: Int64(number) * 10))
    }
    let atLimit = kernel.run(until: Instant(nanoseconds: 15)) { _, _ in true }
    #expect(atLimit == .limit)
    #expect(kernel.processed == 2)
    let stopped = kernel.run { _, event in event.number != 3 }
    #expect(stopped == .stopped)
    #expect(kernel.now == Instant(nanoseconds: 30))
    let quiescent = kernel.run { _, _ in true }
    #expect(quiescent == .quiescent)
    #expect(kernel.pending == 0)
  }

  @Test("an event may schedule another at its own instant, and it runs after those already there")
  func sameInstant() {
    var kernel = Kernel<Tick>(start: Instant(nanoseconds: 0))
    kernel.schedule(Tick(number: 1), at: Instant(nanoseconds: 5))
    kernel.schedule(Tick(number: 2), at: Instant(nanoseconds: 5))
    var seen: [UInt32] = []
    _ = kernel.run { kernel, event in
      seen.append(event.number)
      if event.number == 1 { kernel.schedule(Tick(number: 3), at: kernel.now) }
      return true
    }
    #expect(seen == [1, 2, 3])
  }

  @Test("the fingerprint tells order, time and content apart, and is frozen")
  func fingerprint() {
    func run(_ events: [(UInt32, Int64)]) -> String {
      var kernel = Kernel<Tick>(start: Instant(nanoseconds: 0))
      for (number, time) in events { kernel.schedule(Tick(number: number), at: Instant(nanoseconds: time)) }
      _ = kernel.run { _, _ in true }
      return kernel.fingerprint.description
    }
    let base = run([(1, 10), (2, 20)])
    #expect(base == run([(1, 10), (2, 20)]))
    #expect(base != run([(2, 10), (1, 20)]))
    #expect(base != run([(1, 10), (2, 21)]))
    #expect(base != run([(1, 10)]))
    #expect(base.count == 32)
  }
}

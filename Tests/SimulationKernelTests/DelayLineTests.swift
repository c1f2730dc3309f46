import Chronology
import SimulationKernel
import Testing

@Suite("The delay line")
struct DelayLineTests {
  /// How far ahead values are due, in nanoseconds: within a bucket, around the whole ring, beyond it, and many at once.
  enum Spread: CaseIterable {
    case narrow, wide, instants, beyond

    func draw(_ stream: inout RandomStream) -> Int64 {
      switch self {
      case .narrow: Int64(stream.below(1 << 24))
      case .wide: Int64(stream.below(1 << 34))
      case .instants: Int64(stream.below(3)) << 23
      case .beyond: stream.below(4) == 0 ? Int64(stream.below(1 << 40)) : Int64(stream.below(1 << 30))
      }
    }
  }

  @Test(
    "beside a queue, has the one order of time and of scheduling, whichever of them holds what",
    arguments: Spread.allCases, [false, true])
  func oneOrder(spread: Spread, isRetuned: Bool) {
    var stream = RandomStream(rootSeed: 5, name: "line")
    var line = DelayLine<UInt64>()
    var queue = EventQueue<UInt32>()
    var now: Int64 = 1_700_000_000_000_000_000
    var sent: UInt64 = 0
    var waiting = 0
    var inLine = 0
    var last = Int128.min
    for step in 0..<60_000 {
      if isRetuned, step % 5000 == 4999 {
        let span = Int64(1) << Int64(20 + stream.below(16))
        for (slot, key) in line.reach(span, now: now) {
          queue.schedule(UInt32(slot), key: key)
        }
      }
      if waiting == 0 || waiting < 3000 && stream.below(100) < 52 {
        let slot = line.insert(sent)
        let key = queue.claimKey(at: Instant(nanoseconds: now + spread.draw(&stream)))
        #expect(key._low == sent)
        if !line.enter(slot, key: key, now: now) { queue.schedule(UInt32(slot), key: key) }
        sent += 1
        waiting += 1
      } else {
        let key = min(line.firstKey, queue.peekKey())
        let isNear = line.firstKey < queue.peekKey()
        let slot = isNear ? line.popFirst() : Int(queue.next()?.event ?? .max)
        inLine += isNear ? 1 : 0
        let value = line.remove(slot)
        #expect(last < key && value == key._low, "step \(step)")
        last = key
        now = key._high
        waiting -= 1
      }
      let count = line.count
      #expect(count == waiting)
    }
    #expect(inLine > 1000 && waiting > 0)
  }

  @Test("refuses what its ring does not reach, and what would have to be sought through a long list")
  func refuses() {
    var line = DelayLine<UInt8>()
    let none = line.reach(1 << 40, now: 0)
    #expect(none.isEmpty)
    func enter(_ value: UInt8, _ key: Int128) -> Bool {
      let slot = line.insert(value)
      return line.enter(slot, key: key, now: 0)
    }
    let isBeyond = !enter(1, Int128(1 << 62) << 64)
    let first = line.firstKey
    #expect(isBeyond && first == .max)
    // In the order of time a list is appended to, however long it is; against it only so far.
    for time in 1...100 {
      let isAppended = enter(2, Int128(1000 + time) << 64)
      #expect(isAppended)
    }
    let isNear = enter(3, Int128(1005) << 64 | 1)
    let isFar = enter(3, Int128(1050) << 64 | 1)
    let count = line.count
    #expect(isNear && !isFar && count == 103)
  }

  @Test("uses the slot again that was freed last")
  func slots() {
    var line = DelayLine<UInt8>()
    let slots = (0..<200).map { line.insert(UInt8($0)) }
    #expect(slots == Array(0..<200))
    let taken = [line.remove(17), line.remove(3)]
    #expect(taken == [17, 3])
    let again = (1...3).map { line.insert($0) }
    #expect(again == [3, 17, 200])
  }

  @Test("a narrower ring gives back what it does not reach, and keeps the rest")
  func narrows() {
    var line = DelayLine<UInt8>()
    _ = line.reach(1 << 40, now: 0)
    for time in [1 << 20, 1 << 38] as [Int64] {
      let slot = line.insert(9)
      let isTaken = line.enter(slot, key: Int128(time) << 64, now: 0)
      #expect(isTaken)
    }
    let refused = line.reach(1 << 24, now: 0)
    #expect(refused.map(\.slot) == [1] && refused.map(\.key) == [Int128(1 << 38) << 64])
    let keys = [
      line.firstKey,
      {
        _ = line.popFirst()
        return line.firstKey
      }(),
    ]
    #expect(keys == [Int128(1 << 20) << 64, .max])
  }
}

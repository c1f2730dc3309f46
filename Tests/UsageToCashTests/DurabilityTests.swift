import CanonicalModel
import Chronology
import SimulationKernel
import Testing
import UsageToCash

@Suite("The durable log")
struct DurabilityTests {
  /// Everything that an input led to, as a text that tells any difference.
  private func describe(_ effects: Effects) -> String {
    "\(effects.claim) \(Array(effects.summaries)) \(effects.outputs)"
  }

  @Test(
    "a core that is replayed from its log goes on exactly like the one that never stopped",
    arguments: [1, 2, 3, 4] as [UInt64])
  func replay(seed: UInt64) {
    var stream = RandomStream(rootSeed: seed, name: "durability")
    var live = DurablePipeline(catalog: Fixtures.catalog, policy: PipelinePolicy(), log: MemoryLog())
    var now = Fixtures.start
    var recovered: Pipeline?
    var calls: [ERPCall] = []
    for step in 0..<400 {
      if step == 200 { recovered = live.recovered() }
      now += .minutes(Int64(stream.below(30)))
      var effects = Effects()
      var replayed = Effects()
      let kind = stream.below(3)
      if kind == 0 {
        let events = (0..<5).map { _ in
          UsageEvent(
            id: stream.below(500), source: SourceID(index: 0), type: EventTypeID(index: 0),
            subject: SubjectID(index: UInt32(stream.below(5))),
            time: now - .minutes(Int64(stream.below(300))),
            quantity0: Int64(stream.below(9)) * 1_000_000)
        }
        events.withUnsafeBufferPointer { batch in
          live.handle(batch, at: now, effects: &effects)
          recovered?.handle(batch, at: now, effects: &replayed)
        }
      } else if kind == 1, let call = calls.popLast() {
        let answer: ERPAnswer = stream.below(2) == 0 ? .unavailable : .throttled(retryAfter: nil)
        live.handle(.erp(answer, to: call.id, of: call.entity), at: now, effects: &effects)
        recovered?.handle(.erp(answer, to: call.id, of: call.entity), at: now, effects: &replayed)
      } else {
        live.advance(to: now, effects: &effects)
        recovered?.advance(to: now, effects: &replayed)
      }
      for case .call(let call) in effects.outputs { calls.append(call) }
      if recovered != nil { #expect(describe(effects) == describe(replayed), "step \(step), seed \(seed)") }
    }
    #expect(calls.count + live.log.length > 0)
  }

  @Test("what was written and not synced does not survive")
  func unsynced() {
    var log = MemoryLog()
    [Fixtures.event(1)].withUnsafeBufferPointer { log.append(delivery: $0, at: Fixtures.start) }
    log.sync()
    [Fixtures.event(2)].withUnsafeBufferPointer { log.append(delivery: $0, at: Fixtures.start) }
    var survivors: [UInt64] = []
    _ = log.read { input, _ in
      if case .delivery(let events) = input { survivors += events.map(\.id) }
    }
    #expect(survivors == [1])
  }

  @Test("a snapshot takes the place of the inputs that led to it")
  func compaction() {
    var log = MemoryLog()
    log.append(wakeAt: Fixtures.start)
    log.sync()
    log.compact(to: Pipeline(catalog: Fixtures.catalog, policy: PipelinePolicy()))
    #expect(log.length == 0)
    var inputs = 0
    let snapshot = log.read { _, _ in inputs += 1 }
    #expect(snapshot != nil)
    #expect(inputs == 0)
  }
}

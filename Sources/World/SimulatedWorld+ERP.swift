import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// Calls to the ERPs and their answers.
extension SimulatedWorld {
  mutating func send(_ call: ERPCall) {
    let entity = Int(call.entity.index)
    observations.peakOutbox[entity] = max(
      observations.peakOutbox[entity], process.state.posting.depth(of: call.entity))
    let reception =
      call.system == 0
      ? erps[entity].receive(call.request, at: kernel.now)
      : successors[entity]?.receive(call.request, at: kernel.now)
        ?? .refused(.unavailable, after: .seconds(1))
    if call.system == 1, case .post(let requests) = call.request {
      observations.count(.postedToSuccessor, requests.count)
    }
    switch reception {
    case .working(let span):
      let slot = calls.insert(PendingCall(call: call))
      schedule(WorldEvent(.commit, index: slot, detail: call.id.number), at: kernel.now + span)
    case .refused(let answer, let delay):
      refusedSinceSample += 1
      if case .throttled = answer {
        observations.count(.throttled)
      } else {
        observations.count(.calledDuringOutage)
      }
      let slot = calls.insert(PendingCall(call: call, answer: answer))
      schedule(WorldEvent(.answer, index: slot, detail: call.id.number), at: kernel.now + delay)
    }
  }

  /// An ERP has worked off a call.
  mutating func commit(slot: Int) {
    let call = calls[slot].call
    let entity = Int(call.entity.index)
    let before = erps[entity].statistics + (successors[entity]?.statistics ?? ERPStatistics())
    var posted: [LedgerDocument] = []
    let now = kernel.now
    let answer =
      call.system == 0
      ? erps[entity].commit(call.request, at: now) { posted.append($0) }
      : successors[entity]?.commit(call.request, at: now) { posted.append($0) } ?? nil
    for document in posted { notePosted(document) }
    let after = erps[entity].statistics + (successors[entity]?.statistics ?? ERPStatistics())
    observations.count(.timeoutAfterCommit, after.answersLost - before.answersLost)
    observations.count(.diedDuringCall, after.dropped - before.dropped)
    observations.count(.postingRefused, after.refused - before.refused)
    observations.count(.idempotencyKeyHit, after.keyHits - before.keyHits)
    guard let answer else {
      _ = calls.take(slot)
      return
    }
    calls[slot].answer = answer
    schedule(
      WorldEvent(.answer, index: slot, detail: call.id.number), at: kernel.now + .milliseconds(20))
  }

  private mutating func notePosted(_ document: LedgerDocument) {
    let now = kernel.now
    let entity = Int(document.entity.index)
    kernel.absorb(UInt64(document.number) << 32 | UInt64(document.entry.key.sequence))
    if let invoice = document.entry.key.invoice, let issued = issuedAt[invoice] {
      observations.record(latency: now - issued, of: entity)
    }
    if let calendar = configuration.catalog.accountingCalendar {
      if document.entry.period.end + calendar.closeAfter <= now { observations.count(.postedWhileReopened) }
      if let invoice = document.entry.key.invoice, let period = periodOf[invoice],
        period != document.entry.period
      {
        observations.count(.datedToNextPeriod)
      }
    }
    let key = EntityPeriod(entity: document.entity, period: document.entry.period)
    observations.lastPosted[key] = now
    sink.record(.documentPosted(document), at: now)
  }

  /// An ERP's answer reaches the core.
  mutating func answer(slot: Int) {
    let pending = calls.take(slot)
    guard let answer = pending.answer else { return }
    if case .found(let numbers) = answer {
      observations.count(.unknownResolvedPosted, numbers.count { $0 != nil })
      observations.count(.unknownResolvedNotPosted, numbers.count { $0 == nil })
    }
    process.handle(
      .erp(answer, to: pending.call.id, of: pending.call.entity), at: kernel.now, effects: &effects)
    perform()
  }

  /// Notes how long the backlog took to drain after the faults that left one.
  mutating func noteDrain(_ entity: Int) {
    let id = EntityID(index: UInt32(entity))
    guard drainWatch.contains(where: { $0.entity == entity }), process.state.posting.depth(of: id) == 0 else {
      return
    }
    for watch in drainWatch where watch.entity == entity {
      observations.drains.append((id, watch.fault, watch.ended, kernel.now - watch.ended))
    }
    drainWatch.removeAll { $0.entity == entity }
    note(erpName(entity), "outbox drained")
  }

  func erpName(_ entity: Int) -> String { "erp/\(configuration.catalog.entities[entity].name)" }

  mutating func takeSample() {
    let entities = configuration.catalog.entities.indices.map { EntityID(index: UInt32($0)) }
    let depths = entities.map { process.state.posting.depth(of: $0) }
    for (index, depth) in depths.enumerated() {
      observations.peakOutbox[index] = max(observations.peakOutbox[index], depth)
    }
    observations.samples.append(
      Sample(
        at: kernel.now, delivered: deliveredSinceSample, outboxDepth: depths, refused: refusedSinceSample,
        posted: erps.map(\.ledger.count), openWindows: process.state.metering.openWindows))
    deliveredSinceSample = 0
    refusedSinceSample = 0
  }
}

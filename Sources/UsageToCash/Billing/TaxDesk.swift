import CanonicalModel
import Chronology
import CoreInterface
import DequeModule

/// Drafts that wait for their tax. An invoice is not finalised without it: while the engine is down, drafts wait, in
/// sight.
struct TaxDesk: Sendable {
  private struct Call: Sendable {
    var drafts: [DraftInvoice]
    var deadline: Instant
    /// What was answered before, where answers are confirmed.
    var first: [TaxQuote]?
  }

  private let policy: TaxPolicy
  private let planted: PlantedDefects
  /// Drafts of calls that were made again, where their answers are still taken.
  private var late: [TaxCallID: [DraftInvoice]] = [:]
  private var waiting: Deque<DraftInvoice> = []
  private var inFlight: [TaxCallID: Call] = [:]
  private var pausedUntil: Instant?
  private var failures = 0
  private var nextCall: UInt64 = 1
  /// Drafts whose quotes are to be confirmed, with them.
  private var unconfirmed: (drafts: [DraftInvoice], quotes: [TaxQuote])?
  /// How many drafts are in each state, beside the collections that hold them.
  private var states = Census<DraftState>()

  init(policy: TaxPolicy = TaxPolicy(), planted: PlantedDefects = []) {
    precondition(policy.batchSize > 0, "a call to the tax engine holds a draft")
    precondition(policy.pause > .zero, "the tax engine is left alone for no time after a call that failed")
    self.policy = policy
    self.planted = planted
  }

  @inline(__always)
  var isIdle: Bool { waiting.isEmpty && inFlight.isEmpty && unconfirmed == nil }
  /// Drafts that wait or are in flight.
  var depth: Int {
    inFlight.values.reduce(waiting.count + (unconfirmed?.drafts.count ?? 0)) { $0 + $1.drafts.count }
  }

  /// Visits all drafts, in no particular order: for sums only.
  func visit(_ body: (DraftInvoice) -> Void) {
    for draft in waiting { body(draft) }
    for call in inFlight.values { call.drafts.forEach(body) }
    unconfirmed?.drafts.forEach(body)
  }

  @inline(__always)
  var nextDeadline: Instant? {
    var deadline: Instant?
    for call in inFlight.values { deadline = earlier(deadline, call.deadline) }
    if !waiting.isEmpty { deadline = earlier(deadline, pausedUntil) }
    return deadline
  }

  mutating func enqueue(_ drafts: [DraftInvoice]) {
    states.move(drafts.count, from: .new, to: .waiting)
    waiting.append(contentsOf: drafts)
  }

  /// The calls to make now.
  mutating func advance(to now: Instant) -> [TaxCall] {
    for id in inFlight.keys.sorted() {
      guard let call = inFlight[id], call.deadline <= now else { continue }
      inFlight[id] = nil
      if planted.contains(.finalisedByLateQuote) { late[id] = call.drafts }
      requeue(call.drafts, at: now)
    }
    if let pause = pausedUntil {
      guard now >= pause else { return [] }
      pausedUntil = nil
    }
    precondition(states[.waiting] == waiting.count, "a draft waits for its tax in two places, or in none")
    precondition(states.held == depth, "a draft is neither waiting nor asked for")
    var calls: [TaxCall] = []
    if let (drafts, quotes) = unconfirmed {
      unconfirmed = nil
      calls.append(call(for: drafts, first: quotes, at: now))
    }
    while !waiting.isEmpty, inFlight.isEmpty {
      // One at a time: a prefix would hold the queue while it is shortened, and all that waits would be copied.
      let drafts = (0..<min(policy.batchSize, waiting.count)).map { _ in waiting.removeFirst() }
      states.move(drafts.count, from: .waiting, to: .asked)
      calls.append(call(for: drafts, first: nil, at: now))
    }
    return calls
  }

  private mutating func call(for drafts: [DraftInvoice], first: [TaxQuote]?, at now: Instant) -> TaxCall {
    let id = TaxCallID(number: nextCall)
    nextCall += 1
    precondition(inFlight[id] == nil, "the number of a call to the tax engine is used twice")
    inFlight[id] = Call(drafts: drafts, deadline: now + policy.timeout, first: first)
    return TaxCall(id: id, drafts: drafts, at: now)
  }

  /// Takes an answer; returns the drafts with their quotes, or nothing if they have to wait on.
  mutating func handle(
    _ answer: TaxAnswer, to id: TaxCallID, at now: Instant
  ) -> [(draft: DraftInvoice, quote: TaxQuote)] {
    if let drafts = late.removeValue(forKey: id), case .quoted(let quotes) = answer {
      return Array(zip(drafts, quotes)).map { (draft: $0.0, quote: $0.1) }
    }
    guard let call = inFlight.removeValue(forKey: id) else { return [] }
    guard case .quoted(let quotes) = answer, quotes.count == call.drafts.count else {
      requeue(call.drafts, at: now)
      return []
    }
    if policy.confirms {
      guard let first = call.first else {
        unconfirmed = (call.drafts, quotes)
        return []
      }
      if first != quotes, !planted.contains(.taxConfirmationIgnored) {
        return confirmed(call.drafts, first, quotes, at: now)
      }
    }
    failures = 0
    states.move(quotes.count, from: .asked, to: .quoted)
    return Array(zip(call.drafts, quotes)).map { (draft: $0.0, quote: $0.1) }
  }

  /// Takes the drafts whose quotes have stayed the same; the others are asked for again after a pause.
  private mutating func confirmed(
    _ drafts: [DraftInvoice], _ first: [TaxQuote], _ second: [TaxQuote], at now: Instant
  ) -> [(draft: DraftInvoice, quote: TaxQuote)] {
    let same = drafts.indices.filter { first[$0] == second[$0] }
    requeue(drafts.indices.filter { first[$0] != second[$0] }.map { drafts[$0] }, at: now)
    states.move(same.count, from: .asked, to: .quoted)
    return same.map { (draft: drafts[$0], quote: second[$0]) }
  }

  private mutating func requeue(_ drafts: [DraftInvoice], at now: Instant) {
    states.move(drafts.count, from: .asked, to: .waiting)
    waiting.prepend(contentsOf: drafts)
    failures += 1
    let pause = policy.pause(after: failures)
    precondition(
      pause <= policy.maximumPause, "the tax engine is left alone for longer than the longest pause")
    pausedUntil = now + pause
  }
}

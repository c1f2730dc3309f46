import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash
@testable import World

/// A clock, a network that does as it is told, and notes of what becomes of calls.
private struct Wire: CallSurroundings {
  var now = ERPCallsTests.start
  /// Which of the next messages get lost.
  var losses: [Bool] = []
  /// By how much requests and answers are delayed.
  var pause = Span.zero
  var duplicates = false
  var facts: [String] = []
  var documents: [UInt32] = []
  /// The states in which calls were seen.
  var states: Set<String> = []

  mutating func isLost(_ faults: inout ActiveFaults) -> Bool {
    losses.isEmpty ? false : losses.removeFirst()
  }
  mutating func delay(_ faults: inout ActiveFaults) -> Span { pause }
  mutating func isDuplicated(_ faults: inout ActiveFaults) -> Bool { duplicates }
  mutating func lag(below steps: UInt64) -> Int64 { Int64(steps) - 1 }

  mutating func record(_ fact: CallFact, of call: borrowing PendingCall) {
    let text =
      switch fact {
      case .requestLost: "request lost"
      case .requestDuplicated: "duplicated"
      case .queued: "queued"
      case .begun: "begun"
      case .refused: "refused"
      case .abandoned: "abandoned"
      case .processed(let answer): answer == nil ? "silent" : "processed"
      case .answerLost: "answer lost"
      }
    facts.append("\(call.call.id.number)\(call.isCopy ? "'" : "") \(text)")
    states.insert(call.state.name)
  }
}

@Suite("The life of a call to an ERP, without a world")
struct ERPCallsTests {
  fileprivate static let start = CivilDate(year: 2026, month: 1, day: 5).start

  /// Calls with what is due of them, on a clock of the test.
  private struct Driver {
    var calls: ERPCalls
    var wire = Wire()
    var due: [CallStep] = []
    /// Numbers of calls, and what their callers heard at which time.
    var heard: [(call: UInt64, after: Span, answer: ERPAnswer, isOfJob: Bool)] = []
    private var slots: [UInt64: Int] = [:]

    init(_ change: (inout ERPProfile) -> Void = { _ in }) throws {
      let dollar = try #require(Currency(code: "USD"))
      var profile = ERPProfile.ideal
      profile.latency = .seconds(10)
      change(&profile)
      let catalog = Catalog(
        entities: [LegalEntity(name: "us", currency: dollar)],
        meters: [Meter(name: "calls", aggregation: .sum)], eventTypes: [], accounts: [], subscriptions: [],
        priceBooks: [], sources: [])
      calls = ERPCalls(
        WorldConfiguration(
          catalog: catalog, start: start, horizon: start + .days(1), load: [], erps: [profile]), seed: 1)
    }

    mutating func send(_ number: UInt64, _ request: ERPRequest = .statement, system: Int = 0) {
      let call = ERPCall(
        id: ERPCallID(number: number), entity: EntityID(index: 0), system: system, request: request)
      if let slot = calls.send(call, life: 0, &wire) { calls.arrive(slot, &wire) }
      dequeueSteps()
    }

    private mutating func dequeueSteps() {
      calls.dequeueSteps { due.append($0) }
      for step in due { wire.states.insert(calls[step.slot].state.name) }
    }

    /// Has everything happen that is due until an instant, in order.
    mutating func advance(by span: Span) {
      let end = start + span
      while let step = due.filter({ $0.at <= end }).min(by: { $0.at < $1.at }) {
        due.remove(at: due.firstIndex(of: step) ?? 0)
        wire.now = step.at
        switch step.kind {
        case .arrive: calls.arrive(step.slot, &wire)
        case .expire: calls.expire(step.slot, call: step.call, &wire)
        case .commit: calls.commit(step.slot, &wire) { $1.documents.append($0.number) }
        case .completeJob: calls.completeJob(step.slot, &wire) { $1.documents.append($0.number) }
        case .answer:
          let answered = calls.receiveAnswer(step.slot)
          heard.append((answered.call.id.number, step.at - start, answered.answer, answered.isOfJob))
          wire.states.insert(calls[step.slot].state.name)
        }
        dequeueSteps()
      }
      wire.now = end
    }
  }

  private func document(_ number: UInt32) throws -> ERPRequest {
    let dollar = try #require(Currency(code: "USD"))
    let one = try #require(Money("1.00"))
    let entry = JournalEntry(
      key: PostingKey(kind: .invoice, entity: EntityID(index: 0), sequence: number),
      account: AccountID(index: 0), currency: dollar, period: Period(holding: Self.start),
      lines: [
        JournalLine(account: .receivable, amount: one),
        JournalLine(account: .revenue(ItemID(index: 0)), amount: -one),
      ])
    return .post([PostingRequest(entry: entry, idempotencyKey: "\(number)")])
  }

  @Test("a call is processed, and its answer leaves twenty milliseconds after")
  func answered() throws {
    var driver = try Driver()
    driver.send(1, try document(1))
    #expect(driver.due.map(\.kind) == [.commit] && driver.calls.count == 1)
    driver.advance(by: .minutes(1))
    #expect(driver.wire.facts == ["1 begun", "1 processed"])
    #expect(driver.heard.map(\.after) == [.seconds(10) + .milliseconds(20)])
    #expect(driver.heard.map(\.answer) == [.posted([.posted(documentNumber: 1)])])
    #expect(driver.wire.documents == [1] && driver.calls.count == 0 && driver.due.isEmpty)
  }

  @Test("one that finds no place waits for it, and the next is refused")
  func queue() throws {
    var driver = try Driver { ($0.concurrency, $0.queueDepth, $0.queueWait) = (1, 1, .minutes(8)) }
    for number in 1...3 as ClosedRange<UInt64> { driver.send(number) }
    driver.advance(by: .minutes(9))
    #expect(
      driver.wire.facts == [
        "1 begun", "2 queued", "3 refused", "1 processed", "2 begun", "2 processed",
      ])
    #expect(driver.heard.map(\.call) == [3, 1, 2])
    #expect(driver.heard.first?.answer == .throttled(retryAfter: nil) && driver.calls.refused == 1)
    #expect(driver.calls.count == 0, "the timer of a call that had its place by then does nothing")
  }

  @Test("one that has waited too long is told that the ERP is unavailable")
  func expiry() throws {
    var driver = try Driver { ($0.concurrency, $0.queueDepth, $0.queueWait) = (1, 1, .seconds(4)) }
    for number in 1...2 as ClosedRange<UInt64> { driver.send(number) }
    driver.advance(by: .minutes(1))
    #expect(driver.heard.map(\.call) == [2, 1] && driver.heard[0].after == .seconds(4))
    #expect(driver.heard[0].answer == .unavailable)
    #expect(driver.wire.facts == ["1 begun", "2 queued", "1 processed"])
  }

  @Test(
    "a job announces itself, and its result follows; where the announcement is lost, the result comes all the same"
  )
  func job() throws {
    var driver = try Driver { $0.jobTime = .minutes(4) }
    driver.send(1, try document(1))
    driver.wire.losses = [true]
    driver.send(2, try document(2))
    driver.advance(by: .minutes(10))
    // The second request was lost; the announcement of the third is.
    #expect(driver.heard.map(\.call) == [1, 1] && driver.heard.map(\.isOfJob) == [false, true])
    #expect(driver.heard.map(\.answer) == [.accepted, .posted([.posted(documentNumber: 1)])])
    driver.wire.facts = []
    driver.wire.losses = [false, true]
    driver.send(3, try document(3))
    driver.advance(by: .minutes(20))
    #expect(driver.wire.facts == ["3 begun", "3 processed", "3 answer lost", "3 processed"])
    #expect(driver.heard.last?.isOfJob == true && driver.heard.count == 3 && driver.calls.count == 0)
  }

  @Test("a copy is processed like its original, and nobody hears of it")
  func copy() throws {
    var driver = try Driver()
    driver.wire.duplicates = true
    driver.send(1, try document(1))
    #expect(driver.due.map(\.at) == [Self.start + .milliseconds(4999), Self.start + .seconds(10)])
    driver.advance(by: .minutes(1))
    #expect(
      driver.wire.facts == ["1 duplicated", "1 begun", "1' begun", "1 processed", "1' processed"])
    #expect(driver.heard.count == 1 && driver.calls.count == 0 && driver.wire.documents == [1])
  }

  @Test("an ERP gives up at its own timeout: nothing is posted, and nobody hears of it")
  func abandoned() throws {
    var driver = try Driver { $0.serverTimeout = .seconds(5) }
    driver.send(1, try document(1))
    driver.advance(by: .minutes(1))
    #expect(driver.wire.facts == ["1 begun", "1 abandoned"])
    #expect(driver.heard.isEmpty && driver.wire.documents.isEmpty && driver.calls.count == 0)
    #expect(driver.calls.erps[0].statistics.dropped == 1)
  }

  @Test("each figure of a profile decides when what comes of a call comes")
  func figures() throws {
    var driver = try Driver {
      ($0.answerAfter, $0.refusalAfter, $0.unavailableAfter) = (.seconds(1), .seconds(2), .seconds(3))
      ($0.concurrency, $0.copyWithin, $0.faultJobTime) = (1, .milliseconds(7), .minutes(3))
    }
    driver.send(1)
    driver.send(2)
    driver.advance(by: .seconds(20))
    #expect(driver.heard.map(\.after) == [.seconds(2), .seconds(11)])
    func fault(_ kind: FaultKind, _ number: Int) {
      let now = driver.wire.now
      let window = FaultWindow(
        kind: kind, target: .erp(EntityID(index: 0)), start: now, end: now + .hours(1))
      driver.calls.withFaults(of: ERPSystem(entity: 0, isSuccessor: false)) { $0.begin(window, number) }
    }
    fault(.rejectLater(share: 0), 0)
    driver.wire.duplicates = true
    driver.send(3, try document(3))
    #expect(driver.due.map(\.at).min() == driver.wire.now + .milliseconds(6))
    driver.wire.duplicates = false
    driver.advance(by: .minutes(1))
    #expect(driver.due.map(\.kind) == [.completeJob])
    #expect(driver.due.map(\.at) == [Self.start + .seconds(30) + .minutes(3)])
    fault(.outage, 1)
    driver.send(4)
    #expect(driver.due.last?.at == Self.start + .minutes(1) + .seconds(3))
  }

  @Test("every state of a call is met")
  func states() throws {
    var driver = try Driver { ($0.concurrency, $0.queueDepth, $0.queueWait) = (1, 1, .minutes(8)) }
    driver.wire.pause = .milliseconds(5)
    driver.send(1, try document(1))
    driver.send(2)
    driver.advance(by: .minutes(1))
    var slow = try Driver { $0.serverTimeout = .seconds(5) }
    slow.send(1)
    var job = try Driver { $0.jobTime = .minutes(1) }
    job.send(1, try document(1))
    job.advance(by: .minutes(5))
    let met = driver.wire.states.union(slow.wire.states).union(job.wire.states)
    #expect(
      met == ["arriving", "waiting", "working", "abandoned", "in a job", "answered", "gone"])
  }

  // MARK: What can never be

  @Test("a call that arrives twice, is processed without a place, or answered before it is, ends the process")
  func traps() async {
    await #expect(processExitsWith: .failure, "it arrives twice") {
      var driver = try Driver()
      driver.send(1)
      driver.calls.arrive(driver.due[0].slot, &driver.wire)
    }
    await #expect(processExitsWith: .failure, "it has no place yet") {
      var driver = try Driver()
      driver.wire.pause = .seconds(1)
      driver.send(1)
      driver.calls.commit(driver.due[0].slot, &driver.wire) { _, _ in }
    }
    await #expect(processExitsWith: .failure, "no job has begun") {
      var driver = try Driver()
      driver.send(1)
      driver.calls.completeJob(driver.due[0].slot, &driver.wire) { _, _ in }
    }
    await #expect(processExitsWith: .failure, "there is no answer yet") {
      var driver = try Driver()
      driver.send(1)
      _ = driver.calls.receiveAnswer(driver.due[0].slot)
    }
  }
}

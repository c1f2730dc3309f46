import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash
@testable import World

/// The limits that vendors document set in exactly where they say: tests on both sides of each.
@Suite("Documented limits")
struct LimitTests {
  private static let start = CivilDate(year: 2026, month: 1, day: 30).start
  private static let request = ERPRequest.lookUp([])

  private func erp(_ profile: ERPProfile, _ change: (inout ERPProfile) -> Void = { _ in }) -> LoneERP {
    var profile = profile
    profile.latencySigma = 0
    change(&profile)
    return LoneERP(
      profile, start: Self.start,
      catalog: Catalog(
        entities: [], meters: [], eventTypes: [], accounts: [], subscriptions: [], priceBooks: [], sources: []
      ))
  }

  private enum Outcome: Equatable {
    case working
    case queued
    case throttled(Span?)
    case other
  }

  private func call(_ erp: inout LoneERP, at instant: Instant, slot: Int = 0) -> Outcome {
    switch erp.receive(Self.request, slot: slot, at: instant) {
    case .working, .abandoned: .working
    case .queued: .queued
    case .refused(.throttled(let wait), _): .throttled(wait)
    case .refused: .other
    }
  }

  private func finish(_ erp: inout LoneERP, at instant: Instant) {
    _ = erp.commit(Self.request, at: instant) { _ in }
  }

  @Test("NetSuite with concurrency 5: the fifth call at once passes, the sixth does not, until one is done")
  func netSuite() {
    var erp = erp(.netsuite) { $0.concurrency = 5 }
    for _ in 0..<5 { #expect(call(&erp, at: Self.start) == .working) }
    #expect(call(&erp, at: Self.start) == .throttled(nil), "without Retry-After")
    finish(&erp, at: Self.start + .seconds(1))
    #expect(call(&erp, at: Self.start + .seconds(1)) == .working)
    #expect(call(&erp, at: Self.start + .seconds(1)) == .throttled(nil))
    // No limit of the rate is documented: a thousand calls one after another pass.
    for _ in 0..<1000 {
      finish(&erp, at: Self.start + .seconds(2))
      #expect(call(&erp, at: Self.start + .seconds(2)) == .working)
    }
  }

  @Test("a part of the pool that other integrations hold is not there")
  func reserved() {
    var erp = erp(.netsuite) {
      $0.concurrency = 5
      $0.reserved = 2
    }
    let outcomes = (0..<4).map { _ in call(&erp, at: Self.start) }
    #expect(outcomes == [.working, .working, .working, .throttled(nil)])
  }

  @Test(
    "Business Central: 6,000 requests in five minutes pass, the next does not until the window has slid on")
  func businessCentral() {
    var erp = erp(.businessCentral)
    // Evenly over four minutes, each done at once.
    let step = Span(nanoseconds: Span.minutes(4).nanoseconds / 6000)
    var now = Self.start
    for _ in 0..<6000 {
      #expect(call(&erp, at: now) == .working)
      finish(&erp, at: now)
      now += step
    }
    #expect(call(&erp, at: now) == .throttled(nil), "the 6,001st within five minutes")
    let slides = Self.start + .minutes(5)
    #expect(call(&erp, at: slides - Span(nanoseconds: 1)) == .throttled(nil))
    #expect(call(&erp, at: slides) == .working, "the first of them has left the window")
    finish(&erp, at: slides)
    #expect(call(&erp, at: slides) == .throttled(nil), "and only that one")
  }

  @Test(
    "Business Central works on 5, queues 95, and turns the 101st away; a queued call has its turn, or a 503")
  func queue() {
    var erp = erp(.businessCentral)
    for slot in 0..<5 { #expect(call(&erp, at: Self.start, slot: slot) == .working) }
    for slot in 5..<100 { #expect(call(&erp, at: Self.start, slot: slot) == .queued) }
    #expect(call(&erp, at: Self.start, slot: 100) == .throttled(nil))
    let early = erp.dequeueCall()
    #expect(early == nil, "no place is free")
    finish(&erp, at: Self.start + .seconds(1))
    let next = erp.dequeueCall()
    #expect(next == 5, "the longest waiting")
    let isTurnedAway = erp.expire(slot: 99)
    #expect(isTurnedAway, "a call that has waited for eight minutes is turned away")
    let isTurnedAwayInTurn = erp.expire(slot: 5)
    #expect(!isTurnedAwayInTurn, "not one that has its turn")
  }

  @Test("Xero: 60 a minute, with Retry-After until the window has room")
  func xeroMinute() {
    var erp = erp(.xero)
    for second in 0..<60 {
      let now = Self.start + .milliseconds(Int64(second) * 500)
      #expect(call(&erp, at: now) == .working)
      finish(&erp, at: now)
    }
    let now = Self.start + .seconds(30)
    #expect(call(&erp, at: now) == .throttled(.seconds(30)), "the first call leaves the window in 30 s")
    #expect(call(&erp, at: now + .seconds(30)) == .working)
  }

  @Test("Xero: 5,000 a day")
  func xeroDay() {
    var erp = erp(.xero)
    var now = Self.start
    for _ in 0..<5000 {
      #expect(call(&erp, at: now) == .working)
      finish(&erp, at: now)
      now += .milliseconds(1001)
    }
    now += .minutes(2)
    guard case .throttled(let wait?) = call(&erp, at: now) else {
      Issue.record("the 5,001st call of a day passed")
      return
    }
    #expect(now + wait == Self.start + .days(1))
    #expect(call(&erp, at: Self.start + .days(1) - Span(nanoseconds: 1)) != .working)
    #expect(call(&erp, at: Self.start + .days(1)) == .working)
  }

  @Test("QuickBooks Online: ten a second, and batches of thirty")
  func quickBooks() {
    var erp = erp(.quickBooksOnline)
    for _ in 0..<10 { #expect(call(&erp, at: Self.start) == .working) }
    #expect(call(&erp, at: Self.start) == .throttled(.seconds(60)), "429, wait for 60 s")
    #expect(call(&erp, at: Self.start + .seconds(1)) == .working)
    let key = PostingKey(kind: .invoice, entity: EntityID(index: 0), sequence: 1)
    func lookUp(_ count: Int, _ second: Int64) -> Bool {
      let request = ERPRequest.lookUp(Array(repeating: key, count: count))
      if case .working = erp.receive(request, slot: 0, at: Self.start + .seconds(second)) { return true }
      return false
    }
    let thirty = lookUp(30, 3)
    let more = lookUp(31, 5)
    #expect(thirty && !more, "more than thirty in one call are refused")
  }

  @Test("a fixed window begins anew at its multiples")
  func fixedWindow() {
    var erp = erp(.ideal) { $0.limits = [RateLimit(3, .calls, per: .days(1), .fixed)] }
    let late = Self.start + .hours(23)
    for _ in 0..<3 { #expect(call(&erp, at: late) == .working) }
    #expect(call(&erp, at: late) == .throttled(nil))
    #expect(call(&erp, at: Self.start + .days(1)) == .working)
  }

  @Test("a throttle shrinks every kind of limit to its share")
  func throttle() {
    var erp = erp(.xero) { $0.concurrency = nil }
    erp.faults.begin(
      FaultWindow(
        kind: .throttle(to: 0.1), target: .erp(EntityID(index: 0)), start: Self.start,
        end: Self.start + .hours(1)), 0)
    let accepted = (0..<60).count { _ in call(&erp, at: Self.start) == .working }
    #expect(accepted == 6)
    erp.faults.end(0)
    let more = (0..<60).count { _ in call(&erp, at: Self.start) == .working }
    #expect(more == 54)
  }
}

@Suite("What ERPs do to documents")
struct ERPBehaviourTests {
  private static let start = CivilDate(year: 2026, month: 1, day: 30).start

  private func erp(_ change: (inout ERPProfile) -> Void) throws -> LoneERP {
    var profile = ERPProfile.ideal
    change(&profile)
    let dollar = try #require(Currency(code: "USD"))
    return LoneERP(
      profile, start: Self.start,
      catalog: Catalog(
        entities: [LegalEntity(name: "us", currency: dollar)], meters: [],
        eventTypes: [], accounts: [], subscriptions: [], priceBooks: [], sources: []))
  }

  private func entry(_ sequence: UInt32, period: Int32 = 2026 * 12) throws -> JournalEntry {
    JournalEntry(
      key: PostingKey(kind: .payout, entity: EntityID(index: 0), sequence: sequence), account: nil,
      currency: try #require(Currency(code: "USD")), period: Period(ordinal: period),
      lines: [
        JournalLine(account: .bank, amount: Money(units: 5)),
        JournalLine(account: .clearing, amount: Money(units: -5)),
      ])
  }

  private func post(
    _ entry: JournalEntry, key: String?, to erp: inout LoneERP, at instant: Instant
  ) -> PostingResult? {
    let request = ERPRequest.post([PostingRequest(entry: entry, idempotencyKey: key)])
    _ = erp.receive(request, slot: 0, at: instant)
    if case .answer(.posted(let results)) = erp.commit(request, at: instant, posted: { _ in }) {
      return results[0]
    }
    return nil
  }

  @Test("a key is forgotten after its retention, and the document is there twice")
  func expiry() throws {
    var erp = try erp { $0.idempotency = .key(retention: .days(1), refusesOtherBodies: false) }
    let day = Self.start + .days(1)
    #expect(post(try entry(1), key: "k", to: &erp, at: Self.start) == .posted(documentNumber: 1))
    #expect(post(try entry(1), key: "k", to: &erp, at: day) == .alreadyPosted(documentNumber: 1))
    let later = day + Span(nanoseconds: 1)
    #expect(post(try entry(1), key: "k", to: &erp, at: later) == .posted(documentNumber: 2))
    #expect(erp.statistics.keysExpired == 1)
  }

  @Test("a look-up waits until it is certain where no key protects, or one that may be forgotten by then")
  func settling() throws {
    func span(_ idempotency: ERPProfile.Idempotency) -> Span {
      var profile = ERPProfile(
        name: "p", latency: .seconds(1), latencySigma: 0, latencyPerDocument: .zero, idempotency: idempotency)
      (profile.serverTimeout, profile.indexLag) = (.minutes(5), .seconds(30))
      return profile.settlesAfter
    }
    let certain = Span.minutes(6) + .seconds(30)
    #expect(span(.none) == certain)
    #expect(span(.key(retention: .seconds(30), refusesOtherBodies: true)) == certain)
    #expect(span(.key(retention: certain * 2 - Span(nanoseconds: 1), refusesOtherBodies: false)) == certain)
    for idempotency in [
      ERPProfile.Idempotency.key(retention: certain * 2, refusesOtherBodies: false), .externalID,
      .uniqueNumber,
    ] { #expect(span(idempotency) == .minutes(1)) }
  }

  @Test("a key with another body is an error where the ERP compares bodies, and the first document elsewhere")
  func otherBody() throws {
    for refuses in [true, false] {
      var erp = try erp { $0.idempotency = .key(retention: .days(1), refusesOtherBodies: refuses) }
      _ = post(try entry(1), key: "k", to: &erp, at: Self.start)
      let second = post(try entry(1, period: 2026 * 12 + 1), key: "k", to: &erp, at: Self.start)
      #expect(second == (refuses ? .duplicate : .alreadyPosted(documentNumber: 1)))
    }
  }

  @Test("a unique number refuses a repetition without saying which document has it; with none, there are two")
  func numbers() throws {
    var unique = try erp { $0.idempotency = .uniqueNumber }
    var plain = try erp { $0.idempotency = .none }
    _ = post(try entry(1), key: nil, to: &unique, at: Self.start)
    #expect(post(try entry(1), key: nil, to: &unique, at: Self.start) == .duplicate)
    _ = post(try entry(1), key: "k", to: &plain, at: Self.start)
    #expect(post(try entry(1), key: "k", to: &plain, at: Self.start) == .posted(documentNumber: 2))
  }

  @Test("a look-up misses a document until the index shows it")
  func indexLag() throws {
    var erp = try erp { $0.indexLag = .seconds(20) }
    _ = post(try entry(1), key: "k", to: &erp, at: Self.start)
    func found(after span: Span) throws -> Bool {
      let request = ERPRequest.lookUp([try entry(1).key])
      _ = erp.receive(request, slot: 0, at: Self.start + span)
      if case .answer(.found(let numbers)) = erp.commit(request, at: Self.start + span, posted: { _ in }) {
        return numbers[0] == 1
      }
      return false
    }
    let early = try found(after: .milliseconds(19_999))
    let late = try found(after: .seconds(20))
    #expect(!early && late)
    #expect(erp.statistics.hiddenByLag == 1)
  }

  @Test("a document with more lines than the ERP takes is refused, one with as many is not")
  func lines() throws {
    var erp = try erp { $0.linesPerDocument = 2 }
    #expect(post(try entry(1), key: "k", to: &erp, at: Self.start) == .posted(documentNumber: 1))
    var long = try entry(2)
    long.lines.append(JournalLine(account: .bank, amount: Money(units: 0)))
    guard case .refused(let reason)? = post(long, key: "l", to: &erp, at: Self.start) else {
      Issue.record("three lines were taken")
      return
    }
    #expect(reason.contains("3 lines"))
  }

  @Test("a job accepts first, and posts later")
  func job() throws {
    var erp = try erp { $0.jobTime = .minutes(4) }
    let request = ERPRequest.post([PostingRequest(entry: try entry(1), idempotencyKey: "k")])
    _ = erp.receive(request, slot: 0, at: Self.start)
    guard case .job(let time) = erp.commit(request, at: Self.start, posted: { _ in }) else {
      Issue.record("no job has taken over")
      return
    }
    #expect(time == .minutes(4) && erp.ledger.isEmpty)
    _ = erp.complete(request, at: Self.start + time) { _ in }
    #expect(erp.ledger.count == 1)
  }

  @Test("an ERP that has slowed down gives up on calls by its own time-out, and commits nothing of them")
  func slowDeath() throws {
    var erp = try erp { $0.serverTimeout = .seconds(60) }
    erp.faults.begin(
      FaultWindow(
        kind: .slowDeath(slowdown: 2401), target: .erp(EntityID(index: 0)), start: Self.start,
        end: Self.start + .hours(2)), 0)
    func reception(_ span: Span) -> SimulatedERP.Reception {
      erp.receive(.statement, slot: 0, at: Self.start + span)
    }
    guard case .working(let first) = reception(.zero), case .working(let half) = reception(.minutes(59)),
      case .abandoned(let end) = reception(.minutes(61))
    else {
      Issue.record("the ERP does not slow down as it should")
      return
    }
    #expect(first == .milliseconds(50), "at first it is as fast as ever")
    #expect(half > .seconds(58) && half < .seconds(60), "half-way, half as slow as in the end")
    #expect(end == .seconds(60))
  }
}

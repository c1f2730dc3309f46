import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash

@Suite("Documents that failed alone")
struct RetryQueueTests {
  private let policy = PostingPolicy(backoff: .seconds(2), maximumBackoff: .minutes(5))

  private func document(_ number: UInt32) -> JournalEntry {
    let entity = EntityID(index: 0)
    return JournalEntry(
      key: PostingKey(invoice: InvoiceNumber(entity: entity, sequence: number)),
      account: AccountID(index: number), currency: Fixtures.catalog.priceBooks[0].currency,
      period: Period(holding: Fixtures.start), lines: [])
  }

  @Test("pauses double up to the longest: 2, 4, 8 … 256, 300 s")
  func doubling() {
    let pauses = (1...10).map { policy.pause(afterFailures: $0) }
    #expect(pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map { .seconds($0) })
    #expect(policy.pause(afterFailures: .max) == .minutes(5))
    let whole = PostingPolicy(backoff: .days(36_500), maximumBackoff: .days(73_000))
    #expect(whole.pause(afterFailures: 64) == .days(73_000), "and do not overflow")
  }

  @Test("the spread is the seed's and the outbox's, from half a pause to all of it")
  func spread() {
    func pauses(_ seed: UInt64, _ outbox: Int) -> [Span] {
      var jitter = Jitter(seed: seed, outbox: outbox)
      return (0..<1_000).map { _ in jitter.next().spread(.seconds(100)) }
    }
    let some = pauses(1, 0)
    #expect(some == pauses(1, 0))
    #expect(some != pauses(2, 0) && some != pauses(1, 1))
    #expect(some.allSatisfy { $0 >= .seconds(50) && $0 < .seconds(100) })
    // Evenly: the mean is 75 s, give or take 0.46 s for a thousand.
    let mean = some.reduce(0.0) { $0 + $1.seconds } / 1_000
    #expect(abs(mean - 75) < 2)
  }

  @Test(
    "where every worker rests, the ledger is read back once one of them goes on: no deadline stands in the past"
  )
  func readBackWhileAllRest() throws {
    var policy = PostingPolicy(batchSize: 1, concurrency: 1)
    policy.backoffStrategy = .perCall
    policy.attempts = 1
    var outbox = Outbox(jitter: Jitter(seed: 7, outbox: 0))
    outbox.enqueue(document(1))
    let now = Fixtures.start
    let taken = outbox.dequeue(at: now, policy: policy, batchSize: 1)
    let first = try #require(taken)
    outbox.start(ERPCallID(number: 1), first.documents, .post, at: now, deadline: now + .minutes(1))
    let finished = outbox.finish(ERPCallID(number: 1))
    let call = try #require(finished)
    // The document is given up after its one attempt: nothing waits but the ledger's reading, and its worker rests.
    outbox.fail(.unavailable, of: call, at: now, policy)
    #expect(outbox.depth == 0)
    let isHeld = outbox.dequeue(at: now, policy: policy, batchSize: 1) == nil
    #expect(isHeld)
    let deadline = try #require(outbox.nextDeadline())
    try #require(deadline > now)
    let next = outbox.dequeue(at: deadline, policy: policy, batchSize: 1)
    #expect(next?.purpose == .statement)
  }

  @Test("a document waits longer after each failure, and is forgotten once it is posted")
  func rests() {
    var queue = RetryQueue()
    var jitter = Jitter(seed: 7, outbox: 0)
    var now = Fixtures.start
    for failures in 1...12 {
      queue.rest([document(1)], at: now, policy, &jitter)
      #expect(!queue.hasReady)
      let ready = queue.nextDeadline ?? now
      let pause = policy.pause(afterFailures: failures)
      #expect(ready - now <= pause && ready - now >= Span(nanoseconds: pause.nanoseconds / 2))
      now = ready
      queue.advance(to: now)
      #expect(queue.dequeue(5, at: now, policy, &jitter) == [document(1)])
    }
    queue.forget(document(1).key)
    queue.rest([document(1)], at: now, policy, &jitter)
    #expect((queue.nextDeadline ?? .distantFuture) - now <= .seconds(2))
  }

  @Test("while whole calls fail, one call at a time tries again; the first success opens the way")
  func barren() {
    var queue = RetryQueue()
    var jitter = Jitter(seed: 7, outbox: 0)
    let documents = (1...30).map { document(UInt32($0)) }
    var now = Fixtures.start
    for _ in 0..<20 {
      queue.conclude(callFrom: now, hasPosted: false, hasFailed: true, at: now, policy, &jitter)
      now = (queue.nextDeadline ?? now) + .minutes(5)
      queue.advance(to: now)
    }
    queue.rest(documents, at: now, policy, &jitter)
    now = now + .minutes(10)
    queue.advance(to: now)
    #expect(queue.dequeue(10, at: now, policy, &jitter).count == 10)
    #expect(queue.dequeue(10, at: now, policy, &jitter) == [], "one call is under way")
    let next = queue.nextDeadline ?? now
    #expect(next - now >= .seconds(150) && next - now <= .minutes(5))
    queue.conclude(callFrom: now, hasPosted: true, hasFailed: true, at: now, policy, &jitter)
    #expect(queue.dequeue(10, at: now, policy, &jitter).count == 10)
    #expect(queue.dequeue(20, at: now, policy, &jitter).count == 10)
  }

  @Test("of a batch, half is for what has failed while others wait; of single documents every other one")
  func shares() {
    var queue = RetryQueue()
    var jitter = Jitter(seed: 7, outbox: 0)
    #expect(queue.share(of: 20) == 0)
    queue.rest([document(1)], at: Fixtures.start, policy, &jitter)
    queue.advance(to: Fixtures.start + .seconds(3))
    #expect(queue.share(of: 20) == 10)
    #expect((0..<4).map { _ in queue.share(of: 1) } == [1, 0, 1, 0])
  }

  @Test("a customer's later document waits for one that failed, others do not")
  func order() {
    var outbox = Outbox(jitter: Jitter(seed: 7, outbox: 0))
    let own = document(1)
    var later = document(2)
    later.account = own.account
    for document in [own, later, document(3)] { outbox.enqueue(document) }
    let policy = PostingPolicy(batchSize: 1, concurrency: 5)
    var now = Fixtures.start
    func take() -> [JournalEntry]? { outbox.dequeue(at: now, policy: policy, batchSize: 1)?.documents }
    #expect(take() == [own])
    let call = Outbox.Call(documents: [own], purpose: .post, started: now, deadline: now, postsBefore: 0)
    outbox.retry([own], of: call, hasPosted: false, at: now, policy)
    #expect(take() == [document(3)], "a healthy document of another customer goes on")
    outbox.start(ERPCallID(number: 2), [document(3)], .post, at: now, deadline: now + .seconds(60))
    #expect(take() == nil, "the later document of the same customer does not")
    now = now + .seconds(3)
    outbox.resume(at: now)
    #expect(take() == [own])
  }
}

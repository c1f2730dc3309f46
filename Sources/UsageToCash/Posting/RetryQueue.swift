import CanonicalModel
import Chronology
import DequeModule

/// Documents that an ERP has not posted although it answered their call. Each waits on its own, longer after each failure,
/// while other documents go on.
///
/// Where whole calls fail, the ERP is what fails and not the documents: one call at a time then tries a batch of them, with a
/// pause that grows as well, until one document is posted.
struct RetryQueue: Sendable {
  /// Documents whose pause goes on, in the order in which the pauses end.
  private var resting: Deque<(ready: Instant, document: JournalEntry)> = []
  /// Documents whose pause is over.
  private var ready: Deque<JournalEntry> = []
  /// How often each document has failed that is not posted yet.
  private var failures: [PostingKey: Int] = [:]
  /// Calls in a row of which nothing was posted and something failed.
  private var barrenCalls = 0
  /// Until when no document is tried again, and since when.
  private var closedUntil: Instant?
  private var closedAt = Instant.distantPast
  /// Whether the next batch's odd place is a retried document's.
  private var isRetriesTurn = true

  /// Whether no document waits to be tried again.
  @inline(__always)
  var isEmpty: Bool { resting.isEmpty && ready.isEmpty }
  /// Documents that wait to be tried again.
  var count: Int { resting.count + ready.count }
  /// Whether a document may be tried again now.
  var hasReady: Bool { closedUntil == nil && !ready.isEmpty }

  /// The next instant at which a document may be tried again; `nil` where one may be now, or none waits.
  var nextDeadline: Instant? {
    guard ready.isEmpty else { return closedUntil }
    guard let first = resting.first?.ready else { return nil }
    return closedUntil.map { max($0, first) } ?? first
  }

  /// Customers that have a document here: their later ones wait behind it.
  var accounts: [AccountID] {
    resting.compactMap(\.document.account) + ready.compactMap(\.account)
  }

  /// Counts a failure of a document.
  ///
  /// - Returns: the pause before it is tried again, not spread yet.
  mutating func pause(afterFailureOf key: PostingKey, _ policy: PostingPolicy) -> Span {
    let count = failures[key, default: 0] + 1
    failures[key] = count
    return policy.pause(afterFailures: count)
  }

  /// Takes in the documents that failed in one call. They are spread together, so that few calls try them again.
  mutating func rest(
    _ documents: [JournalEntry], at now: Instant, _ policy: PostingPolicy, _ jitter: inout Jitter
  ) {
    guard !documents.isEmpty else { return }
    let share = jitter.next()
    for document in documents {
      insert(document, ready: now + share.spread(pause(afterFailureOf: document.key, policy)))
    }
  }

  private mutating func insert(_ document: JournalEntry, ready: Instant) {
    var (low, high) = (0, resting.count)
    while low < high {
      let middle = (low + high) / 2
      if resting[middle].ready <= ready { low = middle + 1 } else { high = middle }
    }
    resting.insert((ready, document), at: low)
    assert(
      (low == 0 || resting[low - 1].ready <= ready)
        && (low + 1 == resting.count || ready <= resting[low + 1].ready),
      "pauses of documents are not in the order in which they end")
  }

  /// A call has been answered in which some documents failed, and others were perhaps posted.
  mutating func conclude(
    callFrom started: Instant, hasPosted: Bool, hasFailed: Bool, at now: Instant, _ policy: PostingPolicy,
    _ jitter: inout Jitter
  ) {
    if hasPosted {
      barrenCalls = 0
      closedUntil = nil
    } else if hasFailed, started >= closedAt {
      // Of calls that were under way together, one counts.
      barrenCalls += 1
      assert(closedAt <= now, "an answer is heard of before the last one")
      close(at: now, policy, &jitter)
    }
  }

  private mutating func close(at now: Instant, _ policy: PostingPolicy, _ jitter: inout Jitter) {
    precondition(barrenCalls > 0, "retries are closed though no call has failed")
    closedUntil = now + jitter.next().spread(policy.pause(afterFailures: barrenCalls))
    closedAt = now
  }

  /// Makes ready what has waited long enough.
  mutating func advance(to now: Instant) {
    if let until = closedUntil, until <= now { closedUntil = nil }
    while let first = resting.first, first.ready <= now {
      ready.append(first.document)
      resting.removeFirst()
    }
  }

  /// How many documents of a batch may be tried again where others wait that have not failed: half of them.
  mutating func share(of batchSize: Int) -> Int {
    guard hasReady else { return 0 }
    guard batchSize % 2 == 1 else { return batchSize / 2 }
    defer { isRetriesTurn.toggle() }
    return batchSize / 2 + (isRetriesTurn ? 1 : 0)
  }

  /// Takes documents to try again. While whole calls fail, the next ones are not taken before the pause is over.
  mutating func dequeue(
    _ count: Int, at now: Instant, _ policy: PostingPolicy, _ jitter: inout Jitter
  ) -> [JournalEntry] {
    guard hasReady, count > 0 else { return [] }
    let batch = Array(ready.prefix(count))
    ready.removeFirst(batch.count)
    if barrenCalls > 0 { close(at: now, policy, &jitter) }
    return batch
  }

  /// All documents in the order in which they may be retried.
  var documents: [JournalEntry] { Array(ready) + resting.map(\.document) }

  /// Dequeues all documents but the balances that leave the ledger, in the order in which they may be retried.
  mutating func dequeueForAnotherERP() -> [JournalEntry] {
    let taken = documents.filter { $0.key.kind != .closingBalance }
    guard taken.count < count else {
      self = RetryQueue()
      return taken
    }
    ready.removeAll { $0.key.kind != .closingBalance }
    resting.removeAll { $0.document.key.kind != .closingBalance }
    for document in taken { forget(document.key) }
    return taken
  }

  /// A document has left the outbox.
  @inline(__always)
  mutating func forget(_ key: PostingKey) {
    if !failures.isEmpty { failures[key] = nil }
  }
}

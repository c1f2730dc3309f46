import Chronology

// The choices that a pipeline's design makes: the words of design files are the raw values, and the core goes by them.

/// How usage reaches the pipeline.
public enum CaptureStrategy: String, Sendable, CaseIterable {
  /// Through a broker that keeps it until it is acknowledged.
  case broker
  /// By calls of the producers, who give up after some attempts.
  case direct
}

/// What callers make of the time that a throttling ERP tells them to wait.
public enum RetryAfterStrategy: String, Sendable, CaseIterable {
  /// They wait.
  case honoured
  /// They go by their own pauses. A real failure, never a choice.
  case ignored
}

/// What "accepted" is taken for.
public enum AcceptanceStrategy: String, Sendable, CaseIterable {
  /// Accepted: the outcome is awaited.
  case awaited
  /// Posted. A real failure, never a choice.
  case trusted
}

/// Which part of an event identifies it.
public enum DeduplicationKeying: String, Sendable, CaseIterable {
  /// Source and identifier, as CloudEvents demands.
  case sourceAndID = "sourceAndId"
  /// The identifier alone: wrong as soon as two producers number their events alike.
  case idOnly
  /// No deduplication.
  case none
}

/// Where a service keeps what it must not forget.
public enum StateStore: String, Sendable, CaseIterable {
  /// In the log: a process that starts again knows it.
  case durable
  /// In the memory of its process: gone with it.
  case memory
}

/// When usage that comes after its period was invoiced is billed.
public enum LateBilling: String, Sendable, CaseIterable {
  /// With the next period's invoice.
  case nextInvoice = "next-invoice"
  /// At once, on an invoice of its own.
  case supplementary
  /// With the next invoice; until then it is accrued in the period in which it was earned.
  case accrue
  /// When a person has decided so: until then it waits in a case.
  case exception
}

/// What the core sends as idempotency key.
public enum IdempotencyStrategy: String, Sendable, CaseIterable {
  /// Derived from document, kind and revision: every retry repeats it.
  case documentDerived = "document"
  /// Made anew for every attempt, such as from its minute: a retry has another one. A real failure, never a choice.
  case perAttempt = "attempt"
  /// None: a plain add.
  case none
}

/// What the core does about a call that was never answered.
public enum UnknownOutcomeStrategy: String, Sendable, CaseIterable {
  /// Looks the documents up; posts again, under the same key, only what is not found.
  case lookUp
  /// Posts again and hopes.
  case retry
}

/// What the core does about a call of which only a part succeeded.
public enum PartialSuccessStrategy: String, Sendable, CaseIterable {
  /// Each document is as it is.
  case perDocument
  /// The call has failed as a whole, and is made again. A real failure, never a choice.
  case allOrNothing
  /// The call has succeeded as a whole. A real failure, never a choice.
  case ignored
}

/// When documents are sent.
public enum PostingSchedule: Hashable, Sendable {
  /// As soon as they can be.
  case continuous
  /// Once a batch is full, or the oldest has waited for so long.
  case linger(Span)
  /// From a time of day on, in UTC, for so long.
  case nightly(at: Span, for: Span)
}

/// What order documents keep on their way to the ERP.
public enum PostingOrder: String, Sendable, CaseIterable {
  /// A customer's documents are posted one after another: none before the one before it is confirmed.
  case perAccount
  /// One worker for each kind of document: a payment may be posted before its invoice. A real failure, never a
  /// choice.
  case perKind
}

/// What waits after an ERP has refused a call. Calls that were under way together are refused together: that counts once.
public enum BackoffStrategy: String, Sendable, CaseIterable {
  /// The call, and the worker that made it: others go on, and take no call in its place.
  case perCall
  /// Everything that is to be sent to that ERP.
  case perOutbox
  /// Nothing, as long as the ERP works on other calls: fewer calls are made at once, half of them at least and no more than it
  /// works on; one more is tried after a whole round of successes, and later where that was refused before (additive increase,
  /// multiplicative decrease). Where it works on none, everything waits; after an outage one call goes ahead of the others.
  case adaptive
}

/// When a document's accounting period is looked at.
public enum PeriodCheck: String, Sendable, CaseIterable {
  /// Whenever it is sent: what waited past the close is dated to the next open period.
  case atPosting
  /// When it is put into the outbox, and then no more: a real failure, never a choice.
  case atEnqueue
}

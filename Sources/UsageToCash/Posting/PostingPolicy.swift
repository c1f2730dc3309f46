import CanonicalModel
import Chronology

/// What the core sends as idempotency key.
public enum IdempotencyStrategy: String, Sendable, CaseIterable {
  /// Derived from document, kind and revision: every retry repeats it.
  case documentDerived
  /// Made anew for every attempt, such as from its minute: a retry has another one. A real failure, never a choice.
  case perAttempt
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

/// What an integration knows of an ERP from its vendor's documentation.
public struct ERPTraits: Hashable, Sendable {
  /// Documents that a call may hold; `nil`: any number.
  public var documentsPerCall: Int?
  /// From a call without an answer until a look-up is certain.
  public var settlesAfter: Span
  /// How long a job may take that an ERP has taken documents over into.
  public var jobTimeout: Span

  /// How many times as long as usual an integration lets a job take, beside ``jobMargin``. Assumed.
  public static let jobFactor: Int64 = 4
  /// What an integration grants a job beyond that. Assumed.
  public static let jobMargin = Span.minutes(10)

  /// For how long an integration waits for a job.
  ///
  /// - Parameter usual: how long jobs take as the vendor says; `nil`: it knows none, and the default applies.
  public static func jobTimeout(usually usual: Span?) -> Span {
    usual.map { $0 * jobFactor + jobMargin } ?? ERPTraits().jobTimeout
  }

  /// Makes traits; by default nothing limits the calls, and repeating one does no harm.
  public init(
    documentsPerCall: Int? = nil, settlesAfter: Span = .zero, jobTimeout: Span = .minutes(30)
  ) {
    self.documentsPerCall = documentsPerCall
    self.settlesAfter = settlesAfter
    self.jobTimeout = jobTimeout
  }
}

/// The rules of posting to one ERP.
public struct PostingPolicy: Sendable {
  /// Documents a call.
  public var batchSize: Int
  /// Calls in flight at once.
  public var concurrency: Int
  /// Silence after which the outcome of a call is unknown.
  public var timeout: Span
  /// The first pause after a refusal; doubled up to ``maximumBackoff``.
  public var backoff: Span
  /// The longest pause; only an ERP that says when to come back is left alone for longer.
  public var maximumBackoff: Span
  /// What waits after a refusal.
  public var backoffStrategy = BackoffStrategy.adaptive
  /// The least time between two readings of an ERP's ledger at rest; nothing: each time its outbox has drained.
  public var readBackInterval = Span.zero
  /// What pauses are spread from: another seed, other pauses.
  public var jitterSeed: UInt64 = 0
  /// The idempotency key.
  public var idempotency: IdempotencyStrategy
  /// What silence leads to.
  public var unknownOutcome: UnknownOutcomeStrategy
  /// The order.
  public var order: PostingOrder
  /// What partial success leads to.
  public var partialSuccess = PartialSuccessStrategy.perDocument
  /// When documents are sent.
  public var schedule = PostingSchedule.continuous
  /// Attempts after which a document is given up without a word; `nil`: never.
  public var attempts: Int?
  /// Whether callers wait for as long as the ERP tells them to.
  public var honoursRetryAfter = true
  /// Whether "accepted" is taken for "posted".
  public var trustsAcceptance = false
  /// When the accounting period is looked at.
  public var periodCheck: PeriodCheck
  /// What is known of the ERPs: one for each entity, then one for each that takes over; unlimited if left out.
  public var systems: [ERPTraits]
  /// Where the outbox is.
  public var store: StateStore

  /// Makes rules.
  public init(
    batchSize: Int = 20, concurrency: Int = 2, timeout: Span = .seconds(60), backoff: Span = .seconds(2),
    maximumBackoff: Span = .minutes(5), idempotency: IdempotencyStrategy = .documentDerived,
    unknownOutcome: UnknownOutcomeStrategy = .lookUp, order: PostingOrder = .perAccount,
    periodCheck: PeriodCheck = .atPosting,
    store: StateStore = .durable, systems: [ERPTraits] = []
  ) {
    self.store = store
    self.systems = systems
    self.batchSize = batchSize
    self.concurrency = concurrency
    self.timeout = timeout
    self.backoff = backoff
    self.maximumBackoff = maximumBackoff
    self.idempotency = idempotency
    self.unknownOutcome = unknownOutcome
    self.order = order
    self.periodCheck = periodCheck
  }
}

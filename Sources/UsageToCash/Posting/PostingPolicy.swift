import CanonicalModel
import Chronology

/// What an integration knows of an ERP from its vendor's documentation.
public struct ERPTraits: Hashable, Sendable {
  /// Documents that a call may hold; `nil`: any number.
  public var documentsPerCall: Int?
  /// From a call without an answer until a look-up is certain.
  public var settlesAfter: Span
  /// How long a job may take that an ERP has taken documents over into.
  public var jobTimeout: Span
  /// The shape in which it takes documents.
  public var shape = PayloadShape.canonical

  /// Makes traits; by default nothing limits the calls, and repeating one does no harm.
  public init(
    documentsPerCall: Int? = nil, settlesAfter: Span = .zero,
    jobTimeout: Span = JobPatience().otherwise
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

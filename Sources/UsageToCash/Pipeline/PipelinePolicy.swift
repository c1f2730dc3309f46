import CanonicalModel
import Chronology

/// The strategies and figures of an assembly of the core: an architect's design, as data.
public struct PipelinePolicy: Sendable {
  /// The rules of acceptance.
  public var ingestion: IngestionPolicy
  /// The rules of aggregation.
  public var metering: MeteringPolicy
  /// When amounts are rounded.
  public var rounding: RatingRounding
  /// The rules of contracts.
  public var contracts: ContractPolicy
  /// The rules of billing.
  public var billing: BillingPolicy
  /// The rules of credits.
  public var credits: CreditPolicy
  /// The rules of revenue.
  public var revenue: RevenuePolicy
  /// The rules of payments.
  public var payments: PaymentPolicy
  /// The rules of posting.
  public var posting: PostingPolicy
  /// How often the boundaries are reconciled.
  public var reconciliationCadence: Span
  /// What the boundaries are compared by.
  public var reconciliation = ReconciliationStrategy.complete
  /// When what was written to the log is made durable.
  public var sync: SyncPolicy
  /// Inputs in the log after which a snapshot of the state takes their place.
  public var inputsBetweenSnapshots = 100_000
  /// Whether a process that starts again performs effects again that may not have been performed.
  public var repeatsEffects: Bool
  /// The rate at which documents are translated.
  public var rates: RateStrategy
  /// What the lineage knows.
  public var lineage: LineageStrategy
  /// The rules of exception cases.
  public var exceptions: ExceptionPolicy
  /// What becomes of a close snapshot when its period closes again.
  public var snapshots: SnapshotStrategy

  /// Makes a design.
  public init(
    ingestion: IngestionPolicy = IngestionPolicy(), metering: MeteringPolicy = MeteringPolicy(),
    rounding: RatingRounding = .perLine, contracts: ContractPolicy = ContractPolicy(),
    billing: BillingPolicy = BillingPolicy(), credits: CreditPolicy = CreditPolicy(),
    revenue: RevenuePolicy = RevenuePolicy(),
    payments: PaymentPolicy = PaymentPolicy(), posting: PostingPolicy = PostingPolicy(),
    reconciliationCadence: Span = .days(1), snapshots: SnapshotStrategy = .versioned,
    exceptions: ExceptionPolicy = ExceptionPolicy(),
    lineage: LineageStrategy = .complete, rates: RateStrategy = .ofTheDay,
    sync: SyncPolicy = .eachInput, repeatsEffects: Bool = true
  ) {
    self.repeatsEffects = repeatsEffects
    self.sync = sync
    self.rates = rates
    self.lineage = lineage
    self.exceptions = exceptions
    self.snapshots = snapshots
    self.ingestion = ingestion
    self.metering = metering
    self.rounding = rounding
    self.contracts = contracts
    self.billing = billing
    self.credits = credits
    self.revenue = revenue
    self.payments = payments
    self.posting = posting
    self.reconciliationCadence = reconciliationCadence
  }
}

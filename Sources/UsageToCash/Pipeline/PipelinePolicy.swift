import CanonicalModel
import Chronology

/// The strategies and figures of an assembly of the core: an architect's design, as data.
public struct PipelinePolicy: Sendable {
  /// The rules of acceptance.
  public var ingestion: IngestionPolicy
  /// The rules of aggregation.
  public var metering: MeteringPolicy
  /// The rules of posting.
  public var posting: PostingPolicy
  /// The rules of asking the tax engine.
  public var tax = TaxPolicy()
  /// The rules of collecting.
  public var payments = PaymentPolicy()
  /// How often the boundaries are reconciled.
  public var reconciliationCadence: Span
  /// When what was written to the log is made durable.
  public var sync: SyncPolicy
  /// Inputs in the log after which a snapshot of the state takes their place.
  public var inputsBetweenSnapshots = 100_000
  /// Whether any contract may change; where none does, less has to be remembered.
  public var contractsChange = true
  /// Mistakes that are made on purpose.
  public var planted: PlantedDefects = []

  /// Makes a design.
  public init(
    ingestion: IngestionPolicy = IngestionPolicy(), metering: MeteringPolicy = MeteringPolicy(),
    posting: PostingPolicy = PostingPolicy(), reconciliationCadence: Span = .days(1),
    sync: SyncPolicy = .eachInput
  ) {
    self.ingestion = ingestion
    self.metering = metering
    self.posting = posting
    self.reconciliationCadence = reconciliationCadence
    self.sync = sync
  }
}

import CanonicalModel
import Chronology

/// Judges a run from its facts alone. Has its own books, arithmetic and calendar; the package graph keeps it
/// from calling the core.
///
/// Safety is checked as facts come in and again in ``concluded(stuck:at:)``; liveness there.
public final class Oracle: FactSink {
  let books: Books
  @exclusivity(unchecked) private var trail = EventHistory()
  @exclusivity(unchecked) private var audience = Audience()
  private var settledStages: [StageTotals]?

  /// Makes an oracle.
  ///
  /// - Parameters:
  ///   - window: the width of the usage summaries' windows.
  ///   - promises: what the scenario and its design promise beside contracts and master data.
  public init(
    catalog: Catalog, window: Span, rules: OracleRules = OracleRules(),
    promises: OraclePromises = OraclePromises()
  ) {
    books = Books(catalog: catalog, window: window, rules: rules, promises: promises)
  }

  /// The last things that happened to what violations are about, in the order of the violations.
  public func events(of violations: [Violation]) -> [[String]] {
    guard !violations.isEmpty else { return [] }
    let names = trail.names(books.catalog)
    return violations.map { trail.events(ids: $0.ids, until: $0.at, books.catalog, names: names) }
  }

  /// All invariants, in the order of the pipeline.
  public static let invariants = Audience.definitions

  /// The verdicts so far, in the order of ``invariants``.
  public var results: [InvariantResult] { audience.results }

  /// The totals of each stage, per `entity × items + item`.
  /// Where nothing has been concluded, without what was put aside.
  public var stages: [StageTotals] { settledStages ?? books.stages(due: books.usage.emittedSoFar) }
  /// Events that their producers took back: ``StageTotals/emitted`` is without them.
  public var takenBack: Int64 { books.usage.takenBackCount }
  /// Usage of customers whom nobody knows, per meter: emitted and put aside.
  public private(set) var unattributed: [StageTotals] = []
  /// The totals of documents, per entity.
  public var documents: DenseTable<EntityID, DocumentTotals> { books.documents }
  /// The general ledger of each entity: the balance of every account, debits positive.
  public var ledgers: DenseTable<EntityID, [LedgerAccount: Money]> { books.functionalLedgers }
  /// The totals of taxes, per jurisdiction.
  public var taxes: DenseTable<JurisdictionID, TaxTotals> { books.taxes }
  /// What was invoiced without tax, less what was credited of it, by entity, jurisdiction and reason.
  public var untaxed: [UntaxedTotal] { books.untaxed.all }
  /// What ingestion said in total.
  public var capture: CaptureClaim { books.capture }
  /// Events that sources emitted and that can be billed.
  public var billable: Int64 { books.usage.billable }
  /// Events that sources emitted.
  public var emitted: Int64 { books.usage.billable + books.usage.unbillable }

  public func emitted(_ events: UnsafeBufferPointer<UsageEvent>) { books.usage.emit(events) }

  public func captured(
    _ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, at instant: Instant
  ) {
    books.capture += claim
    audience.hear(captured: events, claim: claim, books, at: instant)
  }

  public func summarised(_ summaries: UnsafeBufferPointer<UsageSummary>, at instant: Instant) {
    for summary in summaries {
      let left = books.claim(summary, at: instant)
      audience.hear(summary: summary, left: left, books, at: instant)
    }
    books.usage.compact(at: instant)
  }

  public func record(_ fact: Fact, at instant: Instant) {
    trail.observe(fact, at: instant)
    book(fact, at: instant)
    audience.hear(fact, books, at: instant)
  }

  public func concluded(stuck: [StuckWork], at instant: Instant) {
    let hadWork = books.capture.received > 0 || !books.postingOrder.isEmpty
    let settled = books.usage.reconciled()
    let due = Due(usage: settled.due, differences: settled.differences)
    books.findUnfinished()
    let stages = books.stages(due: settled.due)
    settledStages = stages
    unattributed = StageTotals.unattributed(books.usage, meters: books.catalog.meters.count)
    let rest = Rest(at: instant, stuck: stuck, due: due, stages: stages, hadWork: hadWork)
    audience.judgeAtRest(rest, books)
    audience.judgeUsage(rest, books)
    audience.judgeLast(rest, allElseHolds: results.allSatisfy { $0.outcome != .broken }, books)
  }
}

import CanonicalModel
import Chronology
import CoreInterface
import RunRecord
import UsageToCash
import Verification
import World

/// Judges a system on the real clock by what it leaves behind: what was acknowledged to its producers, what its ERPs' ledgers hold,
/// and, where it is the built-in core, its log, which is replayed. An invariant for which there is no evidence is not judged.
package struct Audit: Sendable {
  /// A document of a ledger.
  package struct Posted: Sendable {
    /// When it was posted.
    package var at: Instant
    /// The document.
    package var document: LedgerDocument

    /// Makes an entry.
    package init(at: Instant, document: LedgerDocument) {
      self.at = at
      self.document = document
    }
  }

  /// What an audit comes to.
  package struct Judgement: Sendable {
    /// The invariants; those without evidence are not judged.
    package var invariants: [RunRecord.Invariant]
    /// What the core still holds; empty where there is no log.
    package var stuck: [String]
    /// Events that the core has taken in, copies included; `nil`: there is no log.
    package var received: Int64?
    /// What became of each entity's postings, in the order of entities; empty where there is no log.
    package var postings: [Postings]
    /// Of those acknowledged, how many the log does not hold; `nil`: there is no log.
    package var acknowledgedAndLost: Int?

    /// Makes a judgement.
    package init(
      invariants: [RunRecord.Invariant], stuck: [String] = [], received: Int64? = nil,
      postings: [Postings] = [], acknowledgedAndLost: Int? = nil
    ) {
      self.postings = postings
      self.invariants = invariants
      self.stuck = stuck
      self.received = received
      self.acknowledgedAndLost = acknowledgedAndLost
    }
  }

  /// What became of an entity's postings.
  package struct Postings: Sendable {
    /// From each invoice's issue to its first document in the ledger, in seconds of the scenario's time, sorted.
    package var latencies: [Double] = []
    /// Calls to the ERP.
    package var calls = 0
    /// Of them, look-ups.
    package var lookUps = 0
    /// Answers that said to come back later.
    package var throttled = 0

    /// A share of the latencies is within this; `nil` without any.
    package func latency(_ share: Double) -> Double? {
      latencies.isEmpty ? nil : latencies[min(latencies.count - 1, Int(Double(latencies.count) * share))]
    }
  }

  /// What ledgers alone can prove or refute.
  private static let ofLedgers: Set<String> = [
    "no-double-posting", "journals-balance", "trial-balance-zero", "no-posting-into-closed-period",
    "entity-isolation",
  ]
  /// What neither a log nor a ledger tells anything of.
  private static let withoutEvidence: Set<String> = ["invoices-delivered", "acknowledged-is-durable"]
  /// Events whose lineage is followed.
  private static let traced = 500

  private let assembly: Assembly

  /// Makes an audit of a scenario.
  package init(_ assembly: Assembly) { self.assembly = assembly }

  private func oracle() -> Oracle {
    Oracle(
      catalog: assembly.world.catalog, window: assembly.policy.metering.window,
      promises: OraclePromises(
        deduplicationHorizon: assembly.policy.ingestion.deduplicationHorizon,
        clockTolerance: assembly.policy.ingestion.clockTolerance))
  }

  /// Judges by the ledgers alone.
  package func judge(ledger: [Posted], at end: Instant) -> Judgement {
    let oracle = oracle()
    for posted in ledger { oracle.record(.documentPosted(posted.document), at: posted.at) }
    oracle.concluded(stuck: [], at: end)
    return Judgement(
      invariants: invariants(oracle, isWhole: true) {
        Self.ofLedgers.contains($0) ? nil : "no evidence: only the ledgers were read"
      })
  }

  /// Judges by the core's log, the ledgers, and what was acknowledged to producers.
  ///
  /// - Parameter isWhole: whether the test came to its end; if not, only what is broken already is told.
  /// - Throws: where the log cannot be read.
  package func judge<Log: DurableLog>(
    acknowledged: [UsageEvent], ledger: [Posted], log: Log, isWhole: Bool = true
  ) throws(Log.Failure) -> Judgement {
    let catalog = assembly.world.catalog
    let oracle = oracle()
    let known = Set(acknowledged.map(\.key))
    // What was taken in and never acknowledged was sent all the same.
    var held: Set<UsageEventKey> = []
    var unheard: [UsageEvent] = []
    try log.read { input, _ in
      guard case .delivery(let events) = input else { return }
      for event in events where held.insert(event.key).inserted && !known.contains(event.key) {
        unheard.append(event)
      }
    }
    for events in [acknowledged, unheard] where !events.isEmpty {
      events.withUnsafeBufferPointer { oracle.emitted($0) }
    }
    var replay = Replay(core: Pipeline(catalog: catalog, policy: assembly.policy), ledger: ledger)
    try log.read { input, instant in replay.process(input, at: instant, oracle) }
    if isWhole { replay.conclude(oracle, catalog, sample: acknowledged.prefix(Self.traced)) }
    return Judgement(
      invariants: invariants(oracle, isWhole: isWhole) {
        Self.withoutEvidence.contains($0) ? "no evidence: neither the log nor a ledger shows it" : nil
      },
      stuck: replay.core.stuckWork.map { "\($0.queue): \($0.depth) wait for \($0.waitsFor)" },
      received: replay.core.ingestion.totals.received, postings: replay.postings(of: catalog),
      acknowledgedAndLost: acknowledged.count { !held.contains($0.key) })
  }

  private func invariants(
    _ oracle: Oracle, isWhole: Bool, missingEvidence: (String) -> String?
  ) -> [RunRecord.Invariant] {
    oracle.results.map { result in
      let (definition, findings) = (result.definition, result.findings)
      let missing = missingEvidence(definition.name)
      let isOpen = !isWhole && result.outcome != .broken
      let isJudged = missing == nil
      let reasons =
        missing.map { [$0] }
        ?? (isOpen ? ["the test was stopped"] : result.outcome == .notJudged ? findings.leftOut : [])
      return RunRecord.Invariant(
        name: definition.name, boundary: definition.boundary.rawValue, statement: definition.statement,
        verdict: !isJudged || isOpen ? .notJudged : InvariantVerdict(result.outcome), reasons: reasons,
        checks: isJudged ? findings.checks : 0,
        violationCount: isJudged ? findings.violationCount : 0,
        violations: !isJudged
          ? []
          : zip(findings.violations, oracle.events(of: findings.violations)).map { violation, events in
            RunRecord.Invariant.Violation(
              at: "\(violation.at)", ids: violation.ids, expected: violation.expected,
              actual: violation.actual,
              difference: RecordBuilder.difference(violation.expected, violation.actual), events: events)
          })
    }
  }
}

/// The core's log, read once more, beside the ledgers.
private struct Replay {
  var core: Pipeline
  private let ledger: [Audit.Posted]
  private var next = 0
  private var effects = Effects()
  private var last = Instant.distantPast
  private var issued: [InvoiceNumber: Instant] = [:]
  private var figures: [EntityID: Audit.Postings] = [:]

  init(core: Pipeline, ledger: [Audit.Posted]) {
    self.core = core
    self.ledger = ledger
  }

  mutating func process(_ input: JournaledInput, at instant: Instant, _ oracle: Oracle) {
    post(until: instant, oracle)
    last = max(last, instant)
    effects.removeAll()
    switch input {
    case .delivery(let events):
      events.withUnsafeBufferPointer {
        core.handle($0, at: instant, effects: &effects)
        oracle.captured($0, claim: effects.claim, at: instant)
      }
    case .input(let input):
      core.handle(input, at: instant, effects: &effects)
      if case .erp(.throttled, _, let entity) = input { figures[entity, default: .init()].throttled += 1 }
      if case .erp(.throttled(let span?), _, let entity) = input {
        oracle.record(.erpThrottled(entity, isSuccessor: false, until: instant + span), at: instant)
      }
    case .wake: core.advance(to: instant, effects: &effects)
    }
    if !effects.summaries.isEmpty {
      effects.summaries.withUnsafeBufferPointer { oracle.summarised($0, at: instant) }
    }
    for effect in effects.outputs {
      record(effect, at: instant)
      for fact in effect.facts { oracle.record(fact, at: instant) }
    }
  }

  private mutating func record(_ effect: Effect, at instant: Instant) {
    switch effect {
    case .issue(let invoice): issued[invoice.number] = instant
    case .call(let call):
      figures[call.entity, default: .init()].calls += 1
      if case .lookUp = call.request { figures[call.entity, default: .init()].lookUps += 1 }
    default: break
    }
  }

  func postings(of catalog: Catalog) -> [Audit.Postings] {
    catalog.entities.indices.map { index in
      var own = figures[EntityID(index: UInt32(index))] ?? .init()
      own.latencies.sort()
      return own
    }
  }

  /// What the ledgers got until an instant: an answer of theirs never comes before the document that it speaks of.
  private mutating func post(until instant: Instant, _ oracle: Oracle) {
    while next < ledger.count, ledger[next].at <= instant {
      let (at, document) = (ledger[next].at, ledger[next].document)
      oracle.record(.documentPosted(document), at: at)
      if let invoice = document.entry.key.invoice, let begun = issued.removeValue(forKey: invoice) {
        figures[document.entity, default: .init()].latencies.append((at - begun).seconds)
      }
      next += 1
    }
  }

  mutating func conclude(_ oracle: Oracle, _ catalog: Catalog, sample: some Sequence<UsageEvent>) {
    post(until: .distantFuture, oracle)
    let end = max(last, ledger.last?.at ?? last)
    for event in sample {
      let type = catalog[event.type]
      guard let first = type.meters.first, Int(event.subject.index) < catalog.subscriptions.count,
        event.quantity0 >= 0
      else { continue }
      let meter = MeterID(index: first.index + UInt32(event.dimension))
      oracle.record(
        .traced(core.lineage.trace(event, of: SubscriptionID(index: event.subject.index), meter: meter)),
        at: end)
    }
    for entry in core.cases.entries where entry.resolved == nil {
      oracle.record(.caseOpen(entry.routed), at: end)
    }
    for snapshot in core.closes.snapshots { oracle.record(.snapshotRead(snapshot), at: end) }
    oracle.concluded(stuck: core.stuckWork, at: end)
  }
}

import CanonicalModel
import Chronology

/// The core's own reconciliation sees what is broken.
struct ReconciliationDetects: Invariant, HearsLedgersCompared, HearsStatementsCompared, HearsCashBooked,
  HearsBreakReported, JudgesAtRest
{
  static let definition = InvariantDefinition(
    name: "reconciliation-detects", boundary: .controls, place: 1,
    statement:
      "where an entity's ledger holds other documents at rest than were issued, and no queue or case accounts for it, the "
      + "core's own reconciliation has raised a break of that entity; the same where other money was booked than the bank or the gateway has moved; and what it has read "
      + "of ledgers and statements last is what they hold",
    evidence:
      "the issued documents against the ERPs' ledgers, the documents of cash against the money that has moved, and the breaks "
      + "that the core has raised",
    property: .liveness, cost: .atRest(.document))
  var findings = Findings()
  private var broken: Set<EntityID> = []
  private var brokenCash: Set<Place> = []
  private var booked: [Place: CashTruth.Lines] = [:]
  private var shown: [Place: CashTruth.Lines] = [:]

  /// A bank or gateway of an entity.
  private struct Place: Hashable {
    var boundary: ReconciliationBoundary
    var entity: EntityID
  }

  private var read: [EntityID: (documents: Int64, receivable: Money)] = [:]

  mutating func hear(
    breakReported boundary: ReconciliationBoundary, _ entity: EntityID, _: Books, at _: Instant
  ) {
    broken.insert(entity)
    brokenCash.insert(Place(boundary: boundary, entity: entity))
  }

  mutating func hear(
    statementsCompared boundary: ReconciliationBoundary, _ entity: EntityID, _ lines: Int64, _ amount: Money,
    _: Books, at _: Instant
  ) {
    shown[Place(boundary: boundary, entity: entity)] = CashTruth.Lines(count: lines, amount: amount)
  }

  mutating func hear(cashBooked document: CashDocument, _: Books, at _: Instant) {
    let (entity, gross) = (document.key.entity, document.gross)
    func add(_ boundary: ReconciliationBoundary, _ amount: Money) {
      booked[Place(boundary: boundary, entity: entity), default: CashTruth.Lines()].add(amount)
    }
    switch document.key.kind {
    case .payment: add(document.isAtGateway ? .cashGateway : .cashBank, gross)
    case .payout: add(.cashBank, gross - document.fees)
    case .chargeback:
      add(.cashBank, .zero - gross - document.fees)
      add(.cashGateway, .zero - gross)
    case .chargebackReversal:
      add(.cashBank, gross)
      add(.cashGateway, gross)
    case .refund:
      add(.cashBank, .zero - gross)
      if document.isOfCharge { add(.cashGateway, .zero - gross) }
    default: break
    }
  }

  /// Cash against what the bank and the gateway have moved.
  private mutating func judgeCash(_ rest: Rest, _ books: Books) {
    guard books.catalog.paymentTerms != nil else { return }
    if let work = rest.stuck.first {
      return findings.leaveOut("cash: \(work.depth) left in \(work.queue)")
    }
    for (index, totals) in books.cash.totals.enumerated() {
      let entity = EntityID(index: UInt32(index))
      for (boundary, truth) in [
        (ReconciliationBoundary.cashBank, totals.bank), (.cashGateway, totals.gateway),
      ] {
        let place = Place(boundary: boundary, entity: entity)
        let ids = ["entity \(books.catalog[entity].name)", "boundary \(boundary)"]
        func text(_ lines: CashTruth.Lines) -> String { "\(lines.count) movements, \(lines.amount) in all" }
        let last = shown[place] ?? CashTruth.Lines()
        let own = booked[place] ?? CashTruth.Lines()
        findings.expect(
          last, equals: truth, at: rest.at, isReal: truth.count > 0 || last.count > 0, show: text,
          ids + ["the statements as the reconciliation has read them last"])
        findings.require(
          own == truth || brokenCash.contains(place), at: rest.at, isReal: truth.count > 0 || own.count > 0
        ) {
          Breach(
            ids: ids, expected: "a break, as \(text(truth)) were made",
            actual: "none, though \(text(own)) are booked")
        }
      }
    }
  }

  mutating func hear(
    ledgersCompared entity: EntityID, _ documents: Int64, _ receivable: Money, _: Books, at _: Instant
  ) {
    read[entity] = (documents, receivable)
  }

  mutating func judge(_ rest: Rest, _ books: Books) {
    judgeCash(rest, books)
    let stuck = rest.stuck
    let now = rest.at
    for index in books.catalog.entities.indices {
      let entity = EntityID(index: UInt32(index))
      let name = books.catalog.entities[index].name
      if let queue = stuck.first(where: { $0.queue == .outbox(name) || $0.queue == .translation(name) }) {
        findings.leaveOut("entity \(name): \(queue.depth) documents wait in \(queue.queue)")
        continue
      }
      let held = books.ledgerDocuments[index]
      let receivable = books.ledgers[index][.receivable] ?? .zero
      let last = read[entity] ?? (0, .zero)
      findings.require(last == (held, receivable), at: now, isReal: held > 0 || read[entity] != nil) {
        Breach(
          ids: ["entity \(name)", "the ledger as the reconciliation has read it last"],
          expected: "\(held) documents, receivables of \(receivable)",
          actual: "\(last.documents) documents, receivables of \(last.receivable)")
      }
      var wrong: PostingKey?
      var hasAny = false
      for key in books.postingOrder where key.entity == entity && wrong == nil {
        hasAny = true
        guard let due = books.obligations[key], !due.isExcepted else { continue }
        if !due.isPostedOnce { wrong = key }
      }
      findings.require(wrong == nil || broken.contains(entity), at: now, isReal: hasAny) {
        Breach(
          ids: ["entity \(name)"] + (wrong.map { books.ids(of: $0) } ?? []),
          expected: "a break between documents and ledger",
          actual:
            "none, though the ledger holds \(wrong.flatMap { books.obligations[$0]?.documentCount } ?? 0)")
      }
    }
  }
}

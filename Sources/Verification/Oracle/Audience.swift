import CanonicalModel
import Chronology

extension Audience {
  /// Tells everybody who hears of such facts of one.
  mutating func hear(_ fact: Fact, _ books: Books, at instant: Instant) {
    switch fact {
    case .quarantined(let event, let reason):
      hear(quarantined: event, reason, books, at: instant)
    case .quarantineLeft(let event):
      hear(quarantineLeft: event, books, at: instant)
    case .rejected(let event):
      hear(rejected: event, books, at: instant)
    case .identityTold(let link):
      hear(identityTold: link, books, at: instant)
    case .contractTold(let event):
      hear(contractTold: event, books, at: instant)
    case .schemaTold(let schema):
      hear(schemaTold: schema, books, at: instant)
    case .backfillDeclared(let backfill):
      hear(backfillDeclared: backfill, books, at: instant)
    case .statusTold(let invoice, let status):
      hear(statusTold: invoice, status, books, at: instant)
    case .traced(let trace):
      hear(traced: trace, books, at: instant)
    case .caseRouted(let routed):
      hear(caseRouted: routed, books, at: instant)
    case .corrected(let correction):
      hear(corrected: correction, books, at: instant)
    case .correctionRefused(let correction):
      hear(correctionRefused: correction, books, at: instant)
    case .rateFixed(let fixing):
      hear(rateFixed: fixing, books, at: instant)
    case .rated(let charge):
      hear(rated: charge, books, at: instant)
    case .invoiceIssued(let invoice):
      hear(invoiceIssued: invoice, books, at: instant)
    case .invoiceDelivered(let invoice):
      hear(invoiceDelivered: invoice, books, at: instant)
    case .recognised(let document):
      hear(recognised: document, books, at: instant)
    case .accrued(let document):
      hear(accrued: document, books, at: instant)
    case .balanceTransferred: break
    case .chargeHeld(let charge):
      hear(chargeHeld: charge, books, at: instant)
    case .snapshotTaken(let snapshot):
      hear(snapshotTaken: snapshot, books, at: instant)
    case .snapshotRead(let snapshot):
      hear(snapshotRead: snapshot, books, at: instant)
    case .cashBooked(let document):
      hear(cashBooked: document, books, at: instant)
    case .credited(let memo):
      hear(credited: memo, books, at: instant)
    case .charged(let key, let account, let amount):
      hear(charged: key, account, amount, books, at: instant)
    case .chargeRequested(let key, let account, let amount, let repetition):
      hear(chargeRequested: key, account, amount, repetition, books, at: instant)
    case .statementsCompared(let boundary, let entity, let lines, let amount):
      hear(statementsCompared: boundary, entity, lines, amount, books, at: instant)
    case .cashMoved(let event, let id):
      hear(cashMoved: event, id, books, at: instant)
    case .documentPosted(let document):
      hear(documentPosted: document, books, at: instant)
      guard let whole = books.assembled(document) else { return }
      hear(wholeDocument: whole, books, at: instant)
    case .postingAcknowledged(let key, let number):
      hear(postingAcknowledged: key, number, books, at: instant)
    case .expiredInBroker(let partition, let events, let waited):
      hear(expiredInBroker: partition, events, waited, books, at: instant)
    case .declined(let key):
      hear(declined: key, books, at: instant)
    case .caseOpen(let routed):
      hear(caseOpen: routed, books, at: instant)
    case .givenUp(let events):
      hear(givenUp: events, books, at: instant)
    case .erpCalled(let entity, let isSuccessor):
      hear(erpCalled: entity, isSuccessor, books, at: instant)
    case .erpThrottled(let entity, let isSuccessor, let until):
      hear(erpThrottled: entity, isSuccessor, until, books, at: instant)
    case .taxCalled(let call, let asOf):
      hear(taxCalled: call, asOf, books, at: instant)
    case .taxRefused(let call):
      hear(taxRefused: call, books, at: instant)
    case .ledgersCompared(let entity, let documents, let receivable):
      hear(ledgersCompared: entity, documents, receivable, books, at: instant)
    case .breakReported(let boundary, let entity):
      hear(breakReported: boundary, entity, books, at: instant)
    case .recovered(let claim):
      hear(recovered: claim, books, at: instant)
    case .postingExcepted(let key):
      hear(postingExcepted: key, books, at: instant)
    }
  }

  /// An invariant with what it has found.
  static func result<I: Invariant>(of invariant: I) -> InvariantResult {
    InvariantResult(definition: I.definition, findings: invariant.findings)
  }

  /// One that needs all usage leaves out what is still under way.
  static func judgeUsage<I: JudgesUsage>(_ invariant: inout I, _ rest: Rest, _ books: Books) {
    guard let waiting = rest.usageUnderWay else { return invariant.judgeUsage(rest, books) }
    guard invariant.isConcerned(books) else { return }
    invariant.findings.leaveOut("usage is still under way: \(waiting.depth) in \(waiting.queue)")
  }
}

import CanonicalModel
import Chronology

/// All invariants of a run, and which of them hear of what.
struct Audience {
  let all: [any Invariant]
  let captured: [any HearsCaptured]
  let summary: [any HearsSummary]
  let judgesAtRest: [any JudgesAtRest]
  let judgesUsage: [any JudgesUsage]
  let judgesLast: [any JudgesLast]
  let quarantined: [any HearsQuarantined]
  let quarantineLeft: [any HearsQuarantineLeft]
  let rejected: [any HearsRejected]
  let identityTold: [any HearsIdentityTold]
  let contractTold: [any HearsContractTold]
  let schemaTold: [any HearsSchemaTold]
  let backfillDeclared: [any HearsBackfillDeclared]
  let statusTold: [any HearsStatusTold]
  let traced: [any HearsTraced]
  let caseRouted: [any HearsCaseRouted]
  let corrected: [any HearsCorrected]
  let correctionRefused: [any HearsCorrectionRefused]
  let rateFixed: [any HearsRateFixed]
  let rated: [any HearsRated]
  let invoiceIssued: [any HearsInvoiceIssued]
  let invoiceDelivered: [any HearsInvoiceDelivered]
  let recognised: [any HearsRecognised]
  let accrued: [any HearsAccrued]
  let chargeHeld: [any HearsChargeHeld]
  let snapshotTaken: [any HearsSnapshotTaken]
  let snapshotRead: [any HearsSnapshotRead]
  let cashBooked: [any HearsCashBooked]
  let credited: [any HearsCredited]
  let charged: [any HearsCharged]
  let cashMoved: [any HearsCashMoved]
  let documentPosted: [any HearsDocumentPosted]
  let postingAcknowledged: [any HearsPostingAcknowledged]
  let expiredInBroker: [any HearsExpiredInBroker]
  let declined: [any HearsDeclined]
  let caseOpen: [any HearsCaseOpen]
  let givenUp: [any HearsGivenUp]
  let erpCalled: [any HearsErpCalled]
  let erpThrottled: [any HearsErpThrottled]
  let taxCalled: [any HearsTaxCalled]
  let taxRefused: [any HearsTaxRefused]
  let ledgersCompared: [any HearsLedgersCompared]
  let breakReported: [any HearsBreakReported]
  let recovered: [any HearsRecovered]
  let postingExcepted: [any HearsPostingExcepted]
  let wholeDocument: [any HearsWholeDocument]

  /// Tells everybody who hears of such facts of one.
  func hear(_ fact: Fact, _ books: Books, at instant: Instant) {
    switch fact {
    case .quarantined(let event, let reason):
      for invariant in quarantined { invariant.hear(quarantined: event, reason, books, at: instant) }
    case .quarantineLeft(let event):
      for invariant in quarantineLeft { invariant.hear(quarantineLeft: event, books, at: instant) }
    case .rejected(let event):
      for invariant in rejected { invariant.hear(rejected: event, books, at: instant) }
    case .identityTold(let link):
      for invariant in identityTold { invariant.hear(identityTold: link, books, at: instant) }
    case .contractTold(let event):
      for invariant in contractTold { invariant.hear(contractTold: event, books, at: instant) }
    case .schemaTold(let schema):
      for invariant in schemaTold { invariant.hear(schemaTold: schema, books, at: instant) }
    case .backfillDeclared(let backfill):
      for invariant in backfillDeclared { invariant.hear(backfillDeclared: backfill, books, at: instant) }
    case .statusTold(let invoice, let status):
      for invariant in statusTold { invariant.hear(statusTold: invoice, status, books, at: instant) }
    case .traced(let trace):
      for invariant in traced { invariant.hear(traced: trace, books, at: instant) }
    case .caseRouted(let routed):
      for invariant in caseRouted { invariant.hear(caseRouted: routed, books, at: instant) }
    case .corrected(let correction):
      for invariant in corrected { invariant.hear(corrected: correction, books, at: instant) }
    case .correctionRefused(let correction):
      for invariant in correctionRefused { invariant.hear(correctionRefused: correction, books, at: instant) }
    case .rateFixed(let fixing):
      for invariant in rateFixed { invariant.hear(rateFixed: fixing, books, at: instant) }
    case .rated(let charge):
      for invariant in rated { invariant.hear(rated: charge, books, at: instant) }
    case .invoiceIssued(let invoice):
      for invariant in invoiceIssued { invariant.hear(invoiceIssued: invoice, books, at: instant) }
    case .invoiceDelivered(let invoice):
      for invariant in invoiceDelivered { invariant.hear(invoiceDelivered: invoice, books, at: instant) }
    case .recognised(let document):
      for invariant in recognised { invariant.hear(recognised: document, books, at: instant) }
    case .accrued(let document):
      for invariant in accrued { invariant.hear(accrued: document, books, at: instant) }
    case .chargeHeld(let charge):
      for invariant in chargeHeld { invariant.hear(chargeHeld: charge, books, at: instant) }
    case .snapshotTaken(let snapshot):
      for invariant in snapshotTaken { invariant.hear(snapshotTaken: snapshot, books, at: instant) }
    case .snapshotRead(let snapshot):
      for invariant in snapshotRead { invariant.hear(snapshotRead: snapshot, books, at: instant) }
    case .cashBooked(let document):
      for invariant in cashBooked { invariant.hear(cashBooked: document, books, at: instant) }
    case .credited(let memo):
      for invariant in credited { invariant.hear(credited: memo, books, at: instant) }
    case .charged(let key, let account, let amount):
      for invariant in charged { invariant.hear(charged: key, account, amount, books, at: instant) }
    case .cashMoved(let event):
      for invariant in cashMoved { invariant.hear(cashMoved: event, books, at: instant) }
    case .documentPosted(let document):
      for invariant in documentPosted { invariant.hear(documentPosted: document, books, at: instant) }
      guard !wholeDocument.isEmpty, let whole = books.assembled(document) else { return }
      for invariant in wholeDocument { invariant.hear(wholeDocument: whole, books, at: instant) }
    case .postingAcknowledged(let key, let number):
      for invariant in postingAcknowledged {
        invariant.hear(postingAcknowledged: key, number, books, at: instant)
      }
    case .expiredInBroker(let partition, let events, let waited):
      for invariant in expiredInBroker {
        invariant.hear(expiredInBroker: partition, events, waited, books, at: instant)
      }
    case .declined(let key):
      for invariant in declined { invariant.hear(declined: key, books, at: instant) }
    case .caseOpen(let routed):
      for invariant in caseOpen { invariant.hear(caseOpen: routed, books, at: instant) }
    case .givenUp(let events):
      for invariant in givenUp { invariant.hear(givenUp: events, books, at: instant) }
    case .erpCalled(let entity, let isSuccessor):
      for invariant in erpCalled { invariant.hear(erpCalled: entity, isSuccessor, books, at: instant) }
    case .erpThrottled(let entity, let isSuccessor, let until):
      for invariant in erpThrottled {
        invariant.hear(erpThrottled: entity, isSuccessor, until, books, at: instant)
      }
    case .taxCalled(let call, let asOf):
      for invariant in taxCalled { invariant.hear(taxCalled: call, asOf, books, at: instant) }
    case .taxRefused(let call):
      for invariant in taxRefused { invariant.hear(taxRefused: call, books, at: instant) }
    case .ledgersCompared(let entity, let documents, let receivable):
      for invariant in ledgersCompared {
        invariant.hear(ledgersCompared: entity, documents, receivable, books, at: instant)
      }
    case .breakReported(let boundary, let entity):
      for invariant in breakReported { invariant.hear(breakReported: boundary, entity, books, at: instant) }
    case .recovered(let claim):
      for invariant in recovered { invariant.hear(recovered: claim, books, at: instant) }
    case .postingExcepted(let key):
      for invariant in postingExcepted { invariant.hear(postingExcepted: key, books, at: instant) }
    }
  }
}

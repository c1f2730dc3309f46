import CanonicalModel
import Chronology

/// All invariants of a run, and which of them hear of what.
struct Audience {
  let all: [any Invariant]
  let captured: [any HearsCaptured]
  let summary: [any HearsSummary]
  private let quarantined: [any HearsQuarantined]
  private let quarantineLeft: [any HearsQuarantineLeft]
  private let rejected: [any HearsRejected]
  private let identityTold: [any HearsIdentityTold]
  private let contractTold: [any HearsContractTold]
  private let schemaTold: [any HearsSchemaTold]
  private let backfillDeclared: [any HearsBackfillDeclared]
  private let statusTold: [any HearsStatusTold]
  private let traced: [any HearsTraced]
  private let caseRouted: [any HearsCaseRouted]
  private let corrected: [any HearsCorrected]
  private let correctionRefused: [any HearsCorrectionRefused]
  private let rateFixed: [any HearsRateFixed]
  private let rated: [any HearsRated]
  private let invoiceIssued: [any HearsInvoiceIssued]
  private let invoiceDelivered: [any HearsInvoiceDelivered]
  private let recognised: [any HearsRecognised]
  private let accrued: [any HearsAccrued]
  private let chargeHeld: [any HearsChargeHeld]
  private let snapshotTaken: [any HearsSnapshotTaken]
  private let snapshotRead: [any HearsSnapshotRead]
  private let cashBooked: [any HearsCashBooked]
  private let credited: [any HearsCredited]
  private let charged: [any HearsCharged]
  private let cashMoved: [any HearsCashMoved]
  private let documentPosted: [any HearsDocumentPosted]
  private let postingAcknowledged: [any HearsPostingAcknowledged]
  private let expiredInBroker: [any HearsExpiredInBroker]
  private let declined: [any HearsDeclined]
  private let caseOpen: [any HearsCaseOpen]
  private let givenUp: [any HearsGivenUp]
  private let erpCalled: [any HearsErpCalled]
  private let erpThrottled: [any HearsErpThrottled]
  private let taxCalled: [any HearsTaxCalled]
  private let taxRefused: [any HearsTaxRefused]
  private let ledgersCompared: [any HearsLedgersCompared]
  private let breakReported: [any HearsBreakReported]
  private let recovered: [any HearsRecovered]
  private let postingExcepted: [any HearsPostingExcepted]
  private let wholeDocument: [any HearsWholeDocument]

  init() {
    let all = InvariantRegistry.all.map { $0.init() }
    func those<Hearing>(who _: Hearing.Type) -> [Hearing] { all.compactMap { $0 as? Hearing } }
    self.all = all
    captured = those(who: (any HearsCaptured).self)
    summary = those(who: (any HearsSummary).self)
    quarantined = those(who: (any HearsQuarantined).self)
    quarantineLeft = those(who: (any HearsQuarantineLeft).self)
    rejected = those(who: (any HearsRejected).self)
    identityTold = those(who: (any HearsIdentityTold).self)
    contractTold = those(who: (any HearsContractTold).self)
    schemaTold = those(who: (any HearsSchemaTold).self)
    backfillDeclared = those(who: (any HearsBackfillDeclared).self)
    statusTold = those(who: (any HearsStatusTold).self)
    traced = those(who: (any HearsTraced).self)
    caseRouted = those(who: (any HearsCaseRouted).self)
    corrected = those(who: (any HearsCorrected).self)
    correctionRefused = those(who: (any HearsCorrectionRefused).self)
    rateFixed = those(who: (any HearsRateFixed).self)
    rated = those(who: (any HearsRated).self)
    invoiceIssued = those(who: (any HearsInvoiceIssued).self)
    invoiceDelivered = those(who: (any HearsInvoiceDelivered).self)
    recognised = those(who: (any HearsRecognised).self)
    accrued = those(who: (any HearsAccrued).self)
    chargeHeld = those(who: (any HearsChargeHeld).self)
    snapshotTaken = those(who: (any HearsSnapshotTaken).self)
    snapshotRead = those(who: (any HearsSnapshotRead).self)
    cashBooked = those(who: (any HearsCashBooked).self)
    credited = those(who: (any HearsCredited).self)
    charged = those(who: (any HearsCharged).self)
    cashMoved = those(who: (any HearsCashMoved).self)
    documentPosted = those(who: (any HearsDocumentPosted).self)
    postingAcknowledged = those(who: (any HearsPostingAcknowledged).self)
    expiredInBroker = those(who: (any HearsExpiredInBroker).self)
    declined = those(who: (any HearsDeclined).self)
    caseOpen = those(who: (any HearsCaseOpen).self)
    givenUp = those(who: (any HearsGivenUp).self)
    erpCalled = those(who: (any HearsErpCalled).self)
    erpThrottled = those(who: (any HearsErpThrottled).self)
    taxCalled = those(who: (any HearsTaxCalled).self)
    taxRefused = those(who: (any HearsTaxRefused).self)
    ledgersCompared = those(who: (any HearsLedgersCompared).self)
    breakReported = those(who: (any HearsBreakReported).self)
    recovered = those(who: (any HearsRecovered).self)
    postingExcepted = those(who: (any HearsPostingExcepted).self)
    wholeDocument = those(who: (any HearsWholeDocument).self)
  }

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

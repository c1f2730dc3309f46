import CanonicalModel
import Chronology

/// What the books take of a fact, before any invariant hears of it.
extension Oracle {
  func book(_ fact: Fact, at instant: Instant) {
    switch fact {
    case .quarantined(let event, let reason):
      books.usage.quarantine(event)
      if reason == .beyondHorizon { books.beyondHorizon += 1 }
    case .quarantineLeft(let event): books.usage.release(event)
    case .rejected(let event): books.usage.reject(event)
    case .corrected(let correction):
      if let replacement = correction.replacement {
        withUnsafePointer(to: replacement) { books.usage.emit(UnsafeBufferPointer(start: $0, count: 1)) }
      }
      books.usage.withdraw(correction.original)
    case .correctionRefused(let correction): books.usage.refuse(correction)
    case .rated(let charge): books.add(rated: charge, at: instant)
    case .invoiceIssued(let invoice): books.add(issued: invoice)
    case .recognised(let document): books.add(recognised: document)
    case .accrued(let document): books.add(accrued: document)
    case .balanceTransferred(let transfer): books.add(transferred: transfer)
    case .chargeHeld(let charge): books.add(held: charge)
    case .cashBooked(let document): books.add(booked: document)
    case .credited(let memo): books.add(credited: memo)
    case .charged(let key, _, let amount): books.cash.add(charge: key, amount)
    case .cashMoved(let event, _): books.cash.add(event)
    case .documentPosted(let document): books.add(posted: document)
    case .postingExcepted(let key): books.except(key)
    case .contractTold(let event):
      books.revenue.hear(event, at: instant)
      books.unbilled.hear(event, at: instant)
    case .identityTold, .schemaTold, .backfillDeclared, .rateFixed, .invoiceDelivered,
      .snapshotTaken,
      .snapshotRead, .chargeRequested, .statementsCompared, .declined, .caseOpen, .postingAcknowledged,
      .statusTold, .traced, .caseRouted,
      .expiredInBroker,
      .givenUp, .erpCalled, .erpThrottled, .taxCalled, .taxRefused, .ledgersCompared, .breakReported,
      .recovered:
      break
    }
  }
}

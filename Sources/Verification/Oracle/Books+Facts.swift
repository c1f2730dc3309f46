import CanonicalModel

/// What the books take of a fact, before any invariant hears of it.
extension Books {
  func take(_ fact: Fact) {
    switch fact {
    case .quarantined(let event, let reason):
      usage.hold(event)
      if reason == .beyondHorizon { beyondHorizon += 1 }
    case .quarantineLeft(let event): usage.release(event)
    case .rejected(let event): usage.reject(event)
    case .corrected(let correction):
      if let replacement = correction.replacement {
        withUnsafePointer(to: replacement) { usage.emit(UnsafeBufferPointer(start: $0, count: 1)) }
      }
      usage.withdraw(correction.original)
    case .correctionRefused(let correction): usage.refuse(correction)
    case .rated(let charge): add(rated: charge)
    case .invoiceIssued(let invoice): add(issued: invoice)
    case .recognised(let document): add(recognised: document)
    case .accrued(let document): add(accrued: document)
    case .chargeHeld(let charge): add(held: charge)
    case .cashBooked(let document): add(booked: document)
    case .credited(let memo): add(credited: memo)
    case .charged(let key, _, let amount): cash.add(charge: key, amount)
    case .cashMoved(let event): cash.add(event)
    case .documentPosted(let document): add(posted: document)
    case .postingExcepted(let key): except(key)
    case .identityTold, .contractTold, .schemaTold, .backfillDeclared, .rateFixed, .invoiceDelivered,
      .snapshotTaken,
      .snapshotRead, .declined, .caseOpen, .postingAcknowledged, .statusTold, .traced, .caseRouted,
      .expiredInBroker,
      .givenUp, .erpCalled, .erpThrottled, .taxCalled, .taxRefused, .ledgersCompared, .breakReported,
      .recovered:
      break
    }
  }
}

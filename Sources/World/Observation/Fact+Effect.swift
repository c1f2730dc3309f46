import CanonicalModel
import Chronology
import CoreInterface

extension Effect {
  /// What an auditor learns of the effect from the core's own log, where that is one thing. What the world alone could tell (that an
  /// invoice has reached its customer, that money has moved) is not among it.
  var fact: Fact? {
    switch self {
    case .quarantined(let event, let reason): .quarantined(event, reason)
    case .replayed(let event, _): .quarantineLeft(event)
    case .routed(let routed): .caseRouted(routed)
    case .rejected(let event): .rejected(event)
    case .correctionRefused(let correction): .correctionRefused(correction)
    case .rated(let charge): .rated(charge)
    case .issue(let invoice): .invoiceIssued(invoice)
    case .recognised(let document): .recognised(document)
    case .accrued(let document): .accrued(document)
    case .transferred(let transfer): .balanceTransferred(transfer)
    case .held(let charge): .chargeHeld(charge)
    case .credited(let memo): .credited(memo)
    case .cashBooked(let document): .cashBooked(document)
    case .tellStatus(let invoice, let status, _): .statusTold(invoice, status)
    case .call(let call): .erpCalled(call.entity, isSuccessor: call.system == 1)
    case .acknowledged(let key, let number): .postingAcknowledged(key, documentNumber: number)
    case .closed(let snapshot): .snapshotTaken(snapshot)
    case .raise(let exception): exception.subject.fact
    case .reconciled, .askForTax, .refund, .charge, .foundOnStatement: nil
    }
  }

  /// All that an auditor learns of the effect from the core's own log.
  package var facts: [Fact] {
    if case .reconciled(let report) = self { return report.ledgerFacts + report.statementFacts }
    return fact.map { [$0] } ?? []
  }
}

extension ExceptionCase.Subject {
  /// What an auditor learns of a case that is raised.
  var fact: Fact? {
    switch self {
    case .postingRejected(let key, _): .postingExcepted(key)
    case .reconciliationBreak(let boundary, let entity, _): .breakReported(boundary: boundary, entity)
    default: nil
    }
  }
}

extension ReconciliationReport {
  /// What the reconciliation has read of each entity's ledgers: those of a successor included.
  package var ledgerFacts: [Fact] {
    var read: [EntityID: ControlTotal] = [:]
    for result in ledgers { read[result.entity, default: ControlTotal()] += result.downstream }
    return read.sorted { $0.key < $1.key }.map {
      .ledgersCompared($0.key, documents: $0.value.count, receivable: $0.value.amount)
    }
  }
}

extension ReconciliationReport {
  /// What the reconciliation has read of the statements of each entity's bank and gateway.
  var statementFacts: [Fact] {
    statements.map {
      .statementsCompared(
        $0.boundary, $0.entity, lines: $0.downstream.count, amount: $0.downstream.amount)
    }
  }
}

extension CoreInput {
  /// What master data the input tells the core, once it has been taken in.
  var masterData: Fact? {
    switch self {
    case .identity(let link): .identityTold(link)
    case .contract(let event): .contractTold(event)
    case .schema(let registration): .schemaTold(registration)
    default: nil
    }
  }
}

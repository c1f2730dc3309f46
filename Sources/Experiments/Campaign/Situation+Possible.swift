import CanonicalModel
import Scenario
import World

/// Which situations a scenario cannot reach, whatever the seed, because it lacks what they need.
extension Situation {
  /// The names of those that no seed of a scenario can reach, each with what the scenario lacks.
  static func impossible(in template: ScenarioTemplate) -> [String: String] {
    let scenario = template.scenario
    let explored = Set((scenario.exploration?.values ?? []).compactMap(\.path.first))
    return Dictionary(
      uniqueKeysWithValues: allCases.compactMap { situation in
        // What a campaign draws may put in what the file lacks.
        guard let need = situation.need, !need.isThere(scenario), !explored.contains(need.section)
        else { return nil }
        return (situation.rawValue, need.lack)
      })
  }

  /// A part of a scenario without which a situation cannot come about.
  struct Need {
    /// The key of the section.
    var section: String
    /// What is missing without it, in words.
    var lack: String
    /// Whether a scenario has it.
    var isThere: (ScenarioFile) -> Bool
  }

  /// What it needs; `nil`: nothing that a scenario could lack.
  private var need: Need? {
    func fault(_ kinds: String..., of families: FaultTarget.Family...) -> Need {
      let place = families.isEmpty ? "" : " of \(families.map(\.rawValue).joined(separator: " or "))"
      return Need(section: "faults", lack: "no fault \(kinds.joined(separator: " or "))\(place)") {
        scenario in
        scenario.faults.contains { fault in
          kinds.contains(fault.kind.name)
            && (families.isEmpty || fault.targets.contains { families.contains($0.family) })
        }
      }
    }
    return switch self {
    case .chargeDeclined, .chargeAnswerLost, .chargeRepeated, .paidOut, .chargedBack, .transferReceived,
      .partialPayment, .overpaid, .chargeRefused, .noticeDuplicated, .refunded, .unappliedApplied,
      .foundOnStatement:
      Need(section: "payments", lack: "no payments") { $0.payments != nil }
    case .unappliedReturned:
      Need(section: "payments", lack: "no unapplied cash that is given back") {
        $0.payments?.unapplied == .refund
      }
    case .refundRefused, .chargebackBounded:
      Need(section: "payments", lack: "no chargebacks") { ($0.payments?.chargebacks ?? 0) > 0 }
    case .disputeWon, .disputeLost:
      Need(section: "payments", lack: "no disputes") { $0.payments?.disputes != nil }
    case .partialCapture:
      Need(section: "payments", lack: "no partial captures") { ($0.payments?.partialCaptures ?? 0) > 0 }
    case .writtenOff:
      Need(section: "payments", lack: "no write-offs") { $0.payments?.writeOffAfter != nil }
    case .noticeLost, .statementLost: fault("drop", of: .webhooks)
    case .creditRequested, .creditWaited: Need(section: "credits", lack: "no credits") { $0.credits != nil }
    case .rebilled: Need(section: "credits", lack: "no rebills") { ($0.credits?.rebills ?? 0) > 0 }
    case .periodClosed, .periodClosedAgain, .datedToNextPeriod:
      Need(section: "periods", lack: "no accounting periods that close") { $0.periods != nil }
    case .postedWhileReopened:
      Need(section: "periods", lack: "no reopening of a period") { $0.periods?.reopenings.isEmpty == false }
    case .postedToSuccessor:
      Need(section: "entities", lack: "no cut-over to another ERP") {
        $0.entities.contains { $0.cutOver != nil }
      }
    case .rateFixed, .rateAwaited:
      Need(section: "entities", lack: "no entity with books in a second currency") {
        $0.entities.contains { $0.books != nil }
      }
    case .contractChanged:
      Need(section: "customers", lack: "no changes of contracts") { !$0.amendments.isEmpty }
    case .contractPaused:
      Need(section: "customers", lack: "no pauses of contracts") { !$0.lifecycle.pauses.isEmpty }
    case .contractCancelled:
      Need(section: "customers", lack: "no cancellations and no churn") {
        !$0.lifecycle.cancellations.isEmpty || $0.lifecycle.churn > 0
      }
    case .usageAmended, .usageVoided, .correctionRefused:
      Need(section: "delivery", lack: "no corrections of usage") { $0.delivery.correctionShare > 0 }
    case .crossRegionCopy:
      Need(section: "delivery", lack: "no second region") { $0.delivery.crossRegionShare > 0 }
    case .restampedCopy:
      Need(section: "delivery", lack: "no restamped copies") { $0.delivery.restampedShare > 0 }
    case .backfilled, .backfillRefused:
      Need(section: "load", lack: "no gap that is backfilled") { $0.load.contains { $0.gap != nil } }
    case .schemaRefused:
      Need(section: "load", lack: "no change of an event schema") {
        $0.load.contains { $0.schemaChange != nil }
      }
    case .identityLinked:
      Need(section: "customers", lack: "one identifier per customer") { $0.identities.perCustomer > 1 }
    case .identityConflict:
      Need(section: "customers", lack: "no conflicts of identifiers") { $0.identities.conflictShare > 0 }
    case .batchRedelivered: nil
    case .processCrashed, .tornWriteDetected, .effectLost, .effectRepeated, .inputSentAgain,
      .batchUnacknowledged, .answeredDeadProcess, .crashBetweenPostAndAcknowledge:
      fault("crash", of: .process)
    case .lostInProducer: fault("crash", of: .producers)
    case .clockSkewed: fault("clockSkew")
    case .rebalanced: fault("rebalance")
    case .requestLost, .answerLost: fault("drop", "partition")
    case .messageDelayed: fault("delay")
    case .requestDuplicated: fault("duplicate")
    case .feedRepeated: fault("duplicate", of: .crm, .fx)
    case .draftedWithoutTax: fault("outage", "maintenance", of: .tax)
    case .brokerUnavailable: fault("outage", of: .broker)
    case .diedDuringCall, .invoicedDuringOutage: fault("outage", "maintenance", of: .erp)
    default: nil
    }
  }
}

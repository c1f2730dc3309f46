import Scenario
import World

/// Which situations a scenario cannot reach, whatever the seed, because it lacks what they need.
extension Situation {
  /// The names of those that no seed of a scenario can reach.
  static func impossible(in template: ScenarioTemplate) -> Set<String> {
    let scenario = template.scenario
    let explored = Set((scenario.exploration?.values ?? []).compactMap(\.path.first))
    return Set(
      allCases.filter { situation in
        guard let need = situation.need else { return false }
        // What a campaign draws may put in what the file lacks.
        return !need.isThere(scenario) && !explored.contains(need.section)
      }.map(\.rawValue))
  }

  /// A part of a scenario without which a situation cannot come about.
  struct Need {
    /// The key of the section.
    var section: String
    /// Whether a scenario has it.
    var isThere: (ScenarioFile) -> Bool
  }

  /// What it needs; `nil`: nothing that a scenario could lack.
  private var need: Need? {
    func fault(_ kinds: String..., of families: String...) -> Need {
      Need(section: "faults") { scenario in
        scenario.faults.contains { fault in
          kinds.contains(FaultKind(fault.kind).name)
            && (families.isEmpty || fault.targets.contains { families.contains(FaultTarget($0).family) })
        }
      }
    }
    return switch self {
    case .chargeDeclined, .chargeAnswerLost, .chargeRepeated, .paidOut, .chargedBack, .transferReceived,
      .partialPayment, .overpaid, .chargeRefused, .noticeDuplicated:
      Need(section: "payments") { $0.payments != nil }
    case .creditRequested, .creditWaited: Need(section: "credits") { $0.credits != nil }
    case .rebilled: Need(section: "credits") { ($0.credits?.rebills ?? 0) > 0 }
    case .periodClosed, .periodClosedAgain, .datedToNextPeriod: Need(section: "periods") { $0.periods != nil }
    case .postedWhileReopened: Need(section: "periods") { $0.periods?.reopenings.isEmpty == false }
    case .postedToSuccessor: Need(section: "entities") { $0.entities.contains { $0.cutOver != nil } }
    case .rateFixed, .rateAwaited: Need(section: "entities") { $0.entities.contains { $0.books != nil } }
    case .contractChanged: Need(section: "customers") { !$0.amendments.isEmpty }
    case .usageAmended, .usageVoided, .correctionRefused:
      Need(section: "delivery") { $0.delivery.correctionShare > 0 }
    case .crossRegionCopy: Need(section: "delivery") { $0.delivery.crossRegionShare > 0 }
    case .restampedCopy: Need(section: "delivery") { $0.delivery.restampedShare > 0 }
    case .backfilled, .backfillRefused: Need(section: "load") { $0.load.contains { $0.gap != nil } }
    case .schemaRefused: Need(section: "load") { $0.load.contains { $0.schemaChange != nil } }
    case .identityLinked: Need(section: "customers") { $0.identities.perCustomer > 1 }
    case .identityConflict: Need(section: "customers") { $0.identities.conflictShare > 0 }
    case .batchRedelivered: nil
    case .processCrashed, .tornWriteDetected, .effectLost, .effectRepeated, .inputSentAgain,
      .batchUnacknowledged, .answeredDeadProcess, .crashBetweenPostAndAcknowledge:
      fault("crash", of: "process")
    case .lostInProducer: fault("crash", of: "producers")
    case .clockSkewed: fault("clockSkew")
    case .rebalanced: fault("rebalance")
    case .draftedWithoutTax: fault("outage", "maintenance", of: "tax")
    case .brokerUnavailable: fault("outage", of: "broker")
    case .diedDuringCall, .invoicedDuringOutage: fault("outage", "maintenance", of: "erp")
    default: nil
    }
  }
}

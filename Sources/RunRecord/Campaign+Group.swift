extension CampaignSummary {
  /// How far a group's cause has been tried out, by running its example without the faults that were active and with them alone.
  package enum Standing: String, Codable, Sendable {
    /// Not tried: the faults were active, or had begun, and no more is known.
    case active
    /// The failure is gone without the faults, and there with them alone.
    case confirmed
    /// The failure is there without any fault.
    case noFault
    /// The failure is there without the faults as well, or not there with them alone.
    case refuted
  }

  /// A fault that the scenario declares.
  package struct Fault: Codable, Equatable, Sendable {
    /// The fault in words.
    package var fault: String
    /// On how many seeds it began.
    package var seeds: Int
    /// On how many seeds it hit something; `nil` where that was not kept.
    package var hits: Int?
  }
}

extension CampaignSummary.Group {
  /// What the failure comes from, in words that claim no more than was tried.
  package var causeText: String {
    switch standing {
    case .noFault: "no fault: seed \(exampleSeed) also fails without any"
    case .confirmed:
      "\(cause) (seed \(exampleSeed): fails with \(isSingle ? "it" : "them") alone, passes without)"
    case .refuted:
      cause.isEmpty
        ? "no fault was active then; seed \(exampleSeed) passes without any faults"
        : "not shown; faults active: \(cause)"
    case .active: cause.isEmpty ? "no fault was active" : "faults active: \(cause)"
    }
  }

  private var isSingle: Bool { !cause.contains(", ") }
}

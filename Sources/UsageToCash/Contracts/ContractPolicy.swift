/// How days are counted when a period is split.
public enum DayCount: String, Sendable, CaseIterable {
  /// The day on which a part ends belongs to the next one.
  case endExclusive
  /// It belongs to both: a real failure, never a choice.
  case endInclusive
}

/// When a change of contract is taken up.
public enum AmendmentTiming: String, Sendable, CaseIterable {
  /// From the instant on that it names.
  case asAgreed
  /// From the instant on at which billing hears of it, where that is later: a real failure, never a choice.
  case whenTold
  /// From the next billing period on, whatever was agreed: a real failure, never a choice.
  case nextPeriod
}

/// How usage is rated that comes after its period was.
public enum LateRating: String, Sendable, CaseIterable {
  /// As the difference that it makes to the period.
  case difference
  /// On its own, from the first tier on: a real failure, never a choice.
  case alone
  /// Not at all: a real failure, never a choice.
  case never
}

/// The rules of contracts and recurring charges.
public struct ContractPolicy: Sendable {
  /// The count of days.
  public var dayCount: DayCount
  /// The taking up of changes.
  public var amendments: AmendmentTiming
  /// Whether changes of contract are expected: usage is then kept by window, so that a change that is told late
  /// finds the usage under it.
  public var expectsChanges: Bool
  /// How late usage is rated.
  public var lateRating = LateRating.difference
  /// Whether charges keep to their maximum.
  public var keepsMaximum = true
  /// Whether a recurring charge that was made is known when its period is looked at again.
  public var remembersFees = true
  /// Whether an item that terms no longer have is still billed.
  public var billsLostItems = false
  /// Whether the first fees are charged when a contract begins, not at the end of its first period.
  public var chargesAtActivation = true
  /// Whether a true-up to the minimum spend is revised when late usage comes.
  public var revisesTrueUps: Bool
  /// What becomes of prepaid credits when they expire.
  public var creditExpiry: CreditExpiry

  /// Makes rules.
  public init(
    dayCount: DayCount = .endExclusive, amendments: AmendmentTiming = .asAgreed, revisesTrueUps: Bool = true,
    creditExpiry: CreditExpiry = .expires, expectsChanges: Bool = true
  ) {
    self.expectsChanges = expectsChanges
    self.dayCount = dayCount
    self.creditExpiry = creditExpiry
    self.amendments = amendments
    self.revisesTrueUps = revisesTrueUps
  }
}

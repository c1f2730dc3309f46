extension Comparison {
  /// Which variant is the best in one figure, of those that held every invariant.
  public struct Choice: Codable, Equatable, Sendable {
    /// How far it came.
    public enum Finding: String, Codable, Sendable {
      /// One is the best, or within the indifference of it.
      case chosen
      /// Several have the same mean, and differences between them are below the indifference.
      case equal
      /// More than one may be the best still.
      case open
      /// None held every invariant.
      case none
    }

    /// A variant that is out of the choice.
    public struct Exit: Codable, Equatable, Sendable {
      /// The variant.
      public var variant: String
      /// After so many replications.
      public var after: Int
      /// Why: `worse`, an invariant that broke, or that the figure could not be measured.
      public var reason: String

      /// Makes an entry.
      public init(variant: String, after: Int, reason: String) {
        self.variant = variant
        self.after = after
        self.reason = reason
      }
    }

    /// The indicator.
    public var indicator: String
    /// Whether the highest mean is the best; otherwise the lowest.
    public var isHighest: Bool
    /// Differences that do not matter, in the indicator's unit.
    public var indifference: Double
    /// The probability with which the choice is right, whatever the variants are, where values are about normally distributed.
    public var confidence: Double
    /// What was found.
    public var finding: Finding
    /// What may be the best: one entry where one is chosen, in order of their means.
    public var best: [String]
    /// What is out, in the order in which it left.
    public var out: [Exit]
    /// Replications of all variants together.
    public var runs: Int
    /// Why nothing is chosen although the figures would say so; left out otherwise.
    public var reason: String?

    /// Makes a choice.
    public init(
      indicator: String, isHighest: Bool, indifference: Double, confidence: Double, finding: Finding,
      best: [String],
      out: [Exit], runs: Int
    ) {
      self.indicator = indicator
      self.isHighest = isHighest
      self.indifference = indifference
      self.confidence = confidence
      self.finding = finding
      self.best = best
      self.out = out
      self.runs = runs
    }
  }

  /// What a condition under which the comparison fails came to for one variant.
  public struct Condition: Codable, Equatable, Sendable {
    /// What can be said of it.
    public enum Finding: String, Codable, Sendable {
      /// It is shown to be so.
      case shown
      /// It is shown not to be so.
      case excluded
      /// Neither.
      case open
    }

    /// The condition as written.
    public var condition: String
    /// The variant.
    public var variant: String
    /// What was found.
    public var finding: Finding
    /// By how much the mean lies above the limit (below it, where the condition asks for less): positive is where the condition holds.
    /// `nil` where it could not be measured.
    public var excess: Estimate?
    /// Why it is open, or what is shown, in words.
    public var reason: String?

    /// Makes an entry.
    public init(condition: String, variant: String, finding: Finding, excess: Estimate?, reason: String?) {
      self.condition = condition
      self.variant = variant
      self.finding = finding
      self.excess = excess
      self.reason = reason
    }
  }
}

extension Comparison {
  /// Which variant is the best in one figure, of those that held every invariant.
  package struct Choice: Codable, Equatable, Sendable {
    /// How far it came.
    package enum Finding: String, Codable, Sendable {
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
    package struct Exit: Codable, Equatable, Sendable {
      /// The variant.
      package var variant: String
      /// After so many replications.
      package var after: Int
      /// Why: `worse`, an invariant that broke, or that the figure could not be measured.
      package var reason: String

      /// Makes an entry.
      package init(variant: String, after: Int, reason: String) {
        self.variant = variant
        self.after = after
        self.reason = reason
      }
    }

    /// The indicator.
    package var indicator: String
    /// Whether the highest mean is the best; otherwise the lowest.
    package var isHighest: Bool
    /// Differences that do not matter, in the indicator's unit.
    package var indifference: Double
    /// The probability with which the choice is right, whatever the variants are, where values are about normally distributed.
    package var confidence: Double
    /// What was found.
    package var finding: Finding
    /// What may be the best: one entry where one is chosen, in order of their means.
    package var best: [String]
    /// What is out, in the order in which it left.
    package var out: [Exit]
    /// Replications of all variants together.
    package var runs: Int
    /// Why nothing is chosen although the figures would say so; left out otherwise.
    package var reason: String?

    /// Makes a choice.
    package init(
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
  package struct Condition: Codable, Equatable, Sendable {
    /// What can be said of it.
    package enum Finding: String, Codable, Sendable {
      /// It is shown to be so.
      case shown
      /// It is shown not to be so.
      case excluded
      /// Neither.
      case open
    }

    /// The condition as written.
    package var condition: String
    /// The variant.
    package var variant: String
    /// What was found.
    package var finding: Finding
    /// By how much the mean lies above the limit (below it, where the condition asks for less): positive is where the condition holds.
    /// `nil` where it could not be measured.
    package var excess: Estimate?
    /// Why it is open, or what is shown, in words.
    package var reason: String?

    /// Makes an entry.
    package init(condition: String, variant: String, finding: Finding, excess: Estimate?, reason: String?) {
      self.condition = condition
      self.variant = variant
      self.finding = finding
      self.excess = excess
      self.reason = reason
    }
  }
}

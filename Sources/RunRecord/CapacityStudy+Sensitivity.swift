extension CapacityStudy {
  /// How sure an effect is.
  package struct Certainty: Codable, Equatable, Sendable {
    /// The mean magnitude of its elementary effects, over trajectories.
    package var magnitude: Estimate
    /// Their mean.
    package var mean: Estimate
    /// Whether it does more than chance.
    package var isShown: Bool
    /// Whether it is shown to matter more than the next entry of the same indicator; `nil` for the last one.
    package var isGreaterThanNext: Bool?

    /// Makes an entry.
    package init(magnitude: Estimate, mean: Estimate, isShown: Bool, isGreaterThanNext: Bool?) {
      self.magnitude = magnitude
      self.mean = mean
      self.isShown = isShown
      self.isGreaterThanNext = isGreaterThanNext
    }
  }

  /// What a knob explains of an indicator's variance, where all of them vary evenly over their ranges (Sobol').
  package struct Index: Codable, Equatable, Sendable {
    /// The knob; `nil`: chance.
    package var path: String?
    /// The indicator.
    package var indicator: String
    /// Alone.
    package var first: Estimate
    /// Alone and together with others; `nil` for chance.
    package var total: Estimate?

    /// Makes an entry.
    package init(path: String?, indicator: String, first: Estimate, total: Estimate?) {
      self.path = path
      self.indicator = indicator
      self.first = first
      self.total = total
    }
  }

  /// What was run for effects or indices, so that others can compute them, too.
  package struct Samples: Codable, Equatable, Sendable {
    /// Points in one trajectory or row.
    package var size: Int
    /// Where each point is between the least (0) and the greatest value (1) of each knob; trajectory by trajectory, or row by row.
    package var positions: [[Double]]
    /// The figures of each point by indicator, the mean over replications; `nil`: could not be measured.
    package var outcomes: [String: [Double?]]

    /// Makes samples.
    package init(size: Int, positions: [[Double]], outcomes: [String: [Double?]]) {
      self.size = size
      self.positions = positions
      self.outcomes = outcomes
    }
  }

  /// What people call a value of the scenario.
  package struct Words: Codable, Equatable, Sendable {
    /// Such as `connections of entity us's ERP`.
    package var text: String
    /// What its values are: `count`, `duration`, `share`, `rate`, `number` or `other`.
    package var kind: String

    /// Makes an entry.
    package init(text: String, kind: String) {
      self.text = text
      self.kind = kind
    }
  }
}

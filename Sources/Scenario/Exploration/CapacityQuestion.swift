import Chronology

/// What a capacity study is to find out: an entry of the `capacity` section of a scenario.
package struct CapacityQuestion: Hashable, Sendable {
  /// What is looked for.
  package enum Goal: String, Hashable, Sendable, CaseIterable {
    /// The largest value with which all objectives are met.
    case largest
    /// The smallest value with which all objectives are met.
    case smallest
    /// Which pairs of values of two knobs meet them.
    case map
    /// Which of several knobs matter most.
    case effects
    /// How much of an indicator's variance each of several knobs explains.
    case indices
    /// With which probability the books are closed by each of some days.
    case closing
  }

  /// A value of the scenario that is turned, at one place or at several together.
  package struct Knob: Hashable, Sendable {
    /// Where it stands, such as `customers.count`: each place gets the same value.
    package var paths: [[String]]
    /// The values that are tried.
    package var range: ExploredRange
    /// Where the values are per cent of what stands in the scenario: that, for each place; empty: each gets the value itself.
    package var today: [ExploredRange.Amount] = []
    /// The first place.
    package var path: [String] { paths[0] }
    /// How it is called: `customers.count`, `entities.0.erp.concurrency, design.posting.concurrency`, or `load`.
    package var title: String {
      today.isEmpty ? paths.map { $0.joined(separator: ".") }.joined(separator: ", ") : "load"
    }

    /// Makes a knob.
    package init(path: [String], range: ExploredRange) { self.init(paths: [path], range: range) }

    /// Makes a knob that turns several places.
    ///
    /// - Precondition: there is a path.
    package init(paths: [[String]], range: ExploredRange) {
      precondition(!paths.isEmpty, "a knob turns something")
      self.paths = paths
      self.range = range
    }
  }

  /// The same question for each of some values.
  package struct Across: Hashable, Sendable {
    /// Where these stand: each value is put at all of these places.
    package var paths: [[String]]
    /// The values, as YAML.
    package var values: [String]

    /// Makes a row of values.
    package init(paths: [[String]], values: [String]) {
      self.paths = paths
      self.values = values
    }

    /// How a value is shown: `entities.0.erp.concurrency=5`.
    package func title(_ index: Int) -> String {
      paths.map { $0.joined(separator: ".") }.joined(separator: ", ") + "=\(values[index])"
    }
  }

  /// The name, such as `outage`.
  package var name: String
  /// What is looked for.
  package var goal: Goal
  /// What has to be met.
  package var objectives: [Expectation]
  /// What is turned: one knob, two for a map, any number for effects.
  package var knobs: [Knob]
  /// The values for each of which it is asked; `nil`: once.
  package var across: Across?
  /// The licences across which it is asked; `nil`: other values, or none.
  package var licences: Licences?
  /// For closing: the spans after a period's end, as written and in seconds.
  package var closeBy: [ExploredRange.Figure] = []

  /// Makes a question.
  package init(
    name: String, goal: Goal, objectives: [Expectation], knobs: [Knob], across: Across? = nil
  ) {
    self.name = name
    self.goal = goal
    self.objectives = objectives
    self.knobs = knobs
    self.across = across
  }

  /// What is wrong with the knobs; `nil` where nothing is.
  package var problem: String? {
    let paths = knobs.flatMap(\.paths) + (across?.paths ?? [])
    for (index, path) in paths.enumerated() where paths[..<index].contains(path) {
      return "\(path.joined(separator: ".")) is varied twice: one of its values would have no effect"
    }
    let count = knobs.count
    switch goal {
    case .closing: return count == 0 ? nil : "the curve of closing varies no value; use --across for several"
    case .largest, .smallest: return count == 1 ? nil : "'\(goal.rawValue)' varies one value, not \(count)"
    case .map: return count == 2 ? nil : "a map varies two values, not \(count)"
    case .effects, .indices:
      return count >= 2 ? nil : "\(goal.rawValue) need at least two values to vary"
    }
  }
}

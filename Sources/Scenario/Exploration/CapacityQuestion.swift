import Chronology

/// What a capacity study is to find out: an entry of the `capacity` section of a scenario.
public struct CapacityQuestion: Hashable, Sendable {
  /// What is looked for.
  public enum Goal: String, Hashable, Sendable, CaseIterable {
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
  public struct Knob: Hashable, Sendable {
    /// Where it stands, such as `customers.count`: each place gets the same value.
    public var paths: [[String]]
    /// The values that are tried.
    public var range: ExploredRange
    /// Where the values are per cent of what stands in the scenario: that, for each place; empty: each gets the value itself.
    public var today: [ExploredRange.Amount] = []
    /// The first place.
    public var path: [String] { paths[0] }
    /// How it is called: `customers.count`, `entities.0.erp.concurrency, design.posting.concurrency`, or `load`.
    public var title: String {
      today.isEmpty ? paths.map { $0.joined(separator: ".") }.joined(separator: ", ") : "load"
    }

    /// Makes a knob.
    public init(path: [String], range: ExploredRange) { self.init(paths: [path], range: range) }

    /// Makes a knob that turns several places.
    ///
    /// - Precondition: there is a path.
    public init(paths: [[String]], range: ExploredRange) {
      precondition(!paths.isEmpty, "a knob turns something")
      self.paths = paths
      self.range = range
    }
  }

  /// The same question for each of some values.
  public struct Across: Hashable, Sendable {
    /// Where these stand: each value is put at all of these places.
    public var paths: [[String]]
    /// The values, as YAML.
    public var values: [String]

    /// Makes a row of values.
    public init(paths: [[String]], values: [String]) {
      self.paths = paths
      self.values = values
    }

    /// How a value is shown: `entities.0.erp.concurrency=5`.
    public func title(_ index: Int) -> String {
      paths.map { $0.joined(separator: ".") }.joined(separator: ", ") + "=\(values[index])"
    }
  }

  /// The name, such as `outage`.
  public var name: String
  /// What is looked for.
  public var goal: Goal
  /// What has to be met.
  public var objectives: [Expectation]
  /// What is turned: one knob, two for a map, any number for effects.
  public var knobs: [Knob]
  /// The values for each of which it is asked; `nil`: once.
  public var across: Across?
  /// The licences across which it is asked; `nil`: other values, or none.
  public var licences: Licences?
  /// For closing: the spans after a period's end, as written and in seconds.
  public var closeBy: [ExploredRange.Figure] = []

  /// Makes a question.
  public init(
    name: String, goal: Goal, objectives: [Expectation], knobs: [Knob], across: Across? = nil
  ) {
    self.name = name
    self.goal = goal
    self.objectives = objectives
    self.knobs = knobs
    self.across = across
  }

  /// What is wrong with the knobs; `nil` where nothing is.
  public var problem: String? {
    let paths = knobs.flatMap(\.paths) + (across?.paths ?? [])
    for (index, path) in paths.enumerated() where paths[..<index].contains(path) {
      return "\(path.joined(separator: ".")) is varied twice: one of its values would have no effect"
    }
    let count = knobs.count
    switch goal {
    case .closing: return count == 0 ? nil : "the curve of closing varies no value; use --across for several"
    case .largest, .smallest: return count == 1 ? nil : "'\(goal.rawValue)' turns one value, and not \(count)"
    case .map: return count == 2 ? nil : "a map turns two values, and not \(count)"
    case .effects, .indices:
      return count >= 2 ? nil : "\(goal.rawValue) need at least two values to turn"
    }
  }
}

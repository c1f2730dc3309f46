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
  }

  /// A value of the scenario that is turned.
  public struct Knob: Hashable, Sendable {
    /// Where it stands, such as `customers.count`.
    public var path: [String]
    /// The values that are tried.
    public var range: ExploredRange

    /// Makes a knob.
    public init(path: [String], range: ExploredRange) {
      self.path = path
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

  /// What is wrong with the number of knobs; `nil` where nothing is.
  public var problem: String? {
    let count = knobs.count
    switch goal {
    case .largest, .smallest: return count == 1 ? nil : "'\(goal.rawValue)' turns one value, and not \(count)"
    case .map: return count == 2 ? nil : "a map turns two values, and not \(count)"
    case .effects: return count >= 2 ? nil : "effects need at least two values to turn"
    }
  }
}

extension Shape {
  static let capacity = Shape.list(
    .record([
      .required("name", .name, "the name of the study, such as outage"),
      Field(
        "seeks", .choice(CapacityQuestion.Goal.allCases.map(\.rawValue)),
        "what it looks for; largest if left out"),
      Field(
        "objectives", .list(.unit(.expectation), minimum: 1),
        "what has to be met; the scenario's expectations if left out"),
      .required(
        "vary",
        .list(
          .record([
            .required("path", .text, "which value, such as customers.count"),
            .required("from", .text, "the least that is tried"), .required("to", .text, "the greatest"),
          ]), minimum: 1), "what is turned: one value, two for a map"),
      Field(
        "across",
        .record([
          .required(
            "paths", .list(.text, minimum: 1),
            "which values, such as entities.0.erp.concurrency: all get the same"),
          .required("values", .list(.any, minimum: 1), "the values"),
        ]), "asks the same for each of some values"),
    ]), minimum: 0)
}

extension ScenarioDecoder {
  /// Reads the `capacity` section.
  func studies() throws(InvalidInput) -> [CapacityQuestion] {
    var questions: [CapacityQuestion] = []
    for node in root["capacity"]?.elements ?? [] {
      let question = try study(node)
      if questions.contains(where: { $0.name == question.name }) {
        throw InvalidInput("there are two studies '\(question.name)'", at: node.position)
      }
      questions.append(question)
    }
    return questions
  }

  private func study(_ node: LocatedNode) throws(InvalidInput) -> CapacityQuestion {
    let own = node["objectives"] ?? root["expectations"]
    var across: CapacityQuestion.Across?
    if let row = node["across"] {
      var paths: [[String]] = []
      for element in row["paths"]?.elements ?? [] { paths.append(try path(element)) }
      across = CapacityQuestion.Across(paths: paths, values: (row["values"]?.elements ?? []).map(\.yaml))
    }
    var knobs: [CapacityQuestion.Knob] = []
    for element in node["vary"]?.elements ?? [] {
      let (low, high) = (element["from"]?.text ?? "", element["to"]?.text ?? "")
      guard let range = ExploredRange(from: low, to: high) else {
        throw InvalidInput(
          "'\(low)' to '\(high)' should be two figures with the same unit, the lower one first",
          at: element["from"]?.position ?? element.position)
      }
      knobs.append(CapacityQuestion.Knob(path: try path(element["path"]), range: range))
    }
    let question = CapacityQuestion(
      name: node["name"]?.text ?? "",
      goal: node["seeks"]?.text.flatMap(CapacityQuestion.Goal.init(rawValue:)) ?? .largest,
      objectives: (own?.elements ?? []).compactMap { $0.text.flatMap(Expectation.init) }, knobs: knobs,
      across: across)
    if let problem = question.problem {
      throw InvalidInput(problem, at: node["vary"]?.position ?? node.position)
    }
    if question.objectives.isEmpty, question.goal != .effects {
      throw InvalidInput(
        "the study '\(question.name)' has no objectives, and the scenario no expectations", at: node.position)
    }
    return question
  }

  private func path(_ node: LocatedNode?) throws(InvalidInput) -> [String] {
    let path = (node?.text ?? "").split(separator: ".").map(String.init)
    guard !path.isEmpty else { throw InvalidInput("the path is empty", at: node?.position ?? root.position) }
    return path
  }
}

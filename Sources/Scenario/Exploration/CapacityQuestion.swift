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

extension Shape {
  static let capacity = Shape.list(
    .record([
      .required("name", .name, "the name of the study, such as outage"),
      Field(
        "seeks", .choice(["largest", "smallest", "map", "effects", "headroom"]),
        "what it looks for; largest if left out. headroom: by how much the whole load may grow"),
      Field(
        "objectives", .list(.unit(.expectation), minimum: 1),
        "what has to be met; the scenario's expectations if left out"),
      Field(
        "vary",
        .list(
          .record([
            Field("path", .text, "which value, such as customers.count"),
            Field(
              "paths", .list(.text, minimum: 1), "instead of path: several values that are turned together"),
            Field("from", .text, "the least that is tried"), Field("to", .text, "the greatest"),
            Field(
              "step", .text, "from one value to the next; as fine as from and to are written if left out"),
            Field("values", .list(.text, minimum: 2), "instead of from and to: the values that are tried"),
          ]), minimum: 1), "what is turned: one value, two for a map; none for headroom"),
      Field(
        "licences",
        .record([
          .required("of", .name, "an entry of the scenario's plan"),
          Field("from", .unit(.integer(0...1000)), "licences at first; 0 if left out"),
          Field("to", .unit(.integer(0...1000)), "and at last; 3 if left out"),
        ]), "asks the same with some licences more of an ERP"),
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
      knobs.append(try knob(element))
    }
    if node["seeks"]?.text == "headroom" {
      if let stray = node["vary"] {
        throw InvalidInput("headroom varies the whole load: leave 'vary' out", at: stray.position)
      }
      knobs = [CapacityQuestion.Knob(loadOf: root)]
    }
    var question = CapacityQuestion(
      name: node["name"]?.text ?? "",
      goal: node["seeks"]?.text.flatMap(CapacityQuestion.Goal.init(rawValue:)) ?? .largest,
      objectives: (own?.elements ?? []).compactMap { $0.text.flatMap(Expectation.init) }, knobs: knobs,
      across: across)
    if let licences = node["licences"] {
      if let stray = node["across"] {
        throw InvalidInput("give 'across' or 'licences', not both", at: stray.position)
      }
      let (from, to) = (integer(licences["from"]) ?? 0, integer(licences["to"]) ?? 3)
      guard from < to else {
        throw InvalidInput("\(from) to \(to) licences: the lower number comes first", at: licences.position)
      }
      let plans = try licencePlans()
      guard let plan = plans.first(where: { $0.name == licences["of"]?.text }) else {
        throw InvalidInput(
          LicencePlan.unknown(licences["of"]?.text ?? "", plans),
          at: licences["of"]?.position ?? licences.position)
      }
      question.ask(of: plan, from: from, to: to)
    }
    if let problem = question.problem {
      throw InvalidInput(problem, at: node["vary"]?.position ?? node.position)
    }
    if question.objectives.isEmpty, ![.effects, .indices].contains(question.goal) {
      throw InvalidInput(
        "the study '\(question.name)' has no objectives, and the scenario no expectations", at: node.position)
    }
    return question
  }

  private func knob(_ node: LocatedNode) throws(InvalidInput) -> CapacityQuestion.Knob {
    var paths: [[String]] = []
    switch (node["path"], node["paths"]) {
    case (let one?, nil): paths = [try path(one)]
    case (nil, let several?): for element in several.elements { paths.append(try path(element)) }
    default: throw InvalidInput("what is varied needs either 'path' or 'paths'", at: node.position)
    }
    if let values = node["values"] {
      for key in ["from", "to", "step"] {
        if let stray = node[key] {
          throw InvalidInput("give 'values', or 'from' and 'to', but not both", at: stray.position)
        }
      }
      let texts = values.elements.map { $0.text ?? "" }
      guard let range = ExploredRange(listing: texts) else {
        throw InvalidInput(KnobText.problem(withList: texts), at: values.position)
      }
      return CapacityQuestion.Knob(paths: paths, range: range)
    }
    guard let from = node["from"], let low = from.text, let high = node["to"]?.text else {
      throw InvalidInput("what is varied needs either 'from' and 'to', or 'values'", at: node.position)
    }
    guard let range = ExploredRange(from: low, to: high) else {
      throw InvalidInput(
        "'\(low)' to '\(high)' should be two figures with the same unit, the lower one first",
        at: from.position)
    }
    guard let step = node["step"] else { return CapacityQuestion.Knob(paths: paths, range: range) }
    guard let stepped = ExploredRange(from: low, to: high, step: step.text ?? "") else {
      throw InvalidInput(
        KnobText.problem(withStep: step.text ?? "", from: low, to: high), at: step.position)
    }
    return CapacityQuestion.Knob(paths: paths, range: stepped)
  }

  private func path(_ node: LocatedNode?) throws(InvalidInput) -> [String] {
    let path = (node?.text ?? "").split(separator: ".").map(String.init)
    guard !path.isEmpty else { throw InvalidInput("the path is empty", at: node?.position ?? root.position) }
    return path
  }
}

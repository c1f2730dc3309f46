import Chronology

/// How capacity studies are written.
extension CapacityQuestion {
  /// What a study looks for, in the words of files.
  private enum Sought: String, CaseIterable, Sendable {
    case largest, smallest, map, effects, headroom

    var goal: Goal {
      switch self {
      case .largest, .headroom: .largest
      case .smallest: .smallest
      case .map: .map
      case .effects: .effects
      }
    }
  }

  /// A question for some numbers of licences.
  private struct LicenceRange: Sendable {
    var plan: Located<String>
    var from: Int
    var to: Int
  }

  /// The `capacity` section.
  static let list: Schema<[CapacityQuestion]> = Schema<[CapacityQuestion]>.list(study, minimum: 0)
    .map(refuseTwins)

  @Sendable
  private static func refuseTwins(
    _ place: Place, _ questions: [CapacityQuestion]
  ) throws(InvalidInput) -> [CapacityQuestion] {
    for (index, question) in questions.enumerated()
    where questions[..<index].contains(where: { $0.name == question.name }) {
      throw InvalidInput("duplicate study '\(question.name)'", at: place.position("\(index)"))
    }
    return questions
  }

  private static let study = Schema<CapacityQuestion>.record(
    .required("name", .name, "the name of the study, such as outage"),
    .defaulting(
      "seeks", .choice(), to: Sought.largest,
      "what it looks for; largest if left out. headroom: by how much the whole load may grow"),
    .optional(
      "objectives", .list(.expectation, minimum: 1),
      "what has to be met; the scenario's expectations if left out"),
    .optional(
      "vary", .list(knob, minimum: 1),
      "what is varied: one value, two for a map; none for headroom"),
    .optional("licences", licences, "repeats the search with additional licences of an ERP"),
    .optional("across", across, "repeats the search for each of these values"), make: study)

  @Sendable
  private static func study(
    _ place: Place, name: String, sought: Sought, objectives: [Expectation]?, knobs: [Knob]?,
    licences: LicenceRange?, across: Across?
  ) throws(InvalidInput) -> CapacityQuestion {
    var knobs = knobs ?? []
    if sought == .headroom, let root = place.scene.root {
      if let stray = place.given("vary") {
        throw InvalidInput("headroom varies the whole load: leave 'vary' out", at: stray)
      }
      knobs = [Knob(loadOf: root)]
    }
    var question = CapacityQuestion(
      name: name, goal: sought.goal, objectives: objectives ?? place.scene.expectations ?? [], knobs: knobs,
      across: across)
    if let licences {
      if across != nil {
        throw InvalidInput("give 'across' or 'licences', not both", at: place.position("across"))
      }
      guard let plans = place.scene.plans else { throw .reported }
      guard let plan = plans.first(where: { $0.name == licences.plan.value }) else {
        throw InvalidInput(LicencePlan.unknown(licences.plan.value, plans), at: licences.plan.position)
      }
      question.ask(of: plan, from: licences.from, to: licences.to)
    }
    if let problem = question.problem {
      throw InvalidInput(problem, at: place.position("vary"))
    }
    if question.objectives.isEmpty, ![.effects, .indices].contains(question.goal) {
      guard place.scene.expectations != nil else { throw .reported }
      throw InvalidInput(
        "the study '\(name)' has no objectives, and the scenario no expectations", at: place.node.position)
    }
    return question
  }

  private static let licences = Schema<LicenceRange>.record(
    .required("of", Schema<String>.name.located, "an entry of the scenario's plan"),
    .defaulting("from", .integer(0...1000), to: 0, "licences at first; 0 if left out"),
    .defaulting("to", .integer(0...1000), to: 3, "and at last; 3 if left out"), make: licences)

  @Sendable
  private static func licences(
    _ place: Place, plan: Located<String>, from: Int, to: Int
  ) throws(InvalidInput) -> LicenceRange {
    guard from < to else {
      throw InvalidInput("\(from) to \(to) licences: the lower number comes first", at: place.node.position)
    }
    return LicenceRange(plan: plan, from: from, to: to)
  }

  private static let across = Schema<Across>.record(
    .required(
      "paths", .list(path, minimum: 1),
      "which values, such as entities.0.erp.concurrency: all get the same"),
    .required("values", .list(.any, minimum: 1), "the values"),
    make: { (_: Place, paths: [[String]], values: [LocatedNode]) in
      Across(paths: paths, values: values.map(\.yaml))
    })

  private static let path: Schema<[String]> = Schema<String>.text.map { place, text throws(InvalidInput) in
    let path = text.split(separator: ".").map(String.init)
    guard !path.isEmpty else { throw InvalidInput("the path is empty", at: place.node.position) }
    return path
  }

  // MARK: Knobs

  private static let knob = Schema<Knob>.record(
    .optional("path", path, "which value, such as customers.count"),
    .optional(
      "paths", .list(path, minimum: 1), "instead of path: several values that vary together"),
    .optional("from", .text, "the smallest value to try"), .optional("to", .text, "the greatest"),
    .optional(
      "step", .text, "from one value to the next; as fine as from and to are written if left out"),
    .optional(
      "values", .list(.text, minimum: 2), "instead of from and to: the values that are tried"), make: knob)

  @Sendable
  private static func knob(
    _ place: Place, path: [String]?, several: [[String]]?, from: String?, to: String?, step: String?,
    values: [String]?
  ) throws(InvalidInput) -> Knob {
    let paths: [[String]]
    switch (path, several) {
    case (let one?, nil): paths = [one]
    case (nil, let several?): paths = several
    case (nil, nil), (.some, .some):
      throw InvalidInput("a varied value needs either 'path' or 'paths'", at: place.node.position)
    }
    if let values {
      if let stray = place.given("from") ?? place.given("to") ?? place.given("step") {
        throw InvalidInput("give 'values', or 'from' and 'to', but not both", at: stray)
      }
      guard let range = ExploredRange(listing: values) else {
        throw InvalidInput(KnobText.problem(withList: values), at: place.position("values"))
      }
      return Knob(paths: paths, range: range)
    }
    guard let from, let to else {
      throw InvalidInput("a varied value needs either 'from' and 'to', or 'values'", at: place.node.position)
    }
    guard let range = ExploredRange(from: from, to: to) else {
      throw InvalidInput(
        "'\(from)' to '\(to)' should be two figures with the same unit, the lower one first",
        at: place.position("from"))
    }
    guard let step else { return Knob(paths: paths, range: range) }
    guard let stepped = ExploredRange(from: from, to: to, step: step) else {
      throw InvalidInput(KnobText.problem(withStep: step, from: from, to: to), at: place.position("step"))
    }
    return Knob(paths: paths, range: stepped)
  }
}

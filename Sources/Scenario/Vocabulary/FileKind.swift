/// What a file describes, told by its keys: a file that verbs take, or a part of a scenario that somebody has put into a file of its own.
package enum FileKind: String, Sendable, CaseIterable {
  case scenario
  case design
  case priceBook = "price book"
  case erp = "ERP profile"
  case costs
  case plan
  case faults
  case defaults

  /// Those that verbs take, and that have a JSON Schema.
  package static let documents: [FileKind] = [.scenario, .design, .priceBook]

  /// With its article.
  package var phrase: String {
    switch self {
    case .scenario, .design, .priceBook: "a \(rawValue)"
    case .erp: "an ERP profile"
    case .costs: "the costs of a scenario"
    case .plan: "the plan of licences of a scenario"
    case .faults: "the faults of a scenario"
    case .defaults: "defaults of the command line"
    }
  }

  /// What a file of the kind is: `this is a design`, `these are the costs of a scenario`.
  package var sentence: String {
    switch self {
    case .costs, .faults, .defaults: "these are \(phrase)"
    default: "this is \(phrase)"
    }
  }

  /// What to do with one.
  package var use: String {
    switch self {
    case .scenario: "run and campaign take it"
    case .design: "name it under 'design' in a scenario, or with --design"
    case .priceBook: "name it under 'customers.contracts' in a scenario, or price usage with quote"
    case .erp: "put it under 'erp' of an entity in a scenario"
    case .costs, .plan, .faults: "put it under '\(rawValue)' in a scenario"
    case .defaults: "name the file \(DefaultsFile.name)"
    }
  }

  /// The name in `schema KIND`.
  package var schemaName: String { self == .priceBook ? "price-book" : rawValue }

  /// The JSON Schema of the kind.
  package var schema: JSONValue {
    JSONSchema.document(kind: schemaName, title: "Meterstorm \(rawValue)", shape)
  }

  private var shape: Shape {
    switch self {
    case .scenario: .scenario
    case .design: .design
    case .priceBook: .priceBook
    case .erp: ERPFile.schema.shape
    case .costs: CostFile.schema.shape
    case .plan: LicencePlan.list.shape
    case .faults: FaultFile.schema.shape
    case .defaults: DefaultsFile.schema.shape
    }
  }

  /// Tells what a file is meant to be.
  ///
  /// - Throws: where the file cannot be read.
  package static func detect(file: String) throws(InvalidInput) -> FileKind {
    detect(try YAMLReader.read(file: ShippedScenarios.file(file)))
  }

  /// The kind that knows most keys of a file. Where two know as many, as of a name and what it extends, a file that extends a built-in
  /// design is a design; what could be anything is taken for a scenario.
  static func detect(_ node: LocatedNode) -> FileKind {
    if node["model"] != nil { return .priceBook }
    if let first = node.elements.first { return faults.knows(first) > 0 ? .faults : .scenario }
    let most = allCases.map { $0.knows(node) }.max() ?? 0
    let best = allCases.filter { $0.knows(node) == most }
    // Also where its name is mistyped, unless a scenario has that name.
    if best.contains(.design), let base = node["extends"]?.text, !base.hasSuffix(".yaml"),
      ShippedScenarios.file(base) == base,
      NearestKey.nearest(to: base, among: DesignFile.builtIn.map(\.design.name)) != nil
    {
      return .design
    }
    return best[0]
  }

  /// Refuses a file that is plainly of another kind: it has keys of that one, and none that only this one knows.
  static func expect(_ kind: FileKind, _ node: LocatedNode, file: String) throws(InvalidInput) {
    let found = detect(node)
    guard found != kind, found.knows(node, besides: kind) > 0, kind.knows(node, besides: found) == 0 else {
      return
    }
    throw InvalidInput(
      "\(found.sentence), but \(kind.phrase) is expected; \(found.use)", at: Position(file: file))
  }

  /// How many keys of a file it knows, those of another kind left out.
  private func knows(_ node: LocatedNode, besides other: FileKind? = nil) -> Int {
    guard let first = node.elements.first else {
      return node.pairs.count { pair in
        isKey(pair) && !(other?.isKey(pair) ?? false)
      }
    }
    return self == .faults ? knows(first, besides: other) : 0
  }

  private func isKey(_ pair: (key: LocatedNode.Key, value: LocatedNode)) -> Bool {
    if self == .plan {
      // Its keys are names of entities and profiles: what tells it stands below.
      return pair.value["base"] != nil && pair.value["step"] != nil
    }
    return Self.keys(shape).contains(pair.key.name)
  }

  private static func keys(_ shape: Shape) -> [String] {
    switch shape {
    case .record(let fields): fields.map(\.key)
    case .variant(let fields, let common): (fields + common).map(\.key)
    case .either(let shapes): shapes.flatMap(keys)
    default: []
    }
  }
}

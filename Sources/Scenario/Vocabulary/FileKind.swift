/// What a file describes, told by its keys.
package enum FileKind: String, Sendable, CaseIterable {
  case scenario
  case design
  case priceBook = "price book"

  /// The name in `schema KIND`.
  package var schemaName: String { self == .priceBook ? "price-book" : rawValue }

  /// The JSON Schema of the kind.
  package var schema: JSONValue {
    switch self {
    case .scenario: JSONSchema.document(kind: schemaName, title: "Meterstorm scenario", .scenario)
    case .design: JSONSchema.document(kind: schemaName, title: "Meterstorm design", .design)
    case .priceBook: JSONSchema.document(kind: schemaName, title: "Meterstorm price book", .priceBook)
    }
  }

  /// Tells what a file is meant to be: the kind that knows most of its keys. Where two know as many, as of a name and what it
  /// extends, a file that extends no file is a design; what could be anything is taken for a scenario.
  package static func detect(file: String) throws(InvalidInput) -> FileKind {
    let node = try YAMLReader.read(file: ShippedScenarios.file(file))
    if node["model"] != nil { return .priceBook }
    func known(_ shape: Shape) -> Int {
      guard case .record(let fields) = shape else { return 0 }
      return node.pairs.count { pair in fields.contains { $0.key == pair.key.name } }
    }
    let counts: [(kind: FileKind, known: Int)] = [
      (.scenario, known(.scenario)), (.design, known(.design)), (.priceBook, known(.priceBook)),
    ]
    let most = counts.map(\.known).max() ?? 0
    let best = counts.filter { $0.known == most }.map(\.kind)
    if best.contains(.design), let base = node["extends"]?.text, !base.hasSuffix(".yaml"),
      !base.hasSuffix(".yml")
    {
      return .design
    }
    return best[0]
  }
}

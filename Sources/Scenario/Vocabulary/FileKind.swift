/// What a file describes, told by its keys.
public enum FileKind: String, Sendable, CaseIterable {
  case scenario
  case design
  case priceBook = "price book"

  /// The name in `schema KIND`.
  public var schemaName: String { self == .priceBook ? "price-book" : rawValue }

  /// The JSON Schema of the kind.
  public var schema: JSONValue {
    switch self {
    case .scenario: JSONSchema.document(title: "Meterstorm scenario", .scenario)
    case .design: JSONSchema.document(title: "Meterstorm design", .design)
    case .priceBook: JSONSchema.document(title: "Meterstorm price book", .priceBook)
    }
  }

  /// Tells what a file is meant to be; a file that could be anything is taken for a scenario.
  public static func detect(file: String) throws(InvalidInput) -> FileKind {
    let node = try YAMLReader.read(file: file)
    if node["charges"] != nil || node["model"] != nil { return .priceBook }
    let isScenario = ["load", "entities", "customers", "horizon"].contains { node[$0] != nil }
    let isDesign = ["ingestion", "metering", "billing", "posting", "reconciliation"].contains {
      node[$0] != nil
    }
    return isDesign && !isScenario ? .design : .scenario
  }
}

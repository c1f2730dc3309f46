import ArgumentParser
import RunRecord
import Scenario

struct SchemaCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Prints the JSON Schema of a kind of file, for editors and checks.",
    discussion: Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm schema scenario",
    "meterstorm schema record",
  ]

  @Argument(help: "scenario, design, price-book, or record (what run --format json prints).")
  var kind: SchemaKind

  func run() throws {
    switch kind {
    case .file(let kind): try Console.print(kind.schema.text() + "\n")
    case .record: try Console.write(RecordSchema.json())
    }
  }
}

/// A kind of file as an argument.
enum SchemaKind: ExpressibleByArgument {
  case file(FileKind)
  case record

  init?(argument: String) {
    if argument == "record" {
      self = .record
    } else if let kind = FileKind.documents.first(where: { $0.schemaName == argument }) {
      self = .file(kind)
    } else {
      return nil
    }
  }

  static var allValueStrings: [String] { FileKind.documents.map(\.schemaName) + ["record"] }
}

import ArgumentParser
import Scenario

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Prints the JSON Schema of a kind of file, for editors and checks.")

  @Argument(help: "scenario, design or price-book.")
  var kind: SchemaKind

  func run() throws { try Console.print(kind.kind.schema.text() + "\n") }
}

/// A kind of file as an argument.
struct SchemaKind: ExpressibleByArgument {
  var kind: FileKind

  init?(argument: String) {
    guard let kind = FileKind.allCases.first(where: { $0.schemaName == argument }) else { return nil }
    self.kind = kind
  }

  static var allValueStrings: [String] { FileKind.allCases.map(\.schemaName) }
}

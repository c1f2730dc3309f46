import ArgumentParser
import Experiments
import Foundation
import RunRecord
import Scenario

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Says what is built in.")

  @Argument(help: "scenarios, designs, erp-profiles, invariants, defects, situations or distributions.")
  var kind: Catalogue.Kind

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func run() throws {
    let entries = try Console.reading { try Catalogue.entries(of: kind) }
    switch format {
    case .json:
      let objects = entries.map { entry in
        Dictionary(uniqueKeysWithValues: [("name", entry.name)] + entry.details.map { ($0.key, $0.value) })
      }
      try Console.write(RecordJSON.encode(objects))
    case .text:
      let width = entries.map(\.name.count).max() ?? 0
      for entry in entries {
        let padding = String(repeating: " ", count: width - entry.name.count)
        let details = entry.details.enumerated().map { index, detail in
          index == 0 ? detail.value : "\(detail.key): \(detail.value)"
        }
        try Console.print("\(entry.name)\(padding)  \(details.joined(separator: "; "))\n")
      }
    }
  }
}

extension Catalogue.Kind: ExpressibleByArgument {}

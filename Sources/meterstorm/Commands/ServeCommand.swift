import ArgumentParser
import Dashboard
import Foundation
import ResultsDatabase
import WebService

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Shows a results database as a local web dashboard, read-only.",
    discussion: """
      Runs that 'run --database' has kept, campaigns while they go on, studies, and the stories of transactions, for which runs \
      are repeated: scenarios are looked for where they were, from the folder in which the command is given.
      """)

  @Argument(
    help: ArgumentHelp("The database of 'run', 'campaign', 'compare' and 'capacity'.", valueName: "database"))
  var database: String

  @OptionGroup var service: ServiceOptions

  func run() throws {
    let store = try Console.database {
      guard FileManager.default.fileExists(atPath: database) else {
        throw ResultsError(
          "\(database): there is no such file; run, campaign, compare and capacity write one with --database")
      }
      return try ResultsStore(path: database, isReadOnly: true)
    }
    let dashboard = Dashboard(store, name: database)
    try service.serve("dashboard", readOnly: true, routes: dashboard.add)
  }
}

import Commands
import Dashboard
import Foundation
import ResultsDatabase

extension ServeCommand {
  func serve() throws {
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

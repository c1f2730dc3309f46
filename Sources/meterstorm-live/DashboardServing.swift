import Commands
import Dashboard
import Foundation
import ResultsDatabase
import Scenario

extension ServeCommand {
  func serve() throws {
    let store = try Console.database {
      let missing = "there is no such file; run, campaign, compare and capacity write one with --database"
      if let problem = FileAccess.problem(database, missing: missing) {
        throw ResultsError("\(database): \(problem)")
      }
      return try ResultsStore(path: database, isReadOnly: true)
    }
    let dashboard = Dashboard(store, name: database)
    try service.serve("dashboard", readOnly: true, routes: dashboard.add)
  }
}

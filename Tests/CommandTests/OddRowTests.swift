import Foundation
import GRDB
import Testing

@Suite("Rows that Meterstorm has not written")
struct OddRowTests {
  private static let scenario = "scenarios/azure-llm-tokens.yaml"

  /// A database with a campaign of two seeds, replications of two variants and a kept run.
  private static let database = Result { () throws -> (Scratch, String) in
    let scratch = try Scratch()
    let path = scratch.path("good.db")
    _ = try Command.run("campaign", scenario, "--seeds", "1..2", "--quiet", "--database", path)
    _ = try Command.run("run", scenario, "--quiet", "--database", path)
    _ = try Command.run(
      "compare", scenario, "--designs", "middleware,micro-batch", "--replications", "2..2", "--quiet",
      "--database", path)
    let whole = scratch.path("whole.db")
    try DatabaseQueue(path: path).writeWithoutTransaction { try $0.execute(literal: "VACUUM INTO \(whole)") }
    return (scratch, whole)
  }

  /// A copy of it, changed by SQL. It is copied as a file: many tests at once open and close connections otherwise, and the last one
  /// to close a database in WAL mode locks it.
  private func changed(_ sql: String, in scratch: Scratch) throws -> String {
    let path = scratch.path("odd.db")
    try FileManager.default.copyItem(atPath: try Self.database.get().1, toPath: path)
    try DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
    return path
  }

  private func campaign(_ path: String) throws -> Command.Outcome {
    try Command.run("campaign", Self.scenario, "--seeds", "1..3", "--quiet", "--database", path)
  }

  @Test("the unchanged database is gone on with and merged")
  func unchanged() throws {
    let scratch = try Scratch()
    let path = try changed("SELECT 1", in: scratch)
    #expect(try campaign(path).status == 0)
    #expect(try Command.run("merge", "--into", scratch.path("all.db"), path).status == 0)
  }

  @Test(
    "an odd value in a run is refused with table, row and column by campaign and merge, exit 65",
    arguments: [
      ("usage_events = -1", "usageEvents"), ("usage_events = 'many'", "usage_events"),
      ("usage_events = 9223372036854775807", "usageEvents"), ("usage_events = 1.5", "usage_events"),
      ("usage_events = x'00ff'", "usage_events"), ("kernel_events = -1", "kernel_events"),
      ("kernel_events = 9223372036854775807", "kernelEvents"), ("kernel_events = ''", "kernel_events"),
      ("simulated_seconds = 'long'", "simulated_seconds"), ("simulated_seconds = 1e300", "simulatedSeconds"),
      ("simulated_seconds = 9e999", "simulatedSeconds"), ("simulated_seconds = -1", "simulatedSeconds"),
      ("verdict = 'perhaps'", "verdict"), ("verdict = 7", "verdict"), ("fingerprint = x'00'", "fingerprint"),
      ("broken = '['", "broken"), ("broken = '{}'", "broken"), ("missed = '[1]'", "missed"),
      ("cause = x'00'", "cause"), ("situations = '{\"a\":\"b\"}'", "situations"),
      ("situations = '{\"a\":9223372036854775807}'", "situations"),
      ("situations = '{\"a\":-1}'", "situations"),
      ("variant = '7'", "variant"), ("exercised = 'null'", "exercised"),
      (
        """
        broken = '[{"invariant":"x","at":"soon","ids":[],"expected":"","actual":"","violations":1}]'
        """, "[0].at"
      ),
      (
        """
        broken = '[{"invariant":"x","at":"2026-01-01T00:00:00Z","ids":[],"expected":"","actual":"",\
        "violations":9223372036854775807}]'
        """, "[0].violations"
      ),
    ])
  func runs(_ change: String, _ named: String) throws {
    let scratch = try Scratch()
    let path = try changed("UPDATE run SET \(change) WHERE seed = 2", in: scratch)
    for outcome in [try campaign(path), try Command.run("merge", "--into", scratch.path("all.db"), path)] {
      #expect(outcome.status == 65, "\(change): \(outcome.status) \(outcome.errors)")
      #expect(
        outcome.errors.contains("\(path): table run, row campaign 1, seed 2")
          && outcome.errors.contains(named),
        "\(outcome.errors)")
    }
  }

  @Test(
    "an odd value in any other table, or a column of another name, is refused by merge, exit 65",
    arguments: [
      ("ALTER TABLE run RENAME COLUMN usage_events TO events", "usage_events"),
      ("ALTER TABLE record RENAME COLUMN verdict TO outcome", "verdict"),
      ("ALTER TABLE campaign RENAME COLUMN hash TO digest", "hash"),
      ("ALTER TABLE replication RENAME COLUMN result TO what", "result"),
      ("UPDATE campaign SET options = x'00' WHERE id = 1", "table campaign, row id 1, column options"),
      ("UPDATE campaign SET scenario = x'00' WHERE id = 1", "table campaign, row id 1, column scenario"),
      ("UPDATE record SET verdict = 'perhaps'", "table record, row id 1, column verdict"),
      ("UPDATE record SET variant = '{}'", "table record, row id 1, column variant"),
      ("UPDATE record SET seed = 'one'", "table record, row id 1, column seed"),
      ("UPDATE record SET record = '{}'", "table record, row id 1, column record"),
      (
        "UPDATE record SET record = json_set(record, '$.simulated.usageEvents', -1)",
        "column record: simulated.usageEvents"
      ),
      ("UPDATE replication SET result = 'null' WHERE seed = 1", "table replication, row campaign"),
      (
        "UPDATE replication SET result = json_set(result, '$.indicators.x', 1e40) WHERE seed = 1",
        "column result: indicators.x"
      ),
      ("UPDATE study SET result = x'00'", "table study"), ("DROP TABLE run", "run"),
      ("PRAGMA user_version = 99", "99"), ("PRAGMA application_id = 7", "another program"),
    ])
  func others(_ sql: String, _ named: String) throws {
    let scratch = try Scratch()
    let path = try changed(sql, in: scratch)
    let outcome = try Command.run("merge", "--into", scratch.path("all.db"), path)
    #expect(outcome.status == 65, "\(sql): \(outcome.status) \(outcome.errors)")
    #expect(outcome.errors.contains(path) && outcome.errors.contains(named), "\(outcome.errors)")
  }

  @Test("a replication that cannot be read stops the study that would use it, exit 65")
  func replications() throws {
    let scratch = try Scratch()
    let path = try changed(
      "UPDATE replication SET result = json_set(result, '$.indicators.x', 'y') WHERE seed = 2", in: scratch)
    let outcome = try Command.run(
      "compare", Self.scenario, "--designs", "middleware,micro-batch", "--replications", "2..2", "--quiet",
      "--database", path)
    #expect(outcome.status == 65 && outcome.errors.contains("indicators.x"), "\(outcome.errors)")
  }
}

import Foundation
import GRDB
import RunRecord

extension ResultsStore {
  /// A run of which the whole record is kept.
  public struct KeptRun: Sendable {
    /// Its number in the file.
    public var id: Int64
    /// The scenario and the options, as of a campaign.
    public var campaign: Campaign
    /// How the scenario that was run differs from the file.
    public var variant: [String]
    /// The seed.
    public var seed: UInt64
    /// Whether everything held.
    public var verdict: Verdict
    /// The hash over every event.
    public var fingerprint: String
  }

  /// Came with the third version.
  static let records = """

    CREATE TABLE record (
      id INTEGER PRIMARY KEY, scenario TEXT NOT NULL, options TEXT NOT NULL, hash TEXT NOT NULL,
      meterstorm TEXT NOT NULL, variant TEXT NOT NULL, seed INTEGER NOT NULL, verdict TEXT NOT NULL,
      fingerprint TEXT NOT NULL, record TEXT NOT NULL, UNIQUE (hash, options, meterstorm, variant, seed));
    """

  /// Keeps the record of a run, in the place of an earlier one of the same scenario, options and seed.
  public func keep(_ record: RunRecord, variant: [String], of campaign: Campaign) throws(ResultsError) {
    try doing {
      try queue.write { database in
        try database.execute(
          sql: """
            INSERT INTO record (scenario, options, hash, meterstorm, variant, seed, verdict, fingerprint, record)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET verdict = excluded.verdict, fingerprint = excluded.fingerprint,
              record = excluded.record, scenario = excluded.scenario
            """,
          arguments: [
            campaign.scenario, campaign.options.joined(separator: "\n"), campaign.scenarioHash,
            campaign.meterstorm, try Self.json(variant), Int64(bitPattern: record.seed),
            record.verdict.rawValue, record.fingerprint, try Self.json(record),
          ])
      }
    }
  }

  /// The runs whose records are kept, the latest first.
  ///
  /// - Parameters:
  ///   - text: only those whose record speaks of it; `nil`: all.
  ///   - limit: how many at most.
  public func keptRuns(speakingOf text: String? = nil, limit: Int) throws(ResultsError) -> [KeptRun] {
    guard try hasTable("record") else { return [] }
    return try doing {
      let text = try text.map(Self.written)
      return try queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT id, scenario, options, hash, meterstorm, variant, seed, verdict, fingerprint FROM record
            WHERE ? IS NULL OR instr(record, ?) > 0 ORDER BY id DESC LIMIT ?
            """, arguments: [text, text, limit]
        ).map(Self.keptRun)
      }
    }
  }

  /// A kept run with its record; `nil` where there is none of that number.
  public func keptRun(_ id: Int64) throws(ResultsError) -> (run: KeptRun, record: Data)? {
    guard try hasTable("record") else { return nil }
    return try doing {
      try queue.read { database in
        try Row.fetchOne(database, sql: "SELECT * FROM record WHERE id = ?", arguments: [id]).map { row in
          let text: String = row["record"]
          return (try Self.keptRun(row), Data(text.utf8))
        }
      }
    }
  }

  private static func keptRun(_ row: Row) throws -> KeptRun {
    let (options, seed): (String, Int64) = (row["options"], row["seed"])
    guard let verdict = Verdict(rawValue: row["verdict"]) else {
      throw ResultsError("a run has the verdict '\(row["verdict"] as String)', which there is not")
    }
    return KeptRun(
      id: row["id"],
      campaign: Campaign(
        scenario: row["scenario"], scenarioHash: row["hash"],
        options: options.split(separator: "\n").map(String.init), meterstorm: row["meterstorm"]),
      variant: try value(row["variant"]), seed: UInt64(bitPattern: seed), verdict: verdict,
      fingerprint: row["fingerprint"])
  }

  /// Takes the kept runs over from another database.
  func mergeRecords(in other: ResultsStore) throws(ResultsError) {
    for run in try other.keptRuns(limit: .max).reversed() {
      guard let (_, data) = try other.keptRun(run.id) else { continue }
      let record = try doing { try RunRecord(json: data) }
      try keep(record, variant: run.variant, of: run.campaign)
    }
  }

  /// A text as it stands within JSON.
  private static func written(_ text: String) throws -> String {
    String(try json(text).dropFirst().dropLast())
  }

  // MARK: For the dashboard

  /// How many runs a campaign has, and how many of them failed.
  public func counts(of campaign: Int64) throws(ResultsError) -> (runs: Int, failed: Int) {
    try doing {
      try queue.read { database in
        let row = try Row.fetchOne(
          database,
          sql:
            "SELECT COUNT(*) AS runs, COALESCE(SUM(verdict <> 'pass'), 0) AS failed FROM run WHERE campaign = ?",
          arguments: [campaign])
        return (row?["runs"] ?? 0, row?["failed"] ?? 0)
      }
    }
  }

  /// Some runs of a campaign, those that failed first, then in the order of seeds.
  public func runs(of campaign: Int64, from offset: Int, limit: Int) throws(ResultsError) -> [CampaignRun] {
    try doing {
      try queue.read { database in
        try Row.fetchAll(
          database,
          sql: "SELECT * FROM run WHERE campaign = ? ORDER BY verdict = 'pass', seed LIMIT ? OFFSET ?",
          arguments: [campaign, limit, offset]
        ).map(Self.run)
      }
    }
  }

  /// Runs of campaigns in which a broken invariant speaks of something.
  public func runs(speakingOf text: String, limit: Int) throws(ResultsError) -> [(
    campaign: Int64, run: CampaignRun
  )] {
    try doing {
      let text = try Self.written(text)
      return try queue.read { database in
        try Row.fetchAll(
          database,
          sql: "SELECT * FROM run WHERE instr(broken, ?) > 0 ORDER BY campaign, seed LIMIT ?",
          arguments: [text, limit]
        ).map { (campaign: $0["campaign"], run: try Self.run($0)) }
      }
    }
  }

  /// A number that is another one once another process, or this one, has written into the file.
  public func revision() throws(ResultsError) -> Int64 {
    try doing {
      try queue.read { database in try Int64.fetchOne(database, sql: "PRAGMA data_version") ?? 0 }
    }
  }
}

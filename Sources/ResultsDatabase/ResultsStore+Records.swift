import Foundation
import RunRecord

extension ResultsStore {
  /// A run of which the whole record is kept.
  package struct KeptRun: Sendable {
    /// Its number in the file.
    package var id: Int64
    /// The scenario and the options, as of a campaign.
    package var campaign: Campaign
    /// How the scenario that was run differs from the file.
    package var variant: [String]
    /// The seed.
    package var seed: UInt64
    /// Whether everything held.
    package var verdict: Verdict
    /// The hash over every event.
    package var fingerprint: String
  }

  /// Came with the third version.
  static let records = """

    CREATE TABLE record (
      id INTEGER PRIMARY KEY, scenario TEXT NOT NULL, options TEXT NOT NULL, hash TEXT NOT NULL,
      meterstorm TEXT NOT NULL, variant TEXT NOT NULL, seed INTEGER NOT NULL, verdict TEXT NOT NULL,
      fingerprint TEXT NOT NULL, record TEXT NOT NULL, UNIQUE (hash, options, meterstorm, variant, seed));
    """

  /// Keeps the record of a run, in the place of an earlier one of the same scenario, options and seed.
  package func keep(_ record: RunRecord, variant: [String], of campaign: Campaign) throws(ResultsError) {
    try doing {
      try connection.write { database in
        let id = try database.whole(
          """
          INSERT INTO record (scenario, options, hash, meterstorm, variant, seed, verdict, fingerprint, record)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET verdict = excluded.verdict, fingerprint = excluded.fingerprint,
            record = excluded.record, scenario = excluded.scenario
          RETURNING id
          """,
          [
            campaign.scenario, campaign.options.joined(separator: "\n"), campaign.scenarioHash,
            campaign.meterstorm, try Self.json(variant), Int64(bitPattern: record.seed),
            record.verdict.rawValue, record.fingerprint, try Self.json(record),
          ])
        if let id { try Self.stamp(.record, id, took: record.wallClock?.seconds, in: database) }
      }
    }
  }

  /// The runs whose records are kept, the latest first.
  ///
  /// - Parameters:
  ///   - text: only those whose record speaks of it; `nil`: all.
  ///   - limit: how many at most.
  /// - Throws: where one of them cannot be read.
  package func keptRuns(speakingOf text: String? = nil, limit: Int) throws(ResultsError) -> [KeptRun] {
    try eachKeptRun(speakingOf: text, limit: limit).map { kept throws(ResultsError) in try kept.run.get() }
  }

  /// The same, each with what is wrong with it where it cannot be read.
  package func eachKeptRun(
    speakingOf text: String? = nil, limit: Int
  ) throws(ResultsError) -> [(id: Int64, run: Result<KeptRun, ResultsError>)] {
    guard try hasTable("record") else { return [] }
    return try doing {
      let text = try text.map(Self.written)
      return try connection.read { database in
        try database.rows(
          """
          SELECT id, scenario, options, hash, meterstorm, variant, seed, verdict, fingerprint FROM record
          WHERE ? IS NULL OR instr(record, ?) > 0 ORDER BY id DESC LIMIT ?
          """, [text, text, limit]
        ).map { row in
          let id = try RowReader(row, of: "record", key: ["id"]).whole("id")
          return (
            id, Result { () throws(ResultsError) in try self.doing { try Self.keptRun(row) } }
          )
        }
      }
    }
  }

  /// A kept run with its record; `nil` where there is none of that number.
  package func keptRun(_ id: Int64) throws(ResultsError) -> (run: KeptRun, record: Data)? {
    guard try hasTable("record") else { return nil }
    return try doing {
      try connection.read { database in
        try database.row("SELECT * FROM record WHERE id = ?", [id]).map { row in
          let text = try RowReader(row, of: "record", key: ["id"]).text("record")
          return (try Self.keptRun(row), Data(text.utf8))
        }
      }
    }
  }

  private static func keptRun(_ row: SQLiteRow) throws(ResultsError) -> KeptRun {
    let reader = RowReader(row, of: "record", key: ["id"])
    return KeptRun(
      id: try reader.whole("id"), campaign: try campaign(reader), variant: try reader.json("variant"),
      seed: UInt64(bitPattern: try reader.whole("seed")), verdict: try reader.verdict("verdict"),
      fingerprint: try reader.text("fingerprint"))
  }

  /// Takes the kept runs over from another database.
  func mergeRecords(in other: ResultsStore) throws(ResultsError) {
    for run in try other.keptRuns(limit: .max).reversed() {
      guard let (_, data) = try other.keptRun(run.id) else { continue }
      let record: RunRecord
      do {
        record = try RunRecord(json: data)
      } catch {
        throw ResultsError("\(other.path): table record, row id \(run.id), column record: \(error)")
      }
      try keep(record, variant: run.variant, of: run.campaign)
    }
  }

  /// A text as it stands within JSON.
  private static func written(_ text: String) throws -> String {
    String(try json(text).dropFirst().dropLast())
  }

  // MARK: For the dashboard

  /// How many runs a campaign has, and how many of them failed.
  package func counts(of campaign: Int64) throws(ResultsError) -> (runs: Int, failed: Int) {
    try doing {
      try connection.read { database in
        let row = try database.row(
          "SELECT COUNT(*) AS runs, COALESCE(SUM(verdict <> 'pass'), 0) AS failed FROM run WHERE campaign = ?",
          [campaign])
        guard let reader = row.map({ RowReader($0, of: "run", key: []) }) else { return (0, 0) }
        return (Int(try reader.whole("runs")), Int(try reader.whole("failed")))
      }
    }
  }

  /// Some runs of a campaign, those that failed first, then in the order of seeds.
  package func runs(
    of campaign: Int64, from offset: Int, limit: Int
  ) throws(ResultsError) -> [(seed: String, run: Result<CampaignRun, ResultsError>)] {
    try doing {
      try connection.read { database in
        try database.rows(
          "SELECT * FROM run WHERE campaign = ? ORDER BY verdict = 'pass', seed LIMIT ? OFFSET ?",
          [campaign, limit, offset]
        ).map { row in
          (
            "\(row["seed"] ?? .null)",
            Result { () throws(ResultsError) in try Self.run(row) }
          )
        }
      }
    }
  }

  /// Runs of campaigns in which a broken invariant speaks of something.
  package func runs(speakingOf text: String, limit: Int) throws(ResultsError) -> [(
    campaign: Int64, run: CampaignRun
  )] {
    try doing {
      let text = try Self.written(text)
      return try connection.read { database in
        try database.rows(
          "SELECT * FROM run WHERE instr(broken, ?) > 0 ORDER BY campaign, seed LIMIT ?",
          [text, limit]
        ).compactMap { row in
          // What cannot be read is told where it is listed.
          guard let run = try? Self.run(row) else { return nil }
          return (try RowReader(row, of: "run", key: Self.runKey).whole("campaign"), run)
        }
      }
    }
  }

  /// A number that is another one once another process, or this one, has written into the file.
  package func revision() throws(ResultsError) -> Int64 {
    try doing {
      try connection.read { database in try database.whole("PRAGMA data_version") ?? 0 }
    }
  }
}

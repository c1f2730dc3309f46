import CSQLite
import Foundation
import RunRecord

/// Why a results database cannot be used.
package struct ResultsError: Error, CustomStringConvertible, Sendable {
  /// What is wrong, and what would be right.
  package var description: String
  /// Whether the machine is at fault, such as a full disk, and not what was asked for.
  package var isOfMachine = false

  /// Makes an error.
  package init(_ description: String, isOfMachine: Bool = false) {
    (self.description, self.isOfMachine) = (description, isOfMachine)
  }
}

/// The results of campaigns in one SQLite file, a row a run. What is written survives the death of the process: each
/// batch is a transaction in the write-ahead log.
///
/// A run is known by its campaign and seed, so that writing it twice changes nothing.
package final class ResultsStore: Sendable {
  /// What makes a campaign: runs of different ones are not counted together.
  package struct Campaign: Hashable, Sendable {
    /// The scenario's file as the user named it.
    package var scenario: String
    /// The hash of the scenario and everything that it names.
    package var scenarioHash: String
    /// Options that shape what is simulated: design, defect, settings.
    package var options: [String]
    /// The version of Meterstorm.
    package var meterstorm: String
    /// The commit of what was run, with `-dirty` behind it where files differed from it; `nil`: not known.
    package var commit: String?

    /// Makes a campaign.
    package init(
      scenario: String, scenarioHash: String, options: [String], meterstorm: String, commit: String? = nil
    ) {
      self.scenario = scenario
      self.scenarioHash = scenarioHash
      self.options = options
      self.meterstorm = meterstorm
      self.commit = commit
    }
  }

  /// Marks the file as one of ours: "MTRS".
  private static let applicationID: Int64 = 0x4d54_5253
  private static let version: Int64 = 5
  let connection: SQLiteConnection
  let path: String

  /// Opens a database, or makes one where there is no file.
  ///
  /// - Parameter isReadOnly: whether it must be there and stays as it is.
  /// - Throws: ``ResultsError`` where the file is no database of ours, is damaged, locked or cannot be written.
  package init(path: String, isReadOnly: Bool = false) throws(ResultsError) {
    self.path = path
    do {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
        throw ResultsError("\(path): this is a folder; name a file in it")
      }
      // A pipe would be waited for.
      var status = stat()
      if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
        throw ResultsError("\(path): this is not a regular file")
      }
      connection = try SQLiteConnection(path: path, isReadOnly: isReadOnly)
      try Self.prepare(connection, path, isReadOnly: isReadOnly)
    } catch let error as ResultsError {
      throw error
    } catch {
      throw Self.explained(error, path)
    }
  }

  private static func prepare(_ connection: SQLiteConnection, _ path: String, isReadOnly: Bool) throws {
    let (application, version, tables) = try connection.read { database in
      (
        try database.whole("PRAGMA application_id") ?? 0,
        try database.whole("PRAGMA user_version") ?? 0,
        try database.whole("SELECT COUNT(*) FROM sqlite_master") ?? 0
      )
    }
    if application == 0, tables == 0 {
      guard !isReadOnly else { throw ResultsError("\(path): the database is empty") }
      try connection.writeWithoutTransaction { try $0.execute(script: "PRAGMA journal_mode = WAL") }
      try connection.write { database in
        // Another process may have made it since.
        guard try database.whole("SELECT COUNT(*) FROM sqlite_master") == 0 else { return }
        try database.execute(script: schema)
        try database.execute(script: "PRAGMA application_id = \(applicationID)")
        try database.execute(script: "PRAGMA user_version = \(Self.version)")
      }
    } else if application != applicationID {
      throw ResultsError(
        "\(path): this database belongs to another program; name another file with --database")
    } else if (1..<Self.version).contains(version) {
      guard !isReadOnly else { return }
      try migrate(connection, from: version)
    } else if version != Self.version {
      throw ResultsError(
        "\(path): the database has format version \(version), and this version of Meterstorm reads \(Self.version)"
      )
    }
  }

  /// Gives a file of an earlier version what has come since.
  private static func migrate(_ connection: SQLiteConnection, from version: Int64) throws {
    try connection.writeWithoutTransaction { database in
      // A table that others refer to is made anew (https://sqlite.org/lang_altertable.html, section 7).
      try database.execute(script: "PRAGMA foreign_keys = OFF")
      defer { try? database.execute(script: "PRAGMA foreign_keys = ON") }
      try database.write { database in
        if version < 2 { try database.execute(script: studies) }
        if version < 3 { try database.execute(script: records) }
        let columns = try database.columns(in: "run")
        if !columns.contains("exercised") {
          try database.execute(script: "ALTER TABLE run ADD COLUMN exercised TEXT NOT NULL DEFAULT '[]'")
        }
        if !columns.contains("faults") { try database.execute(script: faults) }
        if !columns.contains("indicators") { try database.execute(script: indicators) }
        if !(try database.columns(in: "campaign").contains("commit_id")) {
          try database.execute(script: campaigns("campaign_of_commits"))
          try database.execute(
            script: """
              INSERT INTO campaign_of_commits (id, scenario, options, hash, meterstorm)
                SELECT id, scenario, options, hash, meterstorm FROM campaign;
              DROP TABLE campaign;
              ALTER TABLE campaign_of_commits RENAME TO campaign;
              """)
        }
        if !(try database.tableExists("count")) { try database.execute(script: counts) }
        try database.execute(script: "PRAGMA user_version = \(Self.version)")
      }
    }
  }

  /// Each commit has campaigns of its own since the fifth version; an empty text is a commit that is not known.
  private static func campaigns(_ name: String) -> String {
    """
    CREATE TABLE \(name) (
      id INTEGER PRIMARY KEY, scenario TEXT NOT NULL, options TEXT NOT NULL, hash TEXT NOT NULL,
      meterstorm TEXT NOT NULL, commit_id TEXT NOT NULL DEFAULT '', UNIQUE (scenario, options, commit_id));

    """
  }

  private static let schema =
    campaigns("campaign") + """
      CREATE TABLE run (
        campaign INTEGER NOT NULL REFERENCES campaign (id), seed INTEGER NOT NULL, verdict TEXT NOT NULL,
        fingerprint TEXT NOT NULL, usage_events INTEGER NOT NULL, kernel_events INTEGER NOT NULL,
        simulated_seconds REAL NOT NULL, broken TEXT NOT NULL, missed TEXT NOT NULL, cause TEXT NOT NULL,
        situations TEXT NOT NULL, variant TEXT NOT NULL, exercised TEXT NOT NULL DEFAULT '[]',
        PRIMARY KEY (campaign, seed)) WITHOUT ROWID;
      """ + studies + records + faults + indicators + counts

  /// Came with the fourth version: the faults that began in a run.
  private static let faults = "\nALTER TABLE run ADD COLUMN faults TEXT NOT NULL DEFAULT '{}';"

  /// What the column holds.
  private struct Faults: Codable, CheckedRecord {
    var met: [String]?
    var began: [Int]?
    var hit: [Int]?

    func check() throws(RecordProblem) {
      for (key, places) in [("began", began), ("hit", hit)] where places?.contains(where: { $0 < 0 }) == true
      {
        throw RecordProblem("a place in the scenario is from 0 on", at: key)
      }
    }
  }

  /// Came with the fifth version: the indicators of a run.
  private static let indicators = "\nALTER TABLE run ADD COLUMN indicators TEXT NOT NULL DEFAULT '{}';"

  /// What the column holds.
  private struct Indicators: Codable, CheckedRecord {
    var values: [String: Double]

    init(_ values: [String: Double]) { self.values = values }
    init(from decoder: any Decoder) throws { values = try [String: Double](from: decoder) }
    func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }
    // Checked with the rest of the run.
    func check() throws(RecordProblem) {}
  }

  /// Came with the second version.
  private static let studies = """

    CREATE TABLE replication (
      campaign INTEGER NOT NULL REFERENCES campaign (id), variant TEXT NOT NULL, seed INTEGER NOT NULL,
      fingerprint TEXT NOT NULL, result TEXT NOT NULL, PRIMARY KEY (campaign, variant, seed)) WITHOUT ROWID;
    CREATE TABLE study (
      campaign INTEGER NOT NULL REFERENCES campaign (id), kind TEXT NOT NULL, question TEXT NOT NULL,
      result TEXT NOT NULL, PRIMARY KEY (campaign, kind, question)) WITHOUT ROWID;
    """

  private static func explained(_ error: any Error, _ path: String) -> ResultsError {
    guard let error = error as? SQLiteError else {
      return ResultsError("\(path): \(error.localizedDescription)")
    }
    switch error.code {
    case SQLITE_NOTADB:
      return ResultsError("\(path): this is not an SQLite database; name another file with --database")
    case SQLITE_CORRUPT:
      return ResultsError("\(path): the database is damaged; move it away, or restore it from a copy")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return ResultsError(
        "\(path): another process has locked the database; wait for it, or name another file")
    case SQLITE_FULL:
      return ResultsError("\(path): the disk is full; what was written before is kept", isOfMachine: true)
    case SQLITE_IOERR, SQLITE_NOMEM: return ResultsError("\(path): \(error.message)", isOfMachine: true)
    case SQLITE_CANTOPEN: return ResultsError("\(path): the file cannot be opened or created")
    case SQLITE_READONLY, SQLITE_PERM: return ResultsError("\(path): the database cannot be written")
    default: return ResultsError("\(path): \(error.message)")
    }
  }

  func doing<Value>(_ body: () throws -> Value) throws(ResultsError) -> Value {
    do {
      return try body()
    } catch let error as ResultsError {
      throw error.description.hasPrefix(path)
        ? error : ResultsError("\(path): \(error.description)", isOfMachine: error.isOfMachine)
    } catch {
      throw Self.explained(error, path)
    }
  }

  // MARK: Campaigns

  /// Begins or goes on with a campaign.
  ///
  /// - Returns: the number under which its runs are kept.
  /// - Throws: where the scenario has changed since the first of its runs.
  package func begin(_ campaign: Campaign) throws(ResultsError) -> Int64 {
    let options = campaign.options.joined(separator: "\n")
    return try doing {
      try connection.write { database in
        if let row = try database.row(
          "SELECT id, hash, meterstorm FROM campaign WHERE scenario = ? AND options = ? AND commit_id = ?",
          [campaign.scenario, options, campaign.commit ?? ""])
        {
          let reader = RowReader(row, of: "campaign", key: ["id"])
          let (id, hash) = (try reader.whole("id"), try reader.text("hash"))
          let version = try reader.text("meterstorm")
          let runs = try database.whole("SELECT COUNT(*) FROM run WHERE campaign = ?", [id]) ?? 0
          guard hash == campaign.scenarioHash, version == campaign.meterstorm else {
            let what = hash == campaign.scenarioHash ? "Meterstorm" : campaign.scenario
            throw ResultsError(
              "\(path): \(what) has changed since the \(runs) runs that are in the database; they are kept. "
                + "Name another file, or another --commit")
          }
          return id
        }
        try database.execute(
          "INSERT INTO campaign (scenario, options, hash, meterstorm, commit_id) VALUES (?, ?, ?, ?, ?)",
          [
            campaign.scenario, options, campaign.scenarioHash, campaign.meterstorm, campaign.commit ?? "",
          ])
        return database.lastInsertedRowID
      }
    }
  }

  /// The campaigns, in the order in which they were begun.
  package func campaigns() throws(ResultsError) -> [(id: Int64, campaign: Campaign)] {
    try doing {
      try connection.read { database in
        try database.rows("SELECT * FROM campaign ORDER BY id").map { row in
          let reader = RowReader(row, of: "campaign", key: ["id"])
          return (try reader.whole("id"), try Self.campaign(reader))
        }
      }
    }
  }

  // MARK: Runs

  /// The seeds of a campaign that have been run.
  package func seeds(of campaign: Int64) throws(ResultsError) -> Set<UInt64> {
    try doing {
      try connection.read { database in
        let rows = try database.rows("SELECT campaign, seed FROM run WHERE campaign = ?", [campaign])
        return Set(
          try rows.map { row in
            UInt64(bitPattern: try RowReader(row, of: "run", key: Self.runKey).whole("seed"))
          })
      }
    }
  }

  /// Writes runs in one transaction; one that is there already must be the same.
  package func add(_ runs: [CampaignRun], to campaign: Int64) throws(ResultsError) {
    guard !runs.isEmpty else { return }
    try doing {
      try connection.write { database in
        let insert = "INSERT OR IGNORE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        let known = "SELECT campaign, seed, fingerprint FROM run WHERE campaign = ? AND seed = ?"
        for run in runs {
          let seed = Int64(bitPattern: run.seed)
          try database.execute(
            insert,
            [
              campaign, seed, run.verdict.rawValue, run.fingerprint, run.usageEvents,
              Int64(clamping: run.kernelEvents), run.simulatedSeconds, try Self.json(run.broken),
              try Self.json(run.missed), run.cause, try Self.json(run.situations), try Self.json(run.variant),
              try Self.json(run.exercised),
              try Self.json(Faults(met: run.met, began: run.began, hit: run.hit)),
              try Self.json(Indicators(run.indicators)),
            ])
          guard database.changesCount == 0 else { continue }
          let before = try database.row(known, [campaign, seed]).map { row in
            try RowReader(row, of: "run", key: Self.runKey).text("fingerprint")
          }
          guard before == run.fingerprint else {
            throw ResultsError(
              "\(path): seed \(run.seed) is stored with another fingerprint, \(before ?? "none") and not "
                + "\(run.fingerprint): the runs are not of the same scenario and version")
          }
        }
        try Self.stamp(.campaign, campaign, in: database)
      }
    }
  }

  /// The runs of a campaign, in the order of seeds.
  package func runs(of campaign: Int64) throws(ResultsError) -> [CampaignRun] {
    try doing {
      try connection.read { database in
        try database.rows("SELECT * FROM run WHERE campaign = ? ORDER BY seed", [campaign]).map(Self.run)
      }
    }
  }

  /// The runs of a campaign that can be read, in the order of seeds, and what is wrong with the others.
  package func readableRuns(
    of campaign: Int64
  ) throws(ResultsError) -> (runs: [CampaignRun], unreadable: [ResultsError]) {
    try doing {
      try connection.read { database in
        var (runs, unreadable): ([CampaignRun], [ResultsError]) = ([], [])
        for row in try database.rows("SELECT * FROM run WHERE campaign = ? ORDER BY seed", [campaign]) {
          do throws(ResultsError) { runs.append(try Self.run(row)) } catch { unreadable.append(error) }
        }
        return (runs, unreadable)
      }
    }
  }

  /// The run of a seed; `nil` where there is none.
  package func run(of campaign: Int64, seed: UInt64) throws(ResultsError) -> CampaignRun? {
    try doing {
      try connection.read { database in
        try database.row(
          "SELECT * FROM run WHERE campaign = ? AND seed = ?", [campaign, Int64(bitPattern: seed)]
        ).map(Self.run)
      }
    }
  }

  /// What names a row of the table of runs.
  static let runKey = ["campaign", "seed"]

  static func campaign(_ reader: RowReader) throws(ResultsError) -> Campaign {
    // Kept runs have no such column, and neither has a file of an earlier version that is only read.
    let commit = reader.has("commit_id") ? try reader.text("commit_id") : ""
    return Campaign(
      scenario: try reader.text("scenario"), scenarioHash: try reader.text("hash"),
      options: try reader.lines("options"), meterstorm: try reader.text("meterstorm"),
      commit: commit.isEmpty ? nil : commit)
  }

  static func run(_ row: SQLiteRow) throws(ResultsError) -> CampaignRun {
    let reader = RowReader(row, of: "run", key: runKey)
    let kernelEvents = try reader.whole("kernel_events")
    guard kernelEvents >= 0 else {
      throw reader.problem("kernel_events", "\(kernelEvents) should not be negative")
    }
    // A database of an earlier version that is only read has no such column.
    let faults: Faults = reader.has("faults") ? try reader.json("faults") : Faults()
    let indicators = reader.has("indicators") ? try reader.json("indicators") : Indicators([:])
    let run = CampaignRun(
      seed: UInt64(bitPattern: try reader.whole("seed")), verdict: try reader.verdict("verdict"),
      fingerprint: try reader.text("fingerprint"), usageEvents: try reader.whole("usage_events"),
      kernelEvents: UInt64(kernelEvents), simulatedSeconds: try reader.number("simulated_seconds"),
      broken: try reader.json("broken"), missed: try reader.json("missed"), cause: try reader.text("cause"),
      situations: try reader.json("situations"),
      exercised: reader.has("exercised") ? try reader.json("exercised") : [],
      variant: try reader.json("variant"), met: faults.met ?? [], began: faults.began ?? [], hit: faults.hit,
      indicators: indicators.values)
    return try reader.checked(run)
  }

  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  // MARK: Merging

  /// Takes everything over from another database.
  ///
  /// - Returns: how many runs are new here.
  /// - Throws: where a scenario of the same name and options has changed between the two, or a seed has two outcomes.
  @discardableResult
  package func merge(_ other: ResultsStore) throws(ResultsError) -> Int {
    var added = 0
    for (id, campaign) in try other.campaigns() {
      let own = try begin(campaign)
      let before = try seeds(of: own)
      let runs = try other.runs(of: id)
      try add(runs, to: own)
      added += runs.count { !before.contains($0.seed) }
      try mergeStudies(of: id, in: other, into: own)
    }
    try mergeRecords(in: other)
    try mergeCounts(in: other)
    return added
  }
}

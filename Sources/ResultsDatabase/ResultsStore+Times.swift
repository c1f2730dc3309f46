/// When things were written into a database, for people who look at it. A table of its own, which a Meterstorm that does not know it
/// leaves alone.
extension ResultsStore {
  /// What has times.
  package enum Timed: String, Sendable {
    case campaign, record
  }

  /// When something was written.
  package struct Times: Sendable, Equatable {
    /// For the first time, in seconds since 1970.
    package var first: Int64
    /// For the last time.
    package var last: Int64
    /// How long the run took on the real clock, in seconds; `nil`: not known.
    package var took: Double?
  }

  /// Notes that something is written now.
  static func stamp(_ what: Timed, _ id: Int64, took: Double? = nil, in database: SQLiteSession) throws {
    try database.execute(
      script: """
        CREATE TABLE IF NOT EXISTS written (
          kind TEXT NOT NULL, id INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, took REAL,
          PRIMARY KEY (kind, id)) WITHOUT ROWID;
        """)
    try database.execute(
      """
      INSERT INTO written VALUES (?, ?, CAST(strftime('%s', 'now') AS INTEGER), CAST(strftime('%s', 'now') AS INTEGER), ?)
      ON CONFLICT DO UPDATE SET last = excluded.last, took = excluded.took
      """, [what.rawValue, id, took])
  }

  /// When each campaign or kept run was written, by its number; those of an earlier version are not known.
  package func times(of what: Timed) throws(ResultsError) -> [Int64: Times] {
    guard try hasTable("written") else { return [:] }
    return try doing {
      try connection.read { database in
        var times: [Int64: Times] = [:]
        for row in try database.rows(
          "SELECT id, first, last, took FROM written WHERE kind = ?",
          [what.rawValue])
        {
          let reader = RowReader(row, of: "written", key: ["id"])
          let took = row["took"] == .null ? nil : try reader.number("took")
          times[try reader.whole("id")] = Times(
            first: try reader.whole("first"), last: try reader.whole("last"), took: took)
        }
        return times
      }
    }
  }
}

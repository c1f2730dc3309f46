import RunRecord

extension ResultsStore {
  /// Came with the fifth version: what the work of a commit costs, as `scripts/instructions` counts it.
  static let counts = """

    CREATE TABLE count (
      commit_id TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, unit TEXT NOT NULL, value REAL NOT NULL,
      PRIMARY KEY (commit_id, name, kind)) WITHOUT ROWID;
    """

  /// The commits of which the database holds runs, in the order in which they were begun; those that are not known are left out.
  package func commits() throws(ResultsError) -> [String] {
    var commits: [String] = []
    for commit in try campaigns().compactMap(\.campaign.commit) {
      // One that was run again later stays where it was.
      if !commits.contains(commit) { commits.append(commit) }
    }
    return commits
  }

  /// Keeps what the work of a commit costs, in the place of what was kept before.
  package func keep(_ counts: [WorkCounts.Count], of commit: String) throws(ResultsError) {
    try doing {
      try connection.write { database in
        for count in counts {
          try database.execute(
            "INSERT OR REPLACE INTO count VALUES (?, ?, ?, ?, ?)",
            [commit, count.name, count.kind.rawValue, count.unit, count.value])
        }
      }
    }
  }

  /// What the work of a commit costs, in the order of names; empty where nothing was kept.
  package func counts(of commit: String) throws(ResultsError) -> [WorkCounts.Count] {
    guard try hasTable("count") else { return [] }
    return try doing {
      try connection.read { database in
        try database.rows(
          "SELECT * FROM count WHERE commit_id = ? ORDER BY name, kind", [commit]
        ).map { row in
          let reader = RowReader(row, of: "count", key: ["commit_id", "name"])
          guard let kind = WorkCounts.Kind(rawValue: try reader.text("kind")) else {
            throw reader.problem("kind", "this should be instructions or allocations")
          }
          return try reader.checked(
            WorkCounts.Count(
              name: try reader.text("name"), kind: kind, unit: try reader.text("unit"),
              value: try reader.number("value")))
        }
      }
    }
  }

  /// Takes the counts over from another database.
  func mergeCounts(in other: ResultsStore) throws(ResultsError) {
    guard try other.hasTable("count") else { return }
    let commits: [String] = try other.doing {
      try other.connection.read { database in
        try database.rows("SELECT DISTINCT commit_id FROM count ORDER BY 1").map { row in
          try RowReader(row, of: "count", key: ["commit_id"]).text("commit_id")
        }
      }
    }
    for commit in commits { try keep(try other.counts(of: commit), of: commit) }
  }
}

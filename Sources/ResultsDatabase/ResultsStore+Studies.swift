import Foundation
import RunRecord

extension ResultsStore {
  // MARK: Replications

  /// The replications of a variant, by seed.
  package func replications(
    of campaign: Int64, variant: String
  ) throws(ResultsError) -> [UInt64: Replication] {
    guard try hasStudies() else { return [:] }
    return try doing {
      try connection.read { database in
        let rows = try database.rows(
          "SELECT campaign, seed, result FROM replication WHERE campaign = ? AND variant = ?",
          [campaign, variant])
        let values: [Replication] = try rows.map { row in
          try RowReader(row, of: "replication", key: Self.runKey).json("result")
        }
        return Dictionary(values.map { ($0.seed, $0) }, uniquingKeysWith: { first, _ in first })
      }
    }
  }

  /// Writes a replication; one that is there already must be the same.
  package func add(
    _ replication: Replication, variant: String, to campaign: Int64
  ) throws(ResultsError) {
    try doing {
      try connection.write { database in
        let seed = Int64(bitPattern: replication.seed)
        try database.execute(
          "INSERT OR IGNORE INTO replication VALUES (?, ?, ?, ?, ?)",
          [campaign, variant, seed, replication.fingerprint, try Self.json(replication)])
        guard database.changesCount == 0 else { return }
        let before = try database.row(
          "SELECT campaign, seed, fingerprint FROM replication WHERE campaign = ? AND variant = ? AND seed = ?",
          [campaign, variant, seed]
        ).map { row in
          try RowReader(row, of: "replication", key: Self.runKey).text("fingerprint")
        }
        guard before == replication.fingerprint else {
          throw ResultsError(
            "\(path): seed \(replication.seed) of '\(variant)' is stored with another fingerprint: the runs are not of "
              + "the same scenario and version")
        }
      }
    }
  }

  // MARK: Studies

  /// Keeps the result of a study, in the place of an earlier one that asked the same.
  ///
  /// - Parameters:
  ///   - kind: such as `comparison`.
  ///   - question: what was asked: the variants, or the knob and the objectives.
  ///   - result: its record as JSON.
  package func keep(
    study kind: String, question: String, result: Data, of campaign: Int64
  ) throws(ResultsError) {
    try doing {
      try connection.write { database in
        try database.execute(
          "INSERT OR REPLACE INTO study VALUES (?, ?, ?, ?)",
          [campaign, kind, question, String(decoding: result, as: UTF8.self)])
      }
    }
  }

  /// The studies of a campaign: kind, question and record.
  package func studies(
    of campaign: Int64
  ) throws(ResultsError) -> [(kind: String, question: String, result: Data)] {
    guard try hasStudies() else { return [] }
    return try doing {
      try connection.read { database in
        try database.rows(
          "SELECT kind, question, result FROM study WHERE campaign = ? ORDER BY kind, question",
          [campaign]
        ).map { row in
          let reader = RowReader(row, of: "study", key: ["kind", "question"])
          return (
            try reader.text("kind"), try reader.text("question"), Data(try reader.text("result").utf8)
          )
        }
      }
    }
  }

  /// Whether the file has tables for them: one of the first version that is only read has not.
  private func hasStudies() throws(ResultsError) -> Bool { try hasTable("study") }

  func hasTable(_ name: String) throws(ResultsError) -> Bool {
    try doing { try connection.read { try $0.tableExists(name) } }
  }

  /// Takes the replications and studies of a campaign over from another database.
  func mergeStudies(of campaign: Int64, in other: ResultsStore, into own: Int64) throws(ResultsError) {
    guard try other.hasStudies() else { return }
    let variants: [String] = try other.doing {
      try other.connection.read { database in
        try database.rows(
          "SELECT DISTINCT campaign, variant FROM replication WHERE campaign = ? ORDER BY variant", [campaign]
        ).map { row in
          try RowReader(row, of: "replication", key: ["campaign"]).text("variant")
        }
      }
    }
    for variant in variants {
      for (_, replication) in try other.replications(of: campaign, variant: variant).sorted(by: {
        $0.key < $1.key
      }) {
        try add(replication, variant: variant, to: own)
      }
    }
    for study in try other.studies(of: campaign) {
      try keep(study: study.kind, question: study.question, result: study.result, of: own)
    }
  }
}

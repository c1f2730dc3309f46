import Foundation
import GRDB
import RunRecord

extension ResultsStore {
  // MARK: Replications

  /// The replications of a variant, by seed.
  package func replications(
    of campaign: Int64, variant: String
  ) throws(ResultsError) -> [UInt64: Replication] {
    guard try hasStudies() else { return [:] }
    return try doing {
      try queue.read { database in
        let rows = try Row.fetchAll(
          database, sql: "SELECT campaign, seed, result FROM replication WHERE campaign = ? AND variant = ?",
          arguments: [campaign, variant])
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
      try queue.write { database in
        let seed = Int64(bitPattern: replication.seed)
        try database.execute(
          sql: "INSERT OR IGNORE INTO replication VALUES (?, ?, ?, ?, ?)",
          arguments: [campaign, variant, seed, replication.fingerprint, try Self.json(replication)])
        guard database.changesCount == 0 else { return }
        let before = try String.fetchOne(
          database,
          sql: "SELECT fingerprint FROM replication WHERE campaign = ? AND variant = ? AND seed = ?",
          arguments: [campaign, variant, seed])
        guard before == replication.fingerprint else {
          throw ResultsError(
            "\(path): seed \(replication.seed) of '\(variant)' is there with another fingerprint: the runs are not of "
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
      try queue.write { database in
        try database.execute(
          sql: "INSERT OR REPLACE INTO study VALUES (?, ?, ?, ?)",
          arguments: [campaign, kind, question, String(decoding: result, as: UTF8.self)])
      }
    }
  }

  /// The studies of a campaign: kind, question and record.
  package func studies(
    of campaign: Int64
  ) throws(ResultsError) -> [(kind: String, question: String, result: Data)] {
    guard try hasStudies() else { return [] }
    return try doing {
      try queue.read { database in
        try Row.fetchAll(
          database,
          sql: "SELECT kind, question, result FROM study WHERE campaign = ? ORDER BY kind, question",
          arguments: [campaign]
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
    try doing { try queue.read { try $0.tableExists(name) } }
  }

  /// Takes the replications and studies of a campaign over from another database.
  func mergeStudies(of campaign: Int64, in other: ResultsStore, into own: Int64) throws(ResultsError) {
    guard try other.hasStudies() else { return }
    let variants: [String] = try other.doing {
      try other.queue.read { database in
        try String.fetchAll(
          database, sql: "SELECT DISTINCT variant FROM replication WHERE campaign = ? ORDER BY variant",
          arguments: [campaign])
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

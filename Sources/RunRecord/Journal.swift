import Foundation

/// The ERPs' ledgers of a run, document by document: what `--output` writes beside the record, for auditors and for
/// plain-text accounting.
package struct Journal: Codable, Equatable, Sendable {
  /// One line: debits are positive.
  package struct Line: Codable, Equatable, Sendable {
    /// Such as `revenue:api_calls`.
    package var account: String
    /// Exact.
    package var amount: String

    /// Makes a line.
    package init(account: String, amount: String) {
      self.account = account
      self.amount = amount
    }
  }

  /// One document.
  package struct Document: Codable, Equatable, Sendable {
    package var entity: String
    /// The ERP's own number.
    package var number: UInt32
    /// When it was posted.
    package var posted: String
    /// The posting key, such as `invoice/US-000042/1`.
    package var key: String
    /// The customer; left out where the document is not about one.
    package var customer: String?
    /// The accounting period, such as `2026-01`.
    package var period: String
    package var currency: String
    package var lines: [Line]
    /// Whether it stands in the ledger of the ERP that took over at a cut-over; left out where it does not.
    package var successor: Bool?

    /// Makes a document.
    package init(
      entity: String, number: UInt32, posted: String, key: String, customer: String?, period: String,
      currency: String, lines: [Line], successor: Bool? = nil
    ) {
      self.successor = successor
      self.entity = entity
      self.number = number
      self.posted = posted
      self.key = key
      self.customer = customer
      self.period = period
      self.currency = currency
      self.lines = lines
    }
  }

  /// The documents, entity by entity, in the order of posting.
  package var documents: [Document]

  /// Makes a journal.
  package init(documents: [Document]) { self.documents = documents }

  /// The journal as JSON, one document a line.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var data = Data("{\"documents\":[\n".utf8)
    for (index, document) in documents.enumerated() {
      if index > 0 { data.append(contentsOf: ",\n".utf8) }
      data.append(try encoder.encode(document))
    }
    data.append(contentsOf: "\n]}\n".utf8)
    return data
  }

  /// Reads a journal.
  ///
  /// - Throws: ``RecordProblem`` where it is not one that a run has written, with the path in the JSON.
  package init(json data: Data) throws(RecordProblem) { try self.init(checking: data) }
}

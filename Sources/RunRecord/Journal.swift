import Foundation

/// The ERPs' ledgers of a run, document by document: what `--output` writes beside the record, for auditors and for
/// plain-text accounting.
public struct Journal: Codable, Equatable, Sendable {
  /// One line: debits are positive.
  public struct Line: Codable, Equatable, Sendable {
    /// Such as `revenue:api_calls`.
    public var account: String
    /// Exact.
    public var amount: String

    /// Makes a line.
    public init(account: String, amount: String) {
      self.account = account
      self.amount = amount
    }
  }

  /// One document.
  public struct Document: Codable, Equatable, Sendable {
    public var entity: String
    /// The ERP's own number.
    public var number: UInt32
    /// When it was posted.
    public var posted: String
    /// The posting key, such as `invoice/US-000042/1`.
    public var key: String
    /// The customer; left out where the document is not about one.
    public var customer: String?
    /// The accounting period, such as `2026-01`.
    public var period: String
    public var currency: String
    public var lines: [Line]

    /// Makes a document.
    public init(
      entity: String, number: UInt32, posted: String, key: String, customer: String?, period: String,
      currency: String, lines: [Line]
    ) {
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
  public var documents: [Document]

  /// Makes a journal.
  public init(documents: [Document]) { self.documents = documents }

  /// The journal as JSON, one document a line.
  public func json() throws -> Data {
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
  public init(json data: Data) throws(RecordProblem) { try self.init(checking: data) }
}

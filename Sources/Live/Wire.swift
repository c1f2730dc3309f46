import CanonicalModel
import Chronology
import CoreInterface
import UsageToCash

/// What travels between a middleware and an ERP, as JSON: the ERP's own shape of a document, and what it answers.
package enum Wire {
  /// Documents to post.
  package struct Documents: Codable, Sendable {
    /// One of them.
    package struct Document: Codable, Sendable {
      /// The key under which the ERP is to know it; `nil`: none, and a repetition is another document.
      package var idempotencyKey: String?
      /// A transaction as NetSuite takes it, which every emulated ERP but SAP's takes.
      package var netSuite: NetSuiteRecord?
      /// An accounting document as SAP takes it.
      package var sap: SAPDocument?
    }
    /// The documents.
    package var documents: [Document]
  }

  /// A service's address with a path, whether or not it was given with a slash at its end.
  static func url(_ base: String, _ path: String) -> String {
    assert(!path.hasPrefix("/"), "a path is put behind a slash")
    return (base.hasSuffix("/") ? base : base + "/") + path
  }

  /// Documents to look for, by what they are called at the sender: `invoice/US-000042/1`.
  package struct LookUp: Codable, Sendable {
    package var keys: [String]
  }

  /// An answer.
  package struct Answer: Codable, Sendable {
    /// What became of a document.
    package struct Result: Codable, Sendable {
      /// `posted`, `alreadyPosted`, `periodClosed`, `failed`, `duplicate` or `refused`.
      package var status: String
      package var documentNumber: UInt32?
      package var reason: String?
    }
    /// What became of each document, in their order.
    package var results: [Result]?
    /// The numbers of the documents that were looked for; null where one was not found.
    package var numbers: [UInt32?]?
    /// How many documents there are.
    package var documents: Int?
    /// The sum of their receivables.
    package var receivable: String?
    /// The sum of their debits.
    package var debits: String?
    /// As of when.
    package var asOf: String?
    /// The job that has taken over.
    package var job: Int?
    /// In how many seconds, of the scenario's time, it is worth trying again.
    package var retryAfterSeconds: Double?
    /// Whether there is neither an answer nor a limit: the service is not there.
    package var isUnavailable: Bool?
    /// Whether a limit was exceeded.
    package var isThrottled: Bool?
  }
}

extension Wire.Documents.Document {
  init(_ request: PostingRequest, catalog: Catalog, chart: ChartOfAccounts) {
    idempotencyKey = request.idempotencyKey
    switch request.payload {
    case .sap(let document): sap = document
    case .netSuite(let record): netSuite = record
    case .canonical(let entry): netSuite = NetSuiteRecord(entry, catalog: catalog, chart: chart)
    }
  }

  /// As the ERP takes it; `nil` without a document.
  var request: PostingRequest? {
    if let sap { return PostingRequest(payload: .sap(sap), idempotencyKey: idempotencyKey) }
    return netSuite.map { PostingRequest(payload: .netSuite($0), idempotencyKey: idempotencyKey) }
  }
}

extension NetSuiteRecord {
  /// A journal entry with all its lines, for ERPs without a shape of their own.
  init(_ entry: JournalEntry, catalog: Catalog, chart: ChartOfAccounts) {
    let lines = entry.lines.map { line in
      let amount = (line.amount < .zero ? .zero - line.amount : line.amount).text(in: entry.currency)
      let base = entry.functionalCurrency.map { (line.functional ?? line.amount).text(in: $0) }
      let number = chart.number(of: line.account)
      return line.amount < .zero
        ? Line(account: number, credit: amount, baseAmount: base)
        : Line(account: number, debit: amount, baseAmount: base)
    }
    self.init(
      recordType: .journalEntry, externalId: entry.key.text(in: catalog),
      subsidiary: catalog[entry.key.entity].name,
      entity: entry.account.map { catalog[$0].name }, postingPeriod: "\(entry.period)",
      currency: entry.currency.code, baseCurrency: entry.functionalCurrency?.code, lines: lines)
  }
}

extension Wire.Answer {
  init(_ answer: ERPAnswer) {
    switch answer {
    case .posted(let results): self.results = results.map(Result.init)
    case .found(let found): numbers = found
    case .statement(let count, let sum):
      documents = count
      receivable = "\(sum)"
    case .closing(let count, let sum, let at):
      documents = count
      debits = "\(sum)"
      asOf = "\(at)"
    case .accepted: job = 0
    case .throttled(let span):
      isThrottled = true
      retryAfterSeconds = span?.seconds
    case .unavailable: isUnavailable = true
    }
  }

  /// As the core takes it; `nil` where it is no answer of an ERP's.
  var answer: ERPAnswer? {
    if let results {
      let all = results.compactMap(\.result)
      return all.count == results.count ? .posted(all) : nil
    }
    if let numbers { return .found(numbers) }
    if let documents, let receivable = receivable.flatMap({ Money($0) }) {
      return .statement(documents: documents, receivable: receivable)
    }
    if let documents, let debits = debits.flatMap({ Money($0) }),
      let at = asOf.flatMap({ Instant(iso8601: $0) })
    {
      return .closing(documents: documents, debits: debits, asOf: at)
    }
    if job != nil { return .accepted }
    if isThrottled == true { return .throttled(retryAfter: retryAfterSeconds.map { Span(seconds: $0) }) }
    return isUnavailable == true ? .unavailable : nil
  }
}

extension Wire.Answer.Result {
  init(_ result: PostingResult) {
    switch result {
    case .posted(let number): (status, documentNumber) = ("posted", number)
    case .alreadyPosted(let number): (status, documentNumber) = ("alreadyPosted", number)
    case .periodClosed: status = "periodClosed"
    case .failed: status = "failed"
    case .duplicate: status = "duplicate"
    case .refused(let reason): (status, self.reason) = ("refused", reason)
    }
  }

  var result: PostingResult? {
    switch (status, documentNumber) {
    case ("posted", let number?): .posted(documentNumber: number)
    case ("alreadyPosted", let number?): .alreadyPosted(documentNumber: number)
    case ("periodClosed", _): .periodClosed
    case ("failed", _): .failed
    case ("duplicate", _): .duplicate
    case ("refused", _): .refused(reason: reason ?? "")
    default: nil
    }
  }
}

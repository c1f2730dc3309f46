import CanonicalModel
import Chronology

/// The number of a call to an ERP, unique within a run.
public struct ERPCallID: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The number.
  public var number: UInt64

  /// Makes an identifier.
  public init(number: UInt64) { self.number = number }

  /// Orders by number.
  public static func < (a: ERPCallID, b: ERPCallID) -> Bool { a.number < b.number }
}

/// One document to post, and the idempotency key under which the ERP is to know it.
public struct PostingRequest: Hashable, Sendable {
  /// The document, in the shape that the ERP takes.
  public var payload: ERPPayload
  /// The idempotency key (external id); `nil`: a plain add, which duplicates when it is repeated.
  public var idempotencyKey: String?

  /// Makes a request in the canonical shape.
  public init(entry: JournalEntry, idempotencyKey: String?) {
    self.init(payload: .canonical(entry), idempotencyKey: idempotencyKey)
  }

  /// Makes a request.
  public init(payload: ERPPayload, idempotencyKey: String?) {
    self.payload = payload
    self.idempotencyKey = idempotencyKey
  }
}

/// What the core asks of an ERP.
public enum ERPRequest: Hashable, Sendable {
  /// Post documents, each on its own: a batch may succeed in part.
  case post([PostingRequest])
  /// Find documents by posting key.
  case lookUp([PostingKey])
  /// Count the documents of the ledger and sum their receivables.
  case statement
  /// Count the documents of an accounting period and sum their debits.
  case closing(Period)

  /// Operations, as rate limits count them.
  public var operations: Int {
    switch self {
    case .post(let requests): requests.count
    case .lookUp(let keys): keys.count
    case .statement, .closing: 1
    }
  }
}

/// A call to the ERP of a legal entity.
public struct ERPCall: Hashable, Sendable {
  /// The number of the call.
  public var id: ERPCallID
  /// The entity whose ERP is called.
  public var entity: EntityID
  /// Which of the entity's ERPs: 0, or 1 after a cut-over.
  public var system: Int
  /// The request.
  public var request: ERPRequest

  /// Makes a call.
  public init(id: ERPCallID, entity: EntityID, system: Int = 0, request: ERPRequest) {
    self.system = system
    self.id = id
    self.entity = entity
    self.request = request
  }
}

/// What became of one document of a batch.
public enum PostingResult: Hashable, Sendable {
  /// Posted now.
  case posted(documentNumber: UInt32)
  /// Posted before under the same idempotency key.
  case alreadyPosted(documentNumber: UInt32)
  /// Refused: the accounting period is closed.
  case periodClosed
  /// Not posted, though nothing is wrong with it: to be sent again.
  case failed
  /// Not posted: a document of that number, or another body under that key, is there.
  case duplicate
  /// Refused.
  case refused(reason: String)
}

/// What an ERP answers. No answer at all is what the core makes of silence, by its own time-out.
public enum ERPAnswer: Hashable, Sendable {
  /// The results, in the order of the documents.
  case posted([PostingResult])
  /// The document numbers, in the order of the keys; `nil`: not found.
  case found([UInt32?])
  /// The ledger's documents and the sum of their receivables.
  case statement(documents: Int, receivable: Money)
  /// An accounting period's documents, the sum of their debits, and when it was made.
  case closing(documents: Int, debits: Money, asOf: Instant)
  /// Taken over by a job, which says later what became of each document.
  case accepted
  /// Too many requests; perhaps with the time to wait.
  case throttled(retryAfter: Span?)
  /// Not available.
  case unavailable
}

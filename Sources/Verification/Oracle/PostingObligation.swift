import CanonicalModel

/// A document that has to be posted, and what became of it.
struct PostingObligation: Sendable {
  /// What the document is.
  enum Source: Sendable {
    case invoice(Invoice)
    case recognition(Recognition)
    case cash(CashDocument)
    case credit(CreditMemo)
    case accrual(Accrual)
    case transfer(BalanceTransfer)
  }
  var source: Source
  /// The numbers under which the ERP's ledger holds it as a whole.
  var wholes: [UInt32] = []
  /// How many documents of the ledger are parts of it.
  var partDocuments = 0
  /// How many documents the ledger holds of it.
  var documentCount: Int { wholes.count + partDocuments }
  /// The parts that the ledger holds, each with its entry, where the document was split.
  var parts: [UInt16: JournalEntry] = [:]
  /// The keys that were refused: its own, or those of its parts.
  var refused: Set<PostingKey> = []
  var isExcepted: Bool { !refused.isEmpty }
  /// Whether the ledger holds all of it.
  var isPosted: Bool { partCount == 0 ? documentCount > 0 : parts.count == partCount }
  /// How many parts there are, by what any of them says; 0: the document was not split.
  var partCount: Int {
    parts.isEmpty ? 0 : parts.values.reduce(0) { max($0, Int($1.key.parts)) }
  }
  /// Whether the ledger holds all of it, and nothing twice.
  var isPostedOnce: Bool { isPosted && documentCount == max(1, parts.count) }
}

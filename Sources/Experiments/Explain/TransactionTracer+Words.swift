import CanonicalModel
import Chronology
import CoreInterface
import UsageToCash

/// The words for what ERPs are sent and answer.
extension TransactionTracer {
  static func reference(_ payload: ERPPayload, _ catalog: Catalog) -> String {
    switch payload {
    case .canonical(let entry): entry.key.text(in: catalog)
    case .sap(let document): document.reference
    case .netSuite(let record): record.externalId
    }
  }

  static func text(_ result: PostingResult) -> String {
    switch result {
    case .posted(let number): "posted as document \(number)"
    case .alreadyPosted(let number): "known by its key: document \(number) already"
    case .periodClosed: "refused: the period is closed"
    case .failed: "failed, unlike the rest of its call"
    case .duplicate: "refused: a document with that number exists"
    case .refused(let reason): "refused: \(reason)"
    }
  }

  static func text(_ answer: ERPAnswer) -> String {
    switch answer {
    case .posted(let results): "results of \(results.count) documents"
    case .found(let numbers): "\(numbers.count { $0 != nil }) of \(numbers.count) found"
    case .statement, .closing: "figures of the ledger"
    case .accepted: "a job has taken it over"
    case .throttled(let span): "too many calls" + (span.map { ", retry after \($0)" } ?? "")
    case .unavailable: "not available"
    }
  }
}

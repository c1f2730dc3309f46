import Chronology
import RunRecord

/// Puts what happened into plain sentences, for a person who knows billing and not this program.
struct Narrative {
  private let story: Storyteller
  private let record: RunRecord

  init(_ story: Storyteller, _ record: RunRecord) {
    self.story = story
    self.record = record
  }

  /// The sentences: what was promised and seen, then the fate of each posting.
  func sentences(
    about starts: [String], _ related: Set<String>, _ violation: Explanation.Violation?
  ) -> [String] {
    var sentences: [String] = []
    if let violation {
      sentences.append("Promised: \(violation.statement).")
      sentences.append("Expected \(violation.expected), found \(violation.actual), at \(violation.at).")
    }
    let direct = starts.filter { $0.hasPrefix("posting ") }
    let postings = direct.isEmpty ? related.filter { $0.hasPrefix("posting ") }.sorted() : direct
    for posting in postings.prefix(4) { sentences += fate(of: posting) }
    if postings.count > 4 { sentences.append("\(postings.count - 4) more postings belong to it.") }
    if let violation, let instant = Instant(iso8601: violation.at) {
      let active = record.faults.filter { $0.isActive(at: instant) }
      let names = Set(active.map { "\($0.kind) of \($0.target)" }).sorted()
      sentences.append(
        names.isEmpty
          ? "No fault was active when it was found."
          : "When it was found, there was: \(names.joined(separator: ", ")).")
    }
    return sentences
  }

  /// What became of a document on its way to the ledger.
  private func fate(of posting: String) -> [String] {
    let attempts = story.attempts[posting] ?? []
    let documents = story.nodes.filter { $0.value.from.contains(posting) && $0.key.hasPrefix("document ") }
      .keys.sorted {
        ($0.count, $0) < ($1.count, $1)
      }
    guard !attempts.isEmpty else { return ["The \(posting) was never sent to an ERP."] }
    let posts = attempts.filter { !$0.isLookUp }
    let ledger =
      switch documents.count {
      case 0: "is in no ledger"
      case 1: "is in the ledger once, as \(documents[0])"
      default: "is in the ledger \(times(documents.count)), as \(documents.joined(separator: " and "))"
      }
    var sentences = [
      "The \(posting) \(ledger); the core sent it \(times(posts.count))"
        + (attempts.count > posts.count ? " and looked it up \(times(attempts.count - posts.count))" : "")
        + "."
    ]
    guard documents.count != 1 || posts.count > 1 else { return sentences }
    for attempt in attempts.prefix(12) { sentences.append(sentence(attempt)) }
    if attempts.count > 12 { sentences.append("\(attempts.count - 12) more attempts followed.") }
    if documents.count > 1 { sentences.append(cause(posts)) }
    return sentences
  }

  private func times(_ count: Int) -> String {
    switch count {
    case 0: "never"
    case 1: "once"
    case 2: "twice"
    default: "\(count) times"
    }
  }

  private func sentence(_ attempt: Storyteller.Attempt) -> String {
    let made = attempt.documents
    var text = "Call \(attempt.call) at \(attempt.at)"
    if attempt.isLookUp {
      text += " looked it up"
      text += attempt.documents.isEmpty ? " and found nothing" : " and found document \(attempt.documents[0])"
    } else {
      text += attempt.key.map { " sent it under the key \($0)" } ?? " sent it without a key"
      text +=
        made.isEmpty
        ? "" : ", and \(attempt.place) made document \(made.map { "\($0)" }.joined(separator: ", ")) of it"
    }
    switch attempt.outcome {
    case .silence: text += "; no answer ever came"
    case .answerLost: text += "; the answer was lost on its way"
    case .requestLost: text += "; the call itself was lost on its way"
    case .deadProcess: text += "; the answer came when the process that had asked was dead"
    case .answered(let answer): text += attempt.isLookUp ? "" : "; the core heard: \(answer)"
    }
    return text + "."
  }

  /// Why an ERP took a document twice.
  private func cause(_ posts: [Storyteller.Attempt]) -> String {
    let keys = posts.map(\.key)
    if keys.allSatisfy({ $0 == nil }) {
      return "Nothing told the ERP that these were one document: they came without an idempotency key."
    }
    if Set(keys).count > 1 {
      return "The ERP took them for different documents, since each came under a key of its own."
    }
    return posts.count == 1
      ? "The core sent it once: the network doubled the call, and the ERP did not recognise the second one."
      : "The key was the same each time: the ERP has forgotten it, or does not look at keys."
  }
}

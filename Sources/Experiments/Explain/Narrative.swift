import CanonicalModel
import Chronology
import CoreInterface
import RunRecord
import UsageToCash
import World

/// Puts what happened into plain sentences, for a person who knows billing and not this program.
struct Narrative {
  private let story: TransactionTracer
  private let record: RunRecord
  /// By what the ERP of each place knows a document again.
  private let recognition: [String: ERPProfile.Idempotency]
  /// Attempts and documents that are told one by one.
  private static let told = 6

  init(_ story: TransactionTracer, _ record: RunRecord, recognition: [String: ERPProfile.Idempotency] = [:]) {
    self.story = story
    self.record = record
    self.recognition = recognition
  }

  /// The sentences: what was promised and seen, then the fate of each posting.
  func sentences(
    about starts: [String], _ related: Set<String>, _ violation: Explanation.Violation?, usage: [String] = []
  ) -> [String] {
    var sentences: [String] = []
    if let violation {
      sentences.append("Claim: \(violation.statement).")
      sentences.append("Expected \(violation.expected), found \(violation.actual), at \(violation.at).")
      sentences += usage
      if starts.isEmpty { sentences += invoices(of: violation) }
    }
    let direct = starts.filter { $0.hasPrefix("posting ") }
    let postings = direct.isEmpty ? related.filter { $0.hasPrefix("posting ") }.sorted() : direct
    for posting in postings.prefix(4) { sentences += fate(of: posting) }
    if postings.count > 4 { sentences.append("\(postings.count - 4) more postings belong to it.") }
    if let violation, let instant = Instant(iso8601: violation.at) {
      let places = Set(postings.flatMap { story.attempts[$0] ?? [] }.map(\.place))
      sentences.append(faults(at: instant, near: places))
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
      case 2: "is in the ledger twice, as \(documents[0]) and \(documents[1])"
      default: "is in the ledger \(documents.count) times, as \(Self.folded(documents))"
      }
    var sentences = [
      "The \(posting) \(ledger); the core sent it \(times(posts.count))"
        + (attempts.count > posts.count ? " and looked it up \(times(attempts.count - posts.count))" : "")
        + "."
    ]
    guard documents.count != 1 || posts.count > 1 else { return sentences }
    for (index, attempt) in attempts.prefix(Self.told).enumerated() {
      sentences.append(sentence(attempt, next: attempts.dropFirst(index + 1).first))
    }
    let more = attempts.count - Self.told
    if more > 0 {
      let late = attempts.dropFirst(Self.told).count { if case .late = $0.outcome { true } else { false } }
      sentences.append(
        "… and \(more) more attempt\(more == 1 ? "" : "s")"
          + (late > 0
            ? ", of which \(late) \(late == 1 ? "was" : "were") answered too late, which was ignored." : "."))
    }
    if documents.count > 1 { sentences.append(cause(posts)) }
    return sentences
  }

  /// The faults at a moment, those of the places of the story first; those before it, where there are none: what is found at the end of a
  /// period or of the run may come from them.
  private func faults(at instant: Instant, near places: Set<String>) -> String {
    func names(_ faults: [RunRecord.Fault]) -> [String] {
      Set(faults.map { "\($0.kind) of \($0.target)" }).sorted()
    }
    func near(_ faults: [RunRecord.Fault]) -> [RunRecord.Fault] {
      faults.filter { places.contains($0.target) || $0.target.hasPrefix("process/") }
    }
    let active = record.faults.filter { $0.isActive(at: instant) }
    guard !active.isEmpty else {
      let earlier = record.faults.filter { $0.window.map { $0.upperBound <= instant } ?? false }
      let told = near(earlier).isEmpty ? earlier : near(earlier)
      guard let last = told.compactMap(\.window?.upperBound).max() else {
        return "No fault was active when it was found, or before."
      }
      return
        "No fault was active when it was found; faults before it: \(Self.folded(names(told))), until \(last)."
    }
    let near = names(near(active))
    guard !near.isEmpty else { return "Faults active when it was found: \(Self.folded(names(active)))." }
    let more = names(active).count - near.count
    return "Faults active when it was found: \(near.joined(separator: ", "))"
      + (more > 0 ? "; and \(more) more elsewhere." : ".")
  }

  /// A list of ids: the first, and how many more.
  static func folded(_ ids: [String]) -> String {
    ids.count <= told + 2
      ? ids.joined(separator: ", ")
      : ids.prefix(told).joined(separator: ", ") + " … and \(ids.count - told) more"
  }

  /// Which invoices there are of the account that a violation speaks of: one of nothing leaves no document of its own.
  private func invoices(of violation: Explanation.Violation) -> [String] {
    // Accounts of the ledger have colons in their names, and no invoices.
    guard let id = violation.ids.first(where: { $0.hasPrefix("account ") && !$0.contains(":") }) else {
      return []
    }
    let name = id.dropFirst(8)
    let own = story.nodes.filter { $0.key.hasPrefix("invoice ") && $0.value.text.hasPrefix("\(name), ") }
      .sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }
    guard !own.isEmpty else { return ["The \(id) has no invoice."] }
    let texts = own.map { "\($0.key) (\($0.value.text.dropFirst(name.count + 2)))" }
    return ["The \(id) has \(own.count) invoice\(own.count == 1 ? "" : "s"): \(Self.folded(texts))."]
  }

  private func times(_ count: Int) -> String {
    switch count {
    case 0: "never"
    case 1: "once"
    case 2: "twice"
    default: "\(count) times"
    }
  }

  private func sentence(_ attempt: TransactionTracer.Attempt, next: TransactionTracer.Attempt?) -> String {
    let made = attempt.documents
    var text = "Call \(attempt.call) at \(attempt.at)"
    if attempt.isLookUp {
      text += " looked it up"
      text += attempt.documents.isEmpty ? " and found nothing" : " and found document \(attempt.documents[0])"
    } else {
      text += attempt.key.map { " sent it under the key \($0)" } ?? " sent it without a key"
      text +=
        made.isEmpty
        ? "" : ", and \(attempt.place) posted it as document \(made.map { "\($0)" }.joined(separator: ", "))"
    }
    if attempt.failedBeside > 0 {
      let count = attempt.failedBeside
      text += "; \(count) other document\(count == 1 ? "" : "s") of the call failed"
    }
    if attempt.isDoubled { text += "; the network duplicated the call" }
    if let waited = attempt.timedOutAfter {
      let then = next.map { $0.isLookUp ? "looked up next" : "sent again" } ?? "not tried again"
      text += "; no answer within \(waited.brief): outcome unknown, \(then)"
    }
    switch attempt.outcome {
    case .silence: text += "; no answer ever came"
    case .answerLost: text += "; the answer was lost on its way"
    case .requestLost: text += "; the call itself was lost on its way"
    case .deadProcess: text += "; the answer came after the calling process had crashed"
    case .late(_, let span): text += "; the answer came \(span.brief) after it was sent and was ignored"
    case .answered(let answer): text += attempt.isLookUp ? "" : "; the ERP answered: \(answer)"
    }
    return text + "."
  }

  /// Why an ERP took a document twice: told of the calls of which it made documents, and of what it knows documents by.
  private func cause(_ posts: [TransactionTracer.Attempt]) -> String {
    let making = posts.filter { !$0.documents.isEmpty }
    let keys = making.map(\.key)
    let doubled = making.contains { $0.isDoubled && $0.documents.count > 1 }
    let network = doubled ? "The network duplicated a call. " : ""
    if keys.allSatisfy({ $0 == nil }) {
      return network
        + "The ERP could not recognise these as one document: they came without an idempotency key."
    }
    if Set(making.map(\.place)).count > 1 {
      return
        "It was sent to two ERPs, the one before and the one after a cut-over, which do not know of each other."
    }
    if Set(keys).count > 1 {
      return network
        + "The ERP treated them as different documents, because they came under \(Set(keys).count) different keys"
        + (keys.contains { $0 == nil } ? ", one of them none." : ".")
    }
    guard let first = making.first, let last = making.last else { return "" }
    switch recognition[first.place] {
    case .some(.none): return network + "The key was the same each time, but this ERP ignores keys."
    case .key(let retention, _)? where last.at - first.at > retention:
      return network
        + "The key was the same each time, but the ERP forgets keys after \(retention), and \((last.at - first.at).brief) lay between."
    default: return network + "The key was the same each time, and the ERP did not recognise it."
    }
  }
}

extension Span {
  /// The span as a sentence has it: to the second from a minute on, to the millisecond below.
  var brief: String {
    let unit: Int64 = nanoseconds >= 60_000_000_000 ? 1_000_000_000 : 1_000_000
    return "\(Span(nanoseconds: nanoseconds / unit * unit))"
  }
}

extension PostingResult {
  /// Whether the ERP has not posted the document.
  var isFailure: Bool {
    switch self {
    case .posted, .alreadyPosted: false
    case .periodClosed, .failed, .duplicate, .refused: true
    }
  }
}

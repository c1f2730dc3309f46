import CanonicalModel
import Chronology

/// What has happened to each document, for whoever has to understand a violation: kept as it comes, put into words only
/// when something is wrong.
struct EventHistory: Sendable {
  private enum Step: Sendable {
    case issued(Money)
    case delivered
    case charged(Money)
    case credited(Money)
    case booked
    case posted(UInt32, entity: EntityID)
    case acknowledged(UInt32)
    case excepted
    case told(PaymentStatus)
  }

  /// All steps in their order: gathered by document only for a violation.
  private var steps: ContiguousArray<(key: PostingKey, at: Instant, step: Step)> = []

  /// The keys of parts: what happens to a part happens to its document.
  private var parts: Set<PostingKey> = []

  private mutating func add(_ own: PostingKey, _ step: Step, _ instant: Instant) {
    if own.parts > 0 { parts.insert(own) }
    steps.append((own.whole, instant, step))
  }

  mutating func observe(_ fact: Fact, at now: Instant) {
    switch fact {
    case .invoiceIssued(let invoice): add(PostingKey(invoice: invoice.number), .issued(invoice.total), now)
    case .invoiceDelivered(let invoice): add(PostingKey(invoice: invoice.number), .delivered, now)
    case .charged(let key, _, let amount): add(PostingKey(invoice: key.invoice), .charged(amount), now)
    case .credited(let memo):
      add(PostingKey(invoice: memo.request.invoice), .credited(memo.total), now)
      add(memo.key, .booked, now)
    case .recognised(let document): add(document.key, .booked, now)
    case .cashBooked(let document): add(document.key, .booked, now)
    case .accrued(let document): add(document.key, .booked, now)
    case .balanceTransferred(let transfer): add(transfer.entry.key, .booked, now)
    case .documentPosted(let document):
      add(document.entry.key, .posted(document.number, entity: document.entity), now)
    case .postingAcknowledged(let key, let number): add(key, .acknowledged(number), now)
    case .postingExcepted(let key): add(key, .excepted, now)
    case .statusTold(let invoice, let status): add(PostingKey(invoice: invoice), .told(status), now)
    default: break
    }
  }

  /// The last things that happened to the first document that the ids of a violation name, until it was found.
  func events(ids: [String], until instant: Instant, _ catalog: Catalog, names: [String: PostingKey])
    -> [String]
  {
    guard let key = ids.lazy.compactMap({ names[$0] }).first else { return [] }
    return steps.filter { $0.key == key && $0.at <= instant }.suffix(6).map {
      "\($0.at)  \(text($0.step, catalog))"
    }
  }

  /// Each document by what the ids of violations call it.
  func names(_ catalog: Catalog) -> [String: PostingKey] {
    var names: [String: PostingKey] = [:]
    for part in parts { names["posting \(part.text(in: catalog))"] = part.whole }  // each under its own name
    for key in Set(steps.map(\.key)) {  // each under its own names: the order cannot matter
      names["posting \(key.text(in: catalog))"] = key
      names["memo \(key.text(in: catalog))"] = key
      if let invoice = key.invoice { names["invoice \(invoice.text(in: catalog))"] = key }
    }
    return names
  }

  private func text(_ step: Step, _ catalog: Catalog) -> String {
    switch step {
    case .issued(let total): "issued for \(total)"
    case .delivered: "reached its customer"
    case .charged(let amount): "the gateway collected \(amount)"
    case .credited(let amount): "credited by \(amount)"
    case .booked: "booked"
    case .posted(let number, let entity):
      "in the ledger of \(catalog[entity].name) as document \(number)"
    case .acknowledged(let number): "recorded as posted, as document \(number)"
    case .excepted: "held in a case"
    case .told(let status): "CRM notified that it is \(status.rawValue)"
    }
  }
}

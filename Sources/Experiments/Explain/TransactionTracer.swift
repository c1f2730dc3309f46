import CanonicalModel
import Chronology
import CoreInterface
import RunRecord
import UsageToCash
import Verification
import World

/// Hears everything of a run and keeps what a story needs: what leads to what, and what happened to each document.
///
/// Usage events are kept one by one only where one was asked for; otherwise their charge stands for them.
final class TransactionTracer: FactSink, Witness {
  /// A document, charge or event, and where it comes from.
  struct Node {
    var text: String
    var from: [String] = []
  }

  /// An attempt to post a document.
  struct Attempt {
    var call: UInt64
    var at: Instant
    var place: String
    var key: String?
    var isLookUp: Bool
    /// The documents that the ERP made of it, or found.
    var documents: [UInt32] = []
    /// What became of its answer.
    var outcome = Outcome.silence
    /// How long the core had waited when it took the outcome for unknown; `nil`: the answer came before.
    var timedOutAfter: Span?
    /// Other documents of the call that the ERP did not post, while it posted this one.
    var failedBeside = 0
    /// Whether the network made a second call of it.
    var isDoubled = false
  }

  /// What the core heard of an attempt.
  enum Outcome {
    case silence
    case answered(String)
    /// The answer came so long after the call, when the core no longer waited for it.
    case late(String, after: Span)
    case requestLost
    case answerLost
    case deadProcess
  }

  typealias Event = (at: Instant, place: String, text: String, ids: [String], call: Explanation.Call?)

  private let oracle: Oracle
  private let catalog: Catalog
  private let wanted: UsageEventKey?
  private(set) var nodes: [String: Node] = [:]
  /// Why an event that is asked for is in no charge, as far as is known; of no others.
  private(set) var fates: [String: String] = [:]
  /// Whether what is told next of the event that is asked for decides on it; a copy that comes later says nothing of it.
  private var isUndecided = true
  private var wasDelivered = false
  private(set) var events: [Event] = []
  private(set) var attempts: [String: [Attempt]] = [:]
  /// Documents that an ERP has made and of which no call has been told yet: the call's story follows at once.
  private var fresh: [String: [UInt32]] = [:]
  private var calls: [UInt64: KnownCall] = [:]

  /// A call under way or past, with the documents that it is about.
  private struct KnownCall {
    var call: ERPCall
    var ids: [String]
    var place: String

    func part(_ step: Explanation.Call.Step) -> Explanation.Call {
      .init(number: call.id.number, step: step, callee: place)
    }
  }

  init(_ oracle: Oracle, catalog: Catalog, event: UsageEventKey?) {
    self.oracle = oracle
    self.catalog = catalog
    wanted = event
  }

  // MARK: Names

  private func name(_ invoice: InvoiceNumber) -> String { "invoice \(invoice.text(in: catalog))" }
  private func name(_ key: PostingKey) -> String { "posting \(key.text(in: catalog))" }
  private func name(_ event: UsageEvent) -> String {
    "event \(catalog[event.source])/\(event.id)"
  }
  private func name(_ subscription: SubscriptionID, _ item: ItemID, _ period: Period) -> String {
    "usage \(account(subscription)) \(catalog[item].name) \(period)"
  }
  private func account(_ id: SubscriptionID) -> String {
    account(catalog[id].account)
  }
  private func account(_ id: AccountID) -> String { catalog[id].name }
  private func place(_ entity: EntityID, _ system: Int = 0) -> String {
    "erp/\(catalog[entity].name)" + (system == 1 ? " (successor)" : "")
  }

  private func record(
    _ at: Instant, _ place: String, _ text: String, _ ids: [String], _ call: Explanation.Call? = nil
  ) {
    events.append((at, place, text, ids, call))
  }

  private func add(_ id: String, _ text: String, from: [String]) {
    if nodes[id] == nil {
      nodes[id] = Node(text: text, from: from)
    } else {
      for source in from where nodes[id]?.from.contains(source) == false { nodes[id]?.from.append(source) }
    }
  }

  // MARK: Facts

  func emitted(_ events: UnsafeBufferPointer<UsageEvent>) {
    oracle.emitted(events)
    guard let wanted else { return }
    for event in events where event.key == wanted { trace(of: event) }
  }

  func captured(_ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, at instant: Instant) {
    oracle.captured(events, claim: claim, at: instant)
    guard let wanted else { return }
    if events.contains(where: { $0.key == wanted }) { (isUndecided, wasDelivered) = (!wasDelivered, true) }
    for event in events where event.key == wanted {
      record(
        instant, "core",
        "handed to ingestion in a delivery of \(events.count) events: of them \(claim.accepted) "
          + "accepted, \(claim.duplicates) duplicates, \(claim.rejected) rejected, \(claim.quarantined) quarantined",
        [name(event)])
    }
  }

  private func trace(of event: UsageEvent) {
    let type = catalog[event.type]
    let id = name(event)
    let isKnown = Int(event.subject.index) < catalog.subscriptions.count
    let who =
      isKnown ? account(SubscriptionID(index: event.subject.index)) : "an identifier beyond the accounts"
    add(
      id, "usage event of \(who): \(type.name), quantity \(Quantity(units: Int128(event.quantity0)))",
      from: [])
    record(event.time, "producer", "happens", [id])
    guard isKnown else { return }
    let subscription = SubscriptionID(index: event.subject.index)
    let period = catalog.billingPeriod(of: subscription, holding: event.time)
    for meter in type.meters {
      let item = ItemID(index: meter.index + UInt32(event.dimension))
      let cell = name(subscription, item, period)
      add(cell, "the period's usage on one meter", from: [id])
    }
  }

  func summarised(_ summaries: UnsafeBufferPointer<UsageSummary>, at instant: Instant) {
    oracle.summarised(summaries, at: instant)
  }

  func record(_ fact: Fact, at instant: Instant) {
    oracle.record(fact, at: instant)
    switch fact {
    case .rated(let charge): trace(of: charge, at: instant)
    case .chargeHeld(let charge):
      record(instant, "core", "waits for a person, in a case", ["charge \(charge.id)"])
    case .invoiceIssued(let invoice): trace(of: invoice, at: instant)
    case .invoiceDelivered(let invoice):
      record(instant, "customer", "the invoice arrives", [name(invoice.number)])
    case .credited(let memo):
      add(
        name(memo.key), "credit memo over \(memo.total) \(memo.currency)", from: [name(memo.request.invoice)])
      record(
        instant, "core", "credits \(memo.total) on the request \(memo.request.id)",
        [name(memo.key), name(memo.request.invoice)])
    case .cashBooked(let document):
      let from = document.applications.map { name($0.invoice) }
      add(
        name(document.key), "\(document.key.kind.name) over \(document.gross) \(document.currency)",
        from: from)
      record(
        instant, "core", "books \(document.key.kind.name) of \(document.gross) \(document.currency)",
        [name(document.key)] + from)
    case .accrued(let accrual):
      add(
        name(accrual.key), accrual.reverses == nil ? "accrual" : "the end of an accrual",
        from: accrual.charges.map { "charge \($0)" })
      record(instant, "core", accrual.reverses == nil ? "accrues" : "ends the accrual", [name(accrual.key)])
    case .balanceTransferred(let transfer):
      let from = transfer.items.map { name($0.invoice) }
      let isClosing = transfer.entry.key.kind == .closingBalance
      add(name(transfer.entry.key), isClosing ? "closing balances" : "opening balances", from: from)
      record(
        instant, "core", isClosing ? "moves balances out of the old ERP" : "moves balances into the new ERP",
        [name(transfer.entry.key)] + from)
    case .recognised(let document):
      add(name(document.key), "recognition of revenue for \(document.period)", from: [])
      record(instant, "core", "recognises revenue of \(document.period)", [name(document.key)])
    case .documentPosted(let document):
      let id = "document \(catalog[document.entity].name)/\(document.number)"
      let key = document.entry.key
      if key.parts > 0 {
        add(name(key), "part \(key.part) of \(key.parts) of the journal entry", from: [name(key.whole)])
      }
      add(id, "in the ledger, period \(document.entry.period)", from: [name(document.entry.key)])
      record(
        instant, place(document.entity), "posts it as document \(document.number)",
        [name(document.entry.key), id])
      fresh[name(document.entry.key), default: []].append(document.number)
    case .postingAcknowledged(let key, let number):
      record(instant, "core", "records it as posted, as document \(number)", [name(key)])
    case .postingExcepted(let key): record(instant, "core", "raises a case for finance", [name(key)])
    case .statusTold(let invoice, let status):
      record(instant, "crm", "is notified that the invoice is \(status.rawValue)", [name(invoice)])
    case .quarantined(let event, let reason) where event.key == wanted:
      record(instant, "core", "put into quarantine: \(reason)", [name(event)])
      if isUndecided { fates[name(event)] = "is in quarantine (\(reason)): it counts for no charge" }
    case .quarantineLeft(let event) where event.key == wanted:
      record(instant, "core", "leaves quarantine", [name(event)])
      fates[name(event)] = nil
      isUndecided = true
    case .rejected(let event) where event.key == wanted:
      record(instant, "core", "rejected: it can never count", [name(event)])
      if isUndecided { fates[name(event)] = "was rejected: it counts for no charge" }
    case .corrected(let correction) where correction.original.key == wanted:
      record(
        instant, "producer", correction.replacement == nil ? "voids it" : "amends it",
        [name(correction.original)])
    default: break
    }
  }

  private func trace(of charge: RatedCharge, at instant: Instant) {
    let id = "charge \(charge.id)"
    let cell = name(charge.subscription, charge.item, charge.servicePeriod)
    let currency = catalog.currency(of: charge.subscription)
    add(cell, "the period's usage on one meter, or one recurring item", from: [])
    add(
      id,
      "\(charge.kind.rawValue): \(charge.count) events, quantity \(charge.quantity), "
        + "\(charge.amount.text(in: currency)) \(currency)", from: [cell])
    record(instant, "core", "rates \(charge.amount.text(in: currency)) \(currency)", [id])
  }

  private func trace(of invoice: Invoice, at instant: Instant) {
    let id = name(invoice.number)
    let from = invoice.rebills.map { [name($0)] } ?? invoice.lines.map { "charge \($0.charge.id)" }
    add(
      id,
      "\(account(invoice.account)), \(invoice.total.text(in: invoice.currency)) \(invoice.currency), period \(invoice.period)",
      from: from)
    add(name(PostingKey(invoice: invoice.number)), "the invoice's journal entry", from: [id])
    record(
      instant, "core",
      invoice.rebills == nil
        ? "issues the invoice" : "reissues the invoice in place of a credited one", [id])
  }

  func concluded(stuck: [StuckWork], at instant: Instant) { oracle.concluded(stuck: stuck, at: instant) }

  // MARK: Happenings

  func saw(_ happening: Happening, at instant: Instant) {
    switch happening {
    case .called(let call): began(call, at: instant)
    case .requestLost(let id):
      trace(id, instant, "network", "the call is lost on its way", .requestLost) { $0.outcome = .requestLost }
    case .requestDoubled(let id):
      trace(id, instant, "network", "the call is duplicated on its way") { $0.isDoubled = true }
    case .refused(let id, let answer):
      trace(id, instant, nil, "refuses the call: \(Self.text(answer))", .refused)
    case .worked(let id, let answer, let isCopy): worked(id, answer, isCopy: isCopy, at: instant)
    case .abandoned(let id):
      trace(
        id, instant, nil, "goes down with the call in progress: nothing is done, no answer is sent",
        .abandoned)
    case .answerLost(let id):
      trace(id, instant, "network", "the answer is lost on its way", .answerLost) { $0.outcome = .answerLost }
    case .answered(let id, let answer, let isLate): heard(id, answer, isLate: isLate, at: instant)
    case .timedOut(let id): timedOut(id, at: instant)
    case .answeredDeadProcess(let id):
      trace(id, instant, "core", "the calling process has crashed: the answer reaches nobody", .ignored) {
        $0.outcome = .deadProcess
      }
    case .chargeAsked(let request, let isCollected, let answer):
      let again = request.repetition > 0 ? ", attempt \(request.repetition + 1)" : ""
      record(
        instant, "gateway",
        "is asked for \(request.amount)\(again), key \(request.idempotencyKey): "
          + (isCollected ? "collects it" : "collects nothing")
          + (answer == nil ? ", and does not answer" : ""),
        [name(request.key.invoice)])
    case .noticeArrived(let notice):
      if let invoice = notice.event.invoice {
        record(instant, "core", "receives notice \(notice.id) of a movement of money", [name(invoice)])
      }
    case .processDied(let process): record(instant, "process/\(process)", "crashes", ["process"])
    case .processStarted(let process):
      record(instant, "process/\(process)", "restarts from its log", ["process"])
    }
  }

  private func began(_ call: ERPCall, at instant: Instant) {
    let place = place(call.entity, call.system)
    switch call.request {
    case .post(let requests):
      let ids = requests.map { "posting \(Self.reference($0.payload, catalog))" }
      calls[call.id.number] = KnownCall(call: call, ids: ids, place: place)
      for (request, id) in zip(requests, ids) {
        attempts[id, default: []].append(
          Attempt(
            call: call.id.number, at: instant, place: place, key: request.idempotencyKey, isLookUp: false))
        record(
          instant, "core",
          "posts it to \(place) in call \(call.id.number)"
            + (requests.count > 1 ? " with \(requests.count - 1) others" : "")
            + (request.idempotencyKey.map { ", key \($0)" } ?? ", without a key"), [id],
          .init(number: call.id.number, step: .sent, callee: place))
      }
    case .lookUp(let keys):
      let ids = keys.map(name)
      calls[call.id.number] = KnownCall(call: call, ids: ids, place: place)
      for id in ids {
        attempts[id, default: []].append(
          Attempt(call: call.id.number, at: instant, place: place, key: nil, isLookUp: true))
        record(
          instant, "core", "looks it up at \(place) in call \(call.id.number)", [id],
          .init(number: call.id.number, step: .sent, callee: place))
      }
    case .statement, .closing: break
    }
  }

  private func trace(
    _ id: ERPCallID, _ at: Instant, _ place: String?, _ text: String, _ step: Explanation.Call.Step? = nil,
    _ change: (inout Attempt) -> Void = { _ in }
  ) {
    guard let known = calls[id.number] else { return }
    record(
      at, place ?? known.place, "call \(id.number): \(text)", known.ids, step.map { known.part($0) })
    for document in known.ids {
      guard let index = attempts[document]?.lastIndex(where: { $0.call == id.number }) else { continue }
      change(&attempts[document]![index])
    }
  }

  /// The core no longer waits for an answer.
  private func timedOut(_ id: ERPCallID, at instant: Instant) {
    guard let known = calls[id.number] else { return }
    for document in known.ids {
      guard let last = attempts[document]?.lastIndex(where: { $0.call == id.number }) else { continue }
      let waited = instant - attempts[document]![last].at
      attempts[document]![last].timedOutAfter = waited
      record(
        instant, "core", "call \(id.number): no answer within \(waited.brief): the outcome is unknown",
        [document], known.part(.timedOut))
    }
  }

  /// The core receives for each document what became of it, where the answer says so.
  private func heard(_ id: ERPCallID, _ answer: ERPAnswer, isLate: Bool, at instant: Instant) {
    guard let known = calls[id.number] else { return }
    for (index, document) in known.ids.enumerated() {
      var text = Self.text(answer)
      if case .posted(let results) = answer, results.indices.contains(index) {
        text = Self.text(results[index])
      }
      if case .found(let numbers) = answer, numbers.indices.contains(index) {
        text = numbers[index].map { "it is document \($0)" } ?? "it is not there"
      }
      let ignored = isLate ? ", too late: it is ignored" : ""
      record(
        instant, "core", "call \(id.number): receives the answer: \(text)\(ignored)", [document],
        known.part(isLate ? .ignored : .received))
      guard let last = attempts[document]?.lastIndex(where: { $0.call == id.number }) else { continue }
      let took = instant - attempts[document]![last].at
      attempts[document]![last].outcome = isLate ? .late(text, after: took) : .answered(text)
    }
  }

  private func worked(_ id: ERPCallID, _ answer: ERPAnswer?, isCopy: Bool, at instant: Instant) {
    guard let known = calls[id.number] else { return }
    for document in known.ids {
      guard let made = fresh.removeValue(forKey: document),
        let index = attempts[document]?.lastIndex(where: { $0.call == id.number })
      else { continue }
      attempts[document]![index].documents += made
    }
    let copy = isCopy ? " (the duplicate)" : ""
    switch answer {
    case .posted(let results)?:
      let failed = results.count { $0.isFailure }
      for (document, result) in zip(known.ids, results) {
        if failed > 0, !result.isFailure,
          let index = attempts[document]?.lastIndex(where: { $0.call == id.number })
        {
          attempts[document]![index].failedBeside = failed
        }
        record(
          instant, known.place, "call \(id.number)\(copy): \(Self.text(result))", [document],
          known.part(.processed))
      }
    case .found(let numbers)?:
      for (document, number) in zip(known.ids, numbers) {
        record(
          instant, known.place,
          "call \(id.number): " + (number.map { "finds document \($0)" } ?? "finds nothing"), [document],
          known.part(.processed))
        guard let index = attempts[document]?.lastIndex(where: { $0.call == id.number }) else { continue }
        if let number { attempts[document]![index].documents.append(number) }
      }
    case nil:
      record(
        instant, known.place, "call \(id.number)\(copy): processed, but the answer was lost", known.ids,
        known.part(.unanswered))
    case let answer?:
      record(
        instant, known.place, "call \(id.number)\(copy): \(Self.text(answer))", known.ids,
        known.part(.processed))
    }
  }
}

import CanonicalModel
import Chronology
import CoreInterface
import SimulationKernel

/// The people of finance: ask for credits, sometimes twice, approve what is over the limit, mend what an ERP refused, and decide about
/// charges that wait for them.
struct FinanceStaff: Sendable {
  private let configuration: FinanceConfiguration?
  private let exceptions: ExceptionHandling
  private let creditLimit: Money?
  private var stream: RandomStream
  private var creditRequests = SlotTable<CreditRequest>()
  private var nextCreditRequest: UInt32 = 0
  private var replays = SlotTable<PostingKey>()

  init(_ world: WorldConfiguration, rootSeed: UInt64) {
    configuration = world.finance
    exceptions = world.exceptions
    creditLimit = world.catalog.creditLimit
    stream = RandomStream(rootSeed: rootSeed, name: "finance")
  }

  /// Requests for credits that are still to come.
  var requestsToCome: Int { creditRequests.count }

  // MARK: Credits

  /// A customer has received an invoice, and may ask for a credit on it.
  mutating func considerCredit(for invoice: Invoice, _ surroundings: inout Surroundings) {
    guard let finance = configuration, let limit = creditLimit, invoice.total > .zero,
      stream.bernoulli(finance.creditShare)
    else { return }
    let now = surroundings.now
    if finance.rebillShare > 0, stream.bernoulli(finance.rebillShare) {
      nextCreditRequest += 1
      let request = CreditRequest(
        id: nextCreditRequest, invoice: invoice.number, net: .zero, requestedBy: 1, approvedBy: 2,
        isRebill: true)
      let at = now + Span(seconds: stream.uniform(0, finance.delay.seconds))
      ask(request, at: at, &surroundings)
      if stream.bernoulli(finance.repeatShare) { ask(request, at: at + finance.repeatAfter, &surroundings) }
      return
    }
    // Often several requests on one invoice, so that together they may ask for more than there is.
    for _ in 0..<(1 + stream.below(UInt64(finance.requestsPerInvoice))) {
      let subtotal = invoice.lines.reduce(Money.zero) { $0 + $1.amount }
      let part = Int128(stream.uniform(finance.smallestPart, finance.greatestPart) * 1000)
      let net = Money(units: subtotal.units / 1000 * part).rounded(to: invoice.currency)
      guard net > .zero else { continue }
      nextCreditRequest += 1
      var request = CreditRequest(
        id: nextCreditRequest, invoice: invoice.number, net: net,
        requestedBy: UInt32(stream.below(UInt64(finance.requesters))))
      let at = now + Span(seconds: stream.uniform(0, finance.delay.seconds))
      ask(request, at: at, &surroundings)
      if stream.bernoulli(finance.repeatShare) { ask(request, at: at + finance.repeatAfter, &surroundings) }
      guard net > limit else { continue }
      // Some try to approve alone; a second person comes later.
      if stream.bernoulli(finance.ownApprovalShare) {
        request.approvedBy = request.requestedBy
        ask(request, at: at + finance.ownApprovalAfter, &surroundings)
      }
      request.approvedBy = request.requestedBy + 1
      ask(request, at: at + finance.approvalAfter, &surroundings)
    }
  }

  private mutating func ask(
    _ request: CreditRequest, at instant: Instant, _ surroundings: inout Surroundings
  ) {
    precondition(request.isRebill || request.net > .zero, "a credit that is asked for is worth something")
    precondition(instant >= surroundings.now, "nobody asks for a credit in the past")
    surroundings.schedule(WorldEvent(.credit, index: creditRequests.insert(request)), at: instant)
  }

  /// Receives a request for billing.
  mutating func receiveRequest(_ slot: Int, _ surroundings: inout Surroundings) -> CreditRequest {
    surroundings.count(.creditRequested)
    let request = creditRequests.remove(slot)
    precondition(request.id <= nextCreditRequest, "a request that arrives was made before")
    return request
  }

  // MARK: Exceptions

  /// Documents that an ERP refused and that wait to be sent again.
  var refusedDocuments: Int { replays.count }

  /// An ERP has refused a document: what kept it from taking it is mended after a time.
  mutating func mend(_ key: PostingKey, _ surroundings: inout Surroundings) {
    surroundings.schedule(
      WorldEvent(.replay, index: replays.insert(key)), at: surroundings.now + exceptions.mendAfter)
  }

  /// A document is to be sent again.
  mutating func receiveReplay(_ slot: Int, _ surroundings: inout Surroundings) -> PostingKey {
    surroundings.count(.postingReplayed)
    return replays.remove(slot)
  }

  /// Charges for late usage wait for a decision, which comes after a time.
  mutating func decide(about heldCharges: UInt32, _ surroundings: inout Surroundings) {
    surroundings.count(.lateUsageHeld)
    surroundings.schedule(
      WorldEvent(.release, index: Int(heldCharges)), at: surroundings.now + exceptions.releaseAfter)
  }
}

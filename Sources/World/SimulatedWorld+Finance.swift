import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// How finance gives credits.
public struct FinanceConfiguration: Sendable {
  /// The share of invoices on which a credit is asked for.
  public var creditShare: Double
  /// The greatest part of an invoice that is asked for; above one to try more than there is.
  public var greatestPart: Double
  /// The share of requests that come again.
  public var repeatShare: Double
  /// From an invoice's issue until a credit is asked for, at most.
  public var delay: Span
  /// The share of the invoices with credits that are credited as a whole and issued anew.
  public var rebillShare: Double

  /// Makes a configuration.
  public init(
    creditShare: Double, greatestPart: Double, repeatShare: Double, delay: Span, rebillShare: Double = 0
  ) {
    self.rebillShare = rebillShare
    self.creditShare = creditShare
    self.greatestPart = greatestPart
    self.repeatShare = repeatShare
    self.delay = delay
  }
}

/// Finance: asks for credits, sometimes twice, and approves what is over the limit a day later.
extension SimulatedWorld {
  mutating func considerCredit(for invoice: Invoice) {
    guard let finance = configuration.finance, let limit = configuration.catalog.creditLimit,
      invoice.total > .zero, financeStream.bernoulli(finance.creditShare)
    else { return }
    if finance.rebillShare > 0, financeStream.bernoulli(finance.rebillShare) {
      nextCreditRequest += 1
      let request = CreditRequest(
        id: nextCreditRequest, invoice: invoice.number, net: .zero, requestedBy: 1, approvedBy: 2,
        isRebill: true)
      let at = kernel.now + Span(seconds: financeStream.uniform(0, finance.delay.seconds))
      ask(request, at: at)
      if financeStream.bernoulli(finance.repeatShare) { ask(request, at: at + .hours(2)) }
      return
    }
    // Often two requests on one invoice, so that together they may ask for more than there is.
    for _ in 0..<(1 + financeStream.below(2)) {
      let subtotal = invoice.lines.reduce(Money.zero) { $0 + $1.amount }
      let part = Int128(financeStream.uniform(0.05, finance.greatestPart) * 1000)
      let net = Money(units: subtotal.units / 1000 * part).rounded(to: invoice.currency)
      guard net > .zero else { continue }
      nextCreditRequest += 1
      var request = CreditRequest(
        id: nextCreditRequest, invoice: invoice.number, net: net, requestedBy: UInt32(financeStream.below(5)))
      let at = kernel.now + Span(seconds: financeStream.uniform(0, finance.delay.seconds))
      ask(request, at: at)
      if financeStream.bernoulli(finance.repeatShare) { ask(request, at: at + .hours(2)) }
      guard net > limit else { continue }
      // One in five tries to approve alone; a second person comes a day later.
      if financeStream.bernoulli(0.2) {
        request.approvedBy = request.requestedBy
        ask(request, at: at + .hours(1))
      }
      request.approvedBy = request.requestedBy + 1
      ask(request, at: at + .days(1))
    }
  }

  private mutating func ask(_ request: CreditRequest, at instant: Instant) {
    schedule(WorldEvent(.credit, index: creditRequests.insert(request)), at: instant)
  }

  mutating func requestCredit(slot: Int) {
    observations.count(.creditRequested)
    tell(.credit(creditRequests.take(slot)))
  }
}

import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash
@testable import World

@Suite("Where money moves")
struct CashCounterpartsTests {
  private static func order(_ source: PaymentSource, _ amount: Int128 = 1) -> RefundOrder {
    RefundOrder(
      entity: Alone.us, number: 1, account: AccountID(index: 0), invoice: Alone.invoice(), source: source,
      amount: Money(units: amount * Money.one))
  }

  private func configuration(_ change: (inout CashConfiguration) -> Void = { _ in }) throws
    -> WorldConfiguration
  {
    try Alone.configuration {
      $0.catalog.paymentTerms = PaymentTerms(dueAfter: .days(7), retries: [])
      $0.cash = try PaymentGatewayTests.cash(change)
    }
  }

  @Test(
    "money is given back once for a credit memo, however often that is ordered, after the time that is set")
  func refunds() throws {
    for (after, configuration) in [
      (Span.hours(4), try configuration()), (.days(3), try configuration { $0.refundAfter = .days(3) }),
    ] {
      var surroundings = Surroundings(configuration)
      var cash = CashCounterparts(configuration, rootSeed: 1)
      for _ in 0..<3 { cash.refund(Self.order(.bank), &surroundings) }
      let coming = surroundings.coming()
      #expect(coming.map(\.after) == [after])
      let event = try #require(cash.receiveMovement(Int(coming[0].event.index), &surroundings))
      let notice = cash.notify(of: event, &surroundings)
      #expect(notice != nil)
      #expect(surroundings.observations.situations[.refunded] == 1)
    }
  }

  @Test("a notice that is sent twice arrives at once, and its copy within the range that is set")
  func copies() throws {
    let configuration = try configuration {
      $0.noticeCopyDelay = DelayRange(from: .hours(30), below: .hours(30))
    }
    var surroundings = Surroundings(configuration)
    var cash = CashCounterparts(configuration, rootSeed: 1)
    cash.webhookFaults.begin(Alone.fault(.duplicate(share: 1), .webhooks, for: .hours(9)), 0)
    let notice = cash.notify(of: .refund(Self.order(.bank)), &surroundings)
    #expect(notice != nil)
    let copies = surroundings.coming().filter { $0.event.kind != .statement }
    #expect(copies.map(\.event.kind) == [.notice], "the second copy is under way")
    #expect(copies.map(\.after) == [.hours(30)])
    #expect(cash.webhookFaults.end(0) == 1)
  }

  /// The transfers that come for an invoice of 100.00: cents, and the time since the invoice.
  private func transfers(_ change: (inout CashConfiguration) -> Void) throws -> [(Int128, after: Span)] {
    let configuration = try configuration(change)
    var surroundings = Surroundings(configuration)
    var cash = CashCounterparts(configuration, rootSeed: 1)
    cash.expectTransfer(for: try Alone.issued(), &surroundings)
    let coming = surroundings.coming()
    return coming.compactMap {
      guard case .transfer(_, let amount, _) = cash.receiveMovement(Int($0.event.index), &surroundings)
      else { return nil }
      return (amount.units / (Money.one / 100), after: $0.after)
    }
  }

  @Test("a customer pays a part first, and the rest later, as it is set")
  func parts() throws {
    let halves = try transfers { $0.partialShare = 1 }
    #expect(halves.map(\.0) == [5000, 5000] && halves.map(\.after) == [.days(7), .days(8)])
    let parts = try transfers {
      $0.partialShare = 1
      $0.firstPart = 0.125
      $0.restAfter = .days(20)
    }
    #expect(parts.map(\.0) == [1250, 8750] && parts.map(\.after) == [.days(7), .days(27)])
  }

  @Test("a customer pays too much by the amount that is set")
  func overpaid() throws {
    let usual = try transfers { $0.overpaidShare = 1 }
    #expect(usual.map(\.0) == [11_000])
    let little = try transfers {
      $0.overpaidShare = 1
      $0.overpaidBy = 1
    }
    #expect(little.map(\.0) == [10_001])
  }

  @Test("a charge that is taken back is known at the gateway as taken back")
  func chargeback() throws {
    let configuration = try configuration()
    var surroundings = Surroundings(configuration)
    var cash = CashCounterparts(configuration, rootSeed: 1)
    cash.ask(try PaymentGatewayTests.request(), life: 0, &surroundings)
    let coming = surroundings.coming()
    #expect(coming.map(\.event.kind) == [.chargeAnswer, .statement, .payout, .cash])
    let payout = cash.payOut(0, at: Alone.start + coming[2].after)
    #expect(payout != nil)
    #expect(cash.gateway?.charges.count(.paidOut) == 1)
    guard case .chargeback = cash.receiveMovement(Int(coming[3].event.index), &surroundings) else {
      Issue.record("what comes is no chargeback")
      return
    }
    #expect(cash.gateway?.charges.count(.paidOutAndTakenBack) == 1)
  }
}

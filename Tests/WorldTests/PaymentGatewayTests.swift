import CanonicalModel
import Chronology
import CoreInterface
import Testing

@testable import UsageToCash
@testable import World

@Suite("The payment gateway")
struct PaymentGatewayTests {
  static func cash(_ change: (inout CashConfiguration) -> Void = { _ in }) throws -> CashConfiguration {
    var cash = CashConfiguration(
      declineShare: 0, chargebackShare: 1, feeShare: try #require(Price("0.02")), fixedFee: .zero,
      chargebackFee: .zero, settlement: .days(2), transferDelay: .constant(.zero), partialShare: 0,
      overpaidShare: 0)
    cash.latencySigma = 0
    change(&cash)
    return cash
  }

  static func request(_ sequence: UInt32 = 1) throws -> ChargeRequest {
    let catalog = try Alone.configuration().catalog
    let key = ChargeKey(invoice: Alone.invoice(sequence), attempt: 1)
    return ChargeRequest(
      key: key, repetition: 0, idempotencyKey: key.text(in: catalog), account: AccountID(index: 0),
      amount: Money(units: 100 * Money.one))
  }

  private func gateway(_ change: (inout CashConfiguration) -> Void = { _ in }) throws -> PaymentGateway {
    PaymentGateway(catalog: try Alone.configuration().catalog, cash: try Self.cash(change), rootSeed: 1)
  }

  @Test("answers, refusals and chargebacks take as long as they are set to")
  func settings() throws {
    var faults = ActiveFaults()
    var usual = try gateway()
    let first = usual.charge(try Self.request(), at: Alone.start, &faults)
    #expect(first.delay == .milliseconds(800) && first.answer == .succeeded)
    let back = try #require(first.chargedBackAfter)
    #expect(.days(5) <= back && back < .days(25))

    var slow = try gateway {
      $0.latency = .seconds(40)
      $0.refusalAfter = .seconds(9)
      $0.chargebackDelay = DelayRange(from: .days(60), below: .days(60))
    }
    let second = slow.charge(try Self.request(), at: Alone.start, &faults)
    #expect(second.delay == .seconds(40) && second.chargedBackAfter == .days(60))
    faults.begin(Alone.fault(.outage, .gateway, for: .hours(1)), 0)
    let third = slow.charge(try Self.request(2), at: Alone.start, &faults)
    #expect(third.delay == .seconds(9) && third.answer == .unavailable && third.place == nil)
  }

  @Test("a charge is collected, paid out and taken back, in either order, and its answer stays the same")
  func life() throws {
    for isTakenBackFirst in [false, true] {
      var faults = ActiveFaults()
      var gateway = try gateway()
      let first = gateway.charge(try Self.request(), at: Alone.start, &faults)
      let place = try #require(first.place)
      #expect(gateway.charges[place] == .collected)
      if isTakenBackFirst { gateway.chargeBack(place) }
      let payout = gateway.payOut(Alone.us, at: try #require(first.payoutAt))
      #expect(payout != nil)
      if !isTakenBackFirst {
        #expect(gateway.charges[place] == .paidOut)
        gateway.chargeBack(place)
      }
      #expect(gateway.charges[place] == .paidOutAndTakenBack)
      let again = gateway.charge(try Self.request(), at: Alone.start + .days(9), &faults)
      #expect(again.answer == .succeeded && !again.isCollected && again.place == place)
    }
  }

  @Test("what was declined stays declined under its key, and is not paid out")
  func declined() throws {
    var faults = ActiveFaults()
    var gateway = try gateway { $0.declineShare = 1 }
    for _ in 0..<2 {
      let reaction = gateway.charge(try Self.request(), at: Alone.start, &faults)
      #expect(reaction.answer == .declined && reaction.payoutAt == nil)
    }
    #expect(gateway.charges.count(.declined) == 1)
    let payout = gateway.payOut(Alone.us, at: Alone.start)
    #expect(payout == nil)
  }
}

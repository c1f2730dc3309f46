import CanonicalModel
import Chronology
import Experiments
import SimulatedCore
import Testing

@testable import UsageToCash
@testable import World

/// Counts the documents that reach the ledgers, and keeps what is left at the end.
private final class EndRecorder: FactSink {
  var invoices = 0
  var posted = 0
  var stuck: [StuckWork] = []

  func emitted(_ events: UnsafeBufferPointer<UsageEvent>) {}
  func captured(_ events: UnsafeBufferPointer<UsageEvent>, claim: CaptureClaim, at instant: Instant) {}
  func summarised(_ summaries: UnsafeBufferPointer<UsageSummary>, at instant: Instant) {}
  func record(_ fact: Fact, at instant: Instant) {
    switch fact {
    case .invoiceIssued: invoices += 1
    case .documentPosted: posted += 1
    default: break
    }
  }
  func concluded(stuck: [StuckWork], at instant: Instant) { self.stuck = stuck }
}

@Suite("How long a run may go on")
struct WorldConfigurationTests {
  private func deadline(_ change: (inout WorldConfiguration) throws -> Void = { _ in }) throws -> Instant {
    let configuration = try Alone.configuration(change)
    let world = SimulatedWorld(
      configuration: configuration, core: builtIn(configuration.catalog), seed: 1, sink: EndRecorder())
    return world.deadline
  }

  @Test("a setting that makes counterparts slower moves the deadline, by as much; a faster one does not")
  func settings() throws {
    let usual = try deadline()
    #expect(usual == CivilDate(year: 2026, month: 2, day: 1).start + .days(4))
    func moved(_ change: (inout WorldConfiguration) -> Void) throws -> Span { try deadline(change) - usual }
    let mending = try moved { $0.exceptions.mendAfter = .days(3) }
    #expect(mending == .days(2))
    let feeds = try moved {
      $0.feeds.resendAfter = .hours(13)
      $0.feeds.copyDelay = DelayRange(from: .seconds(1), below: .days(7) + .seconds(2))
      $0.feeds.claimPause = .hours(3)
      $0.identities.conflictDelay = DelayRange(from: .zero, below: .hours(205))
    }
    #expect(feeds == .hours(7) + .seconds(1))
    let refusals = try moved { $0.erps[0].refusalsHoldFor = .days(2) }
    #expect(refusals == .hours(36))
    let fast = try moved {
      $0.exceptions.mendAfter = .hours(1)
      $0.exceptions.releaseAfter = .hours(1)
      $0.feeds.resendAfter = .hours(1)
      $0.feeds.claimPause = .minutes(1)
      $0.delivery.correctionRepeatedAfter = .seconds(1)
    }
    #expect(fast == .zero)
  }

  @Test("credits and payments are waited for as long as their settings say")
  func money() throws {
    func credits(_ change: (inout FinanceConfiguration) -> Void = { _ in }) throws -> Instant {
      try deadline {
        $0.catalog.creditLimit = Money(units: Money.one)
        var finance = FinanceConfiguration(creditShare: 1, greatestPart: 1, repeatShare: 0, delay: .days(20))
        change(&finance)
        $0.finance = finance
      }
    }
    func payments(_ change: (inout CashConfiguration) -> Void = { _ in }) throws -> Instant {
      try deadline {
        $0.catalog.paymentTerms = PaymentTerms(dueAfter: .days(14), retries: [.days(3)])
        $0.cash = try PaymentGatewayTests.cash(change)
      }
    }
    let usual = try deadline()
    #expect(try credits() - usual == .days(22))
    #expect(try credits { $0.approvalAfter = .days(9) } - usual == .days(30))
    #expect(try credits { $0.repeatAfter = .days(5) } - usual == .days(26))
    #expect(try payments() - usual == .days(107))
    let late = try payments { $0.chargebackDelay = DelayRange(from: .days(5), below: .days(120)) }
    #expect(late - usual == .days(137) + .hours(2) + .seconds(1))
    #expect(try payments { $0.collectWithin = .days(200) } - usual == .days(217))
    #expect(try payments { $0.refundAfter = .hours(10) } - usual == .days(107) + .hours(6))
    #expect(try payments { $0.restAfter = .days(8) } - usual == .days(114))
  }

  /// A run of the last two days of January, half of whose usage comes later, after its invoice: it is held for a decision of finance.
  private func held(_ late: Span, _ change: (inout WorldConfiguration) -> Void) throws -> (
    end: RunEnd, at: Instant, recorder: EndRecorder, held: Int
  ) {
    var configuration = try Alone.configuration {
      $0.start = CivilDate(year: 2026, month: 1, day: 30).start
      $0.horizon = $0.start + .days(2)
      $0.load = [
        LoadConfiguration(
          name: "calls", type: EventTypeID(index: 0),
          pattern: .synthetic(.constant(rate: 0.001), [QuantityDistribution(.constant(100))]),
          producers: [SourceID(index: 0)])
      ]
      $0.catalog.jurisdictions = []
      $0.catalog.accounts[0].jurisdictions = []
      $0.delivery.lateShare = 0.5
      $0.delivery.lateDelay = .constant(late)
      change(&$0)
    }
    let recorder = EndRecorder()
    let policy = PipelinePolicy(
      ingestion: IngestionPolicy(deduplicationHorizon: .days(60)),
      metering: MeteringPolicy(lateBilling: .exception))
    configuration.lateUsageAsksAfter = policy.metering.decisionAfter
    var world = SimulatedWorld(
      configuration: configuration, core: BuiltInCore(catalog: configuration.catalog, policy: policy),
      seed: 1,
      sink: recorder)
    let end = world.run()
    return (end, world.now, recorder, world.observations.situations[.lateUsageHeld])
  }

  @Test(
    "a run drains however late finance decides, on the invoice of the period that follows",
    arguments: [(22, 2, 3), (22, 10, 4), (22, 40, 5), (27, 2, 4)] as [(Int64, Int64, Int)])
  func release(late: Int64, days: Int64, month: Int) throws {
    let (end, at, recorder, held) = try held(.days(late)) { $0.exceptions.releaseAfter = .days(days) }
    #expect(held > 0)
    #expect(end == .quiescent && recorder.stuck.isEmpty)
    // Of usage that is late by 27 days some is decided about before the turn of the month, and some after it.
    #expect(recorder.invoices == (late == 27 ? 3 : 2) && recorder.posted == recorder.invoices)
    #expect(at.floored(to: .days(1)) == CivilDate(year: 2026, month: month, day: 1).start)
  }
}

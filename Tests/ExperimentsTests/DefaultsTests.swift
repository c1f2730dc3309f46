import CanonicalModel
import Chronology
import Foundation
import RunRecord
import Testing
import UsageToCash
import World

@testable import Experiments
@testable import Scenario

/// The sections of a file and the components of the world know nothing of each other, and each has its defaults: they are the same.
@Suite("Defaults of files and of what is made of them")
struct DefaultsTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Findings/designs").path

  private func scenario(_ settings: [String]) throws -> ScenarioFile {
    var choice = SimulationChoice()
    choice.settings = settings
    return try ScenarioTemplate(file: "\(Self.folder)/builtin.yaml", settings: choice.edits).scenario
  }

  @Test("counterparts, people, feeds and machines")
  func counterparts() {
    #expect(ExceptionHandling(ExceptionsFile()) == ExceptionHandling())
    #expect(FeedConfiguration(FeedsFile()) == FeedConfiguration())
    #expect(TaxEngineConfiguration(TaxEngineFile()) == TaxEngineConfiguration())
    #expect(MachineConfiguration(MachinesFile()) == MachineConfiguration())
    #expect(IdentityConfiguration(IdentitiesFile()) == IdentityConfiguration())
    #expect("\(BrokerConfiguration(BrokerFile()))" == "\(BrokerConfiguration())")
    #expect("\(DeliveryConfiguration(DeliveryFile()))" == "\(DeliveryConfiguration())")
  }

  @Test("money: beside what has none")
  func money() {
    let (payments, credits) = (PaymentsFile(), CreditsFile())
    let cash = CashConfiguration(
      declineShare: payments.declines, chargebackShare: payments.chargebacks, feeShare: payments.feeShare,
      fixedFee: payments.fixedFee, chargebackFee: payments.chargebackFee, settlement: payments.settlement,
      transferDelay: payments.transferDelay, partialShare: payments.partial,
      overpaidShare: payments.overpaid)
    #expect("\(CashConfiguration(payments))" == "\(cash)")
    let finance = FinanceConfiguration(
      creditShare: credits.share, greatestPart: credits.greatestPart, repeatShare: credits.repeats,
      delay: credits.delay, rebillShare: credits.rebills)
    #expect("\(FinanceConfiguration(credits))" == "\(finance)")
  }

  @Test("usage: gaps, and changes of schemas")
  func usage() {
    let at = CivilDate(year: 2026, month: 1, day: 2).start
    let gap = LoadFile.Gap(from: at, until: at, backfilledAt: at, misdeclaredBy: .hours(1))
    #expect(
      LoadConfiguration.Gap(gap)
        == LoadConfiguration.Gap(from: at, until: at, backfilledAt: at, misdeclaredBy: .hours(1)))
    let file = LoadFile.SchemaChange(at: at, registered: at, adds: [], drops: [])
    let change = SchemaChange(
      type: EventTypeID(index: 0), version: 2, fields: [], emittedFrom: at, registered: at)
    #expect(file.repeatedAfter == change.repeatedAfter)
  }

  @Test("a design that says nothing, and a run")
  func core() throws {
    #expect("\(PipelinePolicy(.middleware))" == "\(PipelinePolicy())")
    let assembly = try Assembly(try scenario(["design=middleware"]))
    let plain = WorldConfiguration(
      catalog: assembly.world.catalog, start: assembly.world.start, horizon: assembly.world.horizon,
      load: [], erps: [])
    #expect(assembly.world.contractNotice == plain.contractNotice)
    #expect(assembly.world.drainWithin == plain.drainWithin)
    #expect("\(assembly.world.broker)" == "\(plain.broker)")
    #expect(
      assembly.policy.posting.systems.map(\.jobTimeout) == [ERPTraits().jobTimeout, ERPTraits().jobTimeout])
  }

  @Test("what a file says instead reaches the world and the core, and stands in the record")
  func changed() throws {
    let erp = [
      "answerAfter=30ms", "refusalAfter=60ms", "unavailableAfter=2s", "refusalsHoldFor=13h", "copyWithin=6s",
      "faultJobTime=3m", "underWay=2m", "ledgerTurnover=7", "payload.amountDigits=9",
      "payload.firstYear=2020", "payload.lastYear=2030",
    ]
    let design = [
      "ingestion.capturePause=3s", "ingestion.captureDoublings=4", "billing.tax.batchSize=7",
      "billing.tax.timeout=40s", "billing.tax.pause=6s", "billing.tax.maximumPause=11m",
      "posting.jobs.factor=5", "posting.jobs.margin=11m", "posting.jobs.otherwise=31m",
      "payments.timeout=31s",
      "payments.retryUnknownAfter=2m", "payments.retryUnavailableAfter=11m",
    ]
    let scenario = try scenario(
      erp.map { "entities.0.erp.\($0)" } + design.map { "design.\($0)" } + [
        "machines.tornWrites=7%", "machines.crashWithin=3",
      ])
    let resolved = RunRecord.Resolved(scenario)
    #expect(resolved.erps[0].changed.map { "\($0.path)=\($0.value)" } == erp)
    #expect(resolved.design.changed.map { "\($0.path)=\($0.value)" } == design)
    let assembly = try Assembly(scenario)
    let profile = assembly.world.erps[0]
    #expect(profile.assumed.map { "\($0.path)=\($0.value)" } == erp)
    #expect(
      assembly.policy.tax == scenario.design.tax && assembly.policy.payments == scenario.design.payments)
    #expect(assembly.policy.posting.systems[0].jobTimeout == .minutes(31))
    #expect(assembly.world.broker.directPause == .seconds(3) && assembly.world.broker.directDoublings == 4)
    #expect(assembly.world.machines.tornShare == 0.07 && assembly.world.machines.crashWithin == 3)
  }
}

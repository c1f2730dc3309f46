import CanonicalModel
import Chronology
import CoreInterface
import Scenario
import SimulationKernel
import UsageToCash
import World

/// A scenario turned into what runs: the world around the core, and the strategies inside it.
package struct Assembly: Sendable {
  /// The world.
  package var world: WorldConfiguration
  /// The core's strategies.
  package var policy: PipelinePolicy

  /// Assembles a scenario, and plants a defect if one is given.
  ///
  /// - Parameter seed: the root seed, by which customers leave; the scenario's own if left out.
  /// - Throws: where the scenario names an ERP that is not built in.
  package init(
    _ scenario: ScenarioFile, seed: UInt64? = nil, defect: Defect? = nil
  ) throws(InvalidInput) {
    var catalog = try Self.catalog(scenario, seed: seed ?? scenario.seed)
    let erps = try Self.erps(scenario)
    let successors = try Self.successors(scenario)
    for index in catalog.entities.indices {
      // What waits at a cut-over has to fit both.
      let systems = [erps[index], successors[index]].compactMap { $0?.linesPerDocument }
      catalog.entities[index].linesPerDocument = systems.min()
    }
    catalog.erpAccounts = scenario.accounts
    for (index, entity) in scenario.entities.enumerated() {
      func place(_ account: String?) -> Int? {
        account.flatMap { name in catalog.erpAccounts.firstIndex { $0 == name } }
      }
      catalog.entities[index].erpAccount = place(entity.erp.account)
      catalog.entities[index].successorAccount = place(entity.cutOver?.erp.account)
    }
    world = WorldConfiguration(
      catalog: catalog, start: scenario.start, horizon: scenario.start + scenario.horizon,
      drainWithin: scenario.drainWithin, zipfExponent: scenario.zipf, load: Self.load(scenario, catalog),
      delivery: DeliveryConfiguration(scenario.delivery), broker: BrokerConfiguration(scenario.broker),
      erps: erps, successors: successors, faults: Self.faults(scenario),
      randomFaults: Self.randomFaults(scenario),
      sampleInterval: scenario.sampleInterval, contractNotice: scenario.feeds.contractNotice,
      cash: scenario.payments.map(CashConfiguration.init),
      schemaChanges: Self.schemaChanges(scenario, catalog),
      finance: scenario.credits.map(FinanceConfiguration.init),
      identities: IdentityConfiguration(scenario.identities),
      exchange: Self.exchange(scenario))
    world.exceptions = ExceptionHandling(scenario.exceptions)
    world.feeds = FeedConfiguration(scenario.feeds)
    world.taxEngine = TaxEngineConfiguration(scenario.taxEngine)
    world.machines = MachineConfiguration(scenario.machines)
    world.processes = scenario.design.processes.map { services in
      Set(CoreService.allCases.filter { services.contains($0.name) })
    }
    world.broker.isDirect = scenario.design.capture == .direct
    world.broker.directAttempts = scenario.design.captureAttempts
    world.broker.directPause = scenario.design.capturePause
    world.broker.directDoublings = scenario.design.captureDoublings
    world.conditionalFaults = Self.conditionalFaults(scenario)
    policy = PipelinePolicy(scenario.design)
    world.lateUsageAsksAfter = policy.metering.decisionAfter
    policy.contractsChange = !scenario.amendments.isEmpty || catalog.hasLapses
    policy.posting.systems =
      (erps + zip(world.successors, erps).map { $0 ?? $1 }).map { $0.traits(scenario.design.jobs) }
    defect?.plant(&self)
  }

  // MARK: Master data

  /// Every customer has one account with one subscription; the accounts take turns over the entities.
  private static func catalog(
    _ scenario: ScenarioFile, seed: UInt64
  ) throws(InvalidInput) -> Catalog {
    let priceBooks =
      scenario.entities.map(\.priceBook) + scenario.amendments.flatMap { $0.priceBooks ?? [] }
    var meters: [Meter] = []
    var types: [EventType] = []
    var sources: [String] = []
    for load in scenario.load {
      for use in load.meters where !meters.contains(where: { $0.base == use.meter }) {
        // One meter for each value of a dimension, one behind another.
        for value in load.dimension.isEmpty ? [nil] : load.dimension.map(Optional.some) {
          meters.append(Meter(name: use.meter, value: value, aggregation: use.aggregation))
        }
      }
    }
    // What is asked for without usage is due also where no load has the meter.
    for charge in priceBooks.flatMap(\.idleCharges)
    where !meters.contains(where: { $0.base == charge.meter || $0.name == charge.meter }) {
      meters.append(Meter(name: charge.meter, aggregation: .sum))
    }
    for (index, load) in scenario.load.enumerated() {
      if !types.contains(where: { $0.name == load.event }) {
        let ids = load.meters.compactMap { use in meters.firstIndex { $0.base == use.meter } }
        let later: [UInt16] =
          scenario.load.contains { $0.event == load.event && $0.schemaChange != nil } ? [2] : []
        types.append(
          EventType(
            name: load.event, meters: ids.map { MeterID(index: UInt32($0)) }, laterVersions: later,
            dimensionValues: UInt16(max(1, load.dimension.count))))
      }
      for producer in 1...load.producers { sources.append("\(streamName(index, scenario))-\(producer)") }
    }
    let digits = String(scenario.customers).count
    let count = scenario.entities.count
    let jurisdictions = jurisdictions(scenario)
    let accounts = (0..<scenario.customers).map { index in
      let number = String(index + 1)
      let entity = scenario.entities[index % count]
      // The customers of an entity take turns over its jurisdictions.
      let own =
        entity.jurisdictions.isEmpty
        ? [] : entity.jurisdictions[index / count % entity.jurisdictions.count].all.map(\.name)
      return Account(
        name: "c" + String(repeating: "0", count: digits - number.count) + number,
        entity: EntityID(index: UInt32(index % count)),
        jurisdictions: own.compactMap { name in jurisdictions.firstIndex { $0.name == name } }
          .map { JurisdictionID(index: UInt32($0)) },
        method: isTaken(index / count, scenario.payments?.gatewayShare ?? 1) ? .autopay : .transfer,
        discount: scenario.discounts.flatMap { isTaken(index / count, $0.customers) ? $0.rate : nil },
        taxExemption: scenario.taxExempt.flatMap { isTaken(index / count, $0.customers) ? $0.reason : nil })
    }
    var catalog = Catalog(
      entities: scenario.entities.map {
        LegalEntity(
          name: $0.name, currency: $0.currency, cutOver: $0.cutOver?.at, booksCurrency: $0.books?.currency)
      }, meters: meters, eventTypes: types, accounts: accounts,
      subscriptions: try ContractLives(scenario, seed: seed).subscriptions(),
      priceBooks: priceBooks,
      sources: sources, jurisdictions: jurisdictions, taxRounding: scenario.taxRounding,
      paymentTerms: scenario.payments.map(PaymentTerms.init),
      accountingCalendar: scenario.periods.map { periods in
        AccountingCalendar(
          closeAfter: periods.closeAfter, softCloseAfter: periods.softCloseAfter,
          reopenings: periods.reopenings.map {
            AccountingCalendar.Reopening(
              entity: EntityID(index: UInt32($0.entity)), period: $0.period, from: $0.from, until: $0.until,
              requestedBy: $0.requestedBy, approvedBy: $0.approvedBy)
          })
      }, creditLimit: scenario.credits?.limit)
    catalog.taxPoint = scenario.taxPoint
    for _ in 1..<max(1, scenario.identities.perCustomer) {
      catalog.identities += catalog.subscriptions.indices.map { SubscriptionID(index: UInt32($0)) }
    }
    if scenario.delivery.crossRegionShare > 0 {
      catalog.regions = 2
      catalog.sources += catalog.sources.map { "\($0)@second-region" }
    }
    catalog.horizon = scenario.start + scenario.horizon
    catalog.hasBackfills = scenario.load.contains { $0.gap != nil }
    return catalog
  }

  /// Whether a customer is among a share of them: every n-th is.
  static func isTaken(_ customer: Int, _ share: Double) -> Bool {
    (Double(customer + 1) * share).rounded(.down) > (Double(customer) * share).rounded(.down)
  }

  private static func jurisdictions(_ scenario: ScenarioFile) -> [TaxJurisdiction] {
    scenario.entities.flatMap { entity in
      entity.jurisdictions.flatMap { head in
        head.all.map { TaxJurisdiction($0, isIncluded: head.inclusive, of: entity) }
      }
    }
  }

  /// The name of a load entry: its event, with a number from the second entry of that event on, so that
  /// another event's entries never shift the draws of this one.
  private static func streamName(_ index: Int, _ scenario: ScenarioFile) -> String {
    let event = scenario.load[index].event
    let earlier = scenario.load[..<index].count { $0.event == event }
    return earlier == 0 ? event : "\(event)/\(earlier + 1)"
  }

  // MARK: Load and environment

  private static func load(_ scenario: ScenarioFile, _ catalog: Catalog) -> [LoadConfiguration] {
    var firstSource: UInt32 = 0
    return scenario.load.enumerated().map { index, load in
      let sources = (firstSource..<firstSource + UInt32(load.producers)).map(SourceID.init(index:))
      firstSource += UInt32(load.producers)
      let pattern: LoadPattern =
        switch load.pattern {
        case .synthetic(let arrivals, let quantities):
          .synthetic(
            arrivals,
            quantities.map { QuantityDistribution($0.distribution, decimals: $0.decimals) })
        case .trace(let records):
          .trace(
            records.map { TraceRow(time: $0.time, quantity0: $0.quantity0, quantity1: $0.quantity1) })
        }
      let type = catalog.eventTypes.firstIndex { $0.name == load.event } ?? 0
      return LoadConfiguration(
        name: streamName(index, scenario), type: EventTypeID(index: UInt32(type)), pattern: pattern,
        producers: sources,
        gap: load.gap.map(LoadConfiguration.Gap.init))
    }
  }

  private static func exchange(_ scenario: ScenarioFile) -> [EntityID: ExchangeConfiguration] {
    var exchange: [EntityID: ExchangeConfiguration] = [:]
    for (index, entity) in scenario.entities.enumerated() {
      guard let books = entity.books else { continue }
      exchange[EntityID(index: UInt32(index))] = ExchangeConfiguration(
        rate: books.rate, volatility: books.volatility)
    }
    return exchange
  }

  private static func schemaChanges(_ scenario: ScenarioFile, _ catalog: Catalog) -> [SchemaChange] {
    var changes: [SchemaChange] = []
    for load in scenario.load {
      guard let change = load.schemaChange,
        let type = catalog.eventTypes.firstIndex(where: { $0.name == load.event }),
        !changes.contains(where: { Int($0.type.index) == type })
      else { continue }
      var version = SchemaChange(
        type: EventTypeID(index: UInt32(type)), version: 2,
        fields: catalog.eventTypes[type].fields.filter { !change.drops.contains($0.name) }
          + change.adds.map { SchemaField(name: $0, isRequired: false) }, emittedFrom: change.at,
        registered: change.registered)
      version.repeatedAfter = change.repeatedAfter
      changes.append(version)
    }
    return changes
  }

  private static func erps(_ scenario: ScenarioFile) throws(InvalidInput) -> [ERPProfile] {
    var profiles: [ERPProfile] = []
    for entity in scenario.entities { profiles.append(try ERPProfile(entity.erp)) }
    return profiles
  }

  private static func successors(_ scenario: ScenarioFile) throws(InvalidInput) -> [ERPProfile?] {
    var profiles: [ERPProfile?] = []
    for entity in scenario.entities {
      if let cutOver = entity.cutOver {
        profiles.append(try ERPProfile(cutOver.erp))
      } else {
        profiles.append(nil)
      }
    }
    return profiles
  }

  private static func faults(_ scenario: ScenarioFile) -> [FaultWindow] {
    scenario.faults.enumerated().flatMap { number, fault -> [FaultWindow] in
      guard case .at(let moments) = fault.timing else { return [] }
      return moments.flatMap { start in
        fault.targets.map {
          FaultWindow(
            kind: fault.kind, target: $0, start: start,
            end: fault.duration.map { start + $0 } ?? .distantFuture, declared: number)
        }
      }
    }
  }

  private static func randomFaults(_ scenario: ScenarioFile) -> [RandomFault] {
    scenario.faults.enumerated().compactMap { number, fault in
      guard case .random(let every) = fault.timing else { return nil }
      return RandomFault(
        kind: fault.kind, targets: fault.targets, every: every,
        duration: fault.duration, declared: number)
    }
  }

  private static func conditionalFaults(_ scenario: ScenarioFile) -> [ConditionalFault] {
    scenario.faults.enumerated().compactMap { number, fault in
      guard case .when(let condition, let after, let times) = fault.timing else { return nil }
      return ConditionalFault(
        kind: fault.kind, targets: fault.targets, condition: condition, after: after,
        duration: fault.duration, times: times, declared: number)
    }
  }
}

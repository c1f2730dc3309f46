import CanonicalModel
import Chronology
import Scenario
import SimulationKernel
import UsageToCash
import World

/// A scenario turned into what runs: the world around the core, and the strategies inside it.
public struct Assembly: Sendable {
  /// The world.
  public var world: WorldConfiguration
  /// The core's strategies.
  public var policy: PipelinePolicy

  /// Assembles a scenario, and plants a defect if one is given.
  ///
  /// - Throws: where the scenario names an ERP that is not built in.
  public init(_ scenario: ScenarioFile, defect: Defect? = nil) throws(InvalidInput) {
    let catalog = try Self.catalog(scenario)
    let erps = try Self.erps(scenario)
    world = WorldConfiguration(
      catalog: catalog, start: scenario.start, horizon: scenario.start + scenario.horizon,
      drainWithin: scenario.drainWithin, zipfExponent: scenario.zipf, load: Self.load(scenario, catalog),
      delivery: DeliveryConfiguration(scenario.delivery), broker: BrokerConfiguration(scenario.broker),
      erps: erps, successors: try Self.successors(scenario), faults: Self.faults(scenario),
      randomFaults: Self.randomFaults(scenario),
      sampleInterval: scenario.sampleInterval, cash: scenario.payments.map(CashConfiguration.init),
      schemaChanges: Self.schemaChanges(scenario, catalog),
      finance: scenario.credits.map {
        FinanceConfiguration(
          creditShare: $0.share, greatestPart: $0.greatestPart, repeatShare: $0.repeats, delay: $0.delay,
          rebillShare: $0.rebills)
      },
      identities: IdentityConfiguration(
        linkedWithin: scenario.identities.linkedWithin, conflictShare: scenario.identities.conflictShare),
      exchange: Self.exchange(scenario))
    world.conditionalFaults = try Self.conditionalFaults(scenario)
    policy = PipelinePolicy(scenario.design)
    policy.posting.systems =
      erps.map(\.traits) + zip(world.successors, erps).map { ($0 ?? $1).traits }
    defect?.plant(&self)
  }

  // MARK: Master data

  /// Every customer has one account with one subscription; the accounts take turns over the entities.
  private static func catalog(_ scenario: ScenarioFile) throws(InvalidInput) -> Catalog {
    var meters: [Meter] = []
    var types: [EventType] = []
    var sources: [String] = []
    for load in scenario.load {
      for use in load.meters where !meters.contains(where: { $0.base == use.meter }) {
        let aggregation = Aggregation(rawValue: use.aggregation) ?? .sum
        // One meter for each value of a dimension, one behind another.
        for value in load.dimension.isEmpty ? [nil] : load.dimension.map(Optional.some) {
          meters.append(Meter(name: use.meter, value: value, aggregation: aggregation))
        }
      }
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
        ? nil : entity.jurisdictions[index / count % entity.jurisdictions.count].name
      return Account(
        name: "c" + String(repeating: "0", count: digits - number.count) + number,
        entity: EntityID(index: UInt32(index % count)),
        jurisdiction: own.flatMap { name in jurisdictions.firstIndex { $0.name == name } }
          .map { JurisdictionID(index: UInt32($0)) },
        method: isTaken(index / count, scenario.payments?.gatewayShare ?? 1) ? .autopay : .transfer)
    }
    var catalog = Catalog(
      entities: scenario.entities.map {
        LegalEntity(
          name: $0.name, currency: $0.currency, erpProfile: $0.erp.profile, cutOver: $0.cutOver?.at,
          successorProfile: $0.cutOver?.erp.profile, booksCurrency: $0.books?.currency)
      }, meters: meters, eventTypes: types, accounts: accounts,
      subscriptions: try subscriptions(scenario),
      priceBooks: scenario.entities.map(\.priceBook) + scenario.amendments.flatMap { $0.priceBooks ?? [] },
      sources: sources, jurisdictions: jurisdictions, taxRounding: scenario.taxRounding,
      paymentTerms: scenario.payments.map { PaymentTerms(dueAfter: $0.dueAfter, retries: $0.retries) },
      accountingCalendar: scenario.periods.map { periods in
        AccountingCalendar(
          closeAfter: periods.closeAfter, softCloseAfter: periods.softCloseAfter,
          reopenings: periods.reopenings.map {
            AccountingCalendar.Reopening(
              entity: EntityID(index: UInt32($0.entity)), period: $0.period, from: $0.from, until: $0.until,
              requestedBy: $0.requestedBy, approvedBy: $0.approvedBy)
          })
      }, creditLimit: scenario.credits?.limit)
    for _ in 1..<max(1, scenario.identities.perCustomer) {
      catalog.identities += catalog.subscriptions.indices.map { SubscriptionID(index: UInt32($0)) }
    }
    catalog.hasBackfills = scenario.load.contains { $0.gap != nil }
    return catalog
  }

  /// Whether a customer is among a share of them: every so-manieth is.
  private static func isTaken(_ customer: Int, _ share: Double) -> Bool {
    (Double(customer + 1) * share).rounded(.down) > (Double(customer) * share).rounded(.down)
  }

  private static func jurisdictions(_ scenario: ScenarioFile) -> [TaxJurisdiction] {
    scenario.entities.flatMap(\.jurisdictions).map { jurisdiction in
      TaxJurisdiction(
        name: jurisdiction.name,
        rates: [TaxJurisdiction.Rate(from: .distantPast, rate: jurisdiction.rate)]
          + jurisdiction.changes.map { TaxJurisdiction.Rate(from: $0.at, rate: $0.rate) })
    }
  }

  /// The contracts: from the start to the end of the month that holds the horizon, with the amendments that each
  /// customer takes part in. A share of the customers is every so-manieth of them.
  private static func subscriptions(_ scenario: ScenarioFile) throws(InvalidInput) -> [Subscription] {
    let entities = scenario.entities.count
    let last = scenario.start + scenario.horizon - Span(nanoseconds: 1)
    for amendment in scenario.amendments
    where amendment.at.floored(to: scenario.design.window) != amendment.at {
      throw InvalidInput(
        "a contract changes at the beginning of a usage window, which is \(scenario.design.window) wide; "
          + "\(amendment.at) is not", at: amendment.position)
    }
    return (0..<scenario.customers).map { customer in
      let waited = scenario.signUps.nanoseconds / Int64(scenario.customers) * Int64(customer)
      let signedUp = (scenario.start + Span(nanoseconds: waited)).floored(to: .days(1))
      let begins = max(scenario.start, signedUp)
      var terms = [ContractTerms(from: begins, priceBook: customer % entities, seats: scenario.seats)]
      var book = entities
      for amendment in scenario.amendments {
        let own = amendment.priceBooks.map { _ in book + customer % entities }
        book += amendment.priceBooks?.count ?? 0
        guard isTaken(customer, amendment.share), let before = terms.last, amendment.at > begins else {
          continue
        }
        let changed = ContractTerms(
          from: amendment.at, priceBook: own ?? before.priceBook, seats: amendment.seats ?? before.seats)
        if before.from == amendment.at { terms.removeLast() }
        terms.append(changed)
      }
      return Subscription(
        account: AccountID(index: UInt32(customer)), terms: terms, ends: Period(holding: last).end,
        billingDay: scenario.hasAnniversaries ? UInt8(begins.date.day) : 1)
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
          .synthetic(ArrivalProcess(arrivals), quantities.map(QuantityDistribution.init))
        case .trace(let records):
          .trace(
            records.map { TraceRow(time: $0.time, quantity0: $0.quantity0, quantity1: $0.quantity1) })
        }
      let type = catalog.eventTypes.firstIndex { $0.name == load.event } ?? 0
      return LoadConfiguration(
        name: streamName(index, scenario), type: EventTypeID(index: UInt32(type)), pattern: pattern,
        producers: sources,
        gap: load.gap.map {
          LoadConfiguration.Gap(from: $0.from, until: $0.until, backfilledAt: $0.backfilledAt)
        })
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
      changes.append(
        SchemaChange(
          type: EventTypeID(index: UInt32(type)), version: 2,
          fields: catalog.eventTypes[type].fields.filter { !change.drops.contains($0.name) }
            + change.adds.map { SchemaField(name: $0, isRequired: false) }, emittedFrom: change.at,
          registered: change.registered))
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
    scenario.faults.flatMap { fault -> [FaultWindow] in
      guard case .at(let moments) = fault.timing else { return [] }
      return moments.flatMap { start in
        fault.targets.map {
          FaultWindow(
            kind: FaultKind(fault.kind), target: FaultTarget($0), start: start, end: start + fault.duration)
        }
      }
    }
  }

  private static func randomFaults(_ scenario: ScenarioFile) -> [RandomFault] {
    scenario.faults.compactMap { fault in
      guard case .random(let every) = fault.timing else { return nil }
      return RandomFault(
        kind: FaultKind(fault.kind), targets: fault.targets.map(FaultTarget.init), every: every,
        duration: fault.duration)
    }
  }

  private static func conditionalFaults(_ scenario: ScenarioFile) throws(InvalidInput) -> [ConditionalFault] {
    var faults: [ConditionalFault] = []
    for fault in scenario.faults {
      guard case .when(let condition, let after, let times) = fault.timing else { continue }
      faults.append(
        ConditionalFault(
          kind: FaultKind(fault.kind), targets: fault.targets.map(FaultTarget.init),
          condition: try FaultCondition(condition), after: after, duration: fault.duration, times: times))
    }
    return faults
  }
}

// MARK: From the files' words to the world's

extension ArrivalProcess {
  init(_ arrivals: ScenarioFile.Arrivals) {
    switch arrivals {
    case .constant(let rate): self = .constant(rate: rate)
    case .poisson(let rate): self = .poisson(rate: rate)
    case .bursts(let base, let peak, let on, let off):
      self = .bursts(base: base, peak: peak, on: on, off: off)
    }
  }
}

extension QuantityDistribution {
  init(_ quantity: ScenarioFile.QuantityShape) {
    let shape: Shape =
      switch quantity.distribution {
      case .constant(let value): .constant(value)
      case .uniform(let min, let max): .uniform(min: min, max: max)
      case .exponential(let mean): .exponential(mean: mean)
      case .lognormal(let median, let sigma): .lognormal(median: median, sigma: sigma)
      case .pareto(let min, let shape): .pareto(min: min, shape: shape)
      case .gamma(let shape, let scale): .gamma(shape: shape, scale: scale)
      }
    self.init(shape, decimals: quantity.decimals)
  }
}

extension DelayDistribution {
  init(_ delay: ScenarioFile.Delay) {
    switch delay {
    case .constant(let span): self = .constant(span)
    case .uniform(let min, let max): self = .uniform(min: min, max: max)
    case .exponential(let mean): self = .exponential(mean: mean)
    case .lognormal(let median, let sigma): self = .lognormal(median: median, sigma: sigma)
    case .pareto(let min, let shape, let max): self = .pareto(min: min, shape: shape, max: max)
    }
  }
}

extension DeliveryConfiguration {
  init(_ delivery: ScenarioFile.Delivery) {
    self.init(
      duplicateShare: delivery.duplicateShare, duplicateDelay: DelayDistribution(delivery.duplicateDelay),
      lateShare: delivery.lateShare, lateDelay: DelayDistribution(delivery.lateDelay),
      reorder: delivery.reorder, unknownAccountShare: delivery.unknownAccountShare,
      invalidShare: delivery.invalidShare, correctionShare: delivery.correctionShare,
      voidShare: delivery.voidShare, correctionDelay: DelayDistribution(delivery.correctionDelay))
  }
}

extension BrokerConfiguration {
  init(_ broker: ScenarioFile.Broker) {
    self.init(
      partitions: broker.partitions, batchSize: broker.batchSize, linger: broker.linger,
      redeliveryShare: broker.redeliveryShare, redeliveryTimeout: broker.redeliveryTimeout)
  }
}

extension FaultKind {
  init(_ kind: ScenarioFile.FaultKind) {
    switch kind {
    case .outage: self = .outage
    case .maintenance: self = .maintenance
    case .throttle(let share): self = .throttle(to: share)
    case .brownOut(let slowdown, let errors): self = .brownOut(slowdown: slowdown, errors: errors)
    case .slowDeath(let slowdown): self = .slowDeath(slowdown: slowdown)
    case .timeoutAfterCommit(let share): self = .timeoutAfterCommit(share: share)
    case .refusals(let share): self = .refusals(share: share)
    case .partialFailure(let share): self = .partialFailure(share: share)
    case .rejectLater(let share): self = .rejectLater(share: share)
    case .partition: self = .partition
    case .drop(let share): self = .drop(share: share)
    case .delay(let span): self = .delay(upTo: span)
    case .duplicate(let share): self = .duplicate(share: share)
    case .crash: self = .crash
    }
  }
}

extension FaultCondition {
  init(_ condition: ScenarioFile.FaultCondition) throws(InvalidInput) {
    switch condition {
    case .situation(let name, let times, let position):
      guard let situation = Situation(rawValue: name) else {
        throw InvalidInput(
          "there is no situation '\(name)'"
            + NearestKey.hint(for: name, among: Situation.allCases.map(\.rawValue)), at: position)
      }
      self = .situation(situation, times: times)
    case .outbox(let above): self = .outbox(above: above)
    case .inFlight(let above): self = .inFlight(above: above)
    case .brokerLag(let above): self = .brokerLag(above: above)
    }
  }
}

extension ERPProfile {
  init(_ file: ERPFile) throws(InvalidInput) {
    guard var profile = Self.builtIn.first(where: { $0.name == file.profile }) else {
      throw InvalidInput(
        "there is no ERP profile '\(file.profile)'"
          + NearestKey.hint(for: file.profile, among: Self.builtIn.map(\.name)), at: file.position)
    }
    if let limits = file.limits {
      profile.limits = limits.map {
        RateLimit(
          $0.limit, RateLimit.Unit(rawValue: $0.unit) ?? .calls, per: $0.per,
          RateLimit.Window(rawValue: $0.window) ?? .sliding)
      }
    }
    func take<Value>(_ value: Value?, _ path: WritableKeyPath<ERPProfile, Value>) {
      if let value { profile[keyPath: path] = value }
    }
    func take<Value>(_ value: Value?, _ path: WritableKeyPath<ERPProfile, Value?>) {
      if let value { profile[keyPath: path] = value }
    }
    take(file.concurrency, \.concurrency)
    take(file.reserved, \.reserved)
    take(file.queueDepth, \.queueDepth)
    take(file.queueWait, \.queueWait)
    take(file.latency, \.latency)
    take(file.latencySigma, \.latencySigma)
    take(file.latencyPerDocument, \.latencyPerDocument)
    take(file.serverTimeout, \.serverTimeout)
    take(file.documentsPerCall, \.documentsPerCall)
    take(file.linesPerDocument, \.linesPerDocument)
    take(file.jobTime, \.jobTime)
    take(file.laterRejections, \.laterRejections)
    take(file.retryAfter, \.retryAfter)
    take(file.periods.flatMap(PeriodMode.init(rawValue:)), \.periods)
    take(file.indexLag, \.indexLag)
    take(file.lostAnswers, \.lostAnswers)
    switch file.idempotency {
    case .none?: profile.idempotency = .none
    case .externalID?: profile.idempotency = .externalID
    case .key(let retention, let refuses)?:
      profile.idempotency = .key(retention: retention, refusesOtherBodies: refuses)
    case .uniqueNumber?: profile.idempotency = .uniqueNumber
    case nil: break
    }
    self = profile
  }

  /// What an integration knows of it.
  var traits: ERPTraits {
    ERPTraits(
      documentsPerCall: documentsPerCall, settlesAfter: settlesAfter,
      jobTimeout: jobTime.map { $0 * 4 + .minutes(10) } ?? .minutes(30))
  }
}

extension CashConfiguration {
  init(_ payments: ScenarioFile.Payments) {
    self.init(
      declineShare: payments.declines, chargebackShare: payments.chargebacks, feeShare: payments.feeShare,
      fixedFee: payments.fixedFee, chargebackFee: payments.chargebackFee, settlement: payments.settlement,
      transferDelay: DelayDistribution(payments.transferDelay), partialShare: payments.partial,
      overpaidShare: payments.overpaid)
  }
}

extension FaultTarget {
  init(_ target: ScenarioFile.FaultTarget) {
    switch target {
    case .erp(let entity): self = .erp(EntityID(index: UInt32(entity)))
    case .tax: self = .tax
    case .gateway: self = .gateway
    case .webhooks: self = .webhooks
    case .process(let name):
      self = .process(CoreService.allCases.first { $0.name == name } ?? .posting)
    }
  }
}

extension LateBilling {
  init(_ policy: DesignFile.LateUsage) {
    switch policy {
    case .nextInvoice: self = .nextInvoice
    case .supplementary: self = .supplementary
    case .accrue: self = .accrue
    case .exception: self = .exception
    }
  }
}

extension PipelinePolicy {
  init(_ design: DesignFile) {
    self.init(
      ingestion: IngestionPolicy(
        deduplicationHorizon: design.deduplicationHorizon, clockTolerance: design.clockTolerance),
      metering: MeteringPolicy(
        window: design.window, grace: design.grace, idleTimeout: design.idleTimeout,
        lateBilling: LateBilling(design.lateUsage)),
      posting: PostingPolicy(
        batchSize: design.batchSize, concurrency: design.concurrency, timeout: design.timeout,
        backoff: design.backoff, maximumBackoff: design.maximumBackoff),
      reconciliationCadence: design.reconciliationCadence)
  }
}

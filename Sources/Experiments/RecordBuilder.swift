import CanonicalModel
import Chronology
import CoreInterface
import RunRecord
import Scenario
import SimulationKernel
import UsageToCash
import Verification
import World

/// Writes down what a run was and what came of it.
struct RecordBuilder {
  let scenario: ScenarioFile
  let seed: UInt64
  let defect: String?
  let catalog: Catalog
  let oracle: Oracle
  let end: RunEnd
  /// Invariants that have to be exercised, and situations that have to be reached.
  var required: [String] = []
  /// Invariants that are switched off.
  var silenced: Set<String> = []
  var detail = RecordDetail.whole

  func record(_ world: borrowing SimulatedWorld, wallClock: RunRecord.WallClock) -> RunRecord {
    let observations = world.observations
    let now = world.now
    let isWhole = detail == .whole
    let isMeasured = [.whole, .figures].contains(detail)
    let faultsMet = world.faultsMet
    let cost = RunCost(
      scenario, erps: world.erpStatistics, usageEvents: Int(oracle.emitted - oracle.capture.operational))
    var indicators = Indicators.measure(
      observations, oracle: oracle, entities: DenseTable(scenario.entities.map(\.name)), faults: faultsMet,
      erps: world.erpStatistics, horizon: scenario.start + scenario.horizon,
      latencies: detail != .verdict || scenario.expectations.contains { $0.indicator.isLatency })
    if let cost, let currency = scenario.costs?.currency {
      indicators.merge(cost.indicators(in: currency)) { $1 }
    }
    let periods = PeriodFigures(
      observations, entities: DenseTable(scenario.entities.map(\.name)),
      horizon: scenario.start + scenario.horizon
    ).records
    let invariants = oracle.results.map(invariant)
    let isInterrupted = end == .interrupted
    var expectations = ExpectationJudge(
      indicators: indicators, months: Replication.months(periods), observations: observations,
      entities: DenseTable(scenario.entities.map(\.name)), hasCosts: cost != nil
    ).judge(scenario.expectations)
    if isInterrupted {
      for index in expectations.indices {
        (expectations[index].verdict, expectations[index].reason) = (.open, "the run was interrupted")
      }
    }
    var situations: [String: Int] = [:]
    for situation in Situation.allCases {
      situations[situation.rawValue] = observations.situations[situation]
    }
    let requirements = Self.requirements(required, invariants, situations)
    // A run of which nothing can be said does not pass.
    let saysSomething = invariants.contains { $0.verdict == .held }
    let holds =
      !isInterrupted && saysSomething && invariants.allSatisfy { $0.verdict != .broken }
      && expectations.allSatisfy { $0.verdict == .pass } && requirements.allSatisfy(\.isMet)
    var record = RunRecord(
      meterstorm: Meterstorm.version, scenario: scenario.name, design: scenario.design.name, seed: seed,
      defect: defect, verdict: holds ? .pass : .fail, interrupted: isInterrupted,
      fingerprint: world.fingerprint.description,
      simulated: RunRecord.Simulated(
        start: "\(scenario.start)", end: "\(world.now)", seconds: (world.now - scenario.start).seconds,
        kernelEvents: world.kernelEvents, usageEvents: oracle.emitted,
        deliveries: Int64(observations.delivered), deadline: "\(world.deadline)",
        ended: isInterrupted ? "interrupted" : end == .overdue ? "limit" : "quiescent"),
      configuration: configuration, controlTotals: isWhole ? controlTotals : Self.noTotals,
      trialBalances: isWhole ? trialBalances : [], closes: isWhole ? observations.closes.map(close) : [],
      invariants: invariants, expectations: expectations, requirements: requirements, situations: situations,
      indicators: indicators,
      erps: isMeasured ? erps(world.erpStatistics, observations) : [],
      faults: faults(faultsMet, observations, end: world.now),
      exceptionCases: Dictionary(
        uniqueKeysWithValues: observations.cases.map { ($0.key.rawValue, $0.value) }),
      cases: isWhole ? world.core.report().cases.prefix(1000).map { self.case($0, end: now) } : [],
      timeline: observations.moments.map(moment), series: series(observations.samples),
      wallClock: wallClock)
    if isMeasured { record.periods = periods }
    record.costs = cost.flatMap { cost in (scenario.costs?.currency).map(cost.record(in:)) }
    record.declaredFaults = scenario.faults.enumerated().map {
      declared($1, world.tally(ofDeclared: $0), end: now)
    }
    return record
  }

  private var configuration: RunRecord.Configuration {
    RunRecord.Configuration(
      file: scenario.file.split(separator: "/").last.map(String.init) ?? "",
      description: scenario.description, horizon: scenario.horizon.seconds,
      customers: scenario.customers,
      entities: scenario.entities.enumerated().map { index, entity in
        RunRecord.Configuration.Entity(
          name: entity.name, currency: entity.currency.code, erp: entity.erp.profile,
          customers: catalog.accounts.count { Int($0.entity.index) == index })
      }, meters: catalog.meters.map(\.name),
      processes: scenario.design.processes.map { $0.joined(separator: "+") })
  }

  // MARK: Control totals

  private static let noTotals = Totals(
    capture: Totals.Capture(
      received: 0, accepted: 0, duplicates: 0, rejected: 0, quarantined: 0, operational: 0),
    meters: [], stages: [], boundaries: [])

  private typealias Totals = RunRecord.ControlTotals

  private var controlTotals: RunRecord.ControlTotals {
    let capture = oracle.capture
    let byMeter: [(String, KeyPath<StageTotals, StageTotals.Usage>, KeyPath<StageTotals, Money>?)] = [
      ("metered", \.metered, nil), ("rated", \.rated, \.ratedAmount),
      ("invoiced", \.invoiced, \.invoicedAmount),
    ]
    func amounts(_ name: String, _ amount: KeyPath<StageTotals, Money>) -> Totals.Stage {
      Totals.Stage(
        stage: name,
        rows: rows { entity, item, totals in
          Totals.Row(
            entity: entity.name, currency: entity.currency.code, meter: item.name, count: nil, quantity: nil,
            amount: totals[keyPath: amount].text(in: entity.currency), hash: nil)
        })
    }
    var stages = byMeter.map { name, usage, amount in
      Totals.Stage(
        stage: name, rows: rows(metersOnly: amount == nil) { row($0, $1, $2, usage, amount) })
    }
    stages.insert(
      Totals.Stage(
        stage: "emitted",
        rows: rows(metersOnly: true) { row($0, $1, $2, \.emitted, nil) } + unattributed(\.emitted)),
      at: 0)
    // What was put aside is known at rest: until then, it may be under way.
    if end != .interrupted {
      stages.insert(
        Totals.Stage(
          stage: "putAside",
          rows: rows(metersOnly: true) { entity, item, totals in
            var row = row(entity, item, totals, \.putAside, \.putAsideAmount)
            row.unpriced = totals.putAsideUnpriced == 0 ? nil : totals.putAsideUnpriced
            return row
          }
            + unattributed(\.putAside).map { row in
              var row = row
              row.unpriced = row.count == 0 ? nil : row.count
              return row
            }), at: 1)
    }
    if catalog.accounts.contains(where: { $0.discount != nil }) {
      stages.append(amounts("discounts", \.discounts))
    }
    if catalog.jurisdictions.contains(where: \.isIncluded) {
      stages.append(amounts("includedTaxes", \.includedTaxes))
    }
    stages.append(amounts("ledger", \.ledgerAmount))
    if !catalog.jurisdictions.isEmpty {
      stages.append(Totals.Stage(stage: "taxInvoiced", rows: taxes(\.invoiced)))
      stages.append(Totals.Stage(stage: "taxLedger", rows: taxes(\.ledger)))
      if !oracle.untaxed.isEmpty { stages.append(Totals.Stage(stage: "untaxed", rows: untaxed)) }
    }
    stages.append(documents("issued", \.issued, \.issuedAmount))
    stages.append(documents("posted", \.posted, \.postedAmount))
    return RunRecord.ControlTotals(
      capture: Totals.Capture(
        received: capture.received, accepted: capture.accepted, duplicates: capture.duplicates,
        rejected: capture.rejected, quarantined: capture.quarantined,
        operational: capture.operational, takenBack: oracle.takenBack == 0 ? nil : oracle.takenBack),
      meters: meters, stages: stages, boundaries: end == .interrupted ? [] : boundaries)
  }

  /// Usage of customers whom nobody knows, by meter; no rows where there is none.
  private func unattributed(_ usage: KeyPath<StageTotals, StageTotals.Usage>) -> [Totals.Row] {
    zip(catalog.meters, oracle.unattributed).compactMap { meter, totals in
      guard totals.emitted.count > 0 else { return nil }
      let usage = totals[keyPath: usage]
      return Totals.Row(
        entity: Totals.unknownEntity, currency: "", meter: meter.name, count: usage.count,
        quantity: "\(usage.quantity)", amount: nil, hash: String(usage.digest, radix: 16))
    }
  }

  /// Calls with every entity and item, in order; with the meters only, where a stage knows of usage alone.
  private func rows<Row>(
    metersOnly: Bool = false, _ make: (LegalEntity, Item, StageTotals) -> Row
  ) -> [Row] {
    oracle.stages.enumerated().compactMap { index, totals in
      let item = catalog.items[index % catalog.items.count]
      guard item.kind == .usage || !metersOnly else { return nil }
      return make(catalog.entities[index / catalog.items.count], item, totals)
    }
  }

  private func row(
    _ entity: LegalEntity, _ item: Item, _ totals: StageTotals,
    _ usage: KeyPath<StageTotals, StageTotals.Usage>, _ amount: KeyPath<StageTotals, Money>?
  ) -> Totals.Row {
    let usage = totals[keyPath: usage]
    return Totals.Row(
      entity: entity.name, currency: entity.currency.code, meter: item.name,
      count: item.kind == .usage ? usage.count : nil,
      quantity: "\(usage.quantity)", amount: amount.map { totals[keyPath: $0].text(in: entity.currency) },
      hash: item.kind == .usage ? String(usage.digest, radix: 16) : nil)
  }

  private func documents(
    _ stage: String, _ count: KeyPath<DocumentTotals, Int64>, _ amount: KeyPath<DocumentTotals, Money>
  ) -> Totals.Stage {
    Totals.Stage(
      stage: stage,
      rows: zip(catalog.entities, oracle.documents).map { entity, totals in
        Totals.Row(
          entity: entity.name, currency: entity.currency.code, meter: nil, count: totals[keyPath: count],
          quantity: nil, amount: totals[keyPath: amount].text(in: entity.currency), hash: nil)
      })
  }

  /// Jurisdictions belong to one entity each; its name stands in the place of the meter.
  private func taxes(_ amount: KeyPath<TaxTotals, Money>) -> [Totals.Row] {
    var rows: [Totals.Row] = []
    for (index, totals) in oracle.taxes.enumerated() {
      let name = catalog.jurisdictions[index].name
      guard
        let entity = scenario.entities.first(where: {
          $0.jurisdictions.flatMap(\.all).contains { $0.name == name }
        })
      else { continue }
      rows.append(
        Totals.Row(
          entity: entity.name, currency: entity.currency.code, meter: name, count: nil, quantity: nil,
          amount: totals[keyPath: amount].text(in: entity.currency), hash: nil))
    }
    return rows
  }

  private var meters: [Totals.Meter] {
    catalog.meters.enumerated().map { index, meter in
      func usage(_ path: KeyPath<StageTotals, StageTotals.Usage>) -> Totals.Meter.Usage {
        var count: Int64 = 0
        var quantity = Quantity.zero
        for (slot, totals) in oracle.stages.enumerated() where slot % catalog.items.count == index {
          count += totals[keyPath: path].count
          quantity += totals[keyPath: path].quantity
        }
        if index < oracle.unattributed.count {
          count += oracle.unattributed[index][keyPath: path].count
          quantity += oracle.unattributed[index][keyPath: path].quantity
        }
        return Totals.Meter.Usage(count: count, quantity: "\(quantity)")
      }
      return Totals.Meter(
        meter: meter.name, emitted: usage(\.emitted), putAside: usage(\.putAside), metered: usage(\.metered),
        rated: usage(\.rated),
        invoiced: usage(\.invoiced))
    }
  }

  private var boundaries: [Totals.Boundary] {
    func usage(
      _ name: String, _ upstream: KeyPath<StageTotals, StageTotals.Usage>,
      _ downstream: KeyPath<StageTotals, StageTotals.Usage>,
      amounts: (KeyPath<StageTotals, Money>, KeyPath<StageTotals, Money>)? = nil
    ) -> [Totals.Boundary] {
      rows(metersOnly: amounts == nil) { entity, item, totals in
        let up = totals[keyPath: upstream]
        let down = totals[keyPath: downstream]
        let amount = amounts.map { totals[keyPath: $0.0] - totals[keyPath: $0.1] }
        return Totals.Boundary(
          boundary: name, entity: entity.name, currency: entity.currency.code, meter: item.name,
          countDifference: up.count - down.count, quantityDifference: "\(up.quantity - down.quantity)",
          amountDifference: amount.map { $0.text(in: entity.currency) },
          hashesMatch: up.digest == down.digest, balanced: up == down && (amount ?? .zero) == .zero)
      }
    }
    let ledger = rows { entity, item, totals in
      let difference = totals.invoicedAmount - totals.ledgerAmount
      return Totals.Boundary(
        boundary: "invoiced-ledger", entity: entity.name, currency: entity.currency.code, meter: item.name,
        countDifference: nil, quantityDifference: nil, amountDifference: difference.text(in: entity.currency),
        hashesMatch: nil, balanced: difference == .zero)
    }
    let documents = zip(catalog.entities, oracle.documents).map { entity, totals in
      let count = totals.issued - totals.posted
      let amount = totals.issuedAmount - totals.postedAmount
      return Totals.Boundary(
        boundary: "issued-posted", entity: entity.name, currency: entity.currency.code, meter: nil,
        countDifference: count, quantityDifference: nil, amountDifference: amount.text(in: entity.currency),
        hashesMatch: nil, balanced: count == 0 && amount == .zero)
    }
    let taxes = zip(self.taxes(\.invoiced), oracle.taxes).map { row, totals in
      let difference = totals.invoiced - totals.ledger
      return Totals.Boundary(
        boundary: "taxInvoiced-taxLedger", entity: row.entity, currency: row.currency, meter: row.meter,
        countDifference: nil, quantityDifference: nil,
        amountDifference: Currency(code: row.currency).map { difference.text(in: $0) } ?? "\(difference)",
        hashesMatch: nil,
        balanced: difference == .zero)
    }
    let unknown = zip(catalog.meters, oracle.unattributed).compactMap { meter, totals -> Totals.Boundary? in
      guard totals.emitted.count > 0 else { return nil }
      let (up, down) = (totals.countable, totals.metered)
      return Totals.Boundary(
        boundary: "emitted-metered", entity: Totals.unknownEntity, currency: "", meter: meter.name,
        countDifference: up.count - down.count, quantityDifference: "\(up.quantity - down.quantity)",
        amountDifference: nil, hashesMatch: up.digest == down.digest, balanced: up == down)
    }
    return usage("emitted-metered", \.countable, \.metered) + unknown
      + usage("metered-rated", \.metered, \.rated)
      + usage("rated-invoiced", \.rated, \.invoiced, amounts: (\.ratedAmount, \.invoicedInFull))
      + documents + ledger + taxes
  }

  private var trialBalances: [RunRecord.TrialBalance] {
    zip(catalog.entities, oracle.ledgers).map { entity, ledger in
      let currency = entity.booksCurrency ?? entity.currency
      var debits = Money.zero
      var credits = Money.zero
      let accounts = ledger.map { (name: $0.key.name(in: catalog), balance: $0.value) }
        .sorted { $0.name < $1.name }
      for account in accounts {
        if account.balance > .zero { debits += account.balance } else { credits -= account.balance }
      }
      return RunRecord.TrialBalance(
        entity: entity.name, currency: currency.code,
        accounts: accounts.map { name, balance in
          let isCredit = balance < .zero
          let text = (isCredit ? -balance : balance).text(in: currency)
          return .init(account: name, debit: isCredit ? "" : text, credit: isCredit ? text : "")
        }, debits: debits.text(in: currency), credits: credits.text(in: currency))
    }
  }

  private func `case`(_ entry: CaseEntry, end: Instant) -> RunRecord.Case {
    RunRecord.Case(
      number: entry.routed.number, kind: entry.routed.kind, owner: entry.routed.owner.rawValue,
      raised: "\(entry.routed.raised)", resolved: entry.resolved.map { "\($0)" },
      ageSeconds: ((entry.resolved ?? end) - entry.routed.raised).seconds, waiting: entry.count,
      fields: entry.routed.fields.map { .init(name: $0.name, value: $0.value) })
  }

  private func close(_ snapshot: CloseSnapshot) -> RunRecord.Close {
    let entity = catalog[snapshot.entity]
    let taken = "\(snapshot.taken)"
    return RunRecord.Close(
      entity: entity.name, currency: entity.currency.code, period: "\(snapshot.period)",
      version: snapshot.version,
      operational: .init(count: snapshot.usageEvents, amount: nil, asOf: taken),
      billing: .init(
        count: snapshot.invoices, amount: snapshot.invoiced.text(in: entity.currency), asOf: taken),
      finance: .init(
        count: snapshot.documents, amount: snapshot.debits.text(in: entity.currency),
        asOf: "\(snapshot.ledgerAsOf)"))
  }

  // MARK: Verdicts and behaviour

  /// What was required, in the order in which it was, each with whether it came about.
  private static func requirements(
    _ names: [String], _ invariants: [RunRecord.Invariant], _ situations: [String: Int]
  ) -> [RunRecord.Requirement] {
    names.map { name in
      if let invariant = invariants.first(where: { $0.name == name }) {
        return RunRecord.Requirement(
          name: name, kind: .invariant, isMet: [.held, .broken].contains(invariant.verdict))
      }
      return RunRecord.Requirement(name: name, kind: .situation, isMet: situations[name] ?? 0 > 0)
    }
  }

  private func invariant(_ result: InvariantResult) -> RunRecord.Invariant {
    let definition = result.definition
    let findings = result.findings
    if silenced.contains(definition.name) {
      return RunRecord.Invariant(
        name: definition.name, boundary: definition.boundary.rawValue, statement: definition.statement,
        verdict: .notJudged, reasons: ["switched off"], checks: 0, violationCount: 0, violations: [])
    }
    let isOpen = end == .interrupted && result.outcome != .broken
    let reasons = isOpen ? ["the run was interrupted"] : result.outcome == .notJudged ? findings.leftOut : []
    return RunRecord.Invariant(
      name: definition.name, boundary: definition.boundary.rawValue, statement: definition.statement,
      verdict: isOpen ? .notJudged : InvariantVerdict(result.outcome), reasons: reasons,
      checks: findings.checks, violationCount: findings.violationCount,
      violations: zip(findings.violations, oracle.events(of: findings.violations)).map { violation, events in
        RunRecord.Invariant.Violation(
          at: "\(violation.at)", ids: violation.ids, expected: violation.expected, actual: violation.actual,
          difference: Self.difference(violation.expected, violation.actual), events: events)
      })
  }

  /// What is less what should be, where both begin with a number and go on alike.
  static func difference(_ expected: String, _ actual: String) -> String? {
    func parts(_ text: String) -> (number: Money, rest: Substring)? {
      let end = text.firstIndex(of: " ") ?? text.endIndex
      return Money(String(text[..<end])).map { ($0, text[end...]) }
    }
    guard let due = parts(expected), let found = parts(actual), due.rest == found.rest else { return nil }
    let (difference, overflow) = found.number.units.subtractingReportingOverflow(due.number.units)
    return overflow ? nil : "\(Money(units: difference))\(due.rest)"
  }

  private func erps(_ statistics: [ERPStatistics], _ observations: Observations) -> [RunRecord.ERP] {
    scenario.entities.indices.map { index in
      let own = statistics[index]
      return RunRecord.ERP(
        entity: scenario.entities[index].name, profile: scenario.entities[index].erp.profile,
        calls: own.calls,
        throttled: own.throttled, unavailable: own.unavailable, dropped: own.dropped,
        answersLost: own.answersLost, lookUps: own.lookUps, keyHits: own.keyHits,
        documents: Int(oracle.documents[index].posted), peakOutbox: observations.peakOutbox[index],
        postingLatency: Indicators.statistics(
          observations.postingLatency[index], sum: observations.postingLatencySum[index]),
        busySeconds: observations.postingUse[index].busy,
        resources: Self.resources(
          observations.postingUse[index],
          account: catalog.entities[index].erpAccount.map { observations.accountUse[$0] }),
        account: scenario.entities[index].erp.account)
    }
  }

  /// - Parameter account: the use of the account that the entity shares with others: places and limits are the account's.
  private static func resources(_ use: PostingUse, account: PostingUse?) -> [RunRecord.ERP.Resource] {
    var resources = [
      RunRecord.ERP.Resource(name: "workers", utilization: use.workers.mean, peak: use.workers.peak)
    ]
    let limited = account ?? use
    if let places = limited.places {
      resources.append(RunRecord.ERP.Resource(name: "places", utilization: places.mean, peak: places.peak))
    }
    resources += limited.limits.map { limit in
      RunRecord.ERP.Resource(
        name: limit.rule.text, utilization: limit.utilization, peak: limit.peak)
    }
    let waited = use.busy > 0 ? use.afterRefusals / use.busy : 0
    resources.append(
      RunRecord.ERP.Resource(
        name: "waiting after refusals", utilization: waited, peak: waited > 0 ? 1 : 0))
    let down = use.busy > 0 ? use.down / use.busy : 0
    resources.append(RunRecord.ERP.Resource(name: "outage", utilization: down, peak: down > 0 ? 1 : 0))
    return resources
  }

  private func moment(_ moment: Moment) -> RunRecord.Moment {
    RunRecord.Moment(
      at: "\(moment.at)", subject: moment.subject, text: moment.text, accepted: moment.accepted,
      erps: moment.erps.map {
        RunRecord.Moment.State(
          condition: $0.condition.rawValue, outbox: $0.depth, trend: $0.trend, invoiced: $0.invoiced,
          posted: $0.posted)
      }, processes: moment.processes.map { $0 ? "up" : "down" })
  }

  private func series(_ samples: [Sample]) -> RunRecord.Series {
    let entities = catalog.entities.indices
    return RunRecord.Series(
      step: scenario.sampleInterval.seconds, delivered: samples.map(\.delivered),
      refused: samples.map(\.refused), openWindows: samples.map(\.openWindows),
      brokerLag: samples.map(\.brokerLag),
      outbox: entities.map { entity in samples.map { $0.outboxDepth[entity] } },
      posted: entities.map { entity in samples.map { $0.posted[entity] } })
  }
}

extension InvariantVerdict {
  init(_ outcome: InvariantOutcome) {
    self =
      switch outcome {
      case .held: .held
      case .broken: .broken
      case .notExercised: .notExercised
      case .notJudged: .notJudged
      }
  }
}

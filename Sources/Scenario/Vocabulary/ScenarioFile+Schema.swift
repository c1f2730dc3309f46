import CanonicalModel
import Chronology

/// How scenarios are written.
extension ScenarioFile {
  /// A scenario. What a key tells others comes before them: they are read in this order.
  static let schema = Schema.changing(ScenarioFile(), keys, check: complete)

  private static let keys: [Key<Change<ScenarioFile>>] = head + sections

  private static let head: [Key<Change<ScenarioFile>>] = [
    .unread("extends", .text, "the scenario file that this one inherits from"),
    .setRequired("name", \.name, .name, "the scenario's name"),
    .set("description", \.description, .text, "what it shows"),
    .set("seed", \.seed, seed, "the root seed; 42 if left out"),
    .set("start", \.start, start, "the first instant; 2026-01-01 if left out"),
    .setRequired(
      "horizon", \.horizon, horizon,
      "for how long usage is emitted; the run then goes on until all queues have drained",
      title: "simulated time"),
    .set(
      "drainWithin", \.drainWithin, .duration,
      "how long after the last usage, fault and period the queues may take to drain; 3d if left out",
      title: "time allowed for draining"),
    .set(
      "mayLeaveWork", \.mayLeaveWork, .flag,
      "whether work may be left when that time is up; if not, leftover work fails the run"),
    .set(
      "require", \.requirements, .list(Schema<String>.text.located, minimum: 0),
      "invariants that have to be exercised and situations that have to be reached, by name; all: every invariant"
    ),
    .set(
      "design", \.design, design, "a built-in design, a design file, or the settings themselves", title: ""),
  ]

  private static let entities: Key<Change<ScenarioFile>> = Key<Change<ScenarioFile>>.setRequired(
    "entities", \ScenarioFile.entities, EntityFile.list, "the legal entities", title: "",
    element: "entity {name}"
  ).noting { _, scene in
    if scene.entities.isEmpty { scene.knowsEntities = false }
  }

  private static let sections: [Key<Change<ScenarioFile>>] = [
    entities,
    .setRequired("customers", \.customersFile, CustomersFile.schema, "the customers", title: ""),
    .setRequired("load", \.load, LoadFile.list, "the usage", title: "", element: "{meter|event} usage"),
    .set(
      "delivery", \.delivery, DeliveryFile.schema, "what happens between the producers and the broker",
      title: ""),
    .set("broker", \.broker, BrokerFile.schema, "the message broker", title: "the broker"),
    .set(
      "faults", \.faults, .list(FaultFile.schema, minimum: 0), "what goes wrong", title: "",
      element: "{kind} of {target}"),
    .set(
      "expectations", \.expectations, expectations, "thresholds; a missed one fails the run"),
    .setOptional(
      "credits", \.credits, CreditsFile.schema, "credits; no part of the run if left out", title: "credits"),
    .setOptional(
      "periods", \.periods, PeriodsFile.schema, "accounting periods; never closed if left out", title: ""),
    .setOptional(
      "payments", \.payments, PaymentsFile.schema, "payments; no part of the run if left out", title: ""),
    .set(
      "exceptions", \.exceptions, ExceptionsFile.schema, "how long people take to resolve exception cases",
      title: ""),
    .set(
      "feeds", \.feeds, FeedsFile.schema, "master data on its way to billing", title: "the feeds"),
    .set("taxEngine", \.taxEngine, TaxEngineFile.schema, "the tax engine", title: "the tax engine"),
    .set("machines", \.machines, MachinesFile.schema, "the machines that the core runs on", title: ""),
    .set(
      "taxRounding", \.taxRounding, .choice(),
      "where taxes are rounded: perInvoice (default) or perLine"),
    .set(
      "taxPoint", \.taxPoint, .choice(),
      "the day whose rate of tax counts: supply (default), on which usage and fees are supplied, so that where a rate changes within a period "
        + "each side bears its own, or invoice, on which an invoice is issued"),
    .set(
      "sampleEvery", \.sampleInterval, sampleInterval, "the step of the time series; 1h if left out",
      title: "step of the time series"),
    .set(
      "plan", \.plans, plans,
      "what licences of an ERP bring and cost, by entity or profile: netsuite: { base: 15, step: 10, price: 12000 USD/year }",
      title: "licences"),
    .setOptional(
      "costs", \.costs, CostFile.schema,
      "what ERP calls, storage and workers cost: indicators such as costPerMillionEvents"),
    .set(
      "capacity", \.studies, CapacityQuestion.list,
      "what 'meterstorm capacity' looks for; a single run ignores it"),
    .setOptional(
      "explore", \.exploration, Exploration.schema,
      "what a campaign varies from seed to seed; a single run ignores it"),
  ]

  // MARK: Values

  private static let seed: Schema<UInt64> = Schema<Int>.integer(0...Int.max).map { _, seed in UInt64(seed) }

  private static let start: Schema<Instant> = Schema<Instant>.instant.refusing {
    (start: Instant, _) -> String? in
    start >= CivilDate(year: 1971, month: 1, day: 1).start
      && start < CivilDate(year: 2200, month: 1, day: 1).start
      ? nil : "the start must be between 1971 and 2199"
  }.noting { start, scene in
    if let start { scene.start = start } else { scene.knowsSpan = false }
  }

  private static let horizon: Schema<Span> = Schema<Span>.duration.refusing { (horizon: Span, _) -> String? in
    horizon > Span.zero && horizon <= .days(3660)
      ? nil : "the horizon must be positive and at most 3660d"
  }.noting { horizon, scene in
    if let horizon { scene.horizon = horizon } else { scene.knowsSpan = false }
  }

  private static let sampleInterval: Schema<Span> = .duration.refusing { (step: Span, _) -> String? in
    step >= .minutes(1) ? nil : "sampleEvery must be at least 1m"
  }

  private static let design: Schema<DesignFile> = .either(
    Schema<String>.text.map { place, text throws(InvalidInput) in
      if DesignFile.isFile(text) { place.scene.files.record(text) }
      return try DesignFile.read(text, at: place.node.position)
    }, DesignFile.schema)

  private static let expectations: Schema<[Expectation]> = Schema<[Expectation]>
    .list(.expectation, minimum: 0).noting { expectations, scene in scene.expectations = expectations }

  private static let plans: Schema<[LicencePlan]> = LicencePlan.list.noting { plans, scene in
    scene.plans = plans
  }
}

extension Shape {
  /// A price book.
  package static var priceBook: Shape { PriceBookFile.schema.shape }
  /// A design file.
  package static var design: Shape { DesignFile.schema.shape }
  /// A scenario file.
  package static var scenario: Shape { ScenarioFile.schema.shape }
}

extension ScenarioFile {
  /// The distributions and processes of the vocabulary: what each is used for, its name and its help.
  package static var distributions: [(use: String, name: String, help: String)] {
    [
      ("arrivals", ArrivalProcess.processes.shape), ("quantity", QuantityFile.distributions.shape),
      ("delay", DelayDistribution.distributions.shape),
    ].flatMap { use, shape -> [(use: String, name: String, help: String)] in
      guard case .variant(let fields, _) = shape else { return [] }
      return fields.map { (use, $0.key, $0.help) }
    }
  }
}

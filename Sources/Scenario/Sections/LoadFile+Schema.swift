import CanonicalModel
import Chronology

/// How the entries of the load are written.
extension LoadFile {
  /// Where usage comes from, as written.
  private enum Source: Sendable {
    case arrivals(ArrivalProcess.Total)
    case trace(TraceSource)
  }

  private typealias Quantities = [(name: Located<String>, value: QuantityFile)]

  /// An entry.
  static let schema = Schema<LoadFile>.variant(
    [arrivals, trace], common: meter, event, quantity, quantities, aggregation, dimension, use, gap,
    schemaChange, producers, make: load)

  private static let arrivals: Key<Source> = .when(
    "arrivals", ArrivalProcess.schema, "when usage arrives", title: "arrivals of {}"
  ) { (total: ArrivalProcess.Total) in .arrivals(total) }

  private static let trace: Key<Source> = .when(
    "trace", TraceSource.schema, "usage as recorded in a file", title: "trace of {}"
  ) { (trace: TraceSource) in .trace(trace) }

  private static let meter: Key<String?> = .optional("meter", .name, "the meter that the usage feeds")

  private static let event: Key<String?> = .optional(
    "event", .name, "the type of event, where one feeds several meters; else the meter's name")

  private static let quantity: Key<QuantityFile?> = .optional(
    "quantity", QuantityFile.schema, "how much one event measures; 1 if left out",
    title: "quantity per event of {}")

  private static let quantities: Key<Quantities?> = .optional(
    "quantities", .map(QuantityFile.schema),
    "for an event that feeds several meters: the quantity of each", title: "quantities per event of {}")

  private static let aggregation: Key<Aggregation> = .defaulting(
    "aggregation", .choice(aggregations), to: .sum,
    "how the meter aggregates: sum (default), count, or over the billing period max, latest, unique, approximateUnique or timeWeightedSum"
  )

  /// The default first.
  private static let aggregations: [(word: String, value: Aggregation)] =
    ([.sum] + Aggregation.allCases.filter { $0 != .sum }).map { ($0.rawValue, $0) }

  private static let use: Key<Use> = .defaulting(
    "use", .choice(), to: .billable,
    "billable (default), or operational: telemetry that feeds no meter and is never billed")

  private static let producers: Key<Int> = .defaulting(
    "producers", .integer(1...10_000), to: 4, "producers, each with its own numbering; 4 if left out",
    title: "producers of {}")

  // MARK: The whole

  @Sendable
  private static func load(
    _ place: Place, source: Source, meter: String?, event: String?, quantity: QuantityFile?,
    quantities: Quantities?, aggregation: Aggregation, dimension: [String], use: Use, gap: Gap?,
    schemaChange: SchemaChange?, producers: Int
  ) throws(InvalidInput) -> LoadFile {
    var load = LoadFile(
      event: event ?? meter ?? "", meters: [], pattern: .trace([]), producers: producers,
      schemaChange: schemaChange, dimension: dimension, gap: gap)
    let names: [String]?
    let columns: [Located<String>]
    switch source {
    case .arrivals(let total):
      names = quantities?.map(\.name.value)
      columns = []
      if quantities != nil, quantity != nil {
        throw InvalidInput("give either 'quantity' or 'quantities'", at: place.position("quantity"))
      }
      let one = QuantityFile(distribution: .constant(1), decimals: 0)
      let shapes = quantities?.map(\.value) ?? quantity.map { [$0] } ?? []
      load.pattern = .synthetic(total.arrivals, shapes.isEmpty ? [one] : shapes)
      load.isPerCustomer = total.isPerCustomer
    case .trace(let trace):
      if quantity != nil || quantities != nil {
        throw InvalidInput(
          "a trace brings its own quantities: name their columns inside 'trace'",
          at: place.position(quantity != nil ? "quantity" : "quantities"))
      }
      if trace.quantities != nil, trace.quantity != nil {
        throw InvalidInput(
          "give either 'quantity' or 'quantities'", at: place.position("trace", "quantity"))
      }
      names = trace.quantities?.map(\.name.value)
      columns = trace.quantities?.map(\.value) ?? trace.quantity.map { [$0] } ?? []
    }
    if let names {
      guard event != nil else {
        throw InvalidInput(
          "an event that feeds several meters needs a name: 'event'", at: place.node.position)
      }
      guard (1...2).contains(names.count) else {
        throw InvalidInput(
          "an event feeds one or two meters, not \(names.count)",
          at: place.given("trace", "quantities") ?? place.position("quantities"))
      }
      if meter != nil {
        throw InvalidInput("the meters are named under 'quantities'", at: place.position("meter"))
      }
      load.meters = names.map { MeterUse(meter: $0, aggregation: aggregation) }
    } else if use == .operational {
      guard event != nil else {
        throw InvalidInput("operational telemetry needs a name: 'event'", at: place.node.position)
      }
      if meter != nil {
        throw InvalidInput("operational telemetry feeds no meter", at: place.position("meter"))
      }
      (load.schemaChange, load.dimension, load.gap) = (nil, [], nil)
    } else {
      guard let meter else {
        throw InvalidInput("'meter' is missing: the meter that the usage feeds", at: place.node.position)
      }
      if case .trace(let trace) = source, trace.quantity == nil, aggregation != .count {
        throw InvalidInput(
          "'trace.quantity' is missing: the column of the quantity", at: place.position("trace"))
      }
      load.meters = [MeterUse(meter: meter, aggregation: aggregation)]
    }
    if case .trace(let trace) = source {
      let isOperational = names == nil && use == .operational
      load.pattern = .trace(try trace.records(columns: isOperational ? [] : columns, in: place.scene))
    } else if names == nil, use == .operational, case .synthetic(let arrivals, _) = load.pattern {
      load.pattern = .synthetic(arrivals, [QuantityFile(distribution: .constant(1), decimals: 0)])
    }
    return load
  }

  // MARK: Dimensions, gaps and schema changes

  private static let dimension: Key<[String]> = .defaulting(
    "dimension",
    .record(
      .required("name", .name, "what the meter is grouped by, such as region"),
      .required(
        "values", Schema<[Located<String>]>.list(Schema<String>.name.located, minimum: 1),
        "the values; each is used equally often"), make: values), to: [],
    "groups the meter: each value is a line of its own, and may have a charge of its own")

  @Sendable
  private static func values(
    _ place: Place, name: String, values: [Located<String>]
  ) throws(InvalidInput) -> [String] {
    for (index, value) in values.enumerated()
    where values[..<index].contains(where: { $0.value == value.value }) {
      throw InvalidInput("duplicate value '\(value.value)'", at: value.position)
    }
    return values.map(\.value)
  }

  private static let gap: Key<Gap?> = .optional(
    "gap", Gap.schema, "a time whose usage is backfilled", title: "gap in {}")

  private static let schemaChange: Key<SchemaChange?> = .optional(
    "schemaChange", SchemaChange.schema, "a new version of the event's schema", title: "schema change of {}")
}

extension LoadFile.Gap {
  static let schema = Schema<LoadFile.Gap>.record(
    .required(
      "at", .moment, "when the producers lose their connection; a whole hour", title: "start of the {}"),
    .required("for", .duration, "for how long; whole hours", title: "length of the {}"),
    .required(
      "backfilledAfter", .duration, "from its end until they send it as a declared backfill",
      title: "time until the backfill of the {}"),
    .defaulting(
      "misdeclaredBy", .duration, to: .zero,
      "by how much too early the first declaration begins; refused where something was delivered then; whole hours",
      title: "misdeclaration of the {}"), .together(repetitions), make: gap)

  private static let repetitions: [Key<Change<LoadFile.Gap>>] = [
    .set(
      "misdeclaredAgainAfter", \.misdeclaredAgainAfter, .duration(minimum: .zero),
      "from the wrong declaration until it is made again; 6h if left out",
      title: "time until the wrong declaration of the {} is repeated"),
    .set(
      "correctedAfter", \.correctedAfter, .duration(minimum: .seconds(1)),
      "from the wrong declaration until the right one; 1d if left out",
      title: "time until the declaration of the {} is corrected"),
    .set(
      "repeatedAfter", \.repeatedAfter, .duration(minimum: .zero),
      "from the right declaration until it is made again; 1d if left out",
      title: "time until the backfill of the {} is repeated"),
  ]

  @Sendable
  private static func gap(
    _ place: Place, from: Instant, length: Span, after: Span, misdeclaredBy: Span,
    repetitions: Change<LoadFile.Gap>
  ) throws(InvalidInput) -> LoadFile.Gap {
    func isWhole(_ span: Span) -> Bool { span == Span.hours(span.nanoseconds / Span.hours(1).nanoseconds) }
    let (start, horizon) = (place.scene.start, place.scene.start + place.scene.horizon)
    guard place.scene.knowsSpan else { throw .reported }
    guard from >= start, from + length <= horizon, length > .zero, from == from.floored(to: .hours(1)),
      isWhole(length)
    else {
      throw InvalidInput("a gap must lie within the run and last whole hours", at: place.node.position)
    }
    guard isWhole(misdeclaredBy), from - misdeclaredBy >= start else {
      throw InvalidInput(
        "a declaration must cover whole hours within the run", at: place.position("misdeclaredBy"))
    }
    var gap = LoadFile.Gap(
      from: from, until: from + length, backfilledAt: from + length + after, misdeclaredBy: misdeclaredBy)
    repetitions.apply(&gap)
    return gap
  }
}

extension LoadFile.SchemaChange {
  static let schema = Schema<LoadFile.SchemaChange>.record(
    .required("at", later, "from when on producers emit the new version", title: "time of the {}"),
    .required(
      "registered", later, "when it is registered with billing", title: "time of registering the {}"),
    .defaulting("adds", .list(.name, minimum: 0), to: [], "optional fields that it adds"),
    .defaulting(
      "drops", .list(.name, minimum: 0), to: [], "fields that it drops: a required one is refused"),
    .together([
      .set(
        "repeatedAfter", \.repeatedAfter, .duration(minimum: .zero),
        "from then until billing is notified again; 1h if left out",
        title: "time until the {} is registered again")
    ]), make: change)

  @Sendable
  private static func change(
    _ place: Place, at: Instant, registered: Instant, adds: [String], drops: [String],
    repetition: Change<LoadFile.SchemaChange>
  ) -> LoadFile.SchemaChange {
    var change = LoadFile.SchemaChange(at: at, registered: registered, adds: adds, drops: drops)
    repetition.apply(&change)
    return change
  }

  private static let later: Schema<Instant> = Schema<Instant>.moment.map { place, at throws(InvalidInput) in
    guard at >= place.scene.start else {
      throw InvalidInput("a schema must not change before the start of the run", at: place.node.position)
    }
    return at
  }
}

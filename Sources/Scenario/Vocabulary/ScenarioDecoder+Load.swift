import CanonicalModel
import Chronology

/// The load: arrivals, quantities and traces.
extension ScenarioDecoder {
  func loads(start: Instant, horizon: Instant) throws(InvalidInput) -> [ScenarioFile.Load] {
    var loads: [ScenarioFile.Load] = []
    for node in root["load"]?.elements ?? [] {
      var load = try load(node, start: start, horizon: horizon)
      load.isPerCustomer = isPerCustomer(node["arrivals"])
      for earlier in loads {
        for meter in load.meters
        where earlier.dimension != load.dimension
          && (earlier.event == load.event || earlier.meters.contains { $0.meter == meter.meter })
        {
          throw InvalidInput(
            "the meter '\(meter.meter)' is grouped otherwise here than in an entry before", at: node.position)
        }
        if earlier.event == load.event, earlier.meters != load.meters {
          throw InvalidInput(
            "the event '\(load.event)' feeds other meters here than in an entry before", at: node.position)
        }
        for meter in load.meters {
          if let other = earlier.meters.first(where: { $0.meter == meter.meter }),
            other.aggregation != meter.aggregation
          {
            throw InvalidInput(
              "the meter '\(meter.meter)' is '\(meter.aggregation)' here and '\(other.aggregation)' in another entry",
              at: node.position)
          }
        }
      }
      loads.append(load)
    }
    return loads
  }

  func load(_ node: LocatedNode, start: Instant, horizon: Instant) throws(InvalidInput)
    -> ScenarioFile.Load
  {
    let aggregation = node["aggregation"]?.text ?? "sum"
    let counts = aggregation == "count"
    let trace = node["trace"]
    let quantities = trace?["quantities"] ?? node["quantities"]
    if trace != nil, let stray = node["quantity"] ?? node["quantities"] {
      throw InvalidInput(
        "a trace brings its own quantities: name their columns inside 'trace'", at: stray.position)
    }
    if quantities != nil, let stray = trace?["quantity"] ?? (trace == nil ? node["quantity"] : nil) {
      throw InvalidInput("give either 'quantity' or 'quantities'", at: stray.position)
    }
    var meters: [ScenarioFile.MeterUse] = []
    if let quantities {
      guard let event = node["event"]?.text else {
        throw InvalidInput("an event that feeds several meters needs a name: 'event'", at: node.position)
      }
      guard (1...2).contains(quantities.pairs.count) else {
        throw InvalidInput(
          "an event feeds one or two meters, not \(quantities.pairs.count)", at: quantities.position)
      }
      if let meter = node["meter"] {
        throw InvalidInput("the meters are named under 'quantities'", at: meter.position)
      }
      meters = quantities.pairs.map { ScenarioFile.MeterUse(meter: $0.key.name, aggregation: aggregation) }
      return ScenarioFile.Load(
        event: event, meters: meters,
        pattern: try pattern(node, columns: quantities.pairs.map(\.value), start: start, horizon: horizon),
        producers: integer(node["producers"]) ?? 4,
        schemaChange: try schemaChange(node, start: start), dimension: try dimension(node),
        gap: try gap(node, start: start, horizon: horizon))
    }
    if node["use"]?.text == "operational" {
      guard let event = node["event"]?.text else {
        throw InvalidInput("operational telemetry needs a name: 'event'", at: node.position)
      }
      if let meter = node["meter"] {
        throw InvalidInput("operational telemetry feeds no meter", at: meter.position)
      }
      return ScenarioFile.Load(
        event: event, meters: [], pattern: try pattern(node, columns: [], start: start, horizon: horizon),
        producers: integer(node["producers"]) ?? 4, schemaChange: nil, dimension: [], gap: nil)
    }
    guard let meter = node["meter"]?.text else {
      throw InvalidInput("'meter' is missing: the meter that the usage feeds", at: node.position)
    }
    if let trace, trace["quantity"] == nil, !counts {
      throw InvalidInput("'trace.quantity' is missing: the column of the quantity", at: trace.position)
    }
    let column = trace == nil ? node["quantity"] : trace?["quantity"]
    return ScenarioFile.Load(
      event: node["event"]?.text ?? meter,
      meters: [ScenarioFile.MeterUse(meter: meter, aggregation: aggregation)],
      pattern: try pattern(node, columns: column.map { [$0] } ?? [], start: start, horizon: horizon),
      producers: integer(node["producers"]) ?? 4,
      schemaChange: try schemaChange(node, start: start), dimension: try dimension(node),
      gap: try gap(node, start: start, horizon: horizon))
  }

  func gap(_ node: LocatedNode, start: Instant, horizon: Instant) throws(InvalidInput) -> ScenarioFile.Gap? {
    guard let gap = node["gap"] else { return nil }
    guard let from = gap["at"]?.text.flatMap(PointInTime.init)?.instant(start: start),
      let length = span(gap["for"]),
      let after = span(gap["backfilledAfter"]), from >= start, from + length <= horizon, length > .zero,
      from == from.floored(to: .hours(1)),
      length == Span.hours(length.nanoseconds / Span.hours(1).nanoseconds)
    else {
      throw InvalidInput("a gap lies within the run and takes whole hours", at: gap.position)
    }
    let misdeclaredBy = span(gap["misdeclaredBy"]) ?? .zero
    guard misdeclaredBy == Span.hours(misdeclaredBy.nanoseconds / Span.hours(1).nanoseconds),
      from - misdeclaredBy >= start
    else {
      throw InvalidInput(
        "a declaration takes whole hours within the run", at: gap["misdeclaredBy"]?.position ?? gap.position)
    }
    return ScenarioFile.Gap(
      from: from, until: from + length, backfilledAt: from + length + after, misdeclaredBy: misdeclaredBy)
  }

  func dimension(_ node: LocatedNode) throws(InvalidInput) -> [String] {
    var values: [String] = []
    for element in node["dimension"]?["values"]?.elements ?? [] {
      let value = element.text ?? ""
      guard !values.contains(value) else {
        throw InvalidInput("the value '\(value)' is given twice", at: element.position)
      }
      values.append(value)
    }
    return values
  }

  func schemaChange(_ node: LocatedNode, start: Instant) throws(InvalidInput) -> ScenarioFile.SchemaChange? {
    guard let change = node["schemaChange"] else { return nil }
    func moment(_ key: String) throws(InvalidInput) -> Instant {
      guard let at = change[key]?.text.flatMap(PointInTime.init)?.instant(start: start), at >= start else {
        throw InvalidInput(
          "a schema cannot change before the run", at: change[key]?.position ?? change.position)
      }
      return at
    }
    func names(_ key: String) -> [String] { (change[key]?.elements ?? []).compactMap(\.text) }
    return ScenarioFile.SchemaChange(
      at: try moment("at"), registered: try moment("registered"), adds: names("adds"), drops: names("drops"))
  }

  func pattern(
    _ node: LocatedNode, columns: [LocatedNode], start: Instant, horizon: Instant
  ) throws(InvalidInput) -> ScenarioFile.Pattern {
    if let trace = node["trace"] {
      return .trace(try self.trace(trace, columns: columns, start: start, horizon: horizon))
    }
    var shapes: [ScenarioFile.QuantityShape] = []
    for column in columns { shapes.append(try quantityShape(column)) }
    if shapes.isEmpty { shapes = [ScenarioFile.QuantityShape(distribution: .constant(1), decimals: 0)] }
    guard let arrivals = node["arrivals"] else { return .trace([]) }
    return .synthetic(try total(try self.arrivals(arrivals), at: arrivals), shapes)
  }

  func arrivals(_ node: LocatedNode) throws(InvalidInput) -> ScenarioFile.Arrivals {
    func positive(_ node: LocatedNode?) throws(InvalidInput) -> Double {
      let rate = rate(node) ?? 0
      guard rate > 0, rate <= 1e7 else {
        throw InvalidInput(
          "a rate must be more than nothing and at most 10000000/s", at: node?.position ?? root.position)
      }
      return rate
    }
    if node.text != nil { return .poisson(try positive(node)) }
    if let constant = node["constant"] { return .constant(try positive(constant)) }
    if let poisson = node["poisson"] { return .poisson(try positive(poisson)) }
    if let states = node["modulated"] {
      var modulated: [ScenarioFile.Arrivals.State] = []
      for state in states.elements {
        guard let stay = span(state["stay"]), stay >= .seconds(1) else {
          throw InvalidInput("a state lasts at least 1s", at: state.position)
        }
        modulated.append(.init(rate: min(rate(state["rate"]) ?? 0, 1e7), stay: stay))
      }
      guard modulated.contains(where: { $0.rate > 0 }) else {
        throw InvalidInput("one of the states must have a rate", at: states.position)
      }
      return .modulated(modulated)
    }
    if let node = node["seasonal"] { return .seasonal(try season(node, rate: try positive(node["rate"]))) }
    guard let bursts = node["bursts"], let on = span(bursts["on"]), let off = span(bursts["off"]),
      on >= .seconds(1), off >= .seconds(1)
    else { throw InvalidInput("bursts and the time between last at least 1s", at: node.position) }
    return .bursts(base: rate(bursts["base"]) ?? 0, peak: try positive(bursts["peak"]), on: on, off: off)
  }

  private func season(
    _ node: LocatedNode, rate: Double
  ) throws(InvalidInput) -> ScenarioFile.Arrivals.Season {
    var season = ScenarioFile.Arrivals.Season(rate: rate)
    season.peakHour = integer(node["daily"]?["peakHour"]) ?? 0
    season.nightlyDrop = share(node["daily"]?["drop"]) ?? 0
    season.weekend = try number(node["weekend"], most: 1000) ?? 1
    season.growth = try number(node["growth"]?["to"], most: 1000) ?? 1
    season.growthOver = span(node["growth"]?["over"]) ?? .days(1)
    season.monthEnd = try number(node["monthEnd"]?["factor"], most: 1000) ?? 1
    season.monthEndDays = integer(node["monthEnd"]?["days"]) ?? 0
    let start =
      root["start"]?.text.flatMap { Instant(iso8601: $0) } ?? CivilDate(year: 2026, month: 1, day: 1).start
    for spike in node["spikes"]?.elements ?? [] {
      guard let at = spike["at"]?.text.flatMap(PointInTime.init)?.instant(start: start),
        let length = span(spike["for"]), at <= .distantFuture - length
      else { throw InvalidInput("a spike needs a moment and a length", at: spike.position) }
      season.spikes.append(
        .init(at: at, length: length, factor: try number(spike["factor"], most: 1000) ?? 1))
    }
    return season
  }

  func quantityShape(_ node: LocatedNode) throws(InvalidInput) -> ScenarioFile.QuantityShape {
    typealias Shape = ScenarioFile.QuantityShape
    let decimals = integer(node["decimals"]) ?? 0
    if node.text != nil || node["constant"] != nil {
      let constant = node["constant"] ?? node
      let value = try number(constant) ?? 1
      // A written constant keeps its own digits.
      let digits = constant.text?.split(separator: ".").dropFirst().first?.count ?? 0
      return Shape(distribution: .constant(value), decimals: max(decimals, min(digits, 6)))
    }
    if let uniform = node["uniform"] {
      let low = try number(uniform["min"]) ?? 0
      let high = try number(uniform["max"]) ?? 0
      guard high >= low else { throw InvalidInput("the greatest is below the least", at: uniform.position) }
      return Shape(distribution: .uniform(min: low, max: high), decimals: decimals)
    }
    if let exponential = node["exponential"] {
      return Shape(distribution: .exponential(mean: try number(exponential["mean"]) ?? 1), decimals: decimals)
    }
    if let lognormal = node["lognormal"] {
      return Shape(
        distribution: .lognormal(
          median: try number(lognormal["median"]) ?? 1, sigma: try number(lognormal["sigma"], most: 20) ?? 1),
        decimals: decimals)
    }
    if let pareto = node["pareto"] {
      return Shape(
        distribution: .pareto(
          min: try number(pareto["min"]) ?? 1,
          shape: try number(pareto["shape"], least: 0.01, most: 1000) ?? 1),
        decimals: decimals)
    }
    let gamma = node["gamma"]
    return Shape(
      distribution: .gamma(
        shape: try number(gamma?["shape"], least: 0.01, most: 1e6) ?? 1,
        scale: try number(gamma?["scale"]) ?? 1),
      decimals: decimals)
  }

  func trace(
    _ node: LocatedNode, columns: [LocatedNode], start: Instant, horizon: Instant
  ) throws(InvalidInput) -> [TraceRecord] {
    guard let fileNode = node["file"] else { return [] }
    let file = fileNode.text ?? ""
    files.note(file)
    let quantities = columns.map { (name: $0.text ?? "", position: $0.position) }
    var rows: [TraceFile.Row]
    do throws(InvalidInput) {
      if node["format"]?.text == "cloudevents" {
        rows = try CloudEventsFile.read(
          file: file, type: node["type"]?.text, timestamp: node["timestamp"]?.text ?? "time",
          quantities: quantities)
      } else {
        guard let timestamp = node["timestamp"] else {
          throw InvalidInput("'timestamp' is missing: the column of the time", at: node.position)
        }
        rows = try TraceFile.read(
          file: file, timestamp: (timestamp.text ?? "", timestamp.position), quantities: quantities)
      }
    } catch {
      if error.diagnostics.first?.position.line == 0 {
        throw InvalidInput("trace \(error.diagnostics[0])", at: fileNode.position)
      }
      throw error
    }
    rows.sort { $0.time < $1.time }
    let first = rows[0].time
    let begin = node["at"]?.text.flatMap(PointInTime.init)?.instant(start: start) ?? first
    let speed = node["speed"]?.text.flatMap(Unit.speed) ?? 1
    var records: [TraceRecord] = []
    records.reserveCapacity(rows.count)
    for row in rows {
      let (since, overflow) = row.time.nanoseconds.subtractingReportingOverflow(first.nanoseconds)
      // Rows may lie further apart than an instant can say, and a slow-motion replay leads there, too: outside of the run.
      let scaled = speed == 1 || overflow ? since : Int64(min((Double(since) / speed).rounded(), 9.2e18))
      let time = overflow ? .distantFuture : begin + Span(nanoseconds: scaled)
      guard time >= start, time < horizon else {
        throw InvalidInput(
          "this row happens at \(time), outside of the run from \(start) to \(horizon); "
            + "move it with 'at', or change 'start' or 'horizon'",
          at: Position(file: file, line: row.line, column: 1))
      }
      records.append(TraceRecord(time: time, quantity0: row.quantities.0, quantity1: row.quantities.1))
    }
    return records
  }
}

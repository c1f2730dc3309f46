import CanonicalModel
import Chronology

extension ScenarioFile {
  /// A change from the command line: `path=value`.
  public struct Setting: Hashable, Sendable {
    /// The path, such as `customers.count`.
    public var path: String
    /// The value, as YAML.
    public var value: String

    /// Reads `path=value`; `nil` without an equals sign or a path.
    public init?(_ text: String) {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
      path = String(text[..<equals])
      value = String(text[text.index(after: equals)...])
    }
  }

  /// Reads a scenario with everything that it names.
  public static func read(file: String, settings: [Setting] = []) throws(InvalidInput) -> ScenarioFile {
    var node = try merged(file: file, seen: [])
    for setting in settings {
      let position = Position(file: "--set \(setting.path)", line: 1, column: 1)
      let value = try YAMLReader.read(
        text: setting.value.isEmpty ? "''" : setting.value, file: "--set \(setting.path)")
      let path = setting.path.split(separator: ".").map(String.init)
      guard !path.isEmpty else { throw InvalidInput("the path of a setting is empty", at: position) }
      node = try node.setting(path[...], to: value)
    }
    return try decode(node, file: file)
  }

  /// Reads a file and the ones that it extends. The file names in the tree are resolved: those in a file are
  /// relative to it, those from the command line to the working directory.
  private static func merged(file: String, seen: [String]) throws(InvalidInput) -> LocatedNode {
    let folder = Paths.folder(of: file)
    var node = try YAMLReader.read(file: file)
    let base = node["extends"]
    if case .mapping(let pairs) = node.content {
      node.content = .mapping(pairs.filter { $0.key.name != "extends" })
    }
    node = node.resolvingFiles(relativeTo: folder)
    guard let base else { return node }
    guard let path = base.text, !path.isEmpty else {
      throw InvalidInput("'extends' should be a file", at: base.position)
    }
    let baseFile = Paths.resolve(path, relativeTo: folder)
    guard !(seen + [file]).contains(baseFile), seen.count < 16 else {
      throw InvalidInput("'extends' goes round in a circle: \(baseFile)", at: base.position)
    }
    return try merged(file: baseFile, seen: seen + [file]).merged(with: node)
  }

  static func decode(_ node: LocatedNode, file: String) throws(InvalidInput) -> ScenarioFile {
    try Validator.validate(node, .scenario, what: "")
    return try ScenarioDecoder(root: node).decode(file: file)
  }
}

extension LocatedNode {
  /// Makes the file names of a scenario independent of where its file stands.
  fileprivate func resolvingFiles(relativeTo folder: String) -> LocatedNode {
    self.changing(["customers", "contracts"]) { $0.resolvingPath(relativeTo: folder) }
      .changing(["load", "trace", "file"]) { $0.resolvingPath(relativeTo: folder) }
      .changing(["design"]) { node in
        DesignFile.isFile(node.text ?? "") ? node.resolvingPath(relativeTo: folder) : node
      }
  }

  /// Resolves a file name, or the file names in the values of a mapping.
  private func resolvingPath(relativeTo folder: String) -> LocatedNode {
    switch content {
    case .scalar(let text, let isQuoted):
      LocatedNode(.scalar(Paths.resolve(text, relativeTo: folder), isQuoted: isQuoted), at: position)
    case .mapping(let pairs):
      LocatedNode(
        .mapping(pairs.map { ($0.key, $0.value.resolvingPath(relativeTo: folder)) }), at: position)
    case .sequence: self
    }
  }

  /// Changes the nodes at a path, in every element of the lists on the way.
  private func changing(_ path: ArraySlice<String>, _ change: (LocatedNode) -> LocatedNode) -> LocatedNode {
    guard let key = path.first else { return change(self) }
    switch content {
    case .mapping(let pairs):
      return LocatedNode(
        .mapping(
          pairs.map { $0.key.name == key ? ($0.key, $0.value.changing(path.dropFirst(), change)) : $0 }),
        at: position)
    case .sequence(let elements):
      return LocatedNode(.sequence(elements.map { $0.changing(path, change) }), at: position)
    case .scalar: return self
    }
  }
}

/// Turns a validated tree into a scenario, with the checks that need more than one value.
private struct ScenarioDecoder {
  let root: LocatedNode

  func decode(file: String) throws(InvalidInput) -> ScenarioFile {
    let start =
      root["start"]?.text.flatMap { Instant(iso8601: $0) } ?? CivilDate(year: 2026, month: 1, day: 1).start
    guard start >= CivilDate(year: 1971, month: 1, day: 1).start,
      start < CivilDate(year: 2200, month: 1, day: 1).start
    else { throw InvalidInput("a run starts between 1971 and 2199", at: position("start")) }
    let horizon = span("horizon") ?? .zero
    guard horizon > .zero, horizon <= .days(3660) else {
      throw InvalidInput("the horizon must be more than nothing and at most 3660d", at: position("horizon"))
    }
    let sampleInterval = span("sampleEvery") ?? .hours(1)
    guard sampleInterval >= .minutes(1) else {
      throw InvalidInput("sample at most once a minute", at: position("sampleEvery"))
    }
    let load = try loads(start: start, horizon: start + horizon)
    let entities = try self.entities(load)
    return ScenarioFile(
      file: file, name: root["name"]?.text ?? "", description: root["description"]?.text ?? "",
      seed: UInt64(integer(root["seed"]) ?? 42), start: start, horizon: horizon,
      drainWithin: span("drainWithin") ?? .days(3), design: try design(), entities: entities,
      customers: integer(root["customers"]?["count"]) ?? 1,
      zipf: try number(root["customers"]?["skew"]?["zipf"], most: 10) ?? 0, load: load,
      delivery: try delivery(),
      broker: broker(), faults: try faults(start: start, entities: entities),
      expectations: (root["expectations"]?.elements ?? []).compactMap { $0.text.flatMap(Expectation.init) },
      sampleInterval: sampleInterval)
  }

  private func position(_ key: String) -> Position { root[key]?.position ?? root.position }
  private func span(_ key: String) -> Span? { root[key]?.text.flatMap(Unit.duration) }
  private func span(_ node: LocatedNode?) -> Span? { node?.text.flatMap(Unit.duration) }
  private func integer(_ node: LocatedNode?) -> Int? { node?.text.flatMap(Unit.integer) }
  private func share(_ node: LocatedNode?) -> Double? { node?.text.flatMap(Unit.share) }
  private func rate(_ node: LocatedNode?) -> Double? { node?.text.flatMap(Unit.rate) }

  /// A decimal within bounds; `nil` where it is not given.
  private func number(_ node: LocatedNode?, least: Double = 0, most: Double = 1e12) throws(InvalidInput)
    -> Double?
  {
    guard let node, let units = node.text.flatMap({ Unit.decimal($0, digits: 6) }) else { return nil }
    let value = Double(units) / 1e6
    guard value >= least, value <= most else {
      throw InvalidInput("'\(node.text ?? "")' should be from \(least) to \(most)", at: node.position)
    }
    return value
  }

  private func design() throws(InvalidInput) -> DesignFile {
    guard let node = root["design"] else { return .middleware }
    if let text = node.text {
      return try DesignFile.read(text, at: node.position)
    }
    return try DesignFile.decode(node)
  }

  // MARK: Entities and contracts

  private func entities(_ load: [ScenarioFile.Load]) throws(InvalidInput) -> [ScenarioFile.Entity] {
    var entities: [ScenarioFile.Entity] = []
    guard let contracts = root["customers"]?["contracts"] else { return [] }
    var used: Set<String> = []
    for node in root["entities"]?.elements ?? [] {
      let name = node["name"]?.text ?? ""
      if entities.contains(where: { $0.name == name }) {
        throw InvalidInput(
          "there are two entities named '\(name)'", at: node["name"]?.position ?? node.position)
      }
      let currency = try Decode.currency(node["currency"], in: node)
      let book: LocatedNode
      if contracts.text != nil {
        book = contracts
      } else if let own = contracts[name] {
        book = own
        used.insert(name)
      } else {
        throw InvalidInput("the entity '\(name)' has no price book here", at: contracts.position)
      }
      entities.append(
        ScenarioFile.Entity(
          name: name, currency: currency, erp: node["erp"]?.text ?? "",
          erpPosition: node["erp"]?.position ?? node.position,
          priceBook: try priceBook(book, currency: currency, entity: name, load)))
    }
    for pair in contracts.pairs where !used.contains(pair.key.name) {
      throw InvalidInput(
        "there is no entity '\(pair.key.name)'"
          + NearestKey.hint(for: pair.key.name, among: entities.map(\.name)), at: pair.key.position)
    }
    return entities
  }

  private func priceBook(
    _ node: LocatedNode, currency: Currency, entity: String, _ load: [ScenarioFile.Load]
  ) throws(InvalidInput) -> PriceBook {
    let file = node.text ?? ""
    let book: PriceBook
    do {
      book = try PriceBookFile.read(file: file)
    } catch {
      // A missing file is a mistake of the scenario; anything else one of the price book.
      if error.diagnostics.first?.position.line == 0 {
        throw InvalidInput("price book \(error.diagnostics[0])", at: node.position)
      }
      throw error
    }
    guard book.currency == currency else {
      throw InvalidInput(
        "the price book \(file) is in \(book.currency), but the entity '\(entity)' keeps its books in \(currency); "
          + "give each entity a price book in its currency", at: node.position)
    }
    for meter in load.flatMap(\.meters) {
      guard let charge = book.charges.first(where: { $0.meter == meter.meter }) else {
        throw InvalidInput(
          "the price book \(file) has no charge for the meter '\(meter.meter)'"
            + NearestKey.hint(for: meter.meter, among: book.charges.map(\.meter)), at: node.position)
      }
      if case .percentage(let terms) = charge.model, terms.needsEvents {
        throw InvalidInput(
          "the charge for '\(meter.meter)' in \(file) depends on single events, and a run rates periods; "
            + "leave its per-event terms out (quote --events rates them)", at: node.position)
      }
    }
    return book
  }

  // MARK: Load

  private func loads(start: Instant, horizon: Instant) throws(InvalidInput) -> [ScenarioFile.Load] {
    var loads: [ScenarioFile.Load] = []
    for node in root["load"]?.elements ?? [] {
      let load = try load(node, start: start, horizon: horizon)
      for earlier in loads {
        if earlier.event == load.event, earlier.meters != load.meters {
          throw InvalidInput(
            "the event '\(load.event)' feeds other meters here than in an entry before", at: node.position)
        }
        for meter in load.meters {
          if let other = earlier.meters.first(where: { $0.meter == meter.meter }),
            other.counts != meter.counts
          {
            throw InvalidInput(
              "the meter '\(meter.meter)' counts in one entry and sums in another", at: node.position)
          }
        }
      }
      loads.append(load)
    }
    return loads
  }

  private func load(_ node: LocatedNode, start: Instant, horizon: Instant) throws(InvalidInput)
    -> ScenarioFile.Load
  {
    let counts = node["aggregation"]?.text == "count"
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
      meters = quantities.pairs.map { ScenarioFile.MeterUse(meter: $0.key.name, counts: counts) }
      return ScenarioFile.Load(
        event: event, meters: meters,
        pattern: try pattern(node, columns: quantities.pairs.map(\.value), start: start, horizon: horizon),
        producers: integer(node["producers"]) ?? 4)
    }
    guard let meter = node["meter"]?.text else {
      throw InvalidInput("'meter' is missing: the meter that the usage feeds", at: node.position)
    }
    if let trace, trace["quantity"] == nil, !counts {
      throw InvalidInput("'trace.quantity' is missing: the column of the quantity", at: trace.position)
    }
    let column = trace == nil ? node["quantity"] : trace?["quantity"]
    return ScenarioFile.Load(
      event: node["event"]?.text ?? meter, meters: [ScenarioFile.MeterUse(meter: meter, counts: counts)],
      pattern: try pattern(node, columns: column.map { [$0] } ?? [], start: start, horizon: horizon),
      producers: integer(node["producers"]) ?? 4)
  }

  private func pattern(
    _ node: LocatedNode, columns: [LocatedNode], start: Instant, horizon: Instant
  ) throws(InvalidInput) -> ScenarioFile.Pattern {
    if let trace = node["trace"] {
      return .trace(try self.trace(trace, columns: columns, start: start, horizon: horizon))
    }
    var shapes: [ScenarioFile.QuantityShape] = []
    for column in columns { shapes.append(try quantityShape(column)) }
    if shapes.isEmpty { shapes = [ScenarioFile.QuantityShape(distribution: .constant(1), decimals: 0)] }
    guard let arrivals = node["arrivals"] else { return .trace([]) }
    return .synthetic(try self.arrivals(arrivals), shapes)
  }

  private func arrivals(_ node: LocatedNode) throws(InvalidInput) -> ScenarioFile.Arrivals {
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
    guard let bursts = node["bursts"], let on = span(bursts["on"]), let off = span(bursts["off"]),
      on > .zero, off > .zero
    else { throw InvalidInput("bursts and the time between must be longer than nothing", at: node.position) }
    return .bursts(base: rate(bursts["base"]) ?? 0, peak: try positive(bursts["peak"]), on: on, off: off)
  }

  private func quantityShape(_ node: LocatedNode) throws(InvalidInput) -> ScenarioFile.QuantityShape {
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

  private func trace(
    _ node: LocatedNode, columns: [LocatedNode], start: Instant, horizon: Instant
  ) throws(InvalidInput) -> [TraceRecord] {
    guard let fileNode = node["file"], let timestamp = node["timestamp"] else { return [] }
    let file = fileNode.text ?? ""
    var rows: [TraceFile.Row]
    do {
      rows = try TraceFile.read(
        file: file, timestamp: (timestamp.text ?? "", timestamp.position),
        quantities: columns.map { ($0.text ?? "", $0.position) })
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
      let since = (row.time - first).nanoseconds
      let scaled = speed == 1 ? since : Int64((Double(since) / speed).rounded())
      let time = begin + Span(nanoseconds: scaled)
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

  // MARK: Delivery, broker, faults

  private func delivery() throws(InvalidInput) -> ScenarioFile.Delivery {
    var delivery = ScenarioFile.Delivery()
    guard let node = root["delivery"] else { return delivery }
    if let duplicates = node["duplicates"] {
      delivery.duplicateShare = share(duplicates) ?? share(duplicates["share"]) ?? 0
      // Copies of copies form a geometric series, which must end.
      guard delivery.duplicateShare <= 0.9 else {
        throw InvalidInput("at most 90% of the events can be sent again", at: duplicates.position)
      }
      if let delay = duplicates["delay"] { delivery.duplicateDelay = try self.delay(delay) }
    }
    if let late = node["late"] {
      delivery.lateShare = share(late["share"]) ?? 0
      if let delay = late["delay"] { delivery.lateDelay = try self.delay(delay) }
    }
    delivery.reorder = span(node["reorder"]) ?? .zero
    delivery.unknownAccountShare = share(node["unknownAccounts"]) ?? 0
    delivery.invalidShare = share(node["invalid"]) ?? 0
    return delivery
  }

  private func delay(_ node: LocatedNode) throws(InvalidInput) -> ScenarioFile.Delay {
    if let span = span(node) ?? span(node["constant"]) { return .constant(span) }
    if let uniform = node["uniform"], let low = span(uniform["min"]), let high = span(uniform["max"]) {
      guard high >= low else { throw InvalidInput("the greatest is below the least", at: uniform.position) }
      return .uniform(min: low, max: high)
    }
    if let mean = span(node["exponential"]?["mean"]) { return .exponential(mean: mean) }
    if let lognormal = node["lognormal"], let median = span(lognormal["median"]) {
      return .lognormal(median: median, sigma: try number(lognormal["sigma"], most: 20) ?? 1)
    }
    guard let pareto = node["pareto"], let low = span(pareto["min"]), low > .zero else {
      throw InvalidInput("the least delay must be more than nothing", at: node.position)
    }
    let high = span(pareto["max"]) ?? .days(30)
    guard high >= low else { throw InvalidInput("the greatest is below the least", at: pareto.position) }
    return .pareto(min: low, shape: try number(pareto["shape"], least: 0.01, most: 1000) ?? 1, max: high)
  }

  private func broker() -> ScenarioFile.Broker {
    var broker = ScenarioFile.Broker()
    guard let node = root["broker"] else { return broker }
    broker.partitions = integer(node["partitions"]) ?? broker.partitions
    broker.batchSize = integer(node["batchSize"]) ?? broker.batchSize
    broker.linger = span(node["linger"]) ?? broker.linger
    broker.redeliveryShare = share(node["redelivery"]?["share"]) ?? 0
    broker.redeliveryTimeout = span(node["redelivery"]?["after"]) ?? broker.redeliveryTimeout
    return broker
  }

  private func faults(start: Instant, entities: [ScenarioFile.Entity]) throws(InvalidInput) -> [ScenarioFile
    .Fault]
  {
    var faults: [ScenarioFile.Fault] = []
    for node in root["faults"]?.elements ?? [] {
      let kind: ScenarioFile.FaultKind
      let body: LocatedNode?
      if let throttle = node["throttle"] {
        kind = .throttle(to: share(throttle["to"]) ?? 0)
        body = throttle
      } else if let timeout = node["timeoutAfterCommit"] {
        kind = .timeoutAfterCommit(share: share(timeout["share"]) ?? 0)
        body = timeout
      } else {
        kind = .outage
        body = node["outage"]
      }
      if node["for"] != nil, let other = body?["for"] {
        throw InvalidInput("'for' is given twice", at: other.position)
      }
      guard let duration = span(node["for"] ?? body?["for"]), duration > .zero else {
        throw InvalidInput(
          "'for' is missing or nothing: how long the fault lasts",
          at: (node["for"] ?? body?["for"] ?? node).position)
      }
      let timing: ScenarioFile.FaultTiming
      switch (node["at"], node["random"]) {
      case (let at?, nil):
        guard let moment = at.text.flatMap(PointInTime.init)?.instant(start: start), moment >= start else {
          throw InvalidInput("a fault cannot begin before the run", at: at.position)
        }
        timing = .at(moment)
      case (nil, let random?):
        guard let every = span(random["every"]), every >= .minutes(1) else {
          throw InvalidInput("random faults come at most once a minute", at: random.position)
        }
        timing = .random(every: every)
      case (let at?, .some):
        throw InvalidInput("give either 'at' or 'random'", at: at.position)
      case (nil, nil):
        throw InvalidInput("'at' or 'random' is missing: when the fault begins", at: node.position)
      }
      faults.append(
        ScenarioFile.Fault(
          kind: kind, timing: timing, duration: duration, entities: try targets(node["target"], entities)))
    }
    return faults
  }

  private func targets(_ node: LocatedNode?, _ entities: [ScenarioFile.Entity]) throws(InvalidInput) -> [Int]
  {
    guard let node, let text = node.text else { return [] }
    if text == "erp/*" { return Array(entities.indices) }
    if let index = entities.firstIndex(where: { "erp/\($0.name)" == text }) { return [index] }
    let known = ["erp/*"] + entities.map { "erp/\($0.name)" }
    throw InvalidInput(
      "there is no target '\(text)'" + NearestKey.hint(for: text, among: known), at: node.position)
  }
}

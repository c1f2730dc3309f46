import CanonicalModel
import Chronology

/// Turns a validated tree into a scenario, with the checks that need more than one value.
struct ScenarioDecoder {
  let root: LocatedNode
  let files: FileCache

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
    let signUps = span(root["customers"]?["signUps"]) ?? .zero
    guard signUps < horizon else {
      throw InvalidInput(
        "customers sign up before the horizon", at: root["customers"]?["signUps"]?.position ?? root.position)
    }
    let load = try loads(start: start, horizon: start + horizon)
    let entities = try self.entities(load, start: start)
    let amendments = try amendments(start: start, entities: entities, load)
    var scenario = ScenarioFile(
      file: file, name: root["name"]?.text ?? "", description: root["description"]?.text ?? "",
      seed: UInt64(integer(root["seed"]) ?? 42), start: start, horizon: horizon,
      drainWithin: span("drainWithin") ?? .days(3), design: try design(), entities: entities,
      customers: integer(root["customers"]?["count"]) ?? 1,
      zipf: try number(root["customers"]?["skew"]?["zipf"], most: 10) ?? 0,
      taxRounding: root["taxRounding"]?.text.flatMap(TaxRounding.init(rawValue:)) ?? .perInvoice,
      credits: try credits(), periods: try periods(start: start, entities: entities),
      payments: try payments(),
      seats: integer(root["customers"]?["seats"]) ?? 0,
      identities: identities, discounts: try discounts(entities, amendments),
      hasAnniversaries: root["customers"]?["cycle"]?.text == "anniversary",
      signUps: signUps,
      amendments: amendments, load: load,
      delivery: try delivery(),
      broker: try broker(), faults: try faults(start: start, entities: entities),
      expectations: (root["expectations"]?.elements ?? []).compactMap { $0.text.flatMap(Expectation.init) },
      sampleInterval: sampleInterval, exploration: try exploration(), studies: try studies())
    try refuseForgetting(scenario)
    try refuseLateAnswers(scenario)
    for key in ["sampleEvery", "faults", "customers", "horizon", "periods"] {
      scenario.places[key] = root[key]?.position
    }
    for (index, node) in (root["load"]?.elements ?? []).enumerated() {
      scenario.places["load.\(index)"] = (node["arrivals"] ?? node).position
    }
    scenario.plans = try licencePlans()
    scenario.costs = try costs()
    try refuseOtherMoney(root["expectations"], scenario.costs)
    for study in root["capacity"]?.elements ?? [] {
      try refuseOtherMoney(study["objectives"], scenario.costs)
    }
    scenario.mayLeaveWork = root["mayLeaveWork"]?.text == "true"
    scenario.required = (root["require"]?.elements ?? []).compactMap(\.text)
    scenario.requiredAt = (root["require"]?.elements ?? []).map(\.position)
    return scenario
  }

  /// A sketch of distinct values cannot forget one that is taken back. As long as few are, its estimate stays within its own
  /// error, two standard errors of 1.6 %.
  private func refuseForgetting(_ scenario: ScenarioFile) throws(InvalidInput) {
    guard scenario.delivery.correctionShare > 0.03 else { return }
    for node in root["load"]?.elements ?? [] {
      guard let aggregation = node["aggregation"], aggregation.text == "approximateUnique" else { continue }
      throw InvalidInput(
        "'approximateUnique' cannot take back what it has counted, and 'delivery.corrections' takes back more than 3% of "
          + "the events; use 'unique', or a smaller share", at: aggregation.position)
    }
  }

  /// A document is dated to a period that is sure to be open when its call is answered.
  private func refuseLateAnswers(_ scenario: ScenarioFile) throws(InvalidInput) {
    guard let periods = scenario.periods, scenario.design.timeout >= periods.closeAfter else { return }
    let at = root["design"]?["posting"]?["timeout"]?.position ?? position("design")
    throw InvalidInput(
      "a call may be answered after 'posting.timeout', \(scenario.design.timeout), and a period closes "
        + "'periods.closeAfter', \(periods.closeAfter), after its end: no document of the period's last day could be dated to it; "
        + "the timeout should be shorter", at: at)
  }

  func position(_ key: String) -> Position { root[key]?.position ?? root.position }
  func span(_ key: String) -> Span? { root[key]?.text.flatMap(Unit.duration) }
  func span(_ node: LocatedNode?) -> Span? { node?.text.flatMap(Unit.duration) }
  func integer(_ node: LocatedNode?) -> Int? { node?.text.flatMap(Unit.integer) }
  func share(_ node: LocatedNode?) -> Double? { node?.text.flatMap(Unit.share) }
  func rate(_ node: LocatedNode?) -> Double? { node?.text.flatMap(Unit.rate) }

  /// A decimal within bounds; `nil` where it is not given.
  func number(_ node: LocatedNode?, least: Double = 0, most: Double = 1e12) throws(InvalidInput)
    -> Double?
  {
    guard let node, let units = node.text.flatMap({ Unit.decimal($0, digits: 6) }) else { return nil }
    let value = Double(units) / 1e6
    guard value >= least, value <= most else {
      throw InvalidInput("'\(node.text ?? "")' should be from \(least) to \(most)", at: node.position)
    }
    return value
  }

  private func discounts(
    _ entities: [ScenarioFile.Entity], _ amendments: [ScenarioFile.Amendment]
  ) throws(InvalidInput) -> ScenarioFile.Discounts? {
    guard let node = root["customers"]?["discounts"] else { return nil }
    let rate = try Decode.price(node, "rate")
    guard rate > .zero, rate.units < 1_000_000_000_000 else {
      throw InvalidInput(
        "a discount is more than nothing and less than all", at: node["rate"]?.position ?? node.position)
    }
    let books = entities.map(\.priceBook) + amendments.flatMap { $0.priceBooks ?? [] }
    guard books.allSatisfy({ $0.prepaid == nil }) else {
      throw InvalidInput(
        "a discount on what prepaid credits have paid is not defined: give none, or no prepaid credits",
        at: node.position)
    }
    return ScenarioFile.Discounts(customers: share(node["share"]) ?? 1, rate: rate)
  }

  private var identities: ScenarioFile.Identities {
    var identities = ScenarioFile.Identities()
    guard let node = root["customers"]?["identities"] else { return identities }
    identities.perCustomer = integer(node["perCustomer"]) ?? 1
    identities.linkedWithin = span(node["linkedWithin"]) ?? .zero
    identities.conflictShare = share(node["conflicts"]) ?? 0
    return identities
  }

  func design() throws(InvalidInput) -> DesignFile {
    guard let node = root["design"] else { return .middleware }
    if let text = node.text {
      if DesignFile.isFile(text) { files.note(text) }
      return try DesignFile.read(text, at: node.position)
    }
    return try DesignFile.decode(node)
  }

  // MARK: Entities and contracts

  func entities(_ load: [ScenarioFile.Load], start: Instant) throws(InvalidInput) -> [ScenarioFile.Entity] {
    var entities: [ScenarioFile.Entity] = []
    guard let contracts = root["customers"]?["contracts"] else { return [] }
    for node in root["entities"]?.elements ?? [] {
      let name = node["name"]?.text ?? ""
      if entities.contains(where: { $0.name == name }) {
        throw InvalidInput(
          "there are two entities named '\(name)'", at: node["name"]?.position ?? node.position)
      }
      let currency = try Decode.currency(node["currency"], in: node)
      let book = try self.book(of: name, in: contracts)
      entities.append(
        ScenarioFile.Entity(
          name: name, currency: currency, erp: try erp(node["erp"], in: node),
          priceBook: try priceBook(book, currency: currency, entity: name, load),
          jurisdictions: try jurisdictions(node, besides: entities, start: start),
          books: try books(node["books"], besides: currency),
          cutOver: try cutOver(node["cutOver"], start: start)))
      if let books = node["books"], entities.last?.priceBook.prepaid != nil {
        throw InvalidInput(
          "prepaid credits are not translated: keep these books in \(currency)", at: books.position)
      }
    }
    try refuseStrangers(in: contracts, entities)
    return try withAccounts(entities, root["entities"]?.elements ?? [])
  }

  private func books(
    _ node: LocatedNode?, besides currency: Currency
  ) throws(InvalidInput) -> ScenarioFile.Books? {
    guard let node else { return nil }
    let own = try Decode.currency(node["currency"], in: node)
    guard own != currency else {
      throw InvalidInput("these books are in the currency of the bills: leave 'books' out", at: node.position)
    }
    let rate = try Decode.price(node, "rate")
    guard rate > .zero, rate.units <= 1_000_000 * 1_000_000_000_000 else {
      throw InvalidInput(
        "a rate is more than nothing and at most 1000000", at: node["rate"]?.position ?? node.position)
    }
    return ScenarioFile.Books(currency: own, rate: rate, volatility: share(node["volatility"]) ?? 0.005)
  }

  private func cutOver(_ node: LocatedNode?, start: Instant) throws(InvalidInput) -> ScenarioFile.CutOver? {
    guard let node else { return nil }
    guard let at = node["at"]?.text.flatMap(PointInTime.init)?.instant(start: start), at > start else {
      throw InvalidInput("a cut-over comes after the start", at: node["at"]?.position ?? node.position)
    }
    return ScenarioFile.CutOver(
      at: at, erp: try erp(node["erp"], in: node))
  }

  private func jurisdictions(
    _ node: LocatedNode, besides entities: [ScenarioFile.Entity], start: Instant
  ) throws(InvalidInput) -> [ScenarioFile.Jurisdiction] {
    var jurisdictions: [ScenarioFile.Jurisdiction] = []
    for element in node["tax"]?.elements ?? [] {
      let name = element["name"]?.text ?? ""
      guard !(entities.flatMap(\.jurisdictions) + jurisdictions).contains(where: { $0.name == name }) else {
        throw InvalidInput(
          "there are two jurisdictions named '\(name)'", at: element["name"]?.position ?? element.position)
      }
      var changes: [ScenarioFile.Jurisdiction.Change] = []
      for change in element["changes"]?.elements ?? [] {
        let position = change["at"]?.position ?? change.position
        guard let at = change["at"]?.text.flatMap(PointInTime.init)?.instant(start: start),
          at > changes.last?.at ?? start
        else { throw InvalidInput("the changes of a rate must be in order, after the start", at: position) }
        changes.append(ScenarioFile.Jurisdiction.Change(at: at, rate: try Decode.price(change, "rate")))
      }
      jurisdictions.append(
        ScenarioFile.Jurisdiction(name: name, rate: try Decode.price(element, "rate"), changes: changes))
    }
    return jurisdictions
  }

  /// The price book file of an entity: the one of all, or its own.
  private func book(of entity: String, in contracts: LocatedNode) throws(InvalidInput) -> LocatedNode {
    if contracts.text != nil { return contracts }
    guard let own = contracts[entity] else {
      throw InvalidInput("the entity '\(entity)' has no price book here", at: contracts.position)
    }
    return own
  }

  private func refuseStrangers(
    in contracts: LocatedNode, _ entities: [ScenarioFile.Entity]
  ) throws(InvalidInput) {
    for pair in contracts.pairs where !entities.contains(where: { $0.name == pair.key.name }) {
      throw InvalidInput(
        "there is no entity '\(pair.key.name)'"
          + NearestKey.hint(for: pair.key.name, among: entities.map(\.name)), at: pair.key.position)
    }
  }

  private func amendments(
    start: Instant, entities: [ScenarioFile.Entity], _ load: [ScenarioFile.Load]
  ) throws(InvalidInput) -> [ScenarioFile.Amendment] {
    var amendments: [ScenarioFile.Amendment] = []
    for node in root["customers"]?["amendments"]?.elements ?? [] {
      let position = node["at"]?.position ?? node.position
      guard let at = node["at"]?.text.flatMap(PointInTime.init)?.instant(start: start), at > start else {
        throw InvalidInput("a contract cannot change before it begins", at: position)
      }
      var books: [PriceBook]?
      if let contracts = node["contracts"] {
        try refuseStrangers(in: contracts, entities)
        books = []
        for entity in entities {
          let book = try priceBook(
            try book(of: entity.name, in: contracts), currency: entity.currency, entity: entity.name, load)
          if entity.books != nil, book.prepaid != nil {
            throw InvalidInput(
              "prepaid credits are not translated, and \(entity.name) keeps its books in another currency",
              at: contracts.position)
          }
          books?.append(book)
        }
      }
      if books == nil, node["seats"] == nil {
        throw InvalidInput("an amendment changes 'contracts' or 'seats'", at: node.position)
      }
      amendments.append(
        ScenarioFile.Amendment(
          at: at, share: share(node["share"]) ?? 1, priceBooks: books, seats: integer(node["seats"]),
          position: position))
    }
    try refuseOtherIntervals(entities, amendments)
    return amendments.sorted { $0.at < $1.at }
  }

  /// An item recurs as often under all terms: it could not be told otherwise which interval a change falls into.
  private func refuseOtherIntervals(
    _ entities: [ScenarioFile.Entity], _ amendments: [ScenarioFile.Amendment]
  ) throws(InvalidInput) {
    var known: [String: Int] = [:]
    for book in entities.map(\.priceBook) {
      for charge in book.recurring { known[charge.name] = charge.months }
      if let credits = book.prepaid { known[credits.name] = credits.months }
    }
    for amendment in amendments {
      for book in amendment.priceBooks ?? [] {
        let intervals =
          book.recurring.map { ($0.name, $0.months) } + (book.prepaid.map { [($0.name, $0.months)] } ?? [])
        for (name, months) in intervals {
          guard known[name, default: months] == months else {
            throw InvalidInput(
              "'\(name)' recurs in another interval here than before; give it another name",
              at: amendment.position)
          }
          known[name] = months
        }
      }
    }
  }

  func priceBook(
    _ node: LocatedNode, currency: Currency, entity: String, _ load: [ScenarioFile.Load]
  ) throws(InvalidInput) -> PriceBook {
    let file = node.text ?? "in the scenario"
    let book: PriceBook
    do throws(InvalidInput) {
      // A book may stand in the scenario itself.
      book = node.text == nil ? try PriceBookFile.schema.value(of: node) : try files.priceBook(file)
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
    for entry in load {
      for meter in entry.meters { try check(meter.meter, entry.dimension, book, file, at: node.position) }
    }
    return book
  }

  /// A meter has a charge, or each value of its dimension has; and each can be rated by the period.
  private func check(
    _ meter: String, _ dimension: [String], _ book: PriceBook, _ file: String, at position: Position
  ) throws(InvalidInput) {
    let names = [meter] + dimension.map { "\(meter)[\($0)]" }
    let charges = book.charges.filter { names.contains($0.meter) }
    let isComplete =
      charges.contains { $0.meter == meter } || (!dimension.isEmpty && charges.count == dimension.count)
    guard isComplete else {
      let missing = names.dropFirst().first { name in !charges.contains { $0.meter == name } } ?? meter
      throw InvalidInput(
        "the price book \(file) has no charge for the meter '\(charges.isEmpty ? meter : missing)'"
          + NearestKey.hint(for: meter, among: book.charges.map(\.meter)), at: position)
    }
    for charge in charges {
      if case .percentage(let terms) = charge.model, terms.needsEvents {
        throw InvalidInput(
          "the charge for '\(charge.meter)' in \(file) depends on single events, and a run rates periods; "
            + "leave its per-event terms out (quote --events rates them)", at: position)
      }
    }
  }
}

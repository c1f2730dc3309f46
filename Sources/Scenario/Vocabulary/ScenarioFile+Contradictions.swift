import CanonicalModel
import Chronology

/// What the sections of a scenario take from each other, and where they contradict.
extension ScenarioFile {
  /// Puts together what stands in several sections; refuses what does not hold together.
  @Sendable
  static func complete(_ place: Place, _ scenario: inout ScenarioFile) throws(InvalidInput) {
    var problems = Problems()
    var changed = scenario
    problems.attempt { () throws(InvalidInput) in try changed.takeContracts() }
    problems.attempt { () throws(InvalidInput) in try changed.takeAmendments() }
    problems.attempt { () throws(InvalidInput) in try PrintedNames.refuseEqualItems(of: changed, place) }
    problems.attempt { () throws(InvalidInput) in try changed.refuseDiscountedCredits(place) }
    problems.attempt { () throws(InvalidInput) in try TaxContradictions.refuse(in: changed, place) }
    problems.attempt { () throws(InvalidInput) in try scenario.refuseForgetting(place) }
    problems.attempt { () throws(InvalidInput) in try scenario.refuseDividedLevels(place) }
    problems.attempt { () throws(InvalidInput) in try scenario.refuseLateAnswers(place) }
    problems.attempt { () throws(InvalidInput) in try scenario.refuseOtherMoney(place) }
    try problems.check()
    scenario = changed
    for key in ["sampleEvery", "faults", "customers", "horizon", "periods"] {
      scenario.places[key] = place.given(key)
    }
    for index in scenario.load.indices {
      scenario.places["load.\(index)"] =
        place.given("load", "\(index)", "arrivals") ?? place.position("load", "\(index)")
    }
  }

  // MARK: Contracts

  private mutating func takeContracts() throws(InvalidInput) {
    for index in entities.indices {
      entities[index].priceBook = try book(of: entities[index], in: customersFile.contracts)
    }
  }

  private mutating func takeAmendments() throws(InvalidInput) {
    amendments = []
    for amendment in customersFile.amendments {
      var books: [PriceBook]?
      if let contracts = amendment.contracts {
        var own: [PriceBook] = []
        for entity in entities { own.append(try book(of: entity, in: contracts)) }
        books = own
      }
      amendments.append(
        Amendment(
          at: amendment.at.value, share: amendment.share, priceBooks: books, seats: amendment.seats,
          position: amendment.at.position))
    }
    amendments.sort { $0.at < $1.at }
  }

  /// The price book of an entity, which has to suit it and the load.
  private func book(of entity: Entity, in contracts: ContractsFile) throws(InvalidInput) -> PriceBook {
    let own = try contracts.book(of: entity.name)
    guard own.book.currency == entity.currency else {
      throw InvalidInput(
        "the price book \(own.label) is in \(own.book.currency), but the entity '\(entity.name)' keeps its books in \(entity.currency); "
          + "give each entity a price book in its currency", at: own.position)
    }
    for entry in load {
      for meter in entry.meters { try Self.check(meter.meter, entry.dimension, own) }
    }
    return own.book
  }

  /// A meter has a charge, or each value of its dimension has; and each can be rated by the period.
  private static func check(
    _ meter: String, _ dimension: [String], _ own: ContractsFile.Book
  ) throws(InvalidInput) {
    let names = [meter] + dimension.map { "\(meter)[\($0)]" }
    let charges = own.book.charges.filter { names.contains($0.meter) }
    let isComplete =
      charges.contains { $0.meter == meter } || (!dimension.isEmpty && charges.count == dimension.count)
    guard isComplete else {
      let missing = names.dropFirst().first { name in !charges.contains { $0.meter == name } } ?? meter
      throw InvalidInput(
        "the price book \(own.label) has no charge for the meter '\(charges.isEmpty ? meter : missing)'"
          + NearestKey.hint(for: meter, among: own.book.charges.map(\.meter)), at: own.position)
    }
    for charge in charges {
      if case .percentage(let terms) = charge.model, terms.needsEvents {
        throw InvalidInput(
          "the charge for '\(charge.meter)' in \(own.label) depends on single events, and a run rates periods; "
            + "leave its per-event terms out (quote --events rates them)", at: own.position)
      }
    }
  }

  private func refuseDiscountedCredits(_ place: Place) throws(InvalidInput) {
    let books = entities.map(\.priceBook) + amendments.flatMap { $0.priceBooks ?? [] }
    guard discounts == nil || books.allSatisfy({ $0.prepaid == nil }) else {
      throw InvalidInput(
        "a discount on what prepaid credits have paid is not defined: give none, or no prepaid credits",
        at: place.position("customers", "discounts"))
    }
  }

  /// What is no sum cannot be divided where a trial ends: its time has to be a billing period's.
  private func refuseDividedLevels(_ place: Place) throws(InvalidInput) {
    guard lifecycle.trial > .zero, !hasAnniversaries else { return }
    for (index, entry) in load.enumerated()
    where entry.meters.contains(where: { !$0.aggregation.isAdditive }) {
      throw InvalidInput(
        "of a meter that is no sum, what was used in a trial cannot be told apart within a billing period: let periods begin when the trial "
          + "ends, with 'customers.billingDay: signUp'", at: place.position("load", "\(index)", "aggregation")
      )
    }
  }

  // MARK: Others

  /// A sketch of distinct values cannot forget one that is taken back. As long as few are, its estimate stays within its own
  /// error, two standard errors of 1.6 %.
  private func refuseForgetting(_ place: Place) throws(InvalidInput) {
    guard delivery.correctionShare > 0.03 else { return }
    for (index, node) in place.node.find(["load"])?.elements.enumerated() ?? [].enumerated() {
      guard let aggregation = node["aggregation"], aggregation.text == Aggregation.approximateUnique.rawValue
      else { continue }
      throw InvalidInput(
        "'approximateUnique' cannot take back what it has counted, and 'delivery.corrections' takes back more than 3% of "
          + "the events; use 'unique', or a smaller share",
        at: place.position("load", "\(index)", "aggregation"))
    }
  }

  /// A document is dated to a period that is sure to be open when its call is answered.
  private func refuseLateAnswers(_ place: Place) throws(InvalidInput) {
    guard let periods, design.timeout >= periods.closeAfter else { return }
    throw InvalidInput(
      "a call may be answered after 'posting.timeout', \(design.timeout), and a period closes "
        + "'periods.closeAfter', \(periods.closeAfter), after its end: no document of the period's last day could be dated to it; "
        + "the timeout should be shorter",
      at: place.given("design", "posting", "timeout") ?? place.position("design"))
  }

  /// Refuses thresholds on costs that the scenario does not have, or has in another currency, and plans in another one.
  private func refuseOtherMoney(_ place: Place) throws(InvalidInput) {
    for plan in plans {
      if let problem = costs?.problem(with: plan.price.currency) {
        throw InvalidInput(problem, at: place.position("plan", plan.name, "price"))
      }
    }
    try refuseOtherMoney(expectations) { index in place.position("expectations", "\(index)") }
    for (number, study) in studies.enumerated()
    where place.given("capacity", "\(number)", "objectives") != nil {
      try refuseOtherMoney(study.objectives) { index in
        place.position("capacity", "\(number)", "objectives", "\(index)")
      }
    }
  }

  private func refuseOtherMoney(
    _ expectations: [Expectation], _ position: (Int) -> Position
  ) throws(InvalidInput) {
    for (index, expectation) in expectations.enumerated() {
      if let problem = CostFile.problem(with: expectation.indicator, in: expectation.currency, under: costs) {
        throw InvalidInput(problem, at: position(index))
      }
    }
  }
}

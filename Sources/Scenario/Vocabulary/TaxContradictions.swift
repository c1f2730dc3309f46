import CanonicalModel

/// What taxes and price books take from each other.
enum TaxContradictions {
  /// Refuses rules of taxes for items that nothing is charged for, and prices that include taxes where that is not defined.
  static func refuse(in scenario: ScenarioFile, _ place: Place) throws(InvalidInput) {
    let later = scenario.amendments.flatMap { $0.priceBooks ?? [] }
    var problems = Problems()
    for (index, entity) in scenario.entities.enumerated() {
      let books = [entity.priceBook] + later
      let items = books.flatMap { book in
        book.charges.map(\.meter) + book.recurring.map(\.name) + (book.prepaid.map { [$0.name] } ?? [])
          + (book.minimumSpend == nil ? [] : ["minimum_spend"])
      }
      for (number, head) in entity.jurisdictions.enumerated() {
        for (further, jurisdiction) in head.all.enumerated() {
          let path =
            ["entities", "\(index)", "tax", "\(number)"] + (further == 0 ? [] : ["with", "\(further - 1)"])
          for (rule, own) in jurisdiction.items.enumerated() where !items.contains(own.item) {
            problems.add(
              "no price book of \(entity.name) charges for '\(own.item)'"
                + NearestKey.hint(for: own.item, among: items),
              at: place.position(of: path + ["items", "\(rule)", "item"]))
          }
        }
        guard head.inclusive, books.contains(where: { $0.prepaid != nil }) else { continue }
        problems.add(
          "prepaid credits at prices that include tax are not defined: add the tax to the price, or sell no credits",
          at: place.position("entities", "\(index)", "tax", "\(number)", "inclusive"))
      }
    }
    try problems.check()
  }
}

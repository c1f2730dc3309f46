import CanonicalModel

/// Names that must stay apart wherever they are printed. ERPs keep company codes, item codes and tax codes without regard to
/// case, and the numbers of documents carry an entity's name in capitals: names that differ in case only are one name there.
struct PrintedNames {
  /// What the names are of, for messages: `entity`.
  private let kind: String
  /// Names by how they are printed.
  private var known: [String: String]

  /// Makes an empty set of names.
  ///
  /// - Parameter reserved: names that the program gives itself.
  init(of kind: String, reserved: [String] = []) {
    self.kind = kind
    known = Dictionary(uniqueKeysWithValues: reserved.map { ($0.uppercased(), $0) })
  }

  /// Adds a name.
  ///
  /// - Parameter mayRepeat: whether the same name in the same case is the same thing again.
  /// - Returns: what is wrong with it; `nil`: nothing.
  mutating func problem(adding name: String, mayRepeat: Bool = false) -> String? {
    let printed = name.uppercased()
    guard let other = known[printed] else {
      known[printed] = name
      return nil
    }
    if other == name { return mayRepeat ? nil : "duplicate \(kind) '\(name)'" }
    return "'\(name)' and '\(other)' differ in case only, and an ERP treats them as the same \(kind); "
      + "one of them needs another name"
  }

  /// Names of items under which the chart of accounts has revenue accounts of its own, and the true-up's.
  static let reservedItems = ["minimum_spend", "credits-given", "exchange-gains"]

  /// What is wrong with an item's name, whatever other items there are; `nil`: nothing.
  static func problem(ofItem name: String) -> String? {
    guard let own = reservedItems.first(where: { $0.uppercased() == name.uppercased() }) else { return nil }
    return own == "minimum_spend"
      ? "'minimum_spend' is the item of the true-up: choose another name"
      : "'revenue:\(own)' is an account of every ledger: choose another name"
  }

  /// The entity of whose other documents an entity's invoices would have the numbers: `py-us` prints invoices `PY-US-000001`, as
  /// the payments of `us` are numbered.
  ///
  /// - Returns: the entity and the kind of its documents; `nil`: there is none.
  static func documents(numberedAs name: String, among entities: [String]) -> (entity: String, kind: String)?
  {
    for kind in DocumentKind.allCases where !kind.prefix.isEmpty {
      guard name.uppercased().hasPrefix(kind.prefix) else { continue }
      let rest = name.dropFirst(kind.prefix.count).uppercased()
      if let entity = entities.first(where: { $0.uppercased() == rest }) { return (entity, kind.name) }
    }
    return nil
  }

  /// Refuses items of several price books whose names differ in case only.
  static func refuseEqualItems(of scenario: ScenarioFile, _ place: Place) throws(InvalidInput) {
    var items = PrintedNames(of: "item")
    var problems = Problems()
    func add(_ book: PriceBook, _ position: Position) {
      let names =
        book.charges.map(\.meter) + book.recurring.map(\.name) + (book.prepaid.map { [$0.name] } ?? [])
      for name in names {
        if let problem = items.problem(adding: name, mayRepeat: true) { problems.add(problem, at: position) }
      }
    }
    for (index, entity) in scenario.entities.enumerated() {
      let position =
        place.given("customers", "contracts", entity.name) ?? place.given("customers", "contracts")
        ?? place.position("entities", "\(index)")
      add(entity.priceBook, position)
    }
    for amendment in scenario.amendments {
      for book in amendment.priceBooks ?? [] { add(book, amendment.position) }
    }
    try problems.check()
  }
}

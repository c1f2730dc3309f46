import CanonicalModel

/// What one more of something costs: the scenario with one more entity, currency, price model, ERP or product line, in edits.
package enum OneMore: String, CaseIterable, Sendable {
  /// One more legal entity like the first; the customers are spread over all of them.
  case entity
  /// One more entity that bills in a currency that none has yet, at the same prices.
  case currency
  /// One more entity whose ERP is of a profile that none has yet.
  case erp
  /// Half of the first meter's usage is charged by a model that its price book does not have yet; the usage stays what it was.
  case priceModel
  /// One more meter with usage like the first one's, on top of it.
  case productLine

  /// How reports call it.
  package var title: String {
    switch self {
    case .entity: "one more entity"
    case .currency: "one more currency"
    case .erp: "one more ERP"
    case .priceModel: "one more price model"
    case .productLine: "one more product line"
    }
  }

  /// What makes one more of it.
  package func edits(of root: LocatedNode) throws(InvalidInput) -> [ScenarioTemplate.Edit] {
    switch self {
    case .entity: return try addingEntity(to: root, currency: nil, profile: nil)
    case .currency:
      let used = (root["entities"]?.elements ?? []).compactMap { $0["currency"]?.text }
      let free = ["EUR", "USD", "GBP", "CAD", "AUD", "CHF", "SEK"].first { !used.contains($0) }
      return try addingEntity(to: root, currency: free ?? "NOK", profile: nil)
    case .erp:
      let used = (root["entities"]?.elements ?? []).compactMap {
        $0["erp"]?["profile"]?.text ?? $0["erp"]?.text
      }
      let profiles = ["s4hana-cloud", "netsuite", "oracle-fusion", "business-central", "sage-intacct"]
      return try addingEntity(
        to: root, currency: nil, profile: profiles.first { !used.contains($0) } ?? "quickbooks-online")
    case .priceModel: return try addingMeter(to: root, takesHalf: true)
    case .productLine: return try addingMeter(to: root, takesHalf: false)
    }
  }

  // MARK: Entities

  private func addingEntity(
    to root: LocatedNode, currency: String?, profile: String?
  ) throws(InvalidInput) -> [ScenarioTemplate.Edit] {
    let entities = root["entities"]?.elements ?? []
    guard let first = entities.first, let origin = first["name"]?.text else {
      throw InvalidInput("the scenario has no entity to add one more of", at: root.position)
    }
    let names = entities.compactMap { $0["name"]?.text }
    let name = Self.free("\(origin)-more", among: names)
    var copy = try first.setting(["name"], to: name).removing(["cutOver"])
    for index in (copy["tax"]?.elements ?? []).indices {
      let path = ["tax", "\(index)", "name"]
      copy = try copy.setting(path, to: "\(copy.find(path)?.text ?? "tax")-\(name)")
    }
    if let currency { copy = try copy.removing(["books"]).setting(["currency"], to: currency) }
    if let profile { copy = try copy.setting(["erp"], to: profile) }
    var edits: [ScenarioTemplate.Edit] = [
      .set(path: ["entities"], value: Self.list(entities + [copy]))
    ]
    for path in Self.contracts(root) {
      guard let contracts = root.find(path) else { continue }
      guard contracts.text == nil || currency != nil else { continue }
      var books: [(name: String, yaml: String)] = []
      for known in names {
        if let own = contracts.text == nil ? contracts[known] : contracts { books.append((known, own.yaml)) }
      }
      guard var book = contracts.text == nil ? contracts[origin] : contracts else { continue }
      if let currency {
        book = try Self.tree(of: book).setting(["currency"], to: currency)
      }
      books.append((name, book.yaml))
      edits.append(.set(path: path, value: Self.map(books)))
    }
    return edits
  }

  // MARK: Meters

  private func addingMeter(
    to root: LocatedNode, takesHalf: Bool
  ) throws(InvalidInput) -> [ScenarioTemplate.Edit] {
    let loads = root["load"]?.elements ?? []
    guard
      let index = loads.firstIndex(where: {
        $0["arrivals"] != nil && $0["meter"] != nil && $0["quantities"] == nil
          && $0["use"]?.text != "operational"
      }), let meter = loads[index]["meter"]?.text
    else {
      throw InvalidInput(
        "there is no load with arrivals and one meter of which there could be one more",
        at: root["load"]?.position ?? root.position)
    }
    let name = Self.free("\(meter)-more", among: loads.compactMap { $0["meter"]?.text })
    var copy = try loads[index].removing(["event"]).removing(["dimension"]).removing(["schemaChange"])
      .setting(["meter"], to: name)
    var original = loads[index]
    if takesHalf {
      let single = LocatedNode(
        .mapping([
          (
            LocatedNode.Key(name: "load", position: root.position),
            LocatedNode(.sequence([original]), at: root.position)
          )
        ]),
        at: root.position)
      for (path, amount) in CapacityQuestion.Knob.rates(of: single) {
        let own = Array(path.dropFirst(2))
        let half = amount.text(percent: 50)
        original = try original.setting(own, to: half)
        copy = try copy.setting(own, to: half)
      }
    }
    var all = loads
    all[index] = original
    var edits: [ScenarioTemplate.Edit] = [.set(path: ["load"], value: Self.list(all + [copy]))]
    let names = (root["entities"]?.elements ?? []).compactMap { $0["name"]?.text }
    for path in Self.contracts(root) {
      guard let contracts = root.find(path) else { continue }
      var books: [(name: String, yaml: String)] = []
      for entity in names {
        guard let own = contracts.text == nil ? contracts[entity] : contracts else { continue }
        let tree = try Self.tree(of: own)
        let charges = tree["charges"]?.elements ?? []
        let charge = try YAMLReader.read(
          text: Self.charge(for: name, besides: charges.compactMap { $0["model"]?.text }), file: "one more")
        books.append((entity, try tree.setting(["charges"], to: Self.list(charges + [charge])).yaml))
      }
      edits.append(.set(path: path, value: Self.map(books)))
    }
    return edits
  }

  /// A charge by a model that is not used yet; the first where all are.
  private static func charge(for meter: String, besides used: [String]) -> String {
    let models = [
      ("volume", "tiers: [ { upTo: 1000, unitPrice: 0.002 }, { unitPrice: 0.001 } ]"),
      ("package", "packageSize: 100, packagePrice: 0.1"),
      ("graduated", "tiers: [ { upTo: 1000, unitPrice: 0.002 }, { unitPrice: 0.001 } ]"),
      ("perUnit", "unitPrice: 0.001"),
    ]
    let (model, terms) = models.first { !used.contains($0.0) } ?? models[0]
    return "{ meter: \(meter), model: \(model), \(terms) }"
  }

  // MARK: Trees

  /// Where price books are named: of all customers, and of each amendment that changes them.
  private static func contracts(_ root: LocatedNode) -> [[String]] {
    [["customers", "contracts"]]
      + (root["customers"]?["amendments"]?.elements ?? []).indices.map {
        ["customers", "amendments", "\($0)", "contracts"]
      }.filter { root.find($0) != nil }
  }

  /// A price book's tree: from its file, or as it stands in the scenario.
  private static func tree(of book: LocatedNode) throws(InvalidInput) -> LocatedNode {
    guard let file = book.text else { return book }
    let tree = try YAMLReader.read(file: file)
    guard tree["charges"] != nil || tree["recurring"] != nil else {
      throw InvalidInput("\(file) is a single charge, not a price book", at: book.position)
    }
    return tree
  }

  private static func list(_ nodes: [LocatedNode]) -> String {
    "[\(nodes.map(\.yaml).joined(separator: ", "))]"
  }

  private static func map(_ pairs: [(name: String, yaml: String)]) -> String {
    "{ \(pairs.map { "\(JSONValue.quoted($0.name)): \($0.yaml)" }.joined(separator: ", ")) }"
  }

  private static func free(_ name: String, among names: [String]) -> String {
    var free = name
    var number = 2
    while names.contains(free) {
      free = "\(name)-\(number)"
      number += 1
    }
    return free
  }
}

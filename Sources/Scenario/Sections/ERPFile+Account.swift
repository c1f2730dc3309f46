/// The account of an ERP that several entities share has its settings from the first of them.
extension ERPFile {
  /// This ERP with the settings of its account.
  ///
  /// - Parameters:
  ///   - first: the ERP that has named the account first.
  ///   - node: where this one stands: what differs is refused there.
  private func taking(accountOf first: ERPFile, at node: LocatedNode) throws(InvalidInput) -> ERPFile {
    let name = account ?? ""
    guard profile == first.profile else {
      throw InvalidInput(
        "the account '\(name)' is one of \(first.profile) (\(first.position)), and not of \(profile)",
        at: position)
    }
    var reader = Reader()
    let mapping = Mapping(node.pairs, node, "")
    for setting in Self.settings {
      guard let key = setting.fields.first?.key,
        let own = node.pairs.first(where: { $0.key.name == key })
      else { continue }
      var changed = first
      setting.read(mapping, &reader)?.apply(&changed)
      guard changed == first else {
        throw InvalidInput(
          "'\(key)' differs from that of the account '\(name)' (\(first.position)), which has one for all "
            + "of its entities; give it there, and leave it out here", at: own.key.position)
      }
    }
    var erp = first
    erp.position = position
    return erp
  }

  /// Gives entities that share an account its settings.
  @Sendable
  static func sharing(_ place: Place, _ entities: [EntityFile]) throws(InvalidInput) -> [EntityFile] {
    var entities = entities
    var known: [ERPFile] = []
    let names = entities.map(\.name)
    func shared(_ erp: ERPFile, _ path: [String]) throws(InvalidInput) -> ERPFile {
      guard let account = erp.account, let node = place.node.find(path) else { return erp }
      if let entity = names.first(where: { $0.lowercased() == account.lowercased() }) {
        throw InvalidInput(
          "the account '\(account)' is called like the entity '\(entity)', and a fault of erp/\(account) would not say "
            + "which is meant; give it another name", at: place.position(of: path + ["account"]))
      }
      if let other = known.lazy.compactMap(\.account).first(where: {
        $0 != account && $0.lowercased() == account.lowercased()
      }) {
        throw InvalidInput(
          "the accounts '\(account)' and '\(other)' differ in case only; one of them needs another name",
          at: place.position(of: path + ["account"]))
      }
      guard let first = known.first(where: { $0.account == account }) else {
        known.append(erp)
        return erp
      }
      return try erp.taking(accountOf: first, at: node)
    }
    for index in entities.indices {
      entities[index].erp = try shared(entities[index].erp, ["\(index)", "erp"])
      guard let next = entities[index].cutOver?.erp else { continue }
      if let account = next.account, account == entities[index].erp.account {
        throw InvalidInput(
          "'\(entities[index].name)' is in the account '\(account)' already; a cut-over leads to another one",
          at: place.position("\(index)", "cutOver", "erp", "account"))
      }
      entities[index].cutOver?.erp = try shared(next, ["\(index)", "cutOver", "erp"])
    }
    return entities
  }
}

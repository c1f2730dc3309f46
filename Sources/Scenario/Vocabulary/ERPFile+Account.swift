/// The account of an ERP that several entities share has its settings from the first of them.
extension ERPFile {
  /// Settings by their keys.
  private static var settings: [(key: String, value: (ERPFile) -> AnyHashable?)] {
    [
      ("limits", { $0.limits }), ("concurrency", { $0.concurrency }), ("reserved", { $0.reserved }),
      ("queueDepth", { $0.queueDepth }), ("queueWait", { $0.queueWait }), ("latency", { $0.latency }),
      ("latencyLaw", { $0.latencyLaw }), ("latencySigma", { $0.latencySigma }),
      ("latencyPerDocument", { $0.latencyPerDocument }), ("serverTimeout", { $0.serverTimeout }),
      ("documentsPerCall", { $0.documentsPerCall }), ("linesPerDocument", { $0.linesPerDocument }),
      ("idempotency", { $0.idempotency }), ("jobTime", { $0.jobTime }),
      ("laterRejections", { $0.laterRejections }), ("retryAfter", { $0.retryAfter }),
      ("periods", { $0.periods }), ("indexLag", { $0.indexLag }), ("lostAnswers", { $0.lostAnswers }),
    ]
  }

  /// This ERP with the settings of its account.
  ///
  /// - Parameters:
  ///   - first: the ERP that has named the account first.
  ///   - node: where this one stands: what differs is refused there.
  func taking(accountOf first: ERPFile, at node: LocatedNode) throws(InvalidInput) -> ERPFile {
    let name = account ?? ""
    guard profile == first.profile else {
      throw InvalidInput(
        "the account '\(name)' is one of \(first.profile) (\(first.position)), and not of \(profile)",
        at: position)
    }
    for setting in Self.settings {
      guard let own = node.pairs.first(where: { $0.key.name == setting.key }) else { continue }
      guard setting.value(self) == setting.value(first) else {
        throw InvalidInput(
          "'\(setting.key)' differs from that of the account '\(name)' (\(first.position)), which has one for all "
            + "of its entities; give it there, and leave it out here", at: own.key.position)
      }
    }
    var erp = first
    erp.position = position
    return erp
  }
}

extension ScenarioDecoder {
  /// Gives entities that share an account its settings.
  func withAccounts(
    _ entities: [ScenarioFile.Entity], _ nodes: [LocatedNode]
  ) throws(InvalidInput) -> [ScenarioFile.Entity] {
    var entities = entities
    var known: [ERPFile] = []
    let names = entities.map(\.name)
    func shared(_ erp: ERPFile, _ node: LocatedNode?) throws(InvalidInput) -> ERPFile {
      guard let account = erp.account, let node else { return erp }
      if let entity = names.first(where: { $0.lowercased() == account.lowercased() }) {
        throw InvalidInput(
          "the account '\(account)' is called like the entity '\(entity)', and a fault of erp/\(account) would not say "
            + "which is meant; give it another name", at: node["account"]?.position ?? node.position)
      }
      guard let first = known.first(where: { $0.account == account }) else {
        known.append(erp)
        return erp
      }
      return try erp.taking(accountOf: first, at: node)
    }
    for (index, node) in nodes.enumerated() where entities.indices.contains(index) {
      entities[index].erp = try shared(entities[index].erp, node["erp"])
      guard let next = entities[index].cutOver?.erp else { continue }
      let place = node["cutOver"]?["erp"]
      if let account = next.account, account == entities[index].erp.account {
        throw InvalidInput(
          "'\(entities[index].name)' is in the account '\(account)' already; a cut-over leads to another one",
          at: place?["account"]?.position ?? node.position)
      }
      entities[index].cutOver?.erp = try shared(next, place)
    }
    return entities
  }
}

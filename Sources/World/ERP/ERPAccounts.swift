import CanonicalModel
import Chronology

/// One ERP of an entity: its first one, or the one that takes over.
struct ERPSystem: Hashable, Sendable {
  /// The place of the entity.
  var entity: Int
  /// Whether it takes over from another.
  var isSuccessor: Bool
}

/// What each ERP of a run has only so much of: an account of its own, or one that it shares with those of other entities.
struct ERPAccounts: Sendable {
  /// The accounts.
  var all: [ERPAccount] = []
  /// The place among them of each that is shared, in the order of the catalog.
  let shared: [Int]
  /// The account of each entity's first ERP.
  let ofERP: [Int]
  /// The account of each successor, in the order of the entities that have one.
  let ofSuccessor: [Int]

  init(_ configuration: WorldConfiguration) {
    let names = configuration.catalog.erpAccounts
    var shared = [Int?](repeating: nil, count: names.count)
    var all: [ERPAccount] = []
    func account(_ profile: ERPProfile, _ number: Int?) -> Int {
      if let number, let known = shared[number] { return known }
      all.append(ERPAccount(profile, start: configuration.start))
      if let number { shared[number] = all.count - 1 }
      return all.count - 1
    }
    ofERP = configuration.erps.enumerated().map { index, profile in
      account(profile, configuration.account(of: ERPSystem(entity: index, isSuccessor: false)))
    }
    ofSuccessor = configuration.successors.enumerated().compactMap { index, profile in
      profile.map { account($0, configuration.account(of: ERPSystem(entity: index, isSuccessor: true))) }
    }
    self.all = all
    // Each of them is named by an ERP.
    self.shared = shared.map { $0 ?? 0 }
  }
}

extension WorldConfiguration {
  /// The ERPs of the run, in the order of the entities.
  var systems: [ERPSystem] {
    erps.indices.flatMap { index -> [ERPSystem] in
      let first = ERPSystem(entity: index, isSuccessor: false)
      guard successors.indices.contains(index), successors[index] != nil else { return [first] }
      return [first, ERPSystem(entity: index, isSuccessor: true)]
    }
  }

  /// The place in the catalog of the account that an ERP shares; `nil`: it has one of its own.
  func account(of system: ERPSystem) -> Int? {
    let entity = catalog.entities.indices.contains(system.entity) ? catalog.entities[system.entity] : nil
    return system.isSuccessor ? entity?.successorAccount : entity?.erpAccount
  }

  /// The ERPs that a fault hits. What befalls a system befalls each entity that posts into its account; documents that are refused
  /// or rejected are those of the entity that is named.
  func systems(hitBy kind: FaultKind, at target: FaultTarget) -> [ERPSystem] {
    switch target {
    case .account(let number): return systems.filter { account(of: $0) == number }
    case .erp(let id):
      let own = systems.filter { $0.entity == Int(id.index) }
      let shared = Set(own.compactMap { account(of: $0) })
      guard kind.isOfSystem, !shared.isEmpty else { return own }
      return systems.filter { own.contains($0) || account(of: $0).map(shared.contains) == true }
    default: return []
    }
  }

  /// The accounts that the ERPs of an entity share, by their places in the catalog.
  func accounts(of entity: Int) -> [Int] {
    systems.filter { $0.entity == entity }.compactMap { account(of: $0) }
  }

  /// The entities that share an account with an ERP of an entity, it included; `nil`: none does.
  func entitiesSharing(with entity: Int) -> [Int]? {
    let own = Set(accounts(of: entity))
    guard !own.isEmpty else { return nil }
    return Set(systems.filter { account(of: $0).map(own.contains) == true }.map(\.entity) + [entity]).sorted()
  }

  /// The entities whose ERPs a fault hits, each once and in order.
  public func entities(hitBy kind: FaultKind, at target: FaultTarget) -> [Int] {
    systems(hitBy: kind, at: target).map(\.entity).reduce(into: []) { entities, entity in
      if entities.last != entity { entities.append(entity) }
    }
  }
}

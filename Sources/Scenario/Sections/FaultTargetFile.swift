import CanonicalModel

/// What a fault hits.
public enum FaultTargetFile: Hashable, Sendable {
  /// The ERP of the entity of an index.
  case erp(Int)
  /// The account of ERPs of an index, which several entities share.
  case account(Int)
  /// The tax engine.
  case tax
  /// The payment gateway.
  case gateway
  /// Notices of the gateway and the bank.
  case webhooks
  /// CRM and CPQ, which tell of contracts and identifiers.
  case crm
  /// The feed of exchange rates.
  case exchange
  /// The broker.
  case broker
  /// Every other producer.
  case producers
  /// The process that runs a service.
  case process(String)

  /// The services of the core that a process can run.
  public static let services = DesignFile.services

  /// Targets of one sort, by the first part of their names.
  enum Family: String, CaseIterable, Sendable {
    case erp, tax, gateway, webhooks, crm, fx, broker, producers, process
  }

  /// The sort of target.
  var family: Family {
    switch self {
    case .erp, .account: .erp
    case .tax: .tax
    case .gateway: .gateway
    case .webhooks: .webhooks
    case .crm: .crm
    case .exchange: .fx
    case .broker: .broker
    case .producers: .producers
    case .process: .process
    }
  }

  /// The kinds of fault that can hit it.
  private var kinds: [FaultKind.Sort] {
    FaultKind.Sort.allCases.filter { $0.declaration.hits.contains(family) }
  }

  /// The targets that there are in a scenario, by name, for a kind of fault.
  private static func known(_ sort: FaultKind.Sort?, in scene: Scene) -> [(name: String, target: Self)] {
    let accounts = scene.accounts
    var known: [(name: String, target: Self)] = []
    for (index, entity) in scene.entities.enumerated() {
      // What befalls a system befalls the account, whichever of its entities is named.
      let account = sort?.isOfSystem == false ? nil : scene.account(of: index)
      known.append(("erp/\(entity.name)", account.map { .account($0) } ?? .erp(index)))
    }
    known += accounts.enumerated().map { ("erp/\($1)", .account($0)) }
    known += [
      ("tax", .tax), ("gateway", .gateway), ("webhooks", .webhooks), ("crm", .crm), ("fx", .exchange),
      ("broker", .broker), ("producers", .producers),
    ]
    return known + services.map { ("process/\($0)", .process($0)) }
  }

  /// What patterns match that can have a kind of fault; `nil`: whatever they match.
  static func targets(
    _ patterns: [Located<String>], of sort: FaultKind.Sort?, in scene: Scene
  ) throws(InvalidInput) -> [Self] {
    let known = known(sort, in: scene)
    func can(_ target: Self) -> Bool { sort.map(target.kinds.contains) ?? true }
    var targets: [Self] = []
    for pattern in patterns {
      let matching = known.filter { matches($0.name, pattern.value) }
      guard let first = matching.first else {
        guard scene.knowsEntities else { throw .reported }
        throw InvalidInput(
          "there is no target '\(pattern.value)'"
            + NearestKey.hint(for: pattern.value, among: known.map(\.name)), at: pattern.position)
      }
      let able = matching.map(\.target).filter(can)
      if let sort, able.isEmpty {
        let others = known.filter { can($0.target) }.map(\.name)
        throw InvalidInput(
          "'\(pattern.value)' cannot have the fault \(sort.rawValue); it can have "
            + first.target.kinds.map(\.rawValue).joined(separator: ", ")
            + (others.isEmpty ? "" : "; \(sort.rawValue) hits \(others.joined(separator: ", "))"),
          at: pattern.position)
      }
      for target in able where !targets.contains(target) { targets.append(target) }
    }
    // An account stands for all of its entities.
    return targets.filter { target in
      guard case .erp(let index) = target, let account = scene.account(of: index) else { return true }
      return !targets.contains(.account(account))
    }
  }

  /// Whether a name matches a pattern in which `*` stands for any text.
  private static func matches(_ name: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1 else { return name == pattern }
    guard name.hasPrefix(parts[0]), name.hasSuffix(parts[parts.count - 1]) else { return false }
    var rest = name.dropFirst(parts[0].count)
    guard rest.count >= parts[parts.count - 1].count else { return false }
    rest = rest.dropLast(parts[parts.count - 1].count)
    for part in parts[1..<parts.count - 1] where !part.isEmpty {
      guard let found = Substring(rest).firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}

extension Substring {
  fileprivate func firstRange(of other: Substring) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
      start = index(after: start)
    }
    return nil
  }
}

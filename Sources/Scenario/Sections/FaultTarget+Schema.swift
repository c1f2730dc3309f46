import CanonicalModel

/// How targets of faults are written.
extension FaultTarget {
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
      known.append(
        ("erp/\(entity.name)", account.map { .account($0) } ?? .erp(EntityID(index: UInt32(index)))))
    }
    known += accounts.enumerated().map { ("erp/\($1)", .account($0)) }
    let others: [Self] =
      [.tax, .gateway, .webhooks, .crm, .exchange, .broker, .producers]
      + CoreService.allCases.map { .process($0) }
    return known
      + others.map { target in
        (target.name(entity: { scene.entities[Int($0.index)].name }, account: { accounts[$0] }), target)
      }
  }

  /// What patterns match that can have a kind of fault; `nil`: whatever they match.
  static func targets(
    _ patterns: [Located<String>], of sort: FaultKind.Sort?, in scene: Scene
  ) throws(InvalidInput) -> [Self] {
    let known = known(sort, in: scene)
    let hits = sort?.declaration.hits
    func can(_ target: Self) -> Bool { hits?.contains(target.family) ?? true }
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
      guard case .erp(let id) = target, let account = scene.account(of: Int(id.index)) else { return true }
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

extension RunRecord {
  /// The invariants that broke, first broken first; of those that broke at one instant, in the order of the pipeline.
  ///
  /// Violations are numbered from 1 in this order, over all that the record holds: texts, pages and stories use the same numbers.
  package var brokenInvariants: [Invariant] {
    let broken = invariants.filter { $0.verdict == .broken }
    return broken.indices.sorted { a, b in
      let (first, second) = (Self.begin(broken[a]), Self.begin(broken[b]))
      return (first, a) < (second, b)
    }.map { broken[$0] }
  }

  /// How the ids of what leaves documents or events begin: their stories can be told.
  private static let told = [
    "event ", "usage ", "charge ", "invoice ", "posting ", "document ", "memo ", "invoice/", "memo/",
  ]

  /// The number of the first violation that names a transaction, whose story can be told; where none does, of the first. `nil`: the record
  /// holds none.
  package var violationWithStory: Int? {
    let all = brokenInvariants.flatMap(\.violations)
    guard !all.isEmpty else { return nil }
    return 1 + (all.firstIndex { $0.ids.contains { id in Self.told.contains(where: id.hasPrefix) } } ?? 0)
  }

  /// When an invariant was first found broken, so that texts compare as instants do: without the letter at the end, a whole
  /// second comes before its fractions.
  private static func begin(_ invariant: Invariant) -> String {
    invariant.violations.map { $0.at.hasSuffix("Z") ? String($0.at.dropLast()) : $0.at }.min() ?? "~"
  }
}

extension KeyedDecodingContainer {
  /// A record of an earlier version says nothing of declared faults, and can be read all the same.
  func decode(
    _ type: [RunRecord.DeclaredFault].Type, forKey key: Key
  ) throws -> [RunRecord.DeclaredFault] {
    try decodeIfPresent(type, forKey: key) ?? []
  }
}

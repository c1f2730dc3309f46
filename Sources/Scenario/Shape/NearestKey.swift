/// Finds the name that somebody probably meant.
package enum NearestKey {
  /// The nearest of some names, if it is near enough to be meant (Levenshtein distance).
  package static func nearest(to name: String, among names: [String]) -> String? {
    let limit = max(2, name.count / 3)
    let scored = names.map { (distance(name.lowercased(), $0.lowercased()), $0) }
    guard let best = scored.min(by: { ($0.0, $0.1) < ($1.0, $1.1) }), best.0 <= limit else { return nil }
    return best.1
  }

  /// `; did you mean 'x'?`, or the names that there are, where a reader can still take them in.
  package static func hint(for name: String, among names: [String]) -> String {
    if let near = nearest(to: name, among: names) { return "; did you mean '\(near)'?" }
    return names.isEmpty || names.count > 100 ? "" : "; there are: \(names.joined(separator: ", "))"
  }

  private static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.prefix(64))
    let b = Array(b.prefix(64))
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let substitution = diagonal + (a[i] == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}

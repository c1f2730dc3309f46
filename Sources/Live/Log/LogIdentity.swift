/// Everything that decides what the inputs of a log mean: the values of the scenario that wrote it and what is in the files that it names.
/// Under anything else, the same inputs would be other customers' usage.
package struct LogIdentity: Codable, Hashable, Sendable {
  /// A value and where it stands, such as `customers.count` and `300`; of a file, a digest.
  package struct Entry: Codable, Hashable, Sendable {
    /// Where.
    package var name: String
    /// What.
    package var value: String

    /// Makes an entry.
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The values in their order, which counts, too: it numbers meters, customers and producers.
  package var entries: [Entry]

  /// Makes an identity.
  package init(_ entries: [Entry]) { self.entries = entries }

  /// What another identity says otherwise, in words; `nil`: nothing.
  func difference(from other: LogIdentity) -> String? {
    guard entries != other.entries else { return nil }
    let own = Dictionary(entries.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    let theirs = Dictionary(other.entries.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    var words: [String] = []
    for entry in other.entries {
      switch own[entry.name] {
      case nil: words.append("\(entry.name) is new")
      case entry.value: break
      case let was? where entry.name.hasPrefix(Self.file):
        words.append("\(entry.name) has changed (\(was.prefix(8)), now \(entry.value.prefix(8)))")
      case let was?: words.append("\(entry.name) is \(Self.short(entry.value)), was \(Self.short(was))")
      }
    }
    words += entries.filter { theirs[$0.name] == nil }.map { "\($0.name) was removed" }
    if words.isEmpty { return "the same values are in another order" }
    let rest = words.count - 3
    return words.prefix(3).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }

  /// What the name of a file's entry begins with.
  package static let file = "file "

  private static func short(_ text: String) -> String {
    text.count > 40 ? "'\(text.prefix(40))…'" : "'\(text)'"
  }
}

/// A node of a YAML file with its position. Scalars keep their written characters.
package struct LocatedNode: Sendable {
  /// A key of a mapping and where it stands.
  package struct Key: Sendable {
    /// The key.
    package var name: String
    /// Where it stands.
    package var position: Position
  }

  /// What a node is.
  package indirect enum Content: Sendable {
    /// A scalar; `isQuoted` where quotes or a block style make it a string.
    case scalar(String, isQuoted: Bool)
    /// A sequence.
    case sequence([LocatedNode])
    /// A mapping in the order of the file.
    case mapping([(key: Key, value: LocatedNode)])
  }

  /// Where it starts.
  package var position: Position
  /// What it is.
  package var content: Content

  /// Whether this is YAML's null, which stands for nothing.
  var isNull: Bool {
    guard case .scalar(let text, isQuoted: false) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// Makes a node.
  package init(_ content: Content, at position: Position) {
    self.content = content
    self.position = position
  }

  /// The value of a key; `nil` if this is no mapping or has no such key.
  package subscript(_ key: String) -> LocatedNode? {
    guard case .mapping(let pairs) = content else { return nil }
    return pairs.first { $0.key.name == key }?.value
  }

  /// The elements of a sequence; none for other nodes.
  package var elements: [LocatedNode] {
    if case .sequence(let elements) = content { return elements }
    return []
  }

  /// The pairs of a mapping; none for other nodes.
  package var pairs: [(key: Key, value: LocatedNode)] {
    if case .mapping(let pairs) = content { return pairs }
    return []
  }

  /// The written characters of a scalar; `nil` for other nodes.
  package var text: String? {
    if case .scalar(let text, _) = content { return text }
    return nil
  }

  /// The kind of the node, for messages.
  package var kind: String {
    switch content {
    case .scalar(let text, _):
      text.isEmpty ? "nothing" : "'\(text.count > 40 ? text.prefix(40) + "…" : text)'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  /// Lays another node over this one: mappings are merged key by key, anything else is replaced.
  package func merged(with overlay: LocatedNode) -> LocatedNode {
    guard case .mapping(var base) = content, case .mapping(let over) = overlay.content else { return overlay }
    for pair in over {
      if let index = base.firstIndex(where: { $0.key.name == pair.key.name }) {
        base[index] = (pair.key, base[index].value.merged(with: pair.value))
      } else {
        base.append(pair)
      }
    }
    return LocatedNode(.mapping(base), at: overlay.position)
  }

  /// The last part of a path to the element that a list does not have yet.
  static let next = "+"

  /// Puts a value at a path such as `customers.count` or `load.0.producers`, or behind the elements of a list, as with `expectations.+`;
  /// missing mappings and lists are made.
  package func setting(_ path: ArraySlice<String>, to value: LocatedNode) throws(InvalidInput) -> LocatedNode
  {
    guard let first = path.first else { return value }
    switch content {
    case .mapping(var pairs):
      let rest = path.dropFirst()
      if let index = pairs.firstIndex(where: { $0.key.name == first }) {
        pairs[index].value = try pairs[index].value.setting(rest, to: value)
      } else {
        let isAppended = rest.first == Self.next
        let empty = LocatedNode(isAppended ? .sequence([]) : .mapping([]), at: value.position)
        let child = try rest.isEmpty ? value : empty.setting(rest, to: value)
        pairs.append((Key(name: first, position: value.position), child))
      }
      return LocatedNode(.mapping(pairs), at: position)
    case .sequence(var elements):
      if first == Self.next, path.count == 1 {
        return LocatedNode(.sequence(elements + [value]), at: position)
      }
      guard let index = Int(first), elements.indices.contains(index) else {
        throw InvalidInput(
          "'\(first)' is not an element of a list of \(elements.count); elements are numbered from 0",
          at: value.position
        )
      }
      elements[index] = try elements[index].setting(path.dropFirst(), to: value)
      return LocatedNode(.sequence(elements), at: position)
    case .scalar:
      // A shorthand such as `arrivals: 5/s` gives way to a mapping.
      return try LocatedNode(.mapping([]), at: value.position).setting(path, to: value)
    }
  }
}

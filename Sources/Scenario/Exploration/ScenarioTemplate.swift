import Foundation

/// A scenario's tree, from which scenarios are made that differ in some places.
package struct ScenarioTemplate: Sendable {
  /// A change of the tree.
  package enum Edit: Hashable, Sendable {
    /// Puts a value, as YAML, at a path.
    case set(path: [String], value: String)
    /// Takes the key or the element of a path away.
    case remove(path: [String])

    /// How the edit is shown: `delivery.duplicates=3%` or `-payments`.
    package var text: String {
      switch self {
      case .set(let path, let value): "\(path.joined(separator: "."))=\(value)"
      case .remove(let path): "-\(path.joined(separator: "."))"
      }
    }

    /// Reads what ``text`` gives; `nil` on anything else.
    package init?(text: String) {
      func path(_ text: Substring) -> [String] {
        text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      }
      let isRemoval = text.hasPrefix("-")
      let equals = isRemoval ? nil : text.firstIndex(of: "=")
      let path = path(isRemoval ? text.dropFirst() : text[..<(equals ?? text.startIndex)])
      guard !path.contains("") else { return nil }
      self =
        isRemoval
        ? .remove(path: path)
        : .set(path: path, value: String(text[(equals ?? text.startIndex)...].dropFirst()))
    }

    /// Where it changes the tree.
    package var path: [String] {
      switch self {
      case .set(let path, _), .remove(let path): path
      }
    }
  }

  /// The file.
  package let file: String
  /// The merged and validated tree, with the settings of the command line.
  package let root: LocatedNode
  /// The scenario without any edit.
  package let scenario: ScenarioFile
  /// The tree as text and the bytes of every file that it names, in order: what makes two scenarios the same.
  package let contents: [Data]
  private let files: FileCache
  /// The tree without the settings of the command line, and those.
  private let unset: LocatedNode
  private let changes: [TreeChange]
  /// The names of the files of ``contents``, in the same order.
  package var fileNames: [String] { files.names }

  /// Reads a scenario with everything that it names.
  package init(file: String, settings: [ScenarioFile.Setting] = []) throws(InvalidInput) {
    self.file = file
    unset = try ScenarioFile.merged(file: file, seen: [])
    changes = try ScenarioFile.changes(settings)
    root = try unset.applying(changes)
    files = FileCache()
    scenario = try ScenarioFile.decode(root, file: file, files: files)
    for value in scenario.exploration?.values ?? [] { value.range.recordFiles(in: files) }
    contents =
      [Data(root.yaml.utf8)] + files.names.map { (try? Data(contentsOf: URL(fileURLWithPath: $0))) ?? Data() }
  }

  /// The scenario that some edits make of it.
  ///
  /// - Parameter origin: where the edits come from, for messages.
  package func scenario(
    applying edits: [Edit], from origin: String = "explore"
  ) throws(InvalidInput) -> ScenarioFile {
    try ScenarioFile.decode(try edited(edits, from: origin), file: file, files: files)
  }

  /// The tree with some edits; nothing is explored any more.
  private func edited(_ edits: [Edit], from origin: String = "explore") throws(InvalidInput) -> LocatedNode {
    // Values first, while the elements of lists have the places that they have in the file; then what is taken away, from
    // the back of each list.
    var values: [TreeChange] = []
    for case .set(let path, let value) in edits {
      let label = "\(origin) \(path.joined(separator: "."))"
      values.append(
        TreeChange(path: path, value: try YAMLReader.read(text: value, file: label), label: label))
    }
    // What is put above or in the place of a setting comes before it: the settings are then made once more.
    let replaced = changes.contains { change in values.contains { change.path.starts(with: $0.path) } }
    var node =
      replaced
      ? try unset.applying(changes.filter { change in !values.contains { $0.path == change.path } } + values)
      : try root.applying(values)
    let removals = edits.compactMap { edit in
      if case .remove(let path) = edit { path } else { nil }
    }
    // What has been drawn is not explored further, and may name what is gone.
    for path in removals.sorted(by: Self.isBehind) + [["explore"], ["capacity"]] {
      node = node.removing(path[...])
    }
    return node
  }

  /// The setting of the command line in the place of which an edit puts something else; `nil`: each has its effect.
  package func setting(replacedBy paths: [[String]]) -> (path: String, label: String)? {
    changes.first { paths.contains($0.path) }.map { ($0.path.joined(separator: "."), $0.label) }
  }

  static func isBehind(_ a: [String], _ b: [String]) -> Bool {
    for (x, y) in zip(a, b) where x != y {
      if let x = Int(x), let y = Int(y) { return x > y }
      return x < y
    }
    return a.count > b.count
  }
}

extension LocatedNode {
  /// The node at a path; `nil` where there is none.
  package func find(_ path: [String]) -> LocatedNode? { find(path[...]) }

  /// The tree without the key or element of a path.
  package func removing(_ path: [String]) -> LocatedNode { removing(path[...]) }

  /// The tree with a value, given as YAML, at a path.
  package func setting(_ path: [String], to yaml: String) throws(InvalidInput) -> LocatedNode {
    try setting(path[...], to: try YAMLReader.read(text: yaml, file: path.joined(separator: ".")))
  }

  /// The node at a path; `nil` where there is none.
  func find(_ path: ArraySlice<String>) -> LocatedNode? {
    guard let first = path.first else { return self }
    if case .sequence(let elements) = content {
      guard let index = Int(first), elements.indices.contains(index) else { return nil }
      return elements[index].find(path.dropFirst())
    }
    return self[first]?.find(path.dropFirst())
  }

  /// Takes the key or element of a path away, if it is there.
  func removing(_ path: ArraySlice<String>) -> LocatedNode {
    guard let first = path.first else { return self }
    let rest = path.dropFirst()
    switch content {
    case .mapping(var pairs):
      guard let index = pairs.firstIndex(where: { $0.key.name == first }) else { return self }
      if rest.isEmpty {
        pairs.remove(at: index)
      } else {
        pairs[index].value = pairs[index].value.removing(rest)
      }
      return LocatedNode(.mapping(pairs), at: position)
    case .sequence(var elements):
      guard let index = Int(first), elements.indices.contains(index) else { return self }
      if rest.isEmpty { elements.remove(at: index) } else { elements[index] = elements[index].removing(rest) }
      return LocatedNode(.sequence(elements), at: position)
    case .scalar: return self
    }
  }

  /// The node as YAML in flow style, on one line: reads back as the same tree.
  package var yaml: String {
    switch content {
    case .scalar(let text, let isQuoted):
      let isPlain = !isQuoted && !text.isEmpty && text.utf8.allSatisfy { Self.plainBytes.contains($0) }
      return isPlain ? text : JSONValue.quoted(text)
    case .sequence(let elements): return "[\(elements.map(\.yaml).joined(separator: ", "))]"
    case .mapping(let pairs):
      return pairs.isEmpty
        ? "{}"
        : "{ \(pairs.map { "\(Self.quoted($0.key.name)): \($0.value.yaml)" }.joined(separator: ", ")) }"
    }
  }

  private static let plainBytes = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/%+-".utf8)

  /// A key or text: as it is where YAML reads it so, else in quotes.
  private static func quoted(_ text: String) -> String {
    let isPlain = text.first?.isLetter == true && text.utf8.allSatisfy { plainBytes.contains($0) }
    return isPlain ? text : JSONValue.quoted(text)
  }
}

extension ScenarioTemplate {
  /// The tree with some edits, and with the price books that it names in their places: all that a scenario needs, but for
  /// traces and designs in files.
  package func selfContained(applying edits: [Edit]) throws(InvalidInput) -> LocatedNode {
    var node = try edited(edits)
    let names = (node["entities"]?.elements ?? []).compactMap { $0["name"]?.text }
    node = try node.inliningBooks(at: ["customers", "contracts"], entities: names)
    for index in (node["customers"]?["amendments"]?.elements ?? []).indices {
      node = try node.inliningBooks(
        at: ["customers", "amendments", "\(index)", "contracts"], entities: names)
    }
    return node
  }

  /// The scenario that a tree describes.
  package func scenario(of tree: LocatedNode) throws(InvalidInput) -> ScenarioFile {
    try ScenarioFile.decode(tree, file: file, files: files)
  }
}

extension LocatedNode {
  fileprivate func inliningBooks(at path: [String], entities: [String]) throws(InvalidInput) -> LocatedNode {
    guard let contracts = find(path[...]) else { return self }
    var pairs: [(key: Key, value: LocatedNode)] = []
    for name in entities {
      guard let own = contracts.text == nil ? contracts[name] : contracts else { continue }
      var book = own
      if let file = own.text { book = try YAMLReader.read(file: file) }
      guard book["charges"] != nil else { return self }  // a single charge is no book for a scenario
      pairs.append((Key(name: name, position: own.position), book))
    }
    return try setting(path[...], to: LocatedNode(.mapping(pairs), at: contracts.position))
  }
}

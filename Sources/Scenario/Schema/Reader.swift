/// What reading a file has found so far: everything that is wrong, and what later parts refer to.
struct Reader {
  /// What is wrong, in the order in which it was found.
  private(set) var diagnostics: [Diagnostic] = []
  /// Which of them are of keys that are missing.
  private var missing: Set<Int> = []
  /// Whether everything has the form that the shape says, whatever it means.
  private(set) var hasRightForm = true
  /// What is known of the scenario that is read.
  var scene: Scene

  /// Starts to read.
  init(scene: Scene = Scene()) { self.scene = scene }

  /// What is wrong, in the order of each file, and each once.
  ///
  /// - Parameter byColumn: whether keys that are missing, which stand where their mapping begins, come before what is wrong in it;
  ///   otherwise they come after it on their line.
  func ordered(byColumn: Bool) -> [Diagnostic] {
    var files: [String: Int] = [:]
    for diagnostic in diagnostics where files[diagnostic.position.file] == nil {
      files[diagnostic.position.file] = files.count
    }
    func isBefore(_ a: Int, _ b: Int) -> Bool {
      let (x, y) = (diagnostics[a].position, diagnostics[b].position)
      guard (x.file, x.line) == (y.file, y.line) else {
        return (files[x.file] ?? 0, x.line) < (files[y.file] ?? 0, y.line)
      }
      if !byColumn, missing.contains(a) != missing.contains(b) { return missing.contains(b) }
      return (x.column, a) < (y.column, b)
    }
    var seen: Set<Diagnostic> = []
    return diagnostics.indices.sorted(by: isBefore).map { diagnostics[$0] }
      .filter { seen.insert($0).inserted }
  }

  // MARK: What is wrong

  /// Puts down that something has a wrong form.
  mutating func refuse(_ message: String, _ position: Position) {
    hasRightForm = false
    diagnostics.append(Diagnostic(message, at: position))
  }

  /// Puts down that a key of a mapping is missing.
  mutating func refuse(missing key: String, _ help: String, of mapping: Mapping) {
    missing.insert(diagnostics.count)
    refuse("'\(Self.join(mapping.path, key))' is missing: \(help)", mapping.node.position)
  }

  /// Puts down that a node is not what is wanted.
  mutating func refuse(_ node: LocatedNode, _ wanted: String, _ path: String) {
    refuse(
      "\(path.isEmpty ? "the file" : "'\(path)'") should be \(wanted), not \(node.kind)"
        + FaultHint.value(path, node), node.position)
  }

  /// Puts down that what has the right form means nothing.
  mutating func refuse(_ error: InvalidInput) { diagnostics += error.diagnostics }

  // MARK: Forms

  /// `load[0]` and `arrivals` as `load[0].arrivals`.
  static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Whether a text is a short name.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64
      && text.utf8.allSatisfy {
        ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) || $0 == 95 || $0 == 45
          || $0 == 46
      }
  }

  /// Whether a node is of the kind that a form has: a scalar, a list or a mapping.
  static func fits(_ node: LocatedNode, _ shape: Shape) -> Bool {
    switch node.content {
    case .scalar:
      switch shape {
      case .unit, .text, .name, .choice: true
      case .list, .record, .variant, .tagged, .map, .any, .either: false
      }
    case .sequence:
      switch shape {
      case .list: true
      case .unit, .text, .name, .choice, .record, .variant, .tagged, .map, .any, .either: false
      }
    case .mapping:
      switch shape {
      case .record, .variant, .tagged, .map: true
      case .unit, .text, .name, .choice, .list, .any, .either: false
      }
    }
  }

  /// A form in words.
  static func describe(_ shape: Shape) -> String {
    switch shape {
    case .unit(let unit): unit.wanted
    case .text: "text"
    case .any: "anything"
    case .name: "a name"
    case .choice(let words): "one of \(words.joined(separator: ", "))"
    case .list: "a list"
    case .record(let fields): "a mapping with \(fields.map(\.key).joined(separator: ", "))"
    case .variant(let fields, _): "a mapping with one of \(fields.map(\.key).joined(separator: ", "))"
    case .map, .tagged: "a mapping"
    case .either(let shapes): shapes.map(describe).joined(separator: " or ")
    }
  }
}

/// A mapping whose keys are read one by one; keys that are not declared have been refused.
struct Mapping {
  /// The node.
  let node: LocatedNode
  /// Where it stands.
  let path: String
  private let pairs: [(key: LocatedNode.Key, value: LocatedNode)]
  /// Whether all of its keys are declared: nothing is made of one that may say what nobody reads.
  private(set) var isKnown = true

  /// Takes a node for a mapping; `nil` where it is none.
  init?(_ node: LocatedNode, _ path: String, _ fields: [Field], _ reader: inout Reader) {
    guard case .mapping(let pairs) = node.content else {
      reader.refuse(node, "a mapping", path)
      return nil
    }
    self.init(pairs, node, path, fields, &reader)
  }

  /// Takes the pairs of a mapping.
  init(
    _ pairs: [(key: LocatedNode.Key, value: LocatedNode)], _ node: LocatedNode, _ path: String,
    _ fields: [Field], _ reader: inout Reader
  ) {
    (self.pairs, self.node, self.path) = (pairs, node, path)
    for pair in pairs where !fields.contains(where: { $0.key == pair.key.name }) {
      isKnown = false
      let place = path.isEmpty ? "" : " in '\(path)'"
      reader.refuse(
        "unknown key '\(pair.key.name)'\(place)"
          + (FaultHint.unknown(pair.key.name, pair.value, in: path)
            ?? NearestKey.hint(for: pair.key.name, among: fields.map(\.key))),
        pair.key.position)
    }
  }

  /// Takes pairs that have been looked at before.
  init(_ pairs: [(key: LocatedNode.Key, value: LocatedNode)], _ node: LocatedNode, _ path: String) {
    (self.pairs, self.node, self.path) = (pairs, node, path)
  }

  /// The value of a key.
  subscript(_ key: String) -> LocatedNode? { pairs.first { $0.key.name == key }?.value }

  /// Whether one of a key's fields is given.
  func holds<Value>(_ key: Key<Value>) -> Bool { key.fields.contains { self[$0.key] != nil } }
}

/// Where a value stands of which all parts have been read, for what is wrong with them together.
struct Place {
  /// The node.
  let node: LocatedNode
  /// Its form.
  let shape: Shape
  /// What is known of the scenario so far.
  let scene: Scene

  /// Where a key, or an element of a list below it, stands; where it is left out, what it is part of.
  func position(_ path: String...) -> Position { position(of: path) }

  /// Where a path leads; `nil` where it is not given as a whole.
  func given(_ path: String...) -> Position? {
    assert(shape.leads(path[...]), "'\(path.joined(separator: "."))' is not a key here")
    return node.find(path)?.position
  }

  /// The same for a path.
  func position(of path: [String]) -> Position {
    assert(shape.leads(path[...]), "'\(path.joined(separator: "."))' is not a key here")
    var node = node
    for key in path {
      guard let next = node.find([key]) else { break }
      node = next
    }
    return node.position
  }

  /// Whether a key is given.
  func holds(_ key: String) -> Bool {
    assert(shape.leads([key]), "'\(key)' is not a key here")
    return node[key] != nil
  }
}

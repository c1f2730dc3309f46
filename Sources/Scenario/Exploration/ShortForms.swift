/// The short forms of a scenario: a name, a file or a single figure in the place of a mapping. Before a value below one is set, it
/// is written out to what it stands for, so that one changed value changes one value.
extension LocatedNode {
  /// The tree with a value at a path; short forms on the way are written out first.
  ///
  /// - Throws: where a file that has to be written out cannot be read, or a list has no such element.
  func changing(_ path: [String], to value: LocatedNode) throws(InvalidInput) -> LocatedNode {
    try writtenOut(along: path).setting(path[...], to: value)
  }

  /// The tree of a scenario in which no short form stands above a path.
  func writtenOut(along path: [String]) throws(InvalidInput) -> LocatedNode {
    guard needsWritingOut(path) else { return self }
    return try writtenOut(.scenario, path[...], at: [], of: self)
  }

  /// Whether the walk down a path may meet a short form; asked dozens of times a seed, so that it costs next to nothing.
  private func needsWritingOut(_ path: [String]) -> Bool {
    // What a built-in design leaves unsaid stands in no tree.
    if path.starts(with: ["design", "posting", "schedule"]) { return true }
    var node = self
    for key in path {
      if case .scalar = node.content { return true }
      guard let next = node.find([key]) else { return false }
      node = next
    }
    return false
  }

  private func writtenOut(
    _ shape: Shape, _ rest: ArraySlice<String>, at path: [String], of scenario: LocatedNode
  ) throws(InvalidInput) -> LocatedNode {
    guard let key = rest.first else { return self }
    var node = self
    if text != nil, let long = try longForm(shape, next: key, at: path, of: scenario) { node = long }
    if path == ["design"] { node = try node.sayingSchedule(rest) }
    switch node.content {
    case .scalar: return node
    case .mapping(var pairs):
      guard let index = pairs.firstIndex(where: { $0.key.name == key }),
        let child = shape.child(key, of: node)
      else { return node }
      pairs[index].value = try pairs[index].value.writtenOut(
        child, rest.dropFirst(), at: path + [key], of: scenario)
      return LocatedNode(.mapping(pairs), at: node.position)
    case .sequence(var elements):
      guard let index = Int(key), elements.indices.contains(index), let child = shape.child(key, of: node)
      else { return node }
      elements[index] = try elements[index].writtenOut(
        child, rest.dropFirst(), at: path + [key], of: scenario)
      return LocatedNode(.sequence(elements), at: node.position)
    }
  }

  /// What a scalar is short for; `nil` where it is short for nothing, or gives way to what is set below it.
  private func longForm(
    _ shape: Shape, next: String, at path: [String], of scenario: LocatedNode
  ) throws(InvalidInput) -> LocatedNode? {
    func mapping(_ keys: [String]) -> LocatedNode {
      LocatedNode(.mapping(keys.map { (Key(name: $0, position: position), self) }), at: position)
    }
    if path == ["design"] { return try design() }
    if path.last == "contracts", path.first == "customers" {
      // One book of all: one for each.
      return mapping((scenario["entities"]?.elements ?? []).compactMap { $0["name"]?.text })
    }
    if path.dropLast().last == "contracts", path.first == "customers" { return try priceBook() }
    guard case .either(let shapes) = shape else { return nil }
    for form in shapes {
      switch form {
      case .list: return LocatedNode(.sequence([self]), at: position)
      case .variant(let variants, _):
        // `5/s` is short for `{ constant: 5/s }`; another kind of process takes its place.
        guard variants.contains(where: { $0.key == "constant" }) else { return nil }
        return next != "constant" && variants.contains { $0.key == next } ? nil : mapping(["constant"])
      case .record(let fields):
        // A word that chooses a form is short for nothing.
        if shapes.contains(where: { if case .choice = $0 { true } else { false } }) { return nil }
        return fields.first(where: \.isRequired).map { mapping([$0.key]) }
      case .unit, .text, .name, .choice, .map, .tagged, .any, .either: continue
      }
    }
    return nil
  }

  /// What the name or the file of a design stands for.
  private func design() throws(InvalidInput) -> LocatedNode {
    guard let text else { return self }
    if DesignFile.isFile(text) {
      _ = try DesignFile.read(text, at: position)
      return try YAMLReader.read(file: text)
    }
    let name = LocatedNode.Key(name: "extends", position: position)
    return LocatedNode(.mapping([(name, self)]), at: position)
  }

  /// What the file of a price book stands for.
  private func priceBook() throws(InvalidInput) -> LocatedNode {
    guard let text else { return self }
    let book = try YAMLReader.read(file: text)
    guard book["charges"] != nil || book["recurring"] != nil else {
      throw InvalidInput(
        "'\(text)' holds a single charge: make it a price book with 'charges' to change a value in it",
        at: position)
    }
    return book
  }

  /// Writes the schedule of the design that this one extends out, where a part of it is to be set.
  private func sayingSchedule(_ rest: ArraySlice<String>) throws(InvalidInput) -> LocatedNode {
    guard rest.starts(with: ["posting", "schedule"]), rest.count > 2, find(["posting", "schedule"]) == nil,
      let name = self["extends"]?.text,
      let base = DesignFile.builtIn.first(where: { $0.design.name == name })
    else { return self }
    let written = base.design.schedule.written
    guard written.hasPrefix("{") else { return self }
    let schedule = try YAMLReader.read(text: written, file: "design \(name)")
    // Another kind of schedule takes its place.
    guard schedule[rest[rest.index(rest.startIndex, offsetBy: 2)]] != nil else { return self }
    return try setting(["posting", "schedule"], to: schedule)
  }
}

extension Shape {
  /// Whether a path leads somewhere.
  func leads(_ path: ArraySlice<String>) -> Bool {
    guard let key = path.first else { return true }
    return child(key, of: LocatedNode(.mapping([]), at: Position(file: "")))?.leads(path.dropFirst()) ?? false
  }

  /// The shape of what stands below a key, or at an index.
  func child(_ key: String, of node: LocatedNode) -> Shape? {
    switch self {
    case .record(let fields): fields.first { $0.key == key }?.shape
    case .variant(let variants, let common): (variants + common).first { $0.key == key }?.shape
    case .tagged(_, _, let cases, let common):
      (cases.flatMap(\.fields) + common).first { $0.key == key }?.shape
    case .map(let shape): shape
    case .list(let shape, _): shape
    case .either(let shapes): shapes.lazy.compactMap { $0.child(key, of: node) }.first
    case .unit, .text, .name, .choice, .any: nil
    }
  }
}

/// A change of a scenario's tree, and who asks for it.
struct TreeChange {
  var path: [String]
  /// `nil`: what stands there is taken away.
  var value: LocatedNode?
  /// What stands in the place of a file in messages.
  var label: String
}

extension LocatedNode {
  /// The tree of a scenario with some values changed: what stands above another value is put first, whatever the order in which they
  /// are given, so that each has its effect.
  ///
  /// - Throws: where two of them change the same value, or one changes nothing that is read.
  func applying(_ changes: [TreeChange]) throws(InvalidInput) -> LocatedNode {
    var node = self
    var places: [[String]: String] = [:]
    for change in changes {
      let position = Position(file: change.label, line: 1, column: 1)
      if change.path.first == "extends" {
        throw InvalidInput(
          "'extends' has been followed by the time that values are set: this would change nothing",
          at: position)
      }
      // Each that is put behind the elements of a list has a place of its own.
      if change.path.last == LocatedNode.next { continue }
      if let earlier = places.updateValue(change.label, forKey: change.path) {
        throw InvalidInput(
          "\(change.path.joined(separator: ".")) is set twice: \(earlier) would have no effect", at: position)
      }
    }
    // Stable: what stands at one depth keeps its order.
    let ordered = changes.enumerated().sorted {
      ($0.element.path.count, $0.offset) < ($1.element.path.count, $1.offset)
    }
    for (_, change) in ordered {
      if let value = change.value { node = try node.changing(change.path, to: value) }
    }
    // Afterwards, from the back of each list: until then elements have the places that they have in the file.
    let removals = changes.filter { $0.value == nil }.sorted { ScenarioTemplate.isBehind($0.path, $1.path) }
    for removal in removals {
      guard
        find(removal.path) != nil
          || changes.contains(where: { $0.value != nil && removal.path.starts(with: $0.path) })
      else {
        throw InvalidInput(
          "there is no '\(removal.path.joined(separator: "."))' to leave out",
          at: Position(file: removal.label, line: 1, column: 1))
      }
      node = node.removing(removal.path)
    }
    let inDesign = changes.filter { $0.path.first == "design" && $0.path.count > 1 }
    guard !inDesign.isEmpty, !inDesign.contains(where: { $0.path == ["design", "name"] }) else { return node }
    return node.markingDesign()
  }

  /// Has the name of a design say that it is no longer what its file or its scenario says.
  private func markingDesign() -> LocatedNode {
    changing(["design", "name"]) { node in
      guard let text = node.text, !text.hasSuffix("*") else { return node }
      return LocatedNode(.scalar("\(text)*", isQuoted: true), at: node.position)
    }
  }
}

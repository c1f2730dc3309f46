/// What a node of a file may be, and what it is read as: the one declaration of a part of a file.
///
/// Its ``shape`` is what the JSON Schema printer, the messages, `--set`, `explore` and the words for paths go by; reading checks
/// the form by the same declaration, and says everything that is wrong at once. A key that is declared is read, and one that is
/// read is declared: keys are written nowhere else.
///
/// To add a key to a section:
/// 1. Give the section's type a property with the default.
/// 2. Add a line to its schema, where the key should stand in the JSON Schema: `.set("linger", \.linger, .duration, "help")`
///    (``Key/set(_:_:_:_:title:element:)``), or `.setOptional` for a property that is `nil` where the key is left out.
/// 3. What only holds together with other values is refused in the section's `check`, or, where it concerns other sections, in
///    ``ScenarioFile/complete(_:_:)``.
///
/// A record all of whose keys are needed to make its value is a ``record(_:make:)`` of `.required`, `.optional` and `.defaulting`
/// keys, which come to its closure in their order.
struct Schema<Value: Sendable>: Sendable {
  /// The form.
  let shape: Shape
  /// Reads a node at a path; `nil`: what is wrong has been put down in the reader.
  let read: @Sendable (_ node: LocatedNode, _ path: String, _ reader: inout Reader) -> Value?
  /// Writes a value as a file has it; `nil`: nothing asks for it.
  let write: (@Sendable (Value) -> String)?
  /// What the keys of a mapping have to say of a value.
  let settings: Settings

  /// Makes a schema.
  init(
    _ shape: Shape, write: (@Sendable (Value) -> String)? = nil, settings: Settings = Settings(),
    read: @escaping @Sendable (_ node: LocatedNode, _ path: String, _ reader: inout Reader) -> Value?
  ) {
    self.shape = shape
    self.write = write
    self.settings = settings
    self.read = read
  }

  /// The same, whose values can be written.
  func writing(_ write: @escaping @Sendable (Value) -> String) -> Schema {
    Schema(shape, write: write, settings: settings, read: read)
  }

  /// Reads a whole file.
  ///
  /// - Parameters:
  ///   - limit: how many mistakes are listed at most.
  ///   - byColumn: how they are ordered: see ``Reader/ordered(byColumn:)``.
  ///   - reader: what is known beforehand.
  /// - Throws: everything that is wrong, in the order of the file.
  func value(
    of node: LocatedNode, limit: Int = 20, byColumn: Bool = false, reader: Reader = Reader()
  ) throws(InvalidInput) -> Value {
    var reader = reader
    let value = read(node, "", &reader)
    if !reader.diagnostics.isEmpty {
      throw InvalidInput(Array(reader.ordered(byColumn: byColumn).prefix(limit)))
    }
    guard let value else { preconditionFailure("what cannot be read was not refused") }
    return value
  }

  /// Whether a node has the form, whatever it means.
  func hasRightForm(_ node: LocatedNode) -> Bool {
    var reader = Reader()
    _ = read(node, "", &reader)
    return reader.hasRightForm
  }

  /// The same form, read as something else.
  func map<Other: Sendable>(
    _ change: @escaping @Sendable (_ place: Place, _ value: Value) throws(InvalidInput) -> Other
  ) -> Schema<Other> {
    Schema<Other>(shape) { node, path, reader in
      guard let value = read(node, path, &reader) else { return nil }
      do throws(InvalidInput) {
        return try change(Place(node: node, shape: shape, scene: reader.scene), value)
      } catch {
        reader.refuse(error)
        return nil
      }
    }
  }

  /// The same, with the position of what was read.
  var located: Schema<Located<Value>> {
    map { place, value in Located(value: value, position: place.node.position) }
  }

  /// The same, which tells what comes later in a scenario what was read; `nil`: it could not be.
  func noting(_ note: @escaping @Sendable (_ value: Value?, _ scene: inout Scene) -> Void) -> Schema {
    Schema(shape) { node, path, reader in
      let value = read(node, path, &reader)
      note(value, &reader.scene)
      return value
    }
  }
}

/// A value and where it stands.
struct Located<Value: Sendable>: Sendable {
  var value: Value
  var position: Position
}

// MARK: Lists, maps and alternatives

extension Schema {
  /// A list of at least so many; every element is read, whatever is wrong with the others.
  static func list<Element: Sendable>(_ element: Schema<Element>, minimum: Int) -> Schema
  where Value == [Element] {
    let shape = Shape.list(element.shape, minimum: minimum)
    return Schema(shape) { node, path, reader in
      guard case .sequence(let elements) = node.content else {
        reader.refuse(node, "a list", path)
        return nil
      }
      if elements.count < minimum {
        reader.refuse("'\(path)' needs at least \(minimum) element\(minimum == 1 ? "" : "s")", node.position)
      }
      var values: [Element] = []
      for (index, child) in elements.enumerated() {
        if let value = element.read(child, "\(path)[\(index)]", &reader) { values.append(value) }
      }
      return values.count == elements.count && elements.count >= minimum ? values : nil
    }
  }

  /// A mapping of free names, in the order of the file.
  static func map<Element: Sendable>(_ element: Schema<Element>) -> Schema
  where Value == [(name: Located<String>, value: Element)] {
    Schema(.map(element.shape)) { node, path, reader in
      guard case .mapping(let pairs) = node.content else {
        reader.refuse(node, "a mapping", path)
        return nil
      }
      var values: Value = []
      for pair in pairs {
        let isName = Reader.isName(pair.key.name)
        if !isName { reader.refuse("'\(pair.key.name)' is not a name", pair.key.position) }
        if let value = element.read(pair.value, Reader.join(path, pair.key.name), &reader), isName {
          values.append((Located(value: pair.key.name, position: pair.key.position), value))
        }
      }
      return values.count == pairs.count ? values : nil
    }
  }

  /// One of several forms, told apart by whether a node is a scalar, a list or a mapping.
  static func either(_ forms: Schema...) -> Schema {
    let shape = Shape.either(forms.map(\.shape))
    return Schema(shape) { node, path, reader in
      guard let form = forms.first(where: { Reader.fits(node, $0.shape) }) else {
        reader.refuse(node, forms.map { Reader.describe($0.shape) }.joined(separator: " or "), path)
        return nil
      }
      return form.read(node, path, &reader)
    }
  }

  /// One of the words of an enumeration.
  static func choice(of words: Value.Type = Value.self) -> Schema
  where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    choice(Value.allCases.map { ($0.rawValue, $0) }).writing(\.rawValue)
  }

  /// One of some words, each for a value.
  static func choice(_ words: [(word: String, value: Value)]) -> Schema {
    let names = words.map(\.word)
    return Schema(.choice(names)) { node, path, reader in
      guard let text = node.text else {
        reader.refuse(node, "one of \(names.joined(separator: ", "))", path)
        return nil
      }
      if let chosen = words.first(where: { $0.word == text }) { return chosen.value }
      reader.refuse(
        "'\(path)' cannot be '\(text)'" + NearestKey.hint(for: text, among: names), node.position)
      return nil
    }
  }
}

// MARK: Records

extension Schema {
  /// A mapping of known keys, all of which are read before the value is made of them.
  static func record<each Part: Sendable>(
    _ keys: repeat Key<each Part>,
    make:
      @escaping @Sendable (_ place: Place, _ parts: repeat each Part) throws(InvalidInput) -> Value
  ) -> Schema {
    var fields: [Field] = []
    var settings = Settings()
    for key in repeat each keys {
      fields += key.fields
      settings.add(key.settings)
    }
    let all = fields
    let shape = Shape.record(all)
    return Schema(shape, settings: settings) { node, path, reader in
      guard let mapping = Mapping(node, path, all, &reader) else { return nil }
      let parts = (repeat (each keys).read(mapping, &reader))
      guard mapping.isKnown else { return nil }
      do throws(InvalidInput) {
        let place = Place(node: node, shape: shape, scene: reader.scene)
        return try make(place, repeat try reported(each parts))
      } catch {
        reader.refuse(error)
        return nil
      }
    }
  }

  /// A mapping of known keys, each of which changes a value that is there already.
  static func changing(
    _ value: Value, _ keys: [Key<Change<Value>>],
    check: @escaping @Sendable (_ place: Place, _ value: inout Value) throws(InvalidInput) -> Void = { _, _ in
    }
  ) -> Schema {
    Schema<Change<Value>>.changes(keys).map { place, change throws(InvalidInput) in
      var value = value
      change.apply(&value)
      try check(place, &value)
      return value
    }
  }

  /// A mapping of known keys, each of which is a change of the same value.
  static func changes<Root: Sendable>(_ keys: [Key<Change<Root>>]) -> Schema where Value == Change<Root> {
    record(.together(keys), make: { _, change in change })
  }

  /// A mapping that has exactly one of some keys, beside common ones.
  static func variant<Choice: Sendable, each Part: Sendable>(
    _ cases: [Key<Choice>], common keys: repeat Key<each Part>,
    make:
      @escaping @Sendable (_ place: Place, _ choice: Choice, _ parts: repeat each Part)
      throws(InvalidInput) -> Value
  ) -> Schema {
    let variants = cases.flatMap(\.fields)
    var fields: [Field] = []
    for key in repeat each keys { fields += key.fields }
    let common = fields
    let names = variants.map(\.key).joined(separator: ", ")
    let shape = Shape.variant(variants, common: common)
    return Schema(shape) { node, path, reader in
      guard case .mapping(let pairs) = node.content else {
        reader.refuse(node, "a mapping with one of \(names)", path)
        return nil
      }
      guard let mapping = Mapping(node, path, variants + common, &reader) else { return nil }
      let given = cases.filter { mapping.holds($0) }
      let choices = given.map { $0.read(mapping, &reader) }
      let parts = (repeat (each keys).read(mapping, &reader))
      let chosen = pairs.filter { pair in variants.contains { $0.key == pair.key.name } }
      if chosen.count != 1,
        chosen.count > 1 || pairs.allSatisfy({ pair in common.contains { $0.key == pair.key.name } })
      {
        reader.refuse(
          "'\(path)' needs exactly one of \(names)", chosen.dropFirst().first?.key.position ?? node.position)
      }
      guard choices.count == 1, mapping.isKnown else { return nil }
      do throws(InvalidInput) {
        let place = Place(node: node, shape: shape, scene: reader.scene)
        return try make(place, try reported(choices[0]), repeat try reported(each parts))
      } catch {
        reader.refuse(error)
        return nil
      }
    }
  }

  /// A mapping that has exactly one of some keys and nothing else.
  static func variant(_ cases: [Key<Value>]) -> Schema {
    variant(cases, make: { _, choice in choice })
  }

  /// A mapping whose other keys depend on the word under one of them.
  ///
  /// - Parameter keys: the further keys of each word.
  static func tagged<Tag: Sendable & CaseIterable & RawRepresentable, Choice: Sendable, each Part: Sendable>(
    _ key: String, _ tags: Tag.Type, _ help: String, keys cases: @Sendable (Tag) -> Key<Choice>,
    common keys: repeat Key<each Part>,
    make:
      @escaping @Sendable (_ place: Place, _ choice: Choice, _ parts: repeat each Part)
      throws(InvalidInput) -> Value
  ) -> Schema where Tag.RawValue == String {
    let choices = Tag.allCases.map { (word: $0.rawValue, key: cases($0)) }
    var fields: [Field] = []
    for key in repeat each keys { fields += key.fields }
    let common = fields
    let tag = Key.required(key, Schema<String>.choice(choices.map { ($0.word, $0.word) }), help)
    // All that there are, each once.
    let known = (tag.fields + common + choices.flatMap(\.key.fields)).reduce(into: [Field]()) {
      known, field in
      if !known.contains(where: { $0.key == field.key }) { known.append(field) }
    }
    let shape = Shape.tagged(
      key: key, help: help, cases: choices.map { ($0.word, $0.key.fields) }, common: common)
    return Schema(shape) { node, path, reader in
      guard case .mapping(let pairs) = node.content else {
        reader.refuse(node, "a mapping", path)
        return nil
      }
      let chosen = choices.first { $0.word == node[key]?.text }
      // Without the word, keys are only checked against all there are.
      let all = chosen.map { tag.fields + $0.key.fields + common } ?? known
      let mapping = Mapping(pairs, node, path, all, &reader)
      let word = tag.read(mapping, &reader)
      let choice = chosen?.key.read(mapping, &reader)
      let parts = (repeat (each keys).read(mapping, &reader))
      guard mapping.isKnown else { return nil }
      do throws(InvalidInput) {
        let place = Place(node: node, shape: shape, scene: reader.scene)
        _ = try reported(word)
        return try make(place, try reported(choice), repeat try reported(each parts))
      } catch {
        reader.refuse(error)
        return nil
      }
    }
  }
}

/// A part that was read; throws nothing new where what is wrong with it has been put down.
private func reported<Part>(_ part: Part?) throws(InvalidInput) -> Part {
  guard let part else { throw .reported }
  return part
}

extension InvalidInput {
  /// What is wrong has been said where it stands.
  static var reported: InvalidInput { InvalidInput([]) }
}

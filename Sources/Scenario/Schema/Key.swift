/// A key of a mapping, or several that belong together, and how their value is read.
struct Key<Value: Sendable>: Sendable {
  /// As the shape declares them.
  let fields: [Field]
  /// Reads the value out of a mapping; `nil`: what is wrong has been put down in the reader.
  let read: @Sendable (_ mapping: Mapping, _ reader: inout Reader) -> Value?
  /// What it has to say of a value that it changes.
  let settings: Settings

  /// Makes a key.
  init(
    fields: [Field], settings: Settings = Settings(),
    read: @escaping @Sendable (_ mapping: Mapping, _ reader: inout Reader) -> Value?
  ) {
    self.fields = fields
    self.settings = settings
    self.read = read
  }

  /// A key that must be given.
  static func required(
    _ key: String, _ schema: Schema<Value>, _ help: String, title: String? = nil, element: String? = nil
  ) -> Key {
    Key(fields: [.required(key, schema.shape, help, title: title, element: element)]) { mapping, reader in
      guard let node = mapping[key] else {
        reader.refuse(missing: key, help, of: mapping)
        return nil
      }
      return schema.read(node, Reader.join(mapping.path, key), &reader)
    }
  }

  /// A key with a value for where it is left out.
  static func defaulting(
    _ key: String, _ schema: Schema<Value>, to value: Value, _ help: String, title: String? = nil,
    element: String? = nil
  ) -> Key {
    Key(fields: [Field(key, schema.shape, help, title: title, element: element)]) { mapping, reader in
      guard let node = mapping[key] else { return value }
      return schema.read(node, Reader.join(mapping.path, key), &reader)
    }
  }

  /// A key that may be left out.
  static func optional<Given: Sendable>(
    _ key: String, _ schema: Schema<Given>, _ help: String, title: String? = nil, element: String? = nil
  ) -> Key where Value == Given? {
    Key(fields: [Field(key, schema.shape, help, title: title, element: element)]) { mapping, reader in
      guard let node = mapping[key] else { return .some(nil) }
      return schema.read(node, Reader.join(mapping.path, key), &reader).map { .some($0) }
    }
  }

  /// One of the keys of which a variant has exactly one.
  static func when<Given: Sendable>(
    _ key: String, _ schema: Schema<Given>, _ help: String, title: String? = nil, element: String? = nil,
    _ make: @escaping @Sendable (Given) -> Value
  ) -> Key {
    Key(fields: [Field(key, schema.shape, help, title: title, element: element)]) { mapping, reader in
      guard let node = mapping[key] else { return nil }
      return schema.read(node, Reader.join(mapping.path, key), &reader).map(make)
    }
  }

  /// The same, which tells what comes later in a scenario what was read; `nil`: it could not be.
  func noting(_ note: @escaping @Sendable (_ value: Value?, _ scene: inout Scene) -> Void) -> Key {
    Key(fields: fields) { mapping, reader in
      let value = read(mapping, &reader)
      note(value, &reader.scene)
      return value
    }
  }

  /// Several keys of one mapping, of which one value is made.
  static func group<each Part: Sendable>(
    _ keys: repeat Key<each Part>,
    make:
      @escaping @Sendable (_ place: Place, _ parts: repeat each Part) throws(InvalidInput) -> Value
  ) -> Key {
    var fields: [Field] = []
    for key in repeat each keys { fields += key.fields }
    let all = fields
    return Key(fields: all) { mapping, reader in
      let parts = (repeat (each keys).read(mapping, &reader))
      do throws(InvalidInput) {
        let place = Place(node: mapping.node, shape: .record(all), scene: reader.scene)
        return try make(place, repeat try reported(each parts))
      } catch {
        reader.refuse(error)
        return nil
      }
    }
  }
}

private func reported<Part>(_ part: Part?) throws(InvalidInput) -> Part {
  guard let part else { throw .reported }
  return part
}

/// What a key makes of a value that is there already.
struct Change<Root: Sendable>: Sendable {
  let apply: @Sendable (inout Root) -> Void
}

extension Key {
  /// A key whose value takes the place of a property's; left out, the property stays as it is.
  static func set<Root: Sendable, Given: Sendable>(
    _ key: String, _ path: any WritableKeyPath<Root, Given> & Sendable, _ schema: Schema<Given>,
    _ help: String, title: String? = nil, element: String? = nil
  ) -> Key where Value == Change<Root> {
    let settings = Settings(key) { (root: Root) in schema.write?(root[keyPath: path]) }
    return Key(
      fields: [Field(key, schema.shape, help, title: title, element: element)], settings: settings
    ) { mapping, reader in
      guard let node = mapping[key] else { return Change { _ in } }
      guard let value = schema.read(node, Reader.join(mapping.path, key), &reader) else { return nil }
      return Change { $0[keyPath: path] = value }
    }
  }

  /// The same for a property that may be `nil`.
  ///
  /// - Parameter absent: what is said where it is.
  static func setOptional<Root: Sendable, Given: Sendable>(
    _ key: String, _ path: any WritableKeyPath<Root, Given?> & Sendable, _ schema: Schema<Given>,
    _ help: String, title: String? = nil, element: String? = nil, absent: String? = nil
  ) -> Key where Value == Change<Root> {
    let settings = Settings(key) { (root: Root) in
      guard let value = root[keyPath: path] else { return absent }
      return schema.write?(value)
    }
    return Key(
      fields: [Field(key, schema.shape, help, title: title, element: element)], settings: settings
    ) { mapping, reader in
      guard let node = mapping[key] else { return Change { _ in } }
      guard let value = schema.read(node, Reader.join(mapping.path, key), &reader) else { return nil }
      return Change { $0[keyPath: path] = value }
    }
  }

  /// The same for one that must be given.
  static func setRequired<Root: Sendable, Given: Sendable>(
    _ key: String, _ path: any WritableKeyPath<Root, Given> & Sendable, _ schema: Schema<Given>,
    _ help: String, title: String? = nil, element: String? = nil
  ) -> Key where Value == Change<Root> {
    let key = Key<Given>.required(key, schema, help, title: title, element: element)
    return Key(fields: key.fields) { mapping, reader in
      guard let value = key.read(mapping, &reader) else { return nil }
      return Change { $0[keyPath: path] = value }
    }
  }

  /// Several keys beside others.
  static func together<Root: Sendable>(_ keys: [Key<Change<Root>>]) -> Key where Value == Change<Root> {
    Key(fields: keys.flatMap(\.fields), settings: Settings(keys.map(\.settings))) { mapping, reader in
      let changes = keys.map { $0.read(mapping, &reader) }
      guard changes.allSatisfy({ $0 != nil }) else { return nil }
      return Change { root in
        for change in changes { change?.apply(&root) }
      }
    }
  }

  /// This key of a part, as a key of the whole that has the part as a property.
  func inside<Root: Sendable, Part: Sendable>(
    _ path: any WritableKeyPath<Root, Part> & Sendable
  ) -> Key<Change<Root>> where Value == Change<Part> {
    Key<Change<Root>>(fields: fields, settings: settings.inside(path)) { mapping, reader in
      read(mapping, &reader).map { change in Change { change.apply(&$0[keyPath: path]) } }
    }
  }

  /// The same, for a figure that no article compares: a record names it only where it differs from the built-in one.
  var figure: Key { Key(fields: fields, settings: settings.asFigures, read: read) }

  /// A key whose value is itself a change of several properties.
  static func change<Root: Sendable>(
    _ key: String, _ schema: Schema<Change<Root>>, _ help: String, title: String? = nil
  ) -> Key where Value == Change<Root> {
    let optional = Key<Change<Root>?>.optional(key, schema, help, title: title)
    return Key(fields: optional.fields, settings: schema.settings.below(key)) { mapping, reader in
      optional.read(mapping, &reader).map { $0 ?? Change { _ in } }
    }
  }

  /// A key below which stand further ones that change the same value.
  static func within<Root: Sendable>(
    _ key: String, _ keys: [Key<Change<Root>>], _ help: String, title: String? = nil
  ) -> Key where Value == Change<Root> {
    change(key, .changes(keys), help, title: title)
  }
}

extension Key {
  /// A key that is for people, or has been followed before: nothing is made of its value.
  static func unread<Given: Sendable>(
    _ key: String, _ schema: Schema<Given>, _ help: String
  ) -> Key where Value == Void {
    let key = Key<Given?>.optional(key, schema, help)
    return Key(fields: key.fields) { mapping, reader in key.read(mapping, &reader).map { _ in } }
  }

  /// The same beside keys that change a value.
  static func unread<Root: Sendable, Given: Sendable>(
    _ key: String, _ schema: Schema<Given>, _ help: String
  ) -> Key where Value == Change<Root> {
    let key = Key<Void>.unread(key, schema, help)
    return Key(fields: key.fields) { mapping, reader in
      key.read(mapping, &reader).map { Change { _ in } }
    }
  }
}

/// What a node of a file may be: the form of a ``Schema``, which the JSON Schema, the messages, `--set` and `explore` go by.
package indirect enum Shape: Sendable {
  /// A scalar in a unit.
  case unit(Unit)
  /// Any text that is not empty.
  case text
  /// A short name: letters, digits, `_`, `-`, `.`.
  case name
  /// One of some words.
  case choice([String])
  /// A list of at least so many.
  case list(Shape, minimum: Int)
  /// A mapping of known keys.
  case record([Field])
  /// A mapping that has exactly one of some keys, beside common ones.
  case variant([Field], common: [Field])
  /// A mapping whose other keys depend on the word under one of them.
  case tagged(key: String, help: String, cases: [(word: String, fields: [Field])], common: [Field])
  /// A mapping of free names.
  case map(Shape)
  /// Anything: what it has to be depends on where it is used.
  case any
  /// One of several, told apart by whether it is a scalar, a list or a mapping.
  case either([Shape])
}

/// A key of a mapping.
package struct Field: Sendable {
  /// The key.
  package var key: String
  /// Its value.
  package var shape: Shape
  /// Whether it must be given.
  package var isRequired: Bool
  /// A sentence for the schema.
  package var help: String
  /// What people call it, `{}` being what it is part of: `connections of {}`. `nil`: its key says it; empty: it is not named at all.
  package var title: String?
  /// What people call an element of its list: `{name}` is a value in it, `{#}` its place, `{kind}` its variant, `{}` the list.
  package var element: String?

  /// Makes a field that may be left out.
  package init(
    _ key: String, _ shape: Shape, _ help: String, title: String? = nil, element: String? = nil
  ) {
    self.key = key
    self.shape = shape
    self.help = help
    self.title = title
    self.element = element
    isRequired = false
  }

  /// Makes a field that must be given.
  package static func required(
    _ key: String, _ shape: Shape, _ help: String, title: String? = nil, element: String? = nil
  ) -> Field {
    var field = Field(key, shape, help, title: title, element: element)
    field.isRequired = true
    return field
  }
}

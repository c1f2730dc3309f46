import CanonicalModel

/// A JSON value with the order of its keys, for schemas.
package indirect enum JSONValue: Hashable, Sendable {
  case string(String)
  case integer(Int)
  case boolean(Bool)
  case array([JSONValue])
  case object([Pair])

  /// A key and its value.
  package struct Pair: Hashable, Sendable {
    /// The key.
    package var key: String
    /// The value.
    package var value: JSONValue
  }

  /// Makes an object.
  package static func object(_ pairs: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(pairs.map { Pair(key: $0.key, value: $0.value) })
  }

  /// The value of a key of an object.
  package subscript(_ key: String) -> JSONValue? {
    guard case .object(let pairs) = self else { return nil }
    return pairs.first { $0.key == key }?.value
  }

  /// The text, indented by two spaces a level.
  package func text(indent: String = "") -> String {
    let inner = indent + "  "
    switch self {
    case .string(let text): return Self.quoted(text)
    case .integer(let number): return String(number)
    case .boolean(let flag): return flag ? "true" : "false"
    case .array(let elements):
      if elements.isEmpty { return "[]" }
      return "[\n" + elements.map { inner + $0.text(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
    case .object(let pairs):
      if pairs.isEmpty { return "{}" }
      let lines = pairs.map { "\(inner)\(Self.quoted($0.key)): \($0.value.text(indent: inner))" }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    }
  }

  /// A text as JSON writes it, in double quotes; YAML reads it, too.
  package static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case _ where scalar.value < 32 || (0x7f...0x9f).contains(scalar.value):
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}

/// Writes shapes as JSON Schema (draft 2020-12).
package enum JSONSchema {
  /// The schema of a kind of file.
  ///
  /// - Parameter kind: as `schema KIND` calls it; editors know the schema by it.
  package static func document(kind: String, title: String, _ shape: Shape) -> JSONValue {
    var pairs: [JSONValue.Pair] = [
      .init(key: "$schema", value: .string("https://json-schema.org/draft/2020-12/schema")),
      .init(key: "$id", value: .string("urn:meterstorm:schema:\(kind)")),
      .init(key: "title", value: .string(title)),
    ]
    if case .object(let rest) = schema(shape) { pairs += rest }
    return .object(pairs)
  }

  static func schema(_ shape: Shape) -> JSONValue {
    switch shape {
    case .unit(let unit): return schema(unit)
    case .text: return .object(["type": scalar, "minLength": .integer(1)])
    case .name:
      return .object([
        "type": scalar, "pattern": .string("^[A-Za-z0-9_.-]+$"), "maxLength": .integer(64),
      ])
    case .choice(let words):
      // A word of digits may also be written as a number.
      let numbers = words.compactMap { Int($0).map(JSONValue.integer) }
      return .object(["enum": .array(words.map(JSONValue.string) + numbers)])
    case .list(let element, let minimum):
      return .object([
        "type": .string("array"), "items": schema(element), "minItems": .integer(minimum),
      ])
    case .map(let value):
      return .object([
        "type": .string("object"), "propertyNames": schema(.name), "additionalProperties": schema(value),
      ])
    case .record(let fields): return object(fields)
    case .variant(let variants, let common):
      return .object([
        "oneOf": .array(variants.map { object([.required($0.key, $0.shape, $0.help)] + common) })
      ])
    case .tagged(let key, let help, let cases, let common):
      return .object([
        "oneOf": .array(
          cases.map { object([.required(key, .choice([$0.word]), help)] + $0.fields + common) })
      ])
    case .any: return .object([:])
    case .either(let shapes): return .object(["anyOf": .array(shapes.map(schema))])
    }
  }

  /// A text may look like a number or a truth value, as in `name: 2026`.
  private static var scalar: JSONValue {
    .array([.string("string"), .string("number"), .string("boolean")])
  }

  private static func object(_ fields: [Field]) -> JSONValue {
    let properties = fields.map { field in
      var value = schema(field.shape)
      if case .object(let pairs) = value {
        value = .object(hover(field) + pairs)
      }
      return JSONValue.Pair(key: field.key, value: value)
    }
    return .object([
      "type": .string("object"), "properties": .object(properties),
      "required": .array(fields.filter(\.isRequired).map { .string($0.key) }),
      "additionalProperties": .boolean(false),
    ])
  }

  /// What an editor shows of a key: the sentence, and as Markdown also the form of the value where that is not said by its own keys.
  private static func hover(_ field: Field) -> [JSONValue.Pair] {
    let form = Self.form(field.shape)
    return [.init(key: "description", value: .string(field.help))]
      + (form.map { [.init(key: "markdownDescription", value: .string("\(field.help)\n\n*\($0)*"))] } ?? [])
  }

  /// How a value is written, in words; `nil`: there is nothing to say of it.
  private static func form(_ shape: Shape) -> String? {
    switch shape {
    case .unit(let unit): unit.wanted
    case .choice(let words): "one of " + words.map { "`\($0)`" }.joined(separator: ", ")
    case .list(let element, _): form(element).map { "a list; each element is \($0)" }
    case .map(let value): form(value).map { "a mapping of names; each value is \($0)" }
    case .either(let shapes):
      shapes.compactMap(form).isEmpty ? nil : shapes.map(Reader.describe).joined(separator: ", or ")
    case .text, .name, .record, .variant, .tagged, .any: nil
    }
  }

  private static func text(pattern: String) -> JSONValue {
    .object(["type": .string("string"), "pattern": .string("^\(pattern)$")])
  }

  private static func schema(_ unit: Unit) -> JSONValue {
    let number = "[0-9]+(\\.[0-9]+)?"
    let duration = "(\(number)(ns|us|ms|s|m|h|d|w))+"
    let date = "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?)?Z?"
    switch unit {
    case .duration: return text(pattern: duration)
    case .durationOr(let word): return text(pattern: "(\(duration)|\(word))")
    case .rate: return text(pattern: "\(number)/(s|min|m|h|d)")
    case .share: return text(pattern: "(100(\\.0+)?|[0-9]{1,2}(\\.[0-9]+)?)%")
    case .percentage: return text(pattern: "\(number)%")
    case .instant: return text(pattern: date)
    case .moment: return text(pattern: "(month-end([+-]\(duration))?|\(duration)|\(date))")
    case .speed: return text(pattern: "\(number)x")
    case .currency: return .object(["enum": .array(Currency.codes.map(JSONValue.string))])
    case .expectation:
      let names =
        Expectation.indicators.map { $0.name.replacing(".", with: "\\.") }
        + ["drainAfter\\(erp/[^ )]+ [A-Za-z]+\\)"]
      return text(pattern: "(\(names.joined(separator: "|"))) *(<=|>=|==|<|>) *[0-9].*")
    case .amount: return text(pattern: "\(number) [A-Z]{3}")
    case .recurringPrice: return text(pattern: "\(number) [A-Z]{3}/(year|month|day)")
    case .designName:
      return .object([
        "type": scalar, "pattern": .string("^[A-Za-z0-9_.-]+\\*?$"), "maxLength": .integer(65),
      ])
    case .integer(let range):
      var pairs: [JSONValue.Pair] = [
        .init(key: "type", value: .string("integer")),
        .init(key: "minimum", value: .integer(range.lowerBound)),
      ]
      if range.upperBound != .max { pairs.append(.init(key: "maximum", value: .integer(range.upperBound))) }
      return .object(pairs)
    case .decimal(let digits):
      return .object([
        "anyOf": .array([
          .object(["type": .string("number"), "minimum": .integer(0)]),
          text(pattern: "[0-9]+(\\.[0-9]{1,\(digits)}0*)?"),
        ])
      ])
    }
  }
}

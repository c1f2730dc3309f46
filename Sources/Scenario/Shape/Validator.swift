/// Checks a node against a shape and says everything that is wrong with it.
struct Validator {
  private(set) var diagnostics: [Diagnostic] = []

  /// Throws what is wrong, up to 20 diagnostics.
  static func validate(_ node: LocatedNode, _ shape: Shape, what: String) throws(InvalidInput) {
    var validator = Validator()
    validator.check(node, shape, path: what)
    if !validator.diagnostics.isEmpty { throw InvalidInput(Array(validator.diagnostics.prefix(20))) }
  }

  private mutating func fail(_ message: String, _ position: Position) {
    diagnostics.append(Diagnostic(message, at: position))
  }

  private mutating func wrongType(_ node: LocatedNode, _ wanted: String, _ path: String) {
    fail(
      "\(path.isEmpty ? "the file" : "'\(path)'") should be \(wanted), not \(node.kind)"
        + FaultHint.value(path, node), node.position)
  }

  mutating func check(_ node: LocatedNode, _ shape: Shape, path: String) {
    switch shape {
    case .unit(.designName) where node.isNull: wrongType(node, Unit.designName.wanted, path)
    case .unit(let unit): checkUnit(node, unit, path)
    case .any: return
    case .text:
      guard let text = node.text, !text.isEmpty, !node.isNull else { return wrongType(node, "a text", path) }
    case .name:
      guard let text = node.text, Self.isName(text), !node.isNull else {
        return wrongType(node, "a name of letters, digits, '_', '-' and '.'", path)
      }
    case .choice(let words):
      guard let text = node.text else {
        return wrongType(node, "one of \(words.joined(separator: ", "))", path)
      }
      if !words.contains(text) {
        fail("'\(path)' cannot be '\(text)'" + NearestKey.hint(for: text, among: words), node.position)
      }
    case .list(let element, let minimum):
      guard case .sequence(let elements) = node.content else { return wrongType(node, "a list", path) }
      if elements.count < minimum {
        fail("'\(path)' needs at least \(minimum) element\(minimum == 1 ? "" : "s")", node.position)
      }
      for (index, child) in elements.enumerated() { check(child, element, path: "\(path)[\(index)]") }
    case .map(let value):
      guard case .mapping(let pairs) = node.content else { return wrongType(node, "a mapping", path) }
      for pair in pairs {
        if !Self.isName(pair.key.name) { fail("'\(pair.key.name)' is not a name", pair.key.position) }
        check(pair.value, value, path: join(path, pair.key.name))
      }
    case .record(let fields):
      guard case .mapping(let pairs) = node.content else { return wrongType(node, "a mapping", path) }
      checkKeys(pairs, fields, path)
      for field in fields where field.isRequired && !pairs.contains(where: { $0.key.name == field.key }) {
        fail("'\(join(path, field.key))' is missing: \(field.help)", node.position)
      }
    case .variant(let variants, let common):
      guard case .mapping(let pairs) = node.content else {
        return wrongType(node, "a mapping with one of \(variants.map(\.key).joined(separator: ", "))", path)
      }
      checkKeys(pairs, variants + common, path)
      for field in common where field.isRequired && !pairs.contains(where: { $0.key.name == field.key }) {
        fail("'\(join(path, field.key))' is missing: \(field.help)", node.position)
      }
      let chosen = pairs.filter { pair in variants.contains { $0.key == pair.key.name } }
      if chosen.count != 1,
        chosen.count > 1 || pairs.allSatisfy({ pair in common.contains { $0.key == pair.key.name } })
      {
        let names = variants.map(\.key).joined(separator: ", ")
        fail(
          "'\(path)' needs exactly one of \(names)", chosen.dropFirst().first?.key.position ?? node.position)
      }
    case .tagged(let key, let help, let cases, let common):
      guard case .mapping(let pairs) = node.content else { return wrongType(node, "a mapping", path) }
      let tag = Field.required(key, .choice(cases.map(\.word)), help)
      guard let word = node[key]?.text, let chosen = cases.first(where: { $0.word == word }) else {
        // Without the word, keys are only checked against all there are.
        var all = [tag] + common
        for field in cases.flatMap(\.fields) where !all.contains(where: { $0.key == field.key }) {
          all.append(field)
        }
        checkKeys(pairs, all, path)
        if node[key] == nil { fail("'\(join(path, key))' is missing: \(help)", node.position) }
        return
      }
      check(node, .record([tag] + chosen.fields + common), path: path)
    case .either(let shapes):
      if let shape = shapes.first(where: { Self.fits(node, $0) }) {
        check(node, shape, path: path)
      } else {
        wrongType(node, shapes.map(Self.describe).joined(separator: " or "), path)
      }
    }
  }

  private mutating func checkUnit(_ node: LocatedNode, _ unit: Unit, _ path: String) {
    guard case .scalar(let text, let isQuoted) = node.content else {
      return wrongType(node, unit.wanted, path)
    }
    if case .integer = unit, isQuoted { return wrongType(node, unit.wanted + " without quotes", path) }
    guard !unit.accepts(text) else { return }
    if unit == .expectation {
      fail(Expectation.problem(with: text), node.position)
    } else {
      wrongType(node, unit.wanted, path)
    }
  }

  private mutating func checkKeys(
    _ pairs: [(key: LocatedNode.Key, value: LocatedNode)], _ fields: [Field], _ path: String
  ) {
    for pair in pairs {
      if let field = fields.first(where: { $0.key == pair.key.name }) {
        check(pair.value, field.shape, path: join(path, field.key))
      } else {
        let place = path.isEmpty ? "" : " in '\(path)'"
        fail(
          "unknown key '\(pair.key.name)'\(place)"
            + (FaultHint.unknown(pair.key.name, pair.value, in: path)
              ?? NearestKey.hint(for: pair.key.name, among: fields.map(\.key))),
          pair.key.position)
      }
    }
  }

  private func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64
      && text.utf8.allSatisfy {
        ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) || $0 == 95 || $0 == 45
          || $0 == 46
      }
  }

  private static func fits(_ node: LocatedNode, _ shape: Shape) -> Bool {
    switch (node.content, shape) {
    case (.scalar, .unit), (.scalar, .text), (.scalar, .name), (.scalar, .choice): true
    case (.sequence, .list): true
    case (.mapping, .record), (.mapping, .variant), (.mapping, .map), (.mapping, .tagged): true
    default: false
    }
  }

  private static func describe(_ shape: Shape) -> String {
    switch shape {
    case .unit(let unit): unit.wanted
    case .text: "a text"
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

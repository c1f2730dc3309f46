/// What people call a value of a scenario: `customers.count` is "customers", `entities.0.erp.concurrency` "connections of entity us's
/// ERP". The words are those of the schema (``Field/title``); a key without a title is spelt out.
package struct PathWords: Hashable, Sendable {
  /// What its values are.
  package enum Kind: String, Hashable, Sendable {
    /// A number of things, which stands before their name: 5 connections.
    case count
    /// A span, or a moment after the start.
    case duration
    /// A share.
    case share
    /// A rate.
    case rate
    /// Any other number.
    case number
    /// No number.
    case other
  }

  /// The words, in lower case and without an article.
  package var text: String
  /// What its values are.
  package var kind: Kind
  /// Whether the path leads somewhere in a scenario.
  package var isKnown: Bool

  /// Finds the words for a path, and takes the names of what it is part of from a scenario's tree.
  package init(for path: [String], in root: LocatedNode?) {
    self.init(.scenario, path[...], root, Place(words: "", field: nil))
  }

  /// A node on the way: the words for it, and the field that declares it.
  private struct Place {
    var words: String
    var field: Field?
  }

  private init(_ shape: Shape, _ rest: ArraySlice<String>, _ node: LocatedNode?, _ place: Place) {
    guard let key = rest.first else {
      self.init(text: place.words, kind: Self.kind(shape), isKnown: true)
      return
    }
    // A key may stand in several cases: the one in which the whole path leads somewhere is meant.
    let ways = Self.steps(shape, key, node, place).map { child, shape in
      PathWords(shape, rest.dropFirst(), node?.find([key]), child)
    }
    if let way = ways.first(where: \.isKnown) ?? ways.first {
      self = way
      return
    }
    let text = rest.map(Self.spelt).reversed().joined(separator: " of ")
    self.init(
      text: place.words.isEmpty ? text : "\(text) of \(place.words)", kind: .other, isKnown: false)
  }

  private init(text: String, kind: Kind, isKnown: Bool) {
    (self.text, self.kind, self.isKnown) = (text, kind, isKnown)
  }

  /// What may stand below a key, or at an index.
  private static func steps(
    _ shape: Shape, _ key: String, _ node: LocatedNode?, _ place: Place
  ) -> [(Place, Shape)] {
    switch shape {
    case .record(let fields):
      return fields.filter { $0.key == key }.map { (named($0, in: place), $0.shape) }
    case .tagged(let tag, _, let cases, let common):
      let word = node?[tag]?.text
      // Where the case has no such key, what is varied would be of another one.
      let own = cases.filter { word == nil || $0.word == word }.flatMap(\.fields).filter { $0.key == key }
      let fields = own.isEmpty ? cases.flatMap(\.fields) : own
      return (fields + common).filter { $0.key == key }.map { (named($0, in: place), $0.shape) }
    case .variant(let variants, let common):
      if let field = variants.first(where: { $0.key == key }) {
        // Which variant it is, is said of the whole.
        let own = field.title == nil ? Place(words: place.words, field: field) : named(field, in: place)
        return [(own, field.shape)]
      }
      return common.filter { $0.key == key }.map { (named($0, in: place), $0.shape) }
    case .map(let value):
      return [(Place(words: "\(place.words) of \(key)", field: nil), value)]
    case .list(let element, _):
      guard let index = Int(key), index >= 0 else { return [] }
      return [(Place(words: named(element, at: index, of: node, place), field: nil), element)]
    case .either(let shapes):
      return shapes.flatMap { steps($0, key, node, place) }
    case .unit, .text, .name, .choice, .any: return []
    }
  }

  private static func named(_ field: Field, in place: Place) -> Place {
    let title = field.title ?? (place.words.isEmpty ? spelt(field.key) : "\(spelt(field.key)) of {}")
    return Place(words: title.replacing("{}", with: place.words), field: field)
  }

  // MARK: Elements of lists

  private static func named(_ shape: Shape, at index: Int, of list: LocatedNode?, _ place: Place) -> String {
    let template = place.field?.element ?? "{#} of {}"
    let elements = list?.elements ?? []
    func filled(_ index: Int) -> String {
      fill(
        template, place.field.map { singular(spelt($0.key)) } ?? "item", shape, index,
        elements.indices.contains(index) ? elements[index] : nil, place.words)
    }
    let words = filled(index)
    let isShared = elements.indices.contains { $0 != index && filled($0) == words }
    return isShared ? "\(words) (\(index + 1))" : words
  }

  private static func fill(
    _ template: String, _ noun: String, _ shape: Shape, _ index: Int, _ node: LocatedNode?, _ list: String
  ) -> String {
    var words = ""
    var isNamed = false
    var rest = template[...]
    while let open = rest.firstIndex(of: "{"), let close = rest.firstIndex(of: "}") {
      words += rest[..<open]
      let keys = rest[rest.index(after: open)..<close].split(separator: "|").map(String.init)
      switch keys.first {
      case nil: words += list
      case "#":
        words += "\(index + 1)"
        isNamed = true
      case "kind":
        guard case .variant(let variants, _) = shape else { break }
        words += variants.first { node?[$0.key] != nil }.map { spelt($0.key) } ?? "fault"
      default:
        if let text = keys.lazy.compactMap({ node?[$0]?.text }).first {
          words += target(text)
          isNamed = true
        }
      }
      rest = rest[rest.index(after: close)...]
    }
    words += rest
    let text = words.split(separator: " ").joined(separator: " ")
    if isNamed { return text }
    // Without a name in it, its place tells it from the others.
    let bare = text.hasSuffix(" of") ? String(text.dropLast(3)) : text
    guard let first = bare.split(separator: " ").first, ["in", "for", "of"].contains(first) else {
      return "\(bare) \(index + 1)"
    }
    return "\(noun) \(index + 1) \(bare)"
  }

  /// `erp/us` in words; any other name as it is.
  private static func target(_ text: String) -> String {
    let parts = text.split(separator: "/", maxSplits: 1)
    guard parts.count == 2 else { return text }
    switch (parts[0], parts[1]) {
    case ("erp", "*"): return "every ERP"
    case ("erp", let entity): return "entity \(entity)'s ERP"
    case ("process", let service): return "the \(service) process"
    default: return text
    }
  }

  // MARK: Words

  private static func singular(_ noun: String) -> String {
    noun.hasSuffix("s") ? String(noun.dropLast()) : noun
  }

  /// `maximumBackoff` as `maximum backoff`.
  private static func spelt(_ key: String) -> String {
    var words = ""
    for character in key {
      if character.isUppercase { words += " " + character.lowercased() } else { words.append(character) }
    }
    return words
  }

  private static func kind(_ shape: Shape) -> Kind {
    switch shape {
    case .unit(let unit):
      switch unit {
      case .integer: .count
      case .duration, .durationOr, .moment: .duration
      case .share, .percentage: .share
      case .rate: .rate
      case .decimal, .speed: .number
      case .instant, .currency, .expectation, .designName, .recurringPrice, .amount: .other
      }
    case .either(let shapes):
      shapes.lazy.map(kind).first { $0 != .other } ?? .other
    case .variant(let variants, _):
      // `{ poisson: 5/s }` may be written as `5/s`.
      variants.first { $0.key == "constant" }.map { kind($0.shape) } ?? .other
    case .text, .name, .choice, .list, .record, .tagged, .map, .any: .other
    }
  }
}

extension ScenarioTemplate {
  /// What people call a value of this scenario.
  package func words(for path: [String]) -> PathWords { PathWords(for: path, in: root) }
}

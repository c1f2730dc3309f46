import Foundation
import Testing

@testable import Scenario

/// The part of JSON Schema that Meterstorm's schemas use, evaluated on YAML nodes as an editor would.
///
/// A schema sees values, not digits: that `1e5` and `0.00000000000000001`, written plainly, are refused (numbers are
/// read from their written digits, within their scale) is the decoder's alone.
final class SchemaEvaluator {
  private var patterns: [String: NSRegularExpression] = [:]

  /// Whether a node satisfies a schema.
  func accepts(_ node: LocatedNode, _ schema: JSONValue) -> Bool {
    guard case .object(let pairs) = schema else { return schema == .boolean(true) }
    for pair in pairs where !holds(pair.key, pair.value, node, schema) { return false }
    return true
  }

  private func holds(_ keyword: String, _ value: JSONValue, _ node: LocatedNode, _ schema: JSONValue) -> Bool
  {
    switch (keyword, value) {
    case ("$schema", _), ("$id", _), ("title", _), ("description", _), ("markdownDescription", _): return true
    case ("type", .string(let name)): return types(of: node).contains(name)
    case ("type", .array(let names)): return names.contains { holds("type", $0, node, schema) }
    case ("enum", .array(let words)): return words.contains { string(node).map(JSONValue.string) == $0 }
    case ("pattern", .string(let pattern)):
      guard let text = string(node) else { return true }
      if patterns[pattern] == nil { patterns[pattern] = try? NSRegularExpression(pattern: pattern) }
      let whole = NSRange(location: 0, length: text.utf16.count)
      return patterns[pattern]?.firstMatch(in: text, range: whole) != nil
    case ("minLength", .integer(let least)):
      return string(node).map { $0.unicodeScalars.count >= least } ?? true
    case ("maxLength", .integer(let most)):
      return string(node).map { $0.unicodeScalars.count <= most } ?? true
    case ("minimum", .integer(let least)): return number(node).map { $0 >= Double(least) } ?? true
    case ("maximum", .integer(let most)): return number(node).map { $0 <= Double(most) } ?? true
    case ("minItems", .integer(let least)): return elements(node).map { $0.count >= least } ?? true
    case ("items", _): return elements(node)?.allSatisfy { accepts($0, value) } ?? true
    case ("anyOf", .array(let schemas)): return schemas.contains { accepts(node, $0) }
    case ("oneOf", .array(let schemas)): return schemas.count { accepts(node, $0) } == 1
    case ("required", .array(let keys)):
      return members(node).map { members in
        keys.allSatisfy { key in members.contains { JSONValue.string($0.key.name) == key } }
      } ?? true
    case ("properties", _):
      return members(node)?.allSatisfy { member in
        value[member.key.name].map { accepts(member.value, $0) } ?? true
      } ?? true
    case ("additionalProperties", _):
      return members(node)?.allSatisfy { member in
        schema["properties"]?[member.key.name] != nil || accepts(member.value, value)
      } ?? true
    case ("propertyNames", _):
      return members(node)?.allSatisfy { member in
        accepts(LocatedNode(.scalar(member.key.name, isQuoted: true), at: node.position), value)
      } ?? true
    default:
      Issue.record("the schema uses '\(keyword)', which this evaluator does not know")
      return false
    }
  }

  private func elements(_ node: LocatedNode) -> [LocatedNode]? {
    if case .sequence(let elements) = node.content { elements } else { nil }
  }

  private func members(_ node: LocatedNode) -> [(key: LocatedNode.Key, value: LocatedNode)]? {
    if case .mapping(let pairs) = node.content { pairs } else { nil }
  }

  /// The types by YAML 1.2's core schema.
  private func types(of node: LocatedNode) -> [String] {
    switch node.content {
    case .sequence: return ["array"]
    case .mapping: return ["object"]
    case .scalar(let text, let isQuoted):
      if isQuoted { return ["string"] }
      if node.isNull { return ["null"] }
      if ["true", "false"].contains(text) { return ["boolean"] }
      if Int(text) != nil { return ["integer", "number"] }
      let isNumber = Double(text) != nil && text.allSatisfy { "+-.eE0123456789".contains($0) }
      return isNumber ? ["number"] : ["string"]
    }
  }

  private func string(_ node: LocatedNode) -> String? { types(of: node) == ["string"] ? node.text : nil }

  private func number(_ node: LocatedNode) -> Double? {
    types(of: node).contains("number") ? node.text.flatMap(Double.init) : nil
  }
}

@Suite("JSON Schemas")
struct SchemaTests {
  static let full = """
    name: full
    description: every key
    seed: 7
    start: 2026-01-01T00:00:00Z
    horizon: 35d
    drainWithin: 2d
    design: { name: mine, processes: [ [ ingestion ], [ billing, posting, payments ] ], log: { syncEvery: 5m }, ingestion: { capture: direct }, metering: { window: 1h, grace: 30m }, posting: { batchSize: 5, backoff: 1s, key: none, schedule: { linger: 5m } } }
    entities: [ { name: us, currency: USD, erp: { profile: netsuite, concurrency: 5, limits: [ { limit: 9, per: 1m, unit: calls, window: fixed } ], idempotency: { retention: 1d }, periods: reject } } ]
    customers: { count: 10, skew: { zipf: 1.1 }, contracts: { us: book.yaml } }
    load:
      - { meter: calls, arrivals: { bursts: { base: 1/s, peak: 9/s, on: 5m, off: 40m } }, quantity: { lognormal: { median: 3, sigma: 1 }, decimals: 2 } }
      - { event: completion, arrivals: 60/min, quantities: { in: 5, out: { uniform: { min: 1, max: 2.5 } } } }
      - { meter: tokens, aggregation: count, producers: 3, trace: { file: t.csv, timestamp: TIME, quantity: Q, speed: 2x, at: month-end-1d } }
    delivery: { duplicates: { share: 2%, delay: 5m }, late: { share: 1%, delay: { pareto: { min: 1h, shape: 1.5, max: 10d } } }, reorder: 30s, invalid: 0.5% }
    broker: { partitions: 2, batchSize: 10, linger: 1s, redelivery: { share: 1%, after: 10s } }
    faults:
      - { at: 3d, for: 6h, target: erp/us, outage: {} }
      - { random: { every: 12h }, target: erp/*, timeoutAfterCommit: { share: 20%, for: 10m } }
      - { at: month-end, for: 2h, target: erp/us, throttle: { to: 10% } }
      - { at: 1d, every: 1d, times: 3, target: [ erp/us, tax ], brownOut: { slowdown: 3, errors: 5%, for: 1h } }
      - { when: { situation: { name: throttled, reached: 2 }, after: 1s }, times: 2, target: process/posting, crash: { restartAfter: 9s } }
    expectations: [ postingLatency.p99 < 24h, ingestionCompleteness == 100% ]
    sampleEvery: 1h
    """

  static let book = """
    currency: USD
    charges:
      - { meter: a, model: graduated, firstTierFlatFee: always, tiers: [ { upTo: 10, unitPrice: 10, flatFee: 2 }, { unitPrice: '5' } ], includedUnits: 0, minimum: 0, maximum: 1000 }
      - { meter: b, model: perUnit, unitPrice: 0.0000035 }
      - { meter: c, model: package, packageSize: 10, packagePrice: 100 }
      - { meter: d, model: percentage, rate: 1.3%, fixedFeePerEvent: 2, freeEvents: 3, freeAmount: 250 }
      - { meter: e, model: graduatedPercentage, tiers: [ { upTo: 10, rate: 1%, flatFee: 200 }, { rate: 3% } ] }
      - { meter: f, model: volume, tiers: [ { unitPrice: 1 } ] }
    """

  private func node(_ text: String) throws -> LocatedNode { try YAMLReader.read(text: text, file: "test") }

  /// Each key in a schema, with its path and its own schema.
  private static func keys(_ schema: JSONValue, at path: String = "") -> [(path: String, schema: JSONValue)] {
    switch schema {
    case .array(let elements): return elements.flatMap { keys($0, at: path) }
    case .object(let pairs):
      return pairs.flatMap { pair -> [(path: String, schema: JSONValue)] in
        guard pair.key == "properties", case .object(let properties) = pair.value else {
          return keys(pair.value, at: path)
        }
        return properties.flatMap { property in
          let inner = path.isEmpty ? property.key : "\(path).\(property.key)"
          return [(path: inner, schema: property.value)] + keys(property.value, at: inner)
        }
      }
    case .string, .integer, .boolean: return []
    }
  }

  @Test(
    "every key has a sentence for editors, and every value with a form of its own says it in Markdown",
    arguments: FileKind.documents)
  func hover(kind: FileKind) throws {
    let keys = Self.keys(kind.schema)
    // As many as the kind is known to have: a walk that finds nothing proves nothing.
    #expect(keys.count >= [.scenario: 1000, .design: 55, .priceBook: 70][kind] ?? .max)
    for key in keys {
      guard case .string(let sentence)? = key.schema["description"] else {
        Issue.record("\(key.path) has no description")
        continue
      }
      #expect(sentence.count > 3, "\(key.path): '\(sentence)'")
      if key.schema["pattern"] != nil, key.schema["type"] == .string("string") {
        #expect(key.schema["markdownDescription"] != nil, "\(key.path) does not say how its value is written")
      }
    }
  }

  @Test("a schema has an identifier of its own")
  func identifiers() {
    let identifiers = FileKind.documents.map { $0.schema["$id"] }
    #expect(
      identifiers == ["scenario", "design", "price-book"].map { .string("urn:meterstorm:schema:\($0)") })
  }

  @Test(
    "a word on its own is read as the parser reads it within a list",
    arguments: [
      "a", "off", "null", "12", "7.5%", "next-invoice", "2026-01-05", "0x1f", "1e-3", "a...", "90d", "NaN",
      "true-", "1.-",
    ])
  func word(_ text: String) throws {
    let alone = try node(text)
    guard case .sequence(let elements) = try node("[ \(text) ]").content,
      case .scalar(let own, let quoted) = alone.content,
      case .scalar(let listed, let isQuoted) = try #require(elements.first).content
    else { throw InvalidInput("no scalar", at: alone.position) }
    #expect(own == listed && own == text && quoted == isQuoted)
    #expect(alone.position == Position(file: "test", line: 1, column: 1))
  }

  /// Every tree that differs from a node in one place: a value exchanged, a key left out, added or misspelt.
  private func mutants(_ node: LocatedNode, _ replacements: [LocatedNode]) -> [LocatedNode] {
    var mutants = replacements
    switch node.content {
    case .scalar: break
    case .sequence(let elements):
      for index in elements.indices {
        for mutant in self.mutants(elements[index], replacements) {
          var copy = elements
          copy[index] = mutant
          mutants.append(LocatedNode(.sequence(copy), at: node.position))
        }
      }
    case .mapping(let pairs):
      for index in pairs.indices {
        for mutant in self.mutants(pairs[index].value, replacements) {
          var copy = pairs
          copy[index].value = mutant
          mutants.append(LocatedNode(.mapping(copy), at: node.position))
        }
        var without = pairs
        without.remove(at: index)
        mutants.append(LocatedNode(.mapping(without), at: node.position))
        var misspelt = pairs
        misspelt[index].key.name += "x"
        mutants.append(LocatedNode(.mapping(misspelt), at: node.position))
      }
    }
    return mutants
  }

  @Test("the schema and the decoder agree on a full file and on everything next to it")
  func agreement() throws {
    let words = [
      "x", "5", "-5", "5.5", "'5'", "0", "2%", "101%", "3h", "3 h", "1/s", "1/fortnight", "2x", "null", "''",
      "true",
      "month-end", "month-end+2h", "2026-01-01", "USD", "EURO", "[]", "{}", "[1]", "{ a: 1 }", "sum",
      "always",
      "drainTime < 1h", "nothing < 1h", "'1e5'", "'0.00000000000000001'", "a b", "perUnit",
    ]
    let replacements = try words.map { try node($0) }
    var verdicts = [0, 0]
    var disagreements: [String] = []
    let evaluator = SchemaEvaluator()
    let kinds: [(text: String, isValid: (LocatedNode) -> Bool, schema: JSONValue)] = [
      (Self.full, ScenarioFile.schema.hasRightForm, FileKind.scenario.schema),
      (Self.book, PriceBookFile.schema.hasRightForm, FileKind.priceBook.schema),
    ]
    for (text, isValid, schema) in kinds {
      let original = try node(text)
      #expect(isValid(original) && evaluator.accepts(original, schema))
      for mutant in mutants(original, replacements) {
        let decoder = isValid(mutant)
        let editor = evaluator.accepts(mutant, schema)
        verdicts[decoder ? 1 : 0] += 1
        if decoder != editor {
          let difference = difference(describe(original), describe(mutant))
          disagreements.append("\(difference): decoder \(decoder), schema \(editor)")
        }
      }
    }
    #expect(disagreements.isEmpty, "\(disagreements.count): \(disagreements.prefix(20))")
    #expect(verdicts[0] > 1000 && verdicts[1] > 200, "both verdicts occur often: \(verdicts)")
  }

  /// Where two texts differ, with what stands before it.
  private func difference(_ a: String, _ b: String) -> String {
    let before = a.commonPrefix(with: b).count
    let after = String(a.reversed()).commonPrefix(with: String(b.reversed())).count
    let end = max(before, b.count - after)
    return "\(b.dropFirst(max(0, before - 25)).prefix(end - max(0, before - 25) + 1))"
  }

  private func describe(_ node: LocatedNode) -> String {
    switch node.content {
    case .scalar(let text, let isQuoted): isQuoted ? "'\(text)'" : text
    case .sequence(let elements): "[" + elements.map(describe).joined(separator: ", ") + "]"
    case .mapping(let pairs):
      "{" + pairs.map { "\($0.key.name): \(describe($0.value))" }.joined(separator: ", ") + "}"
    }
  }
}

import Foundation
import Testing

@testable import Scenario

@Suite("Words for paths")
struct PathWordsTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func template(_ file: String) throws -> ScenarioTemplate {
    try ScenarioTemplate(file: Self.root.appendingPathComponent(file).path, settings: [])
  }

  @Test(
    "people read words, and not paths",
    arguments: [
      ("customers.count", "customers", PathWords.Kind.count),
      ("entities.0.erp.concurrency", "connections of entity us's ERP", .count),
      ("design.posting.concurrency", "posting workers", .count),
      ("faults.0.for", "length of the outage of entity us's ERP", .duration),
      ("load.0.arrivals.poisson", "arrivals of api_calls usage", .rate),
      ("entities.0.erp.latency", "median call time of entity us's ERP", .duration),
      ("design.posting.maximumBackoff", "longest pause after a refusal", .duration),
      (
        "customers.contracts.us.charges.0.unitPrice", "unit price of api_calls in the price book of us",
        .number
      ),
      ("delivery.late.share", "share of late events", .share),
    ])
  func examples(_ path: String, _ text: String, _ kind: PathWords.Kind) throws {
    var template = try template("scenarios/capacity/outage.yaml")
    if path.hasPrefix("customers.contracts") {
      template = try ScenarioTemplate(
        file: template.file,
        settings: [ScenarioFile.Setting("customers.contracts.us.charges.0.includedUnits=0")].compactMap(
          \.self))
    }
    let words = template.words(for: path.split(separator: ".").map(String.init))
    #expect(words.text == text && words.kind == kind && words.isKnown)
  }

  /// Every path of a shape that leads to a number, each list with its first element and each map with a name.
  private func numericPaths(_ shape: Shape, _ path: [String] = []) -> [[String]] {
    switch shape {
    case .unit(let unit):
      switch unit {
      case .instant, .currency, .expectation, .designName, .recurringPrice, .amount: return []
      default: return [path]
      }
    case .record(let fields): return fields.flatMap { numericPaths($0.shape, path + [$0.key]) }
    case .variant(let variants, let common):
      return (variants + common).flatMap { numericPaths($0.shape, path + [$0.key]) }
    case .tagged(_, _, let cases, let common):
      return (cases.flatMap(\.fields) + common).flatMap { numericPaths($0.shape, path + [$0.key]) }
    case .list(let element, _): return numericPaths(element, path + ["0"])
    case .map(let value): return numericPaths(value, path + ["us"])
    case .either(let shapes): return shapes.flatMap { numericPaths($0, path) }
    case .text, .name, .choice, .any: return []
    }
  }

  @Test(
    "every number of a scenario that can be varied has words: no key, no place in a list, nothing left to fill in"
  )
  func complete() {
    let paths = numericPaths(.scenario).filter { !["capacity", "explore"].contains($0[0]) }
    #expect(paths.count > 150)
    for path in paths {
      let words = PathWords(for: path, in: nil)
      let text = words.text
      #expect(words.isKnown && words.kind != .other, "\(path.joined(separator: ".")): \(text)")
      #expect(!text.isEmpty && !text.contains { "{}.#".contains($0) }, "\(path): \(text)")
      #expect(!text.hasPrefix(" ") && !text.hasSuffix(" ") && !text.contains("  "), "\(path): \(text)")
      // A key in camel case would be one; "ERP" is a word.
      let isSpelt = text.replacing("ERP", with: "").allSatisfy { !$0.isUppercase }
      #expect(isSpelt, "\(path): \(text)")
      #expect(!text.hasSuffix(" of") && !text.contains(" of of "), "\(path): \(text)")
      // A key that is a preposition, or says nothing alone, needs a title.
      let first = text.split(separator: " ").first.map(String.init) ?? ""
      #expect(
        !["for", "at", "to", "on", "off", "per", "over", "after", "by"].contains(first), "\(path): \(text)")
    }
  }

  @Test("two numbers of one scenario never have the same words")
  func distinct() throws {
    let folder = Self.root.appendingPathComponent("scenarios")
    let names = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
      .filter { $0.hasSuffix(".yaml") && !$0.contains("price-books") && !$0.contains("designs") }.sorted()
    var seen = 0
    for name in names {
      guard let template = try? template("scenarios/\(name)") else { continue }
      var places: [String: String] = [:]
      for path in leaves(template.root) where !["capacity", "explore"].contains(path[0]) {
        let words = template.words(for: path)
        guard words.kind != .other else { continue }
        seen += 1
        let joined = path.joined(separator: ".")
        if let other = places.updateValue(joined, forKey: words.text) {
          Issue.record("\(name): \(other) and \(joined) are both '\(words.text)'")
        }
      }
    }
    #expect(seen > 400)
  }

  private func leaves(_ node: LocatedNode, _ path: [String] = []) -> [[String]] {
    switch node.content {
    case .scalar: [path]
    case .mapping(let pairs): pairs.flatMap { leaves($0.value, path + [$0.key.name]) }
    case .sequence(let elements): elements.enumerated().flatMap { leaves($1, path + ["\($0)"]) }
    }
  }

  @Test("a path that a scenario does not have is spelt out")
  func unknown() {
    let words = PathWords(for: ["customers", "shoeSize"], in: nil)
    #expect(words.text == "shoe size" && !words.isKnown)
  }
}

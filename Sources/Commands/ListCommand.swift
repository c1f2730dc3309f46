import ArgumentParser
import Experiments
import Foundation
import RunRecord
import Scenario

struct ListCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract:
      "Lists what is built in: without a kind, the kinds; with names, all details, or the text of a scenario.",
    discussion: Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm list",
    "meterstorm list faults",
    "meterstorm list erp-profiles netsuite",
    "meterstorm list scenarios month-end-throttle",
    "meterstorm list defects --format json",
  ]

  @Argument(
    help:
      "scenarios (of the folder 'scenarios'), designs, erp-profiles, invariants, defects, situations, distributions, faults or indicators."
  )
  var kind: Catalogue.Kind?

  @Argument(help: "Only these, with all their details.")
  var names: [String] = []

  @Flag(name: .shortAndLong, help: "Shows all details of each.")
  var verbose = false

  @Option(help: "text or json.")
  var format: OutputFormat = .text

  func run() throws {
    guard let kind else { return try listKinds() }
    if kind == .scenarios, !names.isEmpty { return try printScenarios() }
    var entries = try Console.reading { try Catalogue.entries(of: kind) }
    for name in names where !entries.contains(where: { $0.name == name }) {
      throw ValidationError(
        "there is no '\(name)' among the \(kind.rawValue)"
          + NearestKey.hint(for: name, among: entries.map(\.name)))
    }
    if !names.isEmpty { entries = entries.filter { names.contains($0.name) } }
    switch format {
    case .json:
      try Console.write(RecordJSON.encode(entries.map(\.object)))
    case .text:
      try Console.print(ListText.text(entries, isDetailed: verbose || !names.isEmpty))
    }
  }

  /// The files themselves: what is written in them is what there is to know.
  private func printScenarios() throws {
    let scenarios = try names.map { name -> (name: String, text: String) in
      let file = ShippedScenarios.file(name)
      guard let data = FileManager.default.contents(atPath: file) else {
        let known = try Console.reading { try Catalogue.entries(of: .scenarios) }.map { entry in
          entry.name.split(separator: "/").last.map {
            $0.hasSuffix(".yaml") ? String($0.dropLast(5)) : String($0)
          }
            ?? entry.name
        }
        throw ValidationError(
          "there is no '\(name)' among the scenarios" + NearestKey.hint(for: name, among: known))
      }
      return (name, Self.portable(String(decoding: data, as: UTF8.self)))
    }
    switch format {
    case .json:
      try Console.write(RecordJSON.encode(scenarios.map { ["name": $0.name, "text": $0.text] }))
    case .text: try Console.print(scenarios.map(\.text).joined(separator: "\n"))
    }
  }

  /// A scenario's text whose modeline names its schema where `init` puts it: what is printed will be a file in another folder.
  private static func portable(_ text: String) -> String {
    guard let line = text.split(separator: "\n", maxSplits: 1).first,
      let mark = line.range(of: "yaml-language-server: $schema=")
    else { return text }
    let name = line[mark.upperBound...].split(separator: "/").last ?? ""
    return line[..<mark.upperBound] + "schemas/" + name + text[line.endIndex...]
  }

  private func listKinds() throws {
    let entries = try Console.reading {
      try Catalogue.Kind.allCases.map { kind in try Catalogue.summary(of: kind) }
    }
    switch format {
    case .json: try Console.write(RecordJSON.encode(entries.map(\.object)))
    case .text:
      try Console.print(
        ListText.text(entries, isDetailed: false) + "\n'meterstorm list KIND' lists one kind.\n")
    }
  }
}

extension Catalogue.Entry {
  /// The entry as JSON has it.
  fileprivate var object: [String: String] {
    Dictionary(uniqueKeysWithValues: [("name", name)] + details.map { ($0.key, $0.value) })
  }
}

/// Entries of a catalogue for a terminal of 80 columns.
enum ListText {
  private static let width = 80
  /// Names that are longer have a line of their own.
  private static let longestName = 32

  /// - Parameter isDetailed: whether all details are shown, and not the first alone.
  static func text(_ entries: [Catalogue.Entry], isDetailed: Bool) -> String {
    let names = entries.map(\.name.count).filter { $0 <= longestName }
    let indent = (names.max() ?? 2) + 2
    var lines: [String] = []
    for entry in entries {
      lines += paragraph(entry.name, entry.details.first?.value ?? "", indent: indent)
      guard isDetailed else { continue }
      for detail in entry.details.dropFirst() {
        lines += wrapped("\(detail.key): \(detail.value)", first: "    ", rest: "      ")
      }
      lines.append("")
    }
    if isDetailed, lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n") + (lines.isEmpty ? "" : "\n")
  }

  private static func paragraph(_ name: String, _ text: String, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    guard name.count + 2 <= indent else { return [name] + wrapped(text, first: margin, rest: margin) }
    let head = name + String(repeating: " ", count: indent - name.count)
    return wrapped(text, first: head, rest: margin)
  }

  /// A text broken between words.
  private static func wrapped(_ text: String, first: String, rest: String) -> [String] {
    var lines: [String] = []
    var line = first
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        (line, isEmpty) = (rest, true)
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    while line.last == " " { line.removeLast() }
    return lines + [line]
  }
}

extension Catalogue.Kind: ExpressibleByArgument {}

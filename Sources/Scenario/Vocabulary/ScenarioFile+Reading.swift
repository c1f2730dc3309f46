import CanonicalModel
import Chronology
import Foundation

extension ScenarioFile {
  /// A change from the command line: `path=value`.
  package struct Setting: Hashable, Sendable {
    /// The path, such as `customers.count`.
    package var path: String
    /// The value, as YAML.
    package var value: String
    /// What stands in the place of a file in messages.
    package var label: String

    /// Reads `path=value`, or `-path`, which takes away what stands there; `nil` on anything else.
    package init?(_ text: String) {
      if text.hasPrefix("-"), text.count > 1, !text.contains("=") {
        (path, value, label, isRemoval) = (String(text.dropFirst()), "", "--set \(text)", true)
        return
      }
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
      path = String(text[..<equals])
      value = String(text[text.index(after: equals)...])
      label = "--set \(path)"
    }

    /// Whether it takes away what stands at the path: `-path`.
    package var isRemoval = false

    /// Puts a text at a path, whatever it looks like.
    package init(path: String, text: String, label: String) {
      (self.path, self.label) = (path, label)
      value = JSONValue.quoted(text)
    }
  }

  /// Reads a scenario with everything that it names.
  package static func read(file: String, settings: [Setting] = []) throws(InvalidInput) -> ScenarioFile {
    try decode(tree(file: file, settings: settings), file: file, files: FileCache())
  }

  /// The tree of a file over those that it extends, with settings.
  static func tree(file: String, settings: [Setting]) throws(InvalidInput) -> LocatedNode {
    try merged(file: file, seen: []).applying(changes(settings))
  }

  /// What settings change.
  static func changes(_ settings: [Setting]) throws(InvalidInput) -> [TreeChange] {
    var changes: [TreeChange] = []
    for setting in settings {
      let path = setting.path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard !path.isEmpty else {
        throw InvalidInput(
          "the path of a setting is empty", at: Position(file: setting.label, line: 1, column: 1))
      }
      if changes.contains(where: { $0.path == path && $0.label == setting.label }) {
        throw InvalidInput(
          "'\(setting.path)' is set more than once; leave one of them out",
          at: Position(file: setting.label, line: 1, column: 1))
      }
      if setting.isRemoval {
        changes.append(TreeChange(path: path, value: nil, label: setting.label))
        continue
      }
      let value = try YAMLReader.read(
        text: setting.value.isEmpty ? "''" : setting.value, file: setting.label)
      changes.append(TreeChange(path: path, value: value, label: setting.label))
    }
    return changes
  }

  /// Reads a file and the ones that it extends. The file names in the tree are resolved: those in a file are
  /// relative to it, those from the command line to the working directory.
  static func merged(file: String, seen: [String]) throws(InvalidInput) -> LocatedNode {
    let file = seen.isEmpty ? ShippedScenarios.file(file) : file
    let folder = Paths.folder(of: file)
    var node = try YAMLReader.read(file: file)
    try FileKind.expect(.scenario, node, file: file)
    let base = node["extends"]
    if case .mapping(let pairs) = node.content {
      node.content = .mapping(pairs.filter { $0.key.name != "extends" })
    }
    node = node.resolvingFiles(relativeTo: folder)
    guard let base else { return node }
    guard let path = base.text, !path.isEmpty else {
      throw InvalidInput(
        "'extends' should be a scenario: a file, or the name of one that comes with the program",
        at: base.position)
    }
    // A file beside this one comes before a scenario of that name.
    let beside = Paths.resolve(path, relativeTo: folder)
    let isThere = FileManager.default.fileExists(atPath: beside)
    let baseFile =
      isThere ? beside : ShippedScenarios.named(path) ?? (ShippedScenarios.isName(path) ? path : beside)
    guard !(seen + [file]).contains(baseFile), seen.count < 16 else {
      throw InvalidInput("circular 'extends': \(baseFile)", at: base.position)
    }
    let below: LocatedNode
    do throws(InvalidInput) {
      below = try merged(file: baseFile, seen: seen + [file])
    } catch {
      // What is wrong with the file as a whole is a mistake of the one that names it.
      guard error.diagnostics.first?.position.line == 0 else { throw error }
      throw InvalidInput("'extends' \(error.diagnostics[0])", at: base.position)
    }
    return try below.writtenOut(below: node).merged(with: node)
  }

  static func decode(
    _ node: LocatedNode, file: String, files: FileCache
  ) throws(InvalidInput) -> ScenarioFile {
    var scene = Scene()
    (scene.files, scene.root) = (files, node)
    var scenario = try schema.value(of: node, limit: 40, byColumn: true, reader: Reader(scene: scene))
    scenario.file = file
    return scenario
  }
}

extension LocatedNode {
  /// The tree in which no name and no file stands where another one, which is laid over it, says more.
  fileprivate func writtenOut(below overlay: LocatedNode) throws(InvalidInput) -> LocatedNode {
    var node = self
    for path in overlay.leaves([]) {
      // A design that names the one from which it starts is a whole one.
      if path.first == "design", overlay["design"]?["extends"] != nil { continue }
      node = try node.writtenOut(along: path)
    }
    return node
  }

  /// The paths of all that is no mapping.
  private func leaves(_ path: [String]) -> [[String]] {
    guard case .mapping(let pairs) = content else { return [path] }
    return pairs.flatMap { $0.value.leaves(path + [$0.key.name]) }
  }

  /// Makes the file names of a scenario independent of where its file stands.
  fileprivate func resolvingFiles(relativeTo folder: String) -> LocatedNode {
    self.changing(["customers", "contracts"]) { $0.resolvingPath(relativeTo: folder) }
      .changing(["customers", "amendments", "contracts"]) { $0.resolvingPath(relativeTo: folder) }
      .changing(["load", "trace", "file"]) { $0.resolvingPath(relativeTo: folder) }
      .changing(["design"]) { node in
        DesignFile.isFile(node.text ?? "") ? node.resolvingPath(relativeTo: folder) : node
      }
  }

  /// Resolves a file name, or the file names in the values of a mapping.
  func resolvingPath(relativeTo folder: String) -> LocatedNode {
    switch content {
    case .scalar(let text, let isQuoted):
      LocatedNode(.scalar(Paths.resolve(text, relativeTo: folder), isQuoted: isQuoted), at: position)
    case .mapping(let pairs):
      // What is no name of a file is a price book in its place.
      LocatedNode(
        .mapping(
          pairs.map { $0.value.text == nil ? $0 : ($0.key, $0.value.resolvingPath(relativeTo: folder)) }),
        at: position)
    case .sequence: self
    }
  }

  /// Changes the nodes at a path, in every element of the lists on the way.
  func changing(_ path: ArraySlice<String>, _ change: (LocatedNode) -> LocatedNode) -> LocatedNode {
    guard let key = path.first else { return change(self) }
    switch content {
    case .mapping(let pairs):
      return LocatedNode(
        .mapping(
          pairs.map { $0.key.name == key ? ($0.key, $0.value.changing(path.dropFirst(), change)) : $0 }),
        at: position)
    case .sequence(let elements):
      return LocatedNode(.sequence(elements.map { $0.changing(path, change) }), at: position)
    case .scalar: return self
    }
  }
}

import Foundation
import Yams

/// Reads YAML files into located nodes. Refuses what no scenario needs: huge files, huge or deep trees,
/// repeated keys, several documents.
package enum YAMLReader {
  /// The largest file in bytes.
  package static let maximumBytes = 16 << 20
  /// The most nodes of a tree; aliases count each time.
  package static let maximumNodes = 1_000_000

  /// The byte order mark of UTF-8, with which some editors begin a file.
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Reads a file.
  package static func read(file: String) throws(InvalidInput) -> LocatedNode {
    try read(text: try text(ofFile: file, maximumBytes: maximumBytes), file: file)
  }

  /// Reads the text of a file, which must be UTF-8.
  static func text(ofFile file: String, maximumBytes: Int) throws(InvalidInput) -> String {
    var data = try data(ofFile: file, maximumBytes: maximumBytes)
    // A byte order mark says that what follows is UTF-8, which it has to be anyway.
    if data.starts(with: byteOrderMark) { data = Data(data.dropFirst(byteOrderMark.count)) }
    if let text = String(validating: data, as: UTF8.self) { return text }
    throw InvalidInput("the file is not UTF-8 text", at: invalidUTF8(in: data, file: file))
  }

  /// Reads the bytes of a regular file.
  static func data(ofFile named: String, maximumBytes: Int) throws(InvalidInput) -> Data {
    let file = ShippedScenarios.shipped(named) ?? named
    var isDirectory: ObjCBool = false
    let position = Position(file: file)
    guard FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory) else {
      let missing = "there is no such file\(ShippedScenarios.hint(for: file))"
      throw InvalidInput(FileAccess.problem(file, missing: missing) ?? missing, at: position)
    }
    guard !isDirectory.boolValue else { throw InvalidInput("this is a directory, not a file", at: position) }
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    if let kind = attributes?[.type] as? FileAttributeType, kind != .typeRegular, kind != .typeSymbolicLink {
      throw InvalidInput("this is not a regular file", at: position)
    }
    if let size = attributes?[.size] as? Int, size > maximumBytes {
      throw InvalidInput("the file has \(size) bytes; the maximum is \(maximumBytes)", at: position)
    }
    do {
      return try Data(contentsOf: URL(fileURLWithPath: file))
    } catch {
      // The system's reason, not the library's sentence about it.
      let reason = access(file, R_OK) == 0 ? "" : ": \(String(cString: strerror(errno)))"
      throw InvalidInput("the file cannot be read\(reason)", at: position)
    }
  }

  private static func invalidUTF8(in data: Data, file: String) -> Position {
    var line = 1
    for bytes in data.split(separator: 10, omittingEmptySubsequences: false) {
      if String(validating: bytes, as: UTF8.self) == nil {
        let column = String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix { $0 != "\u{FFFD}" }.count
        return Position(file: file, line: line, column: column + 1)
      }
      line += 1
    }
    return Position(file: file)
  }

  /// Whether a text is one plain scalar and nothing else in YAML, whatever its schema makes of it: `off`, `12`, `7.5%`, `next-invoice`.
  private static func isPlainWord(_ text: String) -> Bool {
    func isWord(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    guard let first = text.utf8.first, isWord(first) else { return false }
    return text.utf8.allSatisfy {
      isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "%")
    }
  }

  /// Reads a text.
  package static func read(text: String, file: String) throws(InvalidInput) -> LocatedNode {
    // Most of what a campaign draws, dozens of times a seed.
    if isPlainWord(text) {
      return LocatedNode(.scalar(text, isQuoted: false), at: Position(file: file, line: 1, column: 1))
    }
    let root: Node?
    do {
      // Left to itself, the parser asks the environment for the encoding each time.
      root = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      throw located(error, text: text, file: file)
    } catch {
      throw InvalidInput("the YAML cannot be read: \(error)", at: Position(file: file))
    }
    guard let root else {
      throw InvalidInput("the file is empty", at: Position(file: file, line: 1, column: 1))
    }
    var left = maximumNodes
    return try convert(root, file: file, left: &left)
  }

  private static func convert(_ node: Node, file: String, left: inout Int) throws(InvalidInput) -> LocatedNode
  {
    let position = Position(file: file, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
    left -= 1
    guard left > 0 else {
      throw InvalidInput("the file has more than \(maximumNodes) values", at: position)
    }
    switch node {
    case .scalar(let scalar):
      return LocatedNode(
        .scalar(scalar.string, isQuoted: scalar.style != .any && scalar.style != .plain), at: position)
    case .sequence(let sequence):
      var elements: [LocatedNode] = []
      for element in sequence { elements.append(try convert(element, file: file, left: &left)) }
      return LocatedNode(.sequence(elements), at: position)
    case .mapping(let mapping):
      var pairs: [(key: LocatedNode.Key, value: LocatedNode)] = []
      for (key, value) in mapping {
        let mark = key.mark
        let at = Position(file: file, line: mark?.line ?? 0, column: mark?.column ?? 0)
        guard case .scalar(let name) = key else { throw InvalidInput("a key must be a plain name", at: at) }
        if name.string == "<<" { throw InvalidInput("merge keys are not YAML 1.2; use 'extends'", at: at) }
        let converted = try convert(value, file: file, left: &left)
        pairs.append((LocatedNode.Key(name: name.string, position: at), converted))
      }
      return LocatedNode(.mapping(pairs), at: position)
    case .alias:
      throw InvalidInput("an alias without an anchor", at: position)
    }
  }

  /// Where a key of a mapping is given the second time, in block style: the line after the mapping's first that begins, as far in as the
  /// mapping, with the key. The mapping's own place where there is no such line.
  private static func repetition(of key: String, from mark: Mark, in text: String) -> (line: Int, column: Int)
  {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(mark.line - 1)
    var seen = 0
    for (offset, line) in lines.enumerated() {
      let indent = line.prefix { $0 == " " }.count
      let own = line.dropFirst(mark.column - 1)
      let isBlank = line.allSatisfy(\.isWhitespace) || line.drop { $0 == " " }.hasPrefix("#")
      if offset > 0, !isBlank, indent < mark.column - 1 { break }
      guard offset == 0 || indent == mark.column - 1 else { continue }
      let isKey = [key, "'\(key)'", "\"\(key)\""].contains { name in
        own.hasPrefix(name) && own.dropFirst(name.count).drop { $0 == " " }.hasPrefix(":")
      }
      if isKey { seen += 1 }
      if seen == 2 { return (mark.line + offset, mark.column) }
    }
    return (mark.line, mark.column)
  }

  private static func located(_ error: YamlError, text: String, file: String) -> InvalidInput {
    func at(_ mark: Mark) -> Position { Position(file: file, line: mark.line, column: mark.column) }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      let problem = problem.hasPrefix("Maximum nesting") ? "it is nested too deeply" : problem
      return InvalidInput("this is not valid YAML: \(problem)", at: at(mark))
    case .duplicatedKeysInMapping(let duplicates, let context):
      let key = duplicates.first ?? ""
      let place = repetition(of: key, from: context.mark, in: text)
      return InvalidInput(
        "the key '\(key)' is given more than once",
        at: Position(file: file, line: place.line, column: place.column))
    case .reader(let problem, let offset, _, let yaml):
      let before = yaml.prefix(offset ?? 0)
      let line = before.count { $0.isNewline } + 1
      let column =
        (before.split(separator: "\n", omittingEmptySubsequences: false).last?.unicodeScalars.count ?? 0) + 1
      return InvalidInput(
        "this is not valid YAML: \(problem)",
        at: offset == nil ? Position(file: file) : Position(file: file, line: line, column: column))
    default:
      return InvalidInput("this is not valid YAML: \(error)", at: Position(file: file))
    }
  }
}

import ArgumentParser
import Foundation

/// Where a command writes something: looked at before any work, so that a bad path costs nothing and nobody else's files are
/// overwritten. A former result is overwritten, anything else only with `--force`.
struct OutputFile {
  private let path: String
  private let option: String

  /// - Parameters:
  ///   - option: that names it, for errors.
  ///   - inputs: files that the command reads, which it must not overwrite.
  ///   - force: whether a file that is no former result may be overwritten.
  /// - Throws: `ValidationError`, bad usage, where the file cannot be written or is not a file.
  init(_ path: String, option: String, inputs: [String] = [], force: Bool) throws {
    self.path = path
    self.option = option
    guard !path.isEmpty else { throw ValidationError("\(option) needs the name of a file") }
    switch OutputPath.kind(of: path) {
    case .nothing: break
    case .file:
      guard access(path, W_OK) == 0 else {
        throw ValidationError("\(option) \(path): the file cannot be written")
      }
      guard force || Self.isResult(path) else {
        throw ValidationError(
          "\(option) \(path): the file exists and is not a Meterstorm result; --force overwrites it")
      }
    case .folder: throw ValidationError("\(option) \(path): this is a folder; name a file in it")
    case .link:
      throw ValidationError("\(option) \(path): this is a symbolic link; name the file that it points to")
    case .other: throw ValidationError("\(option) \(path): this is not a regular file")
    }
    if let input = inputs.first(where: { OutputPath.isSame($0, path) }) {
      throw ValidationError("\(option) \(path): the command reads \(input), and would overwrite it")
    }
    // Not through `NSString`, which traps on a name of one character.
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try OutputPath.probe(folder, option: option, path: path)
  }

  /// Whether a file is empty or a former result: it begins as one of the formats does, and as nothing else. That it speaks of Meterstorm
  /// is not enough: scenarios, designs, workflows and people's notes do.
  private static func isResult(_ path: String) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    let head = String(decoding: (try? file.read(upToCount: 1 << 16)) ?? Data(), as: UTF8.self)
    let line = head.prefix { $0 != "\n" }
    let beginnings = [
      "## ✅ PASS · ", "## ❌ FAIL · ", "## ⏸ INTERRUPTED · ", "## ❌ NOTHING RUN · ", "# TYPE meterstorm_",
      "; The ERPs' ledgers of a Meterstorm run.",
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"Meterstorm\">", "# Breaks ",
      "| up   t throttled", "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"begins\":",
    ]
    return head.isEmpty || beginnings.contains(where: head.hasPrefix)
      // Summaries: 'Meterstorm 0.1.0 · a-scenario · …'.
      || line.wholeMatch(of: /Meterstorm \d+\.\d+\.\d+ · .*/) != nil
      // Pages, and records and other JSON of ours: what they begin with, others' do as well.
      || head.hasPrefix("<!DOCTYPE html>")
        && head.contains(
          "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'")
      || head.hasPrefix("{\n  \"")
        && (head.contains("\"commandLine\" : [\n    \"meterstorm\"") || head.contains("\"meterstorm\" : \""))
  }

  /// Writes the file: whole, or not at all.
  func write(_ data: Data) throws {
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      Console.note("meterstorm: cannot write \(path): \(SystemError.reason(error))")
      throw Exit.internalFault
    }
  }
}

/// What stands at a path.
enum OutputPath {
  case nothing
  case file
  case folder
  case link
  case other

  /// What the path itself is, without following a link.
  static func kind(of path: String) -> OutputPath {
    var status = stat()
    let own = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    guard lstat(own, &status) == 0 else { return .nothing }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFLNK: return .link
    default: return .other
    }
  }

  /// Whether two paths lead to one file, by symbolic or by hard links.
  static func isSame(_ one: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    if stat(one, &first) == 0, stat(other, &second) == 0 {
      return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }
    return resolved(one) == resolved(other)
  }

  static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// Makes a file of a name that nobody has in a folder and takes it away again.
  static func probe(_ folder: String, option: String, path: String) throws {
    var template = Array(((folder.isEmpty ? "." : folder) + "/.meterstorm-XXXXXX").utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw ValidationError(
        "\(option) \(path): nothing can be written there: \(String(cString: strerror(errno)))")
    }
    close(descriptor)
    unlink(template)
  }
}

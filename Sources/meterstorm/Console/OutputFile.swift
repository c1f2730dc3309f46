import ArgumentParser
import Foundation

/// Where a command writes something: looked at before any work, so that a bad path costs nothing and nobody else's files are
/// overwritten.
struct OutputFile {
  private let path: String
  private let option: String

  /// - Parameters:
  ///   - option: that names it, for errors.
  ///   - inputs: files that the command reads, which it must not overwrite.
  /// - Throws: `ValidationError`, bad usage, where the file cannot be written or is not a file.
  init(_ path: String, option: String, inputs: [String] = []) throws {
    self.path = path
    self.option = option
    guard !path.isEmpty else { throw ValidationError("\(option) needs the name of a file") }
    switch OutputPath.kind(of: path) {
    case .nothing: break
    case .file:
      guard access(path, W_OK) == 0 else {
        throw ValidationError("\(option) \(path): the file cannot be written")
      }
    case .folder: throw ValidationError("\(option) \(path): this is a folder; name a file in it")
    case .link:
      throw ValidationError("\(option) \(path): this is a symbolic link; name the file that it leads to")
    case .other: throw ValidationError("\(option) \(path): this is no regular file")
    }
    let own = OutputPath.resolved(path)
    if let input = inputs.first(where: { OutputPath.resolved($0) == own }) {
      throw ValidationError("\(option) \(path): the command reads \(input), and would overwrite it")
    }
    // Not through `NSString`, which traps on a name of one character.
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try OutputPath.probe(folder, option: option, path: path)
  }

  /// Writes the file: whole, or not at all.
  func write(_ data: Data) throws {
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      Console.note("meterstorm: cannot write \(path): \(error.localizedDescription)")
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

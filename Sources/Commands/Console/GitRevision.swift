import Foundation

/// The commit of the repository in which a file lies, asked of `git` where there is one. Nothing fails because of it: without an answer
/// there is no commit.
enum GitRevision {
  /// The commit, with `-dirty` behind it where files that git knows differ from it; `nil` outside of a repository, or without git.
  static func commit(of file: String) -> String? {
    let folder = URL(fileURLWithPath: file).resolvingSymlinksInPath().deletingLastPathComponent().path
    guard let head = answer(["-C", folder, "rev-parse", "--verify", "--quiet", "HEAD"]),
      head.utf8.count >= 40, head.allSatisfy(\.isHexDigit)
    else { return nil }
    guard let changes = answer(["-C", folder, "status", "--porcelain", "--untracked-files=no"]) else {
      return head
    }
    return changes.isEmpty ? head : head + "-dirty"
  }

  /// Whether a text can name a commit.
  static func isName(_ text: String) -> Bool {
    (1...100).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "/"),
          UInt8(ascii: "+"), UInt8(ascii: "-"):
          true
        default: false
        }
      } && !text.hasPrefix("-")
  }

  /// What git prints, without the white space at its ends; `nil` where it fails.
  private static func answer(_ arguments: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    // Only asked: no lock is taken and nobody is asked for a password.
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"]) { _, new in new }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch { return nil }
    let data = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// The checkout of a job of GitHub Actions.
enum GitHubWorkspace {
  /// A file as GitHub names it in annotations: from the root of the checkout. As it stands outside of a job, or of the checkout.
  static func path(_ file: String) -> String {
    guard let root = ProcessInfo.processInfo.environment["GITHUB_WORKSPACE"], !root.isEmpty else {
      return file
    }
    let own = OutputPath.resolved(file)
    let prefix = OutputPath.resolved(root) + "/"
    return own.hasPrefix(prefix) ? String(own.dropFirst(prefix.count)) : file
  }
}

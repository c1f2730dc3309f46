import Foundation

/// Paths in scenario files: relative to the file that names them.
enum Paths {
  static func folder(of file: String) -> String {
    guard let slash = file.lastIndex(of: "/") else { return "" }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }

  static func resolve(_ path: String, relativeTo folder: String) -> String {
    path.hasPrefix("/") || folder.isEmpty ? path : (folder == "/" ? "/\(path)" : "\(folder)/\(path)")
  }
}

/// Whether there is something at a path, and why not.
package enum FileAccess {
  /// What is wrong with a path; `nil`: there is something. A folder that may not be looked into is not taken for a file that is not there.
  ///
  /// - Parameter missing: what is said where there is nothing.
  package static func problem(_ path: String, missing: String = "there is no such file") -> String? {
    var status = stat()
    guard stat(path, &status) != 0 else { return nil }
    let error = errno
    return error == ENOENT || error == ENOTDIR
      ? missing : "the file cannot be reached: \(String(cString: strerror(error)))"
  }
}

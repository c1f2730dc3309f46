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

import Foundation

/// The scenarios that come with the program: `run month-end-throttle` finds them wherever it is installed.
package enum ShippedScenarios {
  /// The folders in which they may be, in order: of a source checkout in which the command is given, beside the program as its packages
  /// lay it out (`share/meterstorm/scenarios`), and of the checkout whose build the program is.
  package static var folders: [String] {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    var folders = ["scenarios", Paths.folder(of: Paths.folder(of: program)) + "/share/meterstorm/scenarios"]
    if let build = program.range(of: "/.build/") {
      folders.append(program[..<build.lowerBound] + "/scenarios")
    }
    return folders
  }

  /// What to say after "there is no such file": the scenario that comes with the program and was probably meant; empty where there is none.
  static func hint(for path: String) -> String {
    let text = path.hasSuffix(".yaml") ? String(path.dropLast(5)) : path
    let name = text.split(separator: "/").last.map(String.init) ?? ""
    let known =
      folders.lazy.map { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
      .first { !$0.isEmpty } ?? []
    let names = known.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
    if names.contains(name) { return "; a scenario that comes with the program is '\(name)'" }
    if name == path {
      return NearestKey.nearest(to: name, among: names.sorted()).map { "; did you mean '\($0)'?" } ?? ""
    }
    // A file of the same folder.
    let folder = Paths.folder(of: path)
    let beside = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    let near = NearestKey.nearest(
      to: String(path.split(separator: "/").last ?? ""), among: beside.filter { !$0.hasPrefix(".") }.sorted())
    return near.map { "; did you mean '\(Paths.resolve($0, relativeTo: folder))'?" } ?? ""
  }

  private static let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789-")

  /// The file of a scenario that is given by its name, such as `month-end-throttle` or `patterns/middleware`; the text itself where it
  /// is the path of a file, or no such name.
  package static func file(_ text: String) -> String {
    FileManager.default.fileExists(atPath: text) ? text : named(text) ?? shipped(text) ?? text
  }

  /// The same of a price book, such as `saas-usd`.
  package static func priceBook(_ text: String) -> String {
    FileManager.default.fileExists(atPath: text) ? text : named(text) ?? named("price-books/\(text)") ?? text
  }

  /// The file of a trace that is given by its name alone, such as `AzureLLMInferenceTrace_code.csv`; the text itself where it is the path
  /// of a file, or no such name.
  package static func trace(_ text: String) -> String {
    guard !text.contains("/"), !FileManager.default.fileExists(atPath: text) else {
      return shipped(text) ?? text
    }
    return folders.map { "\($0)/traces/\(text)" }.first { FileManager.default.fileExists(atPath: $0) } ?? text
  }

  /// The file that comes with the program and has, in the folder of scenarios, the place that a path names: `scenarios/year.yaml`,
  /// `price-books/saas-usd.yaml`, whatever comes before it. `nil`: there is none, or the path's folder is there: whoever has a folder of
  /// that name means what is in it.
  package static func shipped(_ path: String) -> String? {
    let parts = path.split(separator: "/")
    guard parts.count >= 2, !parts.contains(".."), !FileManager.default.fileExists(atPath: path),
      !FileManager.default.fileExists(atPath: Paths.folder(of: path))
    else { return nil }
    let (folder, name) = (parts[parts.count - 2], parts[parts.count - 1])
    let place = folder == "scenarios" ? "\(name)" : "\(folder)/\(name)"
    return folders.map { "\($0)/\(place)" }.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Whether a text could be the name of a scenario, and not only a path.
  static func isName(_ text: String) -> Bool {
    text.split(separator: "/", omittingEmptySubsequences: false)
      .allSatisfy { !$0.isEmpty && $0.allSatisfy(letters.contains) }
  }

  /// The file of a scenario that is given by its name; `nil`: no such scenario comes with the program.
  package static func named(_ name: String) -> String? {
    guard isName(name) else { return nil }
    return folders.map { "\($0)/\(name).yaml" }.first { FileManager.default.fileExists(atPath: $0) }
  }
}

import ArgumentParser
import Chronology
import Experiments
import Foundation
import RunRecord
import Scenario

struct InitCommand: Exemplified {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Writes a scenario, a design, a price book and a CI workflow that pass.",
    discussion: """
      The files hold a small pipeline to start from. In a folder of a git repository, the workflow goes where GitHub looks for it, at the \
      repository's root. Editors with a YAML language server complete and check them against the \
      schemas beside them. With --from, the load is recorded usage: a CSV file with a header, a column of times and one or two columns of \
      quantities, which are recognised, or named with --timestamp and --quantity.

      """ + Examples.text(examples))

  static let examples: [Example] = [
    "meterstorm init my-pipeline",
    "meterstorm init replayed --from AzureLLMInferenceTrace_code.csv",
  ]

  @Argument(help: "The folder to write into; created if it does not exist, the current one if left out.")
  var folder = "."

  @Option(
    help: ArgumentHelp(
      "A CSV file of recorded usage to replay, or the name of one that comes with the program.",
      valueName: "file"))
  var from: String?

  @Option(help: ArgumentHelp("The column of the times, with --from.", valueName: "column"))
  var timestamp: String?

  @Option(
    help: ArgumentHelp("A column of quantities, with --from; give twice for two meters.", valueName: "column")
  )
  var quantity: [String] = []

  @Flag(help: "Overwrites files that exist.")
  var force = false

  func validate() throws {
    guard !folder.isEmpty else { throw ValidationError("name a folder") }
    if from == nil, timestamp != nil || !quantity.isEmpty {
      throw ValidationError("--timestamp and --quantity require --from")
    }
    guard quantity.count <= TraceProfile.maximumQuantities else {
      throw ValidationError("--quantity: an event has at most \(TraceProfile.maximumQuantities)")
    }
    if let double = quantity.first(where: { name in quantity.count { $0 == name } > 1 }) {
      throw ValidationError("--quantity \(double) is given twice")
    }
  }

  func run() throws {
    let starter = Starter(try trace())
    let repository = repository
    let files =
      starter.files.map { Starter.File(name: prefixed($0.name), text: $0.text) } + [workflow(in: repository)]
    try write(files)
    let scenario = prefixed(Starter.scenario)
    // What was written is read before anybody is told that it is right.
    _ = try Console.reading { try SimulationRun(try ScenarioFile.read(file: scenario)) }
    if let profile = starter.trace?.profile {
      try Console.print(
        "\(profile.rows) rows; times: \(profile.timestamp); quantities: "
          + "\(profile.quantities.joined(separator: ", "))\n")
      if let customers = profile.customers {
        try Console.print(
          "\(customers.count) customers in column '\(customers.column)': the scenario has as many, and draws the customer of each event\n"
        )
      }
      try Console.print("\n")
    }
    for file in files { try Console.print("\(file.name)\n") }
    let checked = [Starter.scenario, Starter.design, Starter.priceBook].map(prefixed)
    try Console.print(
      "\nThe workflow installs what the repository variable METERSTORM_WHEEL names.\n\nnext:  \(ShellWords.text(["meterstorm", "validate"] + checked))\n"
        + "       \(ShellWords.text(["meterstorm", "run", scenario]))\n")
    if let repository, let trace = starter.trace,
      Self.path(to: prefixed(trace.file), from: repository).hasPrefix("../")
    {
      Console.note(
        "\(trace.file): the trace lies outside of the repository; the workflow will not find it unless it is copied"
      )
    }
  }

  /// The recorded usage, named as the scenario names it.
  private func trace() throws -> Starter.Trace? {
    guard let from = from.map(ShippedScenarios.trace) else { return nil }
    let profile = try Console.reading {
      try TraceProfile(file: from, timestamp: timestamp, quantities: quantity)
    }
    return Starter.Trace(file: Self.path(to: from, from: folder), profile: profile)
  }

  /// The name of a file as seen from a folder.
  private static func path(to file: String, from folder: String) -> String {
    let target = OutputPath.resolved(file).split(separator: "/")
    let base = OutputPath.resolved(folder).split(separator: "/")
    let common = zip(target, base).prefix { $0 == $1 }.count
    return (Array(repeating: "..", count: base.count - common) + target.dropFirst(common)).joined(
      separator: "/")
  }

  /// The root of the git repository in which the files will lie; `nil` where there is none.
  private var repository: String? {
    let own = OutputPath.resolved(folder).split(separator: "/")
    return stride(from: own.count, through: 1, by: -1).lazy.map {
      "/" + own.prefix($0).joined(separator: "/")
    }
    .first { OutputPath.kind(of: $0 + "/.git") != .nothing }
  }

  /// The workflow, under its name as seen from here: where GitHub looks for it, if there is a repository.
  private func workflow(in repository: String?) -> Starter.File {
    let place = repository.map { Self.path(to: folder, from: $0) } ?? ""
    var file = Starter.workflow(in: place)
    let root = repository.map { Self.path(to: $0, from: ".") } ?? ""
    file.name = place.isEmpty ? prefixed(file.name) : (root.isEmpty ? "" : root + "/") + file.name
    return file
  }

  private func prefixed(_ name: String) -> String {
    folder == "." ? name : (folder.hasSuffix("/") ? folder : folder + "/") + name
  }

  /// Writes all files, under their names as seen from here, or none where one of them exists.
  private func write(_ files: [Starter.File]) throws {
    switch OutputPath.kind(of: folder) {
    case .nothing, .folder: break
    case .link where OutputFolder.isFolder(folder): break
    case .file, .link, .other: throw ValidationError("\(folder): this is not a folder")
    }
    for file in files {
      switch OutputPath.kind(of: file.name) {
      case .nothing: continue
      case .file where force: continue
      case .file: throw ValidationError("\(file.name) exists; --force overwrites it")
      case .folder, .link, .other: throw ValidationError("\(file.name): this is not a regular file")
      }
    }
    do {
      for file in files {
        let url = URL(fileURLWithPath: file.name)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(file.text.utf8).write(to: url, options: .atomic)
      }
    } catch {
      let text = "\(folder): nothing can be written there: \(SystemError.reason(error))"
      // A disk that is full is no mistake of whoever named the folder.
      guard SystemError.isFull(error) else { throw ValidationError(text) }
      Console.note("meterstorm: " + text)
      throw Exit.internalFault
    }
  }
}

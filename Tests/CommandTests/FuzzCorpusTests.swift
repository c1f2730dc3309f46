import Foundation
import Testing

/// What `scripts/fuzz` has found, each run again as it was: files, and the arguments of a command in a folder that holds them.
@Suite("Fuzz corpus")
struct FuzzCorpusTests {
  private static let corpus = Command.root.appendingPathComponent("Tests/Findings/fuzz")

  /// Folders of the corpus; requests to services are for `scripts/fuzz --replay`.
  private static let inputs: [String] =
    (((try? FileManager.default.contentsOfDirectory(atPath: corpus.path)) ?? []).sorted()).filter {
      let folder = corpus.appendingPathComponent($0)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
      return names.contains("arguments") && !names.contains("requests.jsonl")
    }

  @Test("the corpus is where the tests look for it")
  func present() { #expect(Self.inputs.contains("extends-nothing") && Self.inputs.count >= 5) }

  @Test("an input that once crashed the program is run, or refused at its place", arguments: inputs)
  func replayed(_ name: String) throws {
    let scratch = try Scratch()
    let folder = Self.corpus.appendingPathComponent(name)
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where file != "arguments" && file != "problem" {
      try FileManager.default.copyItem(
        at: folder.appendingPathComponent(file), to: scratch.url.appendingPathComponent(file))
    }
    let words = try String(contentsOf: folder.appendingPathComponent("arguments"), encoding: .utf8)
      .replacingOccurrences(of: "@ROOT@", with: Command.root.path)
    let arguments = words.split(separator: "\n").map(String.init)
    let outcome = try Command.run(arguments, in: scratch.url)
    #expect([0, 1, 64, 65].contains(outcome.status), "\(arguments): \(outcome.status) \(outcome.errors)")
    if outcome.status == 65, ["run", "validate", "quote"].contains(arguments[0]) {
      #expect(outcome.errors.contains(#/:\d+:\d+: /#), "\(outcome.errors)")
    }
  }
}

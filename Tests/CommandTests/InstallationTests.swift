import Foundation
import Testing

/// The program where only the program is: no checkout around it.
@Suite("Installed")
struct InstallationTests {
  @Test("scenarios that come with the program are found by name, and a path that is none names them")
  func shipped() throws {
    let scratch = try Scratch()
    let found = try Command.run("validate", "patterns/middleware", in: scratch.url)
    #expect(
      found.status == 0 && found.output.contains("patterns/middleware: a valid scenario"), "\(found.errors)")
    for (path, words) in [
      ("mine/azure-llm-tokens.yaml", "a scenario that comes with the program is 'azure-llm-tokens'"),
      ("month-end-throtle", "did you mean 'month-end-throttle'"),
      ("nothing-like-it", "there is no such file\n"),
      ("../azure-llm-token", "there is no such file\n"),
    ] {
      let missing = try Command.run("run", path, in: scratch.url)
      #expect(missing.status == 65 && missing.errors.contains(words), "\(path): \(missing.errors)")
    }
    // As the guides name them; in a folder of one's own, what is missing is missing.
    let guided = try Command.run("run", "scenarios/azure-llm-tokens.yaml", "--quiet", in: scratch.url)
    #expect(guided.status == 0, "\(guided.errors)")
    let listed = try Command.run("list", "scenarios", "month-end-throttle", in: scratch.url).output
    try Data(listed.utf8).write(to: scratch.url.appendingPathComponent("saved.yaml"))
    #expect(try Command.run("validate", "saved.yaml", in: scratch.url).status == 0)
    try FileManager.default.createDirectory(
      at: scratch.url.appendingPathComponent("scenarios"), withIntermediateDirectories: true)
    let missed = try Command.run("run", "scenarios/azure-llm-tokens.yaml", in: scratch.url)
    #expect(missed.status == 65 && missed.errors.contains("there is no such file"), "\(missed.errors)")
    // A file of one's own comes first.
    try Data("name: mine\n".utf8).write(to: scratch.url.appendingPathComponent("azure-llm-tokens"))
    let own = try Command.run("run", "azure-llm-tokens", "--quiet", in: scratch.url)
    #expect(own.status == 65 && own.errors.contains("azure-llm-tokens:1:1"), "\(own.errors)")
  }

  @Test(
    "verbs that need HTTP say what is missing where meterstorm-live is not there, after their options are read"
  )
  func alone() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      at: scratch.url.appendingPathComponent("bin"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Command.executable, to: scratch.url.appendingPathComponent("bin/meterstorm"))
    let served = try Command.shell(
      "bin/meterstorm erp serve --profile netsuite --port 0 --seconds 1", in: scratch.url)
    #expect(served.status == 70 && served.errors.contains("needs meterstorm-live"), "\(served.errors)")
    #expect(try Command.shell("bin/meterstorm load --batch 0", in: scratch.url).status == 64)
    #expect(try Command.shell("bin/meterstorm --version", in: scratch.url).status == 0)
    // Where packages put it.
    try FileManager.default.createDirectory(
      at: scratch.url.appendingPathComponent("libexec/meterstorm"), withIntermediateDirectories: true)
    let live = Command.executable.deletingLastPathComponent().appendingPathComponent("meterstorm-live")
    try FileManager.default.createSymbolicLink(
      at: scratch.url.appendingPathComponent("libexec/meterstorm/meterstorm-live"), withDestinationURL: live)
    let there = try Command.shell(
      "bin/meterstorm erp serve --profile netsuite --port 0 --seconds 1", in: scratch.url)
    #expect(there.status == 0 && there.errors.contains("http://127.0.0.1:"), "\(there.errors)")
  }

  @Test("progress is a line of JSON each for programs that ask for it")
  func progress() throws {
    let scratch = try Scratch()
    let outcome = try Command.shell(
      "METERSTORM_PROGRESS=json meterstorm campaign chaos-month-end --seeds 1..40 --format json",
      in: scratch.url)
    let lines = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("{") }
    let texts = try lines.map {
      try JSONDecoder().decode([String: String].self, from: Data($0.utf8))["progress"]
    }
    #expect(outcome.status == 0 && !texts.isEmpty && texts.allSatisfy { $0?.contains("seeds") == true })
  }

  @Test("a command ends in a folder that is gone")
  func goneFolder() throws {
    let scratch = try Scratch()
    let outcome = try Command.shell(
      "mkdir gone && cd gone && rmdir ../gone && timeout 300 meterstorm run azure-llm-tokens --set customers.count=9 --quiet",
      in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.status): \(outcome.errors)")
  }
}

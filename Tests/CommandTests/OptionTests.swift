import Foundation
import Testing

@Suite("Options")
struct OptionTests {
  private static let scenario = "scenarios/azure-llm-tokens.yaml"

  @Test(
    "nonsense for an option is bad usage, exit 64 with a sentence, before any work",
    arguments: [
      ["capacity", scenario, "--vary", "="], ["capacity", scenario, "--vary", ""],
      ["capacity", scenario, "--vary", "=1..2"], ["capacity", scenario, "--vary", "a="],
      ["capacity", scenario, "--vary", "a..b=1..2"], ["capacity", scenario, "--vary", "customers.count=..5"],
      ["capacity", scenario, "--vary", "customers.count=1..2", "--across", "="],
      ["capacity", scenario, "--vary", "customers.count=1..2", "--across", ""],
      ["capacity", scenario, "--vary", "customers.count=1..2", "--across", "a,=1"],
      ["capacity", scenario, "--vary", "customers.count=1..2", "--across", "a=,"],
      ["compare", scenario, "--variant", ":"], ["compare", scenario, "--designs", ","],
      ["compare", scenario, "--variant", "a: =", "--variant", "b: ="],
      ["run", scenario, "--set", "="], ["run", scenario, "--set", ""], ["run", scenario, "--set", "=1"],
      ["run", scenario, "--output", ""], ["run", scenario, "--database", ""],
      ["run", scenario, "--only", ","], ["run", scenario, "--seed", "-1"],
      ["run", scenario, "--boundary-cap", "0"], ["campaign", scenario, "--seeds", "=", "--quiet"],
      ["campaign", scenario, "--seeds", "9..1"], ["campaign", scenario, "--seeds", "1", "--junit", ""],
      ["campaign", scenario, "--seeds", "1", "--database", ""],
      ["campaign", scenario, "--minutes", "nan"], ["campaign", scenario, "--minutes", "inf"],
      ["campaign", scenario, "--seeds", "1", "--partition", "0/0"],
      ["campaign", scenario, "--seeds", "1", "--partition", "="],
      ["shrink", scenario, "--output", ""], ["shrink", scenario, "--minutes", "nan"],
      ["merge", "--into", "", "x.sqlite"], ["merge", "--into", "x.sqlite", "x.sqlite"],
      ["replay", scenario, "--until", ""], ["replay", scenario, "--until", "="],
      ["explain", scenario], ["explain", scenario, "--sample", "0", "--format", "otlp"],
      ["report", "", "--format", "csv"], ["schema", "="], ["list", "="], ["nothing"],
    ])
  func nonsense(_ arguments: [String]) throws {
    let outcome = try Command.run(arguments)
    #expect(outcome.status == 64, "\(arguments): \(outcome.status) \(outcome.errors)")
    #expect(outcome.output.isEmpty && outcome.errors.hasPrefix("Error: "), "\(outcome.errors)")
  }

  @Test("an output that cannot be written is found out before any work, whichever option names it")
  func unwritable() throws {
    let scratch = try Scratch()
    try Data("mine".utf8).write(to: scratch.url.appendingPathComponent("file"))
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("link"), withDestinationPath: scratch.path("file"))
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("gone"), withDestinationPath: scratch.path("nowhere"))
    let before = try scratch.contents()
    for path in ["link", "gone", "no/such/folder/file", "."].map(scratch.path) + ["/dev/full", "/dev/null"] {
      for command in [
        ["campaign", Self.scenario, "--seeds", "1..1000000", "--junit", path],
        ["shrink", Self.scenario, "--output", path],
        ["report", "reports/azure-llm-tokens", "--output", path],
      ] {
        let outcome = try Command.run(command)
        #expect(outcome.status == 64, "\(command): \(outcome.status) \(outcome.errors)")
      }
    }
    #expect(try scratch.contents() == before)
  }

  @Test(
    "a violation that there is not is said, whatever the number",
    arguments: ["0", "-1", "9223372036854775807", "-9223372036854775808"])
  func violations(_ number: String) throws {
    let outcome = try Command.run("explain", Self.scenario, "--quiet", "--violation=\(number)")
    #expect(outcome.status == 65 && outcome.errors.contains("no invariant broke"), "\(outcome.errors)")
  }

  @Test("what a command reads it does not overwrite")
  func overwritten() throws {
    let scratch = try Scratch()
    let file = scratch.url.appendingPathComponent("scenario.yaml")
    try FileManager.default.copyItem(at: Command.root.appendingPathComponent(Self.scenario), to: file)
    let before = try Data(contentsOf: file)
    for command in [
      ["shrink", file.path, "--output", file.path],
      ["campaign", file.path, "--seeds", "1", "--junit", scratch.path("./scenario.yaml")],
    ] {
      let outcome = try Command.run(command)
      #expect(outcome.status == 64 && outcome.errors.contains("overwrite"), "\(outcome.errors)")
    }
    #expect(try Data(contentsOf: file) == before)
  }

  @Test("a folder that is not ours is left as it is, and no link is written through")
  func folders() throws {
    let scratch = try Scratch()
    try Data("mine".utf8).write(to: scratch.url.appendingPathComponent("record.json"))
    let before = try scratch.contents()
    let foreign = try Command.run("run", Self.scenario, "--quiet", "--output", scratch.url.path)
    #expect(foreign.status == 64 && foreign.errors.contains("contains other files"), "\(foreign.errors)")
    let tables = try Command.run(
      "report", "reports/azure-llm-tokens", "--format", "csv", "--output", scratch.url.path)
    #expect(tables.status == 64, "\(tables.errors)")
    #expect(try scratch.contents() == before)

    let own = try Scratch()
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("link"), withDestinationPath: own.url.path)
    #expect(try Command.run("run", Self.scenario, "--output", scratch.path("link")).status == 64)
    #expect(try Command.run("run", Self.scenario, "--output", scratch.path("record.json")).status == 64)
    #expect(try own.contents().isEmpty)

    // A new one is made, filled, and filled again; a link among its files is not followed.
    let folder = own.path("new")
    for _ in 1...2 {
      #expect(try Command.run("run", Self.scenario, "--quiet", "--output", folder).status == 0)
    }
    let target = own.path("target")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: target))
    try FileManager.default.removeItem(atPath: folder + "/journal.json")
    try FileManager.default.createSymbolicLink(atPath: folder + "/journal.json", withDestinationPath: target)
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/.meterstorm-probe", withDestinationPath: target)
    #expect(try Command.run("run", Self.scenario, "--quiet", "--output", folder).status == 64)
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "mine")
  }

  @Test("a manifest with odd values is refused with its path, exit 65")
  func manifests() throws {
    let scratch = try Scratch()
    let good: [String: Any] = [
      "directory": Command.root.path, "scenario": Self.scenario, "arguments": [String](), "fingerprint": "f",
    ]
    for (key, value) in [
      ("arguments", ["--seed", "x"]), ("arguments", ["--no-such-option"]), ("arguments", 7),
      ("arguments", ["--help"]), ("directory", ""), ("directory", "/no/such/folder"), ("scenario", ""),
      ("fingerprint", [String]()),
    ] as [(String, Any)] {
      var manifest = good
      manifest[key] = value
      try JSONSerialization.data(withJSONObject: manifest).write(
        to: scratch.url.appendingPathComponent("run.json"))
      let outcome = try Command.run("replay", scratch.url.path, "--until", "1d", "--quiet")
      #expect(outcome.status == 65, "\(key) \(value): \(outcome.status) \(outcome.errors)")
      #expect(!outcome.errors.isEmpty)
    }
  }
}

import Foundation
import GRDB
import Testing

/// What somebody meets first.
@Suite("The first steps")
struct StartTests {
  private static let scenario = "scenarios/azure-llm-tokens.yaml"

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init)
  }

  @Test("init writes files that pass at once, with the commands that show it, and overwrites nothing")
  func start() throws {
    let scratch = try Scratch()
    let first = try Command.run("init", "my pipeline", in: scratch.url)
    #expect(first.status == 0, "\(first.errors)")
    let next = Self.lines(first.output).suffix(2).map {
      $0.replacing("next:", with: "").trimmingCharacters(in: .whitespaces)
    }
    #expect(next.count == 2 && next.allSatisfy { $0.hasPrefix("meterstorm ") })
    for command in next {
      let outcome = try Command.shell(command, in: scratch.url)
      #expect(outcome.status == 0, "\(command): \(outcome.errors)")
    }
    #expect(try Command.shell(next[1], in: scratch.url).output.contains("\nPASS  "))
    // Modelines lead to schemas that are there.
    for name in ["scenario", "design", "price-book"] {
      let text = try String(contentsOfFile: scratch.path("my pipeline/\(name).yaml"), encoding: .utf8)
      let modeline = try #require(text.firstMatch(of: /\A# yaml-language-server: \$schema=(\S+)\n/))
      let schema = try Data(contentsOf: URL(fileURLWithPath: scratch.path("my pipeline/\(modeline.1)")))
      #expect(try Command.run("schema", name).output == String(decoding: schema, as: UTF8.self))
    }
    let file = scratch.path("my pipeline/design.yaml")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: file))
    let again = try Command.run("init", "my pipeline", in: scratch.url)
    #expect(again.status == 64 && again.errors.contains("exists; --force overwrites it"), "\(again.errors)")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
    #expect(try Command.run("init", "my pipeline", "--force", in: scratch.url).status == 0)
    #expect(try String(contentsOfFile: file, encoding: .utf8) != "mine")
  }

  @Test("init --from replays recorded usage: all of it, over the months in which it was recorded")
  func recorded() throws {
    let scratch = try Scratch()
    let trace = Command.root.appendingPathComponent("scenarios/traces/AzureLLMInferenceTrace_code.csv").path
    try FileManager.default.copyItem(atPath: trace, toPath: scratch.path("usage.csv"))
    let outcome = try Command.run("init", "replayed", "--from", "usage.csv", in: scratch.url)
    #expect(
      outcome.status == 0 && outcome.output.hasPrefix("8819 rows; times: TIMESTAMP; "), "\(outcome.errors)")
    let text = try String(contentsOfFile: scratch.path("replayed/scenario.yaml"), encoding: .utf8)
    #expect(text.contains("file: \"../usage.csv\"") && text.contains("start: 2023-11-01T00:00:00Z"))
    let run = try Command.run("run", "replayed/scenario.yaml", "--quiet", "--format", "json", in: scratch.url)
    #expect(run.status == 0, "\(run.errors)")
    let record = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    #expect((record?["simulated"] as? [String: Any])?["usageEvents"] as? Int == 8819)
    for (arguments, message) in [
      (["--from", "gone.csv"], "gone.csv: there is no such file"),
      (["--from", "usage.csv", "--quantity", "Tokens"], "usage.csv:1:1: there is no column 'Tokens'"),
    ] {
      let refused = try Command.run(["init", "other"] + arguments, in: scratch.url)
      #expect(refused.status == 65 && refused.errors.contains(message), "\(refused.errors)")
      #expect(!FileManager.default.fileExists(atPath: scratch.path("other")))
    }
  }

  @Test("defaults come from the nearest folder, options win, and no result depends on them")
  func defaults() throws {
    let scratch = try Scratch()
    let file = Command.root.appendingPathComponent(Self.scenario).path
    func run(_ arguments: String...) throws -> Command.Outcome {
      try Command.run(["run", file, "--quiet", "--without-wall-clock"] + arguments, in: scratch.url)
    }
    let plain = try run("--format", "json")
    try Data("jobs: 1\nformat: json\ndatabase: runs.db\n".utf8).write(
      to: scratch.url.appendingPathComponent(".meterstorm.yaml"))
    let other = try run()
    #expect(other.status == 0 && other.output == plain.output)
    #expect(FileManager.default.fileExists(atPath: scratch.path("runs.db")))
    #expect(try run("--format", "text").output.hasPrefix("Meterstorm "))
    try Data("jobs: 1\nfromat: json\n".utf8).write(
      to: scratch.url.appendingPathComponent(".meterstorm.yaml"))
    let refused = try run()
    #expect(refused.status == 65, "\(refused.errors)")
    #expect(refused.errors.contains(".meterstorm.yaml:2:1: unknown key 'fromat'; did you mean 'format'?"))
    #expect(try Command.run("list", "designs", in: scratch.url).status == 0, "other verbs do not read it")
  }

  @Test("--expect adds an expectation, which repeats with the run; a mistake is shown where it stands")
  func expectations() throws {
    let missed = try Command.run("run", Self.scenario, "--quiet", "--expect", "closeCycleTime < 1h")
    #expect(missed.status == 1 && missed.output.contains("4 of 5 expectations met"))
    let last = Self.lines(missed.output).suffix(3)
    #expect(last.contains { $0.hasPrefix("first: closeCycleTime < 1h was missed: measured ") })
    let next = try #require(last.last?.replacing("next:", with: ""))
    let repeated = try Command.shell(next + " --quiet", in: Command.root)
    #expect(repeated.status == 1 && repeated.output.contains("4 of 5 expectations met"), "\(repeated.errors)")
    let bad = try Command.run("run", Self.scenario, "--expect", "postingLatency.p99 < 24x")
    #expect(bad.status == 64)
    #expect(bad.errors.contains("\n  postingLatency.p99 < 24x\n                       ^\n"), "\(bad.errors)")
    let unpriced = try Command.run("run", Self.scenario, "--expect", "cost < 3 USD")
    #expect(unpriced.status == 65 && unpriced.errors.contains("--expect 'cost < 3 USD'"))
    let campaign = try Command.run(
      "campaign", Self.scenario, "--quiet", "--seeds", "1..2", "--expect", "closeCycleTime < 1h")
    #expect(campaign.status == 1 && campaign.output.contains("first: closeCycleTime < 1h on seed 1"))
  }

  @Test("a run that fails ends with its verdict, what broke first, and a command that explains it")
  func ending() throws {
    let run = try Command.run("run", Self.scenario, "--quiet", "--defect", "retry-without-key")
    let last = Self.lines(run.output).suffix(3)
    #expect(last.first?.hasPrefix("FAIL  ") == true)
    #expect(last.contains { $0.hasPrefix("first: no-double-posting at ") })
    let next = try #require(last.last?.replacing("next:", with: ""))
    let story = try Command.shell(next + " --quiet", in: Command.root)
    #expect(story.status == 0 && story.output.hasPrefix("✗ no-double-posting"), "\(story.errors)")
  }

  @Test("--open writes the page, says where, and hands it to the browser")
  func open() throws {
    let scratch = try Scratch()
    let file = Command.root.appendingPathComponent(Self.scenario).path
    let command =
      "BROWSER='cp %s seen.html' meterstorm run '\(file)' --quiet --format html --open --output out"
    let outcome = try Command.shell(command, in: scratch.url)
    // `cp FILE seen.html`: what the browser is given is the page.
    #expect(outcome.status == 0 && outcome.output == "out/report.html\n", "\(outcome.errors)")
    #expect(
      try String(contentsOfFile: scratch.path("seen.html"), encoding: .utf8).contains("azure-llm-tokens"))
    #expect(try Command.run("run", file, "--open").errors.contains("--open requires --format html"))
  }

  @Test("a file is overwritten only if it is a former result, of whatever format, or with --force")
  func overwriting() throws {
    let scratch = try Scratch()
    let formats = [
      "text", "json", "timeline", "html", "markdown", "junit", "openmetrics", "trace",
    ]
    for format in formats {
      for _ in 1...2 {
        let report = try Command.run(
          "report", "reports/azure-llm-tokens", "--format", format, "--output", scratch.path(format))
        #expect(report.status == 0, "\(format): \(report.errors)")
      }
    }
    let mine = scratch.path("mine")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: mine))
    for command in [
      ["report", "reports/azure-llm-tokens", "--output", mine],
      ["campaign", Self.scenario, "--seeds", "1", "--quiet", "--junit", mine],
      ["shrink", Self.scenario, "--defect", "retry-without-key", "--output", mine],
    ] {
      let refused = try Command.run(command)
      #expect(refused.status == 64 && refused.errors.contains("--force overwrites it"), "\(refused.errors)")
    }
    #expect(try String(contentsOfFile: mine, encoding: .utf8) == "mine")
    #expect(try Command.run("report", "reports/azure-llm-tokens", "--output", mine, "--force").status == 0)
  }

  @Test("what speaks of Meterstorm, and is none of its results, is overwritten with --force alone")
  func speakingOfMeterstorm() throws {
    let scratch = try Scratch()
    #expect(try Command.run("init", in: scratch.url).status == 0)
    let small = ["campaign", "scenario.yaml", "--no-explore", "--seeds", "1", "--quiet"]
    #expect(try Command.run(small + ["--database", "kept.db"], in: scratch.url).status == 0)
    for (name, text) in [
      ("notes.txt", "my notes about Meterstorm costs\n"), ("thesis.md", "# A review of Meterstorm\n"),
      ("other.json", "{ \"tool\": \"meterstorm\" }\n"), ("page.html", "<!DOCTYPE html>\n<p>meterstorm\n"),
    ] { try Data(text.utf8).write(to: scratch.url.appendingPathComponent(name)) }
    let files = [
      "notes.txt", "thesis.md", "other.json", "page.html", "design.yaml", "price-book.yaml", "kept.db",
      ".github/workflows/meterstorm.yml",
    ]
    for file in files {
      let before = try Data(contentsOf: scratch.url.appendingPathComponent(file))
      for option in ["--junit", "--markdown"] {
        let refused = try Command.run(small + [option, file], in: scratch.url)
        #expect(
          refused.status == 64 && refused.errors.contains("--force overwrites it"),
          "\(file): \(refused.errors)")
      }
      #expect(try Data(contentsOf: scratch.url.appendingPathComponent(file)) == before, "\(file)")
    }
    // What the command itself reads or writes, --force does not sacrifice either; nor a hard link to it.
    try FileManager.default.linkItem(
      at: scratch.url.appendingPathComponent("scenario.yaml"),
      to: scratch.url.appendingPathComponent("same.yaml"))
    for words in [
      ["--junit", "same.yaml"], ["--database", "kept.db", "--junit", "kept.db"],
      ["--junit", "both", "--markdown", "both"],
    ] {
      let refused = try Command.run(small + words + ["--force"], in: scratch.url)
      #expect(
        refused.status == 64 && refused.errors.contains("would overwrite it"), "\(words): \(refused.errors)")
    }
  }

  @Test("in a folder of a repository, init puts the workflow where GitHub looks, for each folder its own")
  func initInRepository() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      at: scratch.url.appendingPathComponent(".git"), withIntermediateDirectories: true)
    for folder in ["services/billing", "services/Other One"] {
      let begun = try Command.run("init", folder, in: scratch.url)
      #expect(begun.status == 0, "\(begun.errors)")
      let name =
        folder == "services/billing" ? "meterstorm-services-billing" : "meterstorm-services-other-one"
      #expect(begun.output.contains("\n.github/workflows/\(name).yml\n"), "\(begun.output)")
      let text = try String(
        contentsOf: scratch.url.appendingPathComponent(".github/workflows/\(name).yml"), encoding: .utf8)
      #expect(text.contains("    defaults: { run: { working-directory: \"\(folder)\" } }\n"))
      #expect(text.contains("path: \"\(folder)/main.db\"") && text.contains("--minimum-seeds 50"))
      #expect(begun.output.contains("METERSTORM_WHEEL"))
    }
    // From within the folder the same file is meant.
    let within = scratch.url.appendingPathComponent("services/billing")
    #expect(try Command.run("init", in: within).errors.contains("exists; --force overwrites it"))
    #expect(
      try Command.run("init", "--force", in: within).output.contains(
        "\n../../.github/workflows/meterstorm-services-billing.yml\n"))
    #expect(try Command.run("init", in: scratch.url).output.contains("\n.github/workflows/meterstorm.yml\n"))
  }

  @Test("a verb that there is not is refused by help, too; --set takes what begins with a hyphen")
  func helpAndHyphen() throws {
    let unknown = try Command.run("help", "nope")
    #expect(unknown.status == 64 && unknown.errors.contains("there is no verb 'nope'"))
    #expect(try Command.run("help", "run").status == 0)
    let scratch = try Scratch()
    #expect(try Command.run("init", in: scratch.url).status == 0)
    let run = try Command.run(
      "run", "scenario.yaml", "--set", "-faults", "--quiet", "--format", "json", in: scratch.url)
    #expect(run.status == 0 && run.output.contains("\"faults\" : [\n\n  ]"), "\(run.errors)")
  }

  @Test(
    "a price book that comes with the program is quoted by its name; what is printed of a scenario names its schema"
  )
  func shippedFiles() throws {
    let scratch = try Scratch()
    for name in ["saas-usd", "price-books/saas-usd"] {
      let quote = try Command.run("quote", name, "--usage", "api_calls=2500", in: scratch.url)
      #expect(quote.status == 0 && quote.output.contains("api_calls"), "\(name): \(quote.errors)")
    }
    let trace = "AzureLLMInferenceTrace_code.csv"
    #expect(try Command.run("init", "replayed", "--from", trace, in: scratch.url).status == 0)
    let printed = try Command.run("list", "scenarios", "month-end-throttle", in: scratch.url).output
    #expect(printed.hasPrefix("# yaml-language-server: $schema=schemas/scenario.schema.json\n"))
  }

  @Test("a file that may not be reached is not said to be missing, and no name begins a line of a message")
  func unreachable() throws {
    let scratch = try Scratch()
    let long = String(repeating: "x", count: 300)
    for verb in [["run"], ["quote"], ["validate"], ["report"]] {
      let refused = try Command.run(verb + [long], in: scratch.url)
      #expect(
        refused.status == 65 && refused.errors.contains("File name too long"), "\(verb): \(refused.errors)")
    }
    let refused = try Command.run("validate", "a\n::error::injected\u{1B}[2J", in: scratch.url)
    #expect(refused.status == 65)
    #expect(refused.errors.contains("a\u{FFFD}::error::injected\u{FFFD}[2J: there is no such file"))
    #expect(refused.errors.split(separator: "\n").count == 1)
  }

  @Test("a pipe is no database, and a database runs nothing that it brings along", .timeLimit(.minutes(5)))
  func hostileDatabases() throws {
    let scratch = try Scratch()
    #expect(try Command.run("init", in: scratch.url).status == 0)
    let pipe = scratch.url.appendingPathComponent("pipe").path
    #expect(mkfifo(pipe, 0o600) == 0)
    for verb in [
      ["gate", pipe, pipe], ["merge", "--into", "m.db", pipe], ["serve", pipe, "--seconds", "1"],
    ] {
      let refused = try Command.run(verb, in: scratch.url)
      #expect(
        refused.status == 65 && refused.errors.contains("not a regular file"), "\(verb): \(refused.errors)")
    }
    let small = ["campaign", "scenario.yaml", "--no-explore", "--quiet", "--database", "kept.db", "--seeds"]
    #expect(try Command.run(small + ["1"], in: scratch.url).status == 0)
    try DatabaseQueue(path: scratch.url.appendingPathComponent("kept.db").path).write {
      try $0.execute(
        sql: """
          CREATE TRIGGER x AFTER INSERT ON run BEGIN
            UPDATE run SET broken = '[]', missed = '[]', verdict = 'pass' WHERE seed = new.seed; END
          """)
    }
    let broken = small + ["2", "--defect", "retry-without-key"]
    #expect(try Command.run(broken, in: scratch.url).status == 1)
  }

  @Test("a partition without a seed is refused, and a campaign that ran nothing has not passed")
  func nothingRun() throws {
    let scratch = try Scratch()
    #expect(try Command.run("init", in: scratch.url).status == 0)
    let empty = try Command.run(
      "campaign", "scenario.yaml", "--seeds", "1..2", "--partition", "3/3", in: scratch.url)
    #expect(empty.status == 64 && empty.errors.contains("--partition 3/3 of --seeds contains no seed"))
    let short = try Command.run(
      "campaign", "scenario.yaml", "--minutes", "0.0000001", "--github", "--junit", "junit.xml",
      in: scratch.url)
    #expect(short.status == 1 && short.output.contains("NOTHING RUN"), "\(short.output)")
    #expect(short.output.contains("::error file=scenario.yaml,title=nothing run::no seed was run"))
    let junit = try String(contentsOf: scratch.url.appendingPathComponent("junit.xml"), encoding: .utf8)
    #expect(junit.contains("failures=\"1\"") && junit.contains("<skipped message=\"no seed was run\"/>"))
  }

  @Test(
    "what cannot be read is said in words of our own",
    arguments: [
      (["report", "bad.json"], "bad.json: not a record of 'meterstorm run --output': this is not JSON"),
      (
        ["report", "folder"],
        "folder/record.json: there is no such file; 'meterstorm run … --output DIR' writes one"
      ),
      (
        ["replay", "folder", "--until", "1d"],
        "folder/run.json: there is no such file, so this is not a run folder"
      ),
      (
        ["replay", "broken", "--until", "1d"], "broken/run.json: not the manifest of a run: this is not JSON"
      ),
      (["serve", "folder", "--port", "0", "--seconds", "1"], "folder: this is a folder; name a file in it"),
      (["run", "scenario.yaml", "--design", "bad.yaml"], "bad.yaml:1:1: the file is not UTF-8 text"),
    ])
  func unreadable(arguments: [String], message: String) throws {
    let scratch = try Scratch()
    try Data("not JSON".utf8).write(to: scratch.url.appendingPathComponent("bad.json"))
    try Data([0xFF, 0xFE]).write(to: scratch.url.appendingPathComponent("bad.yaml"))
    for folder in ["folder", "broken"] {
      try FileManager.default.createDirectory(
        at: scratch.url.appendingPathComponent(folder), withIntermediateDirectories: true)
    }
    try Data("not JSON".utf8).write(to: scratch.url.appendingPathComponent("broken/run.json"))
    try Data("name: x\n".utf8).write(to: scratch.url.appendingPathComponent("scenario.yaml"))
    let outcome = try Command.run(arguments, in: scratch.url)
    #expect(outcome.status == 65 && outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test(
    "a full device as standard output is an internal error with the system's reason",
    arguments: ["list faults", "--help", "help run", "run --help", "--version"])
  func full(arguments: String) throws {
    let outcome = try Command.shell("meterstorm \(arguments) > /dev/full", in: Command.root)
    #expect(outcome.status == 70)
    #expect(outcome.errors == "meterstorm: standard output cannot be written: No space left on device\n")
  }

  @Test("a database that may not grow is the machine's fault, and no bad input")
  func fullDatabase() throws {
    let scratch = try Scratch()
    let outcome = try Command.shell(
      "ulimit -f 40; meterstorm campaign contract-life --seeds 1..5 --quiet --database full.db",
      in: scratch.url)
    #expect(outcome.status == 70 && outcome.errors.hasPrefix("full.db: "), "\(outcome.errors)")
  }

  @Test(
    "a seed that is written alone is named as one", arguments: [("3", true), ("3..3", false), ("1", false)])
  func loneSeed(seeds: String, isNoted: Bool) throws {
    let outcome = try Command.run(
      ["campaign", "contract-life", "--seeds", seeds, "--quiet"], in: Command.root)
    #expect(
      outcome.status == 0 && outcome.errors.contains("3 seeds are --seeds 1..3") == isNoted,
      "\(outcome.errors)")
  }
}

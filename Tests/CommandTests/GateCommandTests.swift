import Foundation
import Testing

@Suite("gate on the command line")
struct GateCommandTests {
  private static let scenario = "scenarios/azure-llm-tokens.yaml"

  /// A database with the same two seeds under two commits, the second with a planted defect's record beside it.
  private static let made = Result { () throws -> Scratch in
    let scratch = try Scratch()
    for (commit, counts) in [("1111111", 1000), ("2222222", 1050)] {
      let file = scratch.url.appendingPathComponent("counts-\(commit).json")
      try Data(
        """
        {"schema":"meterstorm.work-counts/1","commit":"\(commit)","counts":[
          {"name":"pipeline","kind":"instructions","unit":"instructions an event","value":\(counts)}]}
        """.utf8
      ).write(to: file)
      let outcome = try Command.run(
        "campaign", scenario, "--seeds", "1..2", "--quiet", "--database", scratch.path("both.db"), "--commit",
        commit, "--instructions", file.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    for (name, extra) in [("good", []), ("bad", ["--defect", "retry-without-key"])] {
      let record = try Command.run(["run", scenario, "--quiet", "--format", "json"] + extra)
      try Data(record.output.utf8).write(to: scratch.url.appendingPathComponent("\(name).json"))
    }
    return scratch
  }

  private func path(_ name: String) throws -> String { try Self.made.get().path(name) }

  @Test("one database with two commits: the slower one is named, in every format, exit 1")
  func commits() throws {
    let database = try path("both.db")
    let both = [database, "--base", "1111", "--candidate", "2222"]
    let scratch = try Scratch()
    let text = try Command.run(
      ["gate"] + both + ["--github", "--junit", scratch.path("j.xml"), "--markdown", scratch.path("m.md")])
    #expect(text.status == 1 && text.errors.isEmpty, "\(text.errors)")
    #expect(
      text.output.contains("2 seeds in common (base 2, candidate 2), every run the same event by event"))
    #expect(text.output.contains("FAIL  pipeline: +5.0 % instructions, 1000 before, 1050 now"))
    #expect(text.output.contains("::error file="))
    // What it has written it overwrites without being asked twice.
    let again = try Command.run(
      ["gate"] + both + ["--junit", scratch.path("j.xml"), "--markdown", scratch.path("m.md")])
    #expect(again.status == 1 && again.errors.isEmpty, "\(again.errors)")
    let files = try scratch.contents().mapValues { String(decoding: $0, as: UTF8.self) }
    #expect(files["m.md"]?.hasPrefix("## ❌ FAIL · gate of `") == true)
    #expect(files["j.xml"]?.contains("name=\"instructions &gt; +2%\" time=\"0\"><failure") == true)
    let json = try Command.run(["gate"] + both + ["--format", "json"])
    #expect(json.status == 1 && json.output.contains("\"verdict\" : \"fail\""))
    // The other way round, and with a wider margin, nothing is wrong.
    let back = try Command.run("gate", database, "--base", "2222222", "--candidate", "1111111")
    #expect(back.status == 0 && back.output.contains("PASS  no condition is met; "), "\(back.output)")
    let wide = try Command.run(["gate"] + both + ["--fail-if", "instructions > +6%"])
    #expect(wide.status == 0)
  }

  @Test("two records: what fails in the second alone is named with the command that repeats it")
  func records() throws {
    let (good, bad) = (try path("good.json"), try path("bad.json"))
    let outcome = try Command.run("gate", good, bad)
    #expect(
      outcome.status == 1 && outcome.output.contains("new failure"), "\(outcome.output)\(outcome.errors)")
    let command = outcome.output.split(separator: "\n").last?.drop { $0 != ":" }.dropFirst(2) ?? ""
    #expect(command.hasPrefix("meterstorm run scenarios/azure-llm-tokens.yaml --seed"), "\(command)")
    #expect(try Command.shell(String(command) + " --quiet", in: Command.root).status == 1)
    #expect(try Command.run("gate", good, good).status == 0)
  }

  @Test("a file that is neither a database nor a record is bad input, exit 65, with its name")
  func badInput() throws {
    let scratch = try Scratch()
    let odd = scratch.path("odd")
    try Data("{}".utf8).write(to: URL(fileURLWithPath: odd))
    let good = try path("good.json")
    let database = try path("both.db")
    for arguments in [
      [good, odd], [odd, good], [good, scratch.path("nothing")], [good, scratch.url.path],
      [database, "--base", "9", "--candidate", "1111111"], [database, good],
      [good, good, "--instructions", "\(odd),\(odd)"], [good, good, "--instructions", "nothing,\(odd)"],
    ] {
      let outcome = try Command.run(["gate"] + arguments)
      #expect(
        outcome.status == 65 && !outcome.errors.isEmpty, "\(arguments): \(outcome.status) \(outcome.errors)")
    }
  }

  @Test(
    "nonsense for an option is bad usage, exit 64",
    arguments: [
      ["x.db"], ["x.db", "--base", "a"], ["", "y.db"], ["x.db", "y.db", "--fail-if", "new failures"],
      ["x.db", "y.db", "--fail-if", "closeCycleTme > 3h"], ["x.db", "y.db", "--confidence", "40%"],
      ["x.db", "y.db", "--confidence", "100%"], ["x.db", "y.db", "--instructions", "a.json"],
      ["x.db", "y.db", "--github", "--format", "json"], ["x.db", "--base", "a b", "--candidate", "c"],
    ])
  func badUsage(_ arguments: [String]) throws {
    let outcome = try Command.run(["gate"] + arguments)
    #expect(outcome.status == 64, "\(arguments): \(outcome.status) \(outcome.errors)")
  }

  @Test(
    "a campaign's commit is that of the scenario's repository, marked where files differ, and no commit elsewhere"
  )
  func gitCommit() throws {
    let scratch = try Scratch()
    let folder = Command.root.appendingPathComponent("scenarios")
    let text = try String(
      contentsOf: folder.appendingPathComponent("month-end-throttle.yaml"), encoding: .utf8)
    try FileManager.default.copyItem(
      at: folder.appendingPathComponent("price-books"), to: scratch.url.appendingPathComponent("price-books"))
    try Data(text.utf8).write(to: scratch.url.appendingPathComponent("s.yaml"))
    func commits() throws -> String? {
      let outcome = try Command.run(
        ["campaign", "s.yaml", "--seeds", "1", "--quiet", "--format", "json", "--database", "r.db"],
        in: scratch.url)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let line = outcome.output.split(separator: "\n").first { $0.contains("\"commit\"") }
      return line.flatMap { $0.split(separator: "\"").dropFirst(3).first.map(String.init) }
    }
    #expect(try commits() == nil)
    let setUp = try Command.shell(
      "git init -q && git -c user.name=a -c user.email=a@b add s.yaml && git -c user.name=a -c user.email=a@b commit -qm x && git rev-parse HEAD",
      in: scratch.url)
    let head = setUp.output.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(head.count == 40, "\(setUp.errors)")
    #expect(try commits() == head)
    try Data((text + "\n").utf8).write(to: scratch.url.appendingPathComponent("s.yaml"))
    #expect(try commits() == head + "-dirty")
  }

  @Test("fewer seeds than required fail, and no database is needed for that")
  func minimumSeeds() throws {
    let few = try Command.run(
      "campaign", Self.scenario, "--minutes", "0.0001", "--jobs", "1", "--minimum-seeds", "500", "--quiet")
    #expect(
      few.status == 1 && few.output.contains("of at least 500: fewer than required"), "\(few.output)"
    )
    let impossible = try Command.run("campaign", Self.scenario, "--seeds", "1..5", "--minimum-seeds", "6")
    #expect(impossible.status == 64)
  }
}

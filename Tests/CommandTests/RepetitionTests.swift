import Foundation
import FoundationNetworking
import GRDB
import Testing

/// Commands that are printed to repeat a run do so when they are pasted into a shell, wherever it stands.
@Suite("Run it again")
struct RepetitionTests {
  /// A folder whose name a shell, a page and a workflow would each take apart, with the scenarios of `Tests/Findings/designs` in it.
  private static func place() throws -> (scratch: Scratch, folder: URL) {
    let scratch = try Scratch()
    let folder = scratch.url.appendingPathComponent("a month's <end>, 100 % of $HOME & `more`")
    try FileManager.default.copyItem(
      at: Command.root.appendingPathComponent("Tests/Findings/designs"), to: folder)
    // One of whose seeds each draws a variant: a value, what is left out, a fault.
    try Data(
      """
      extends: builtin.yaml
      description: a variant for each seed
      explore:
        faults: { leftOut: 20%, strength: { from: 0.5, to: 2 }, later: 6h }
        features: { leftOut: 50%, of: [ delivery.late ] }
        values: [ { path: customers.count, from: 20, to: 60 } ]
      delivery: { late: { share: 5%, delay: { exponential: { mean: 1h } } } }
      """.utf8
    ).write(to: folder.appendingPathComponent("seeds & variants.yaml"))
    return (scratch, folder)
  }

  /// Pastes a command into a shell in a folder that has nothing to do with it.
  ///
  /// - Returns: the fingerprint of what it ran.
  private func fingerprint(_ command: String) throws -> String? {
    let elsewhere = try Scratch()
    let outcome = try Command.shell(command, in: elsewhere.url)
    #expect(outcome.status == 0 || outcome.status == 1, "\(command): \(outcome.status) \(outcome.errors)")
    return outcome.output.matches(of: /fingerprint ([0-9a-f]{32})/).last.map { String($0.1) }
  }

  @Test(
    "of a run, in text, JUnit, Markdown, HTML, story and replay",
    arguments: [
      ["acme-small.yaml", "--design", "no-key.yaml", "--seed", "7"],
      ["builtin.yaml", "--set", "design.posting.concurrency=5", "--set=entities.0.erp.concurrency=9"],
      [
        "builtin.yaml", "--set", "design=middleware", "--defect", "retry-without-key",
        "--set=faults.0.for=3h",
        "--without", "no-lost-posting,drains", "--require", "throttled", "--allow-large",
      ],
      [
        "seeds & variants.yaml", "--explore", "--seed", "4", "--set=-description",
        "--set=faults.0.timeoutAfterCommit.share=40%",
        "--without", "drains",
      ],
    ])
  func run(_ words: [String]) throws {
    let (scratch, folder) = try Self.place()
    defer { withExtendedLifetime(scratch) {} }
    let told = try Command.run(["run"] + words + ["--quiet", "--output", "out"], in: folder)
    #expect(told.status == 1, "\(told.errors)")
    let wanted = try #require(told.output.firstMatch(of: /fingerprint ([0-9a-f]{32})/)?.1)
    let command = try #require(told.output.firstMatch(of: /run it again: (.*)/)?.1)
    #expect(try fingerprint(String(command)) == String(wanted), "\(command)")

    // The same in all other places.
    let out = folder.appendingPathComponent("out").path
    func output(_ arguments: String...) throws -> String {
      let outcome = try Command.run(arguments, in: scratch.url)
      #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
      return outcome.output
    }
    let xml = Self.plain(try output("report", out, "--format", "junit"))
    let cases = xml.matches(of: /run it again: (.*)<\/failure>/).map(\.1)
    #expect(!cases.isEmpty && cases.allSatisfy { $0 == command })
    #expect(try output("report", out, "--format", "markdown").contains("`` \(command) `` · fingerprint"))
    #expect(Self.commands(inPage: try output("report", out, "--format", "html")).contains(String(command)))
    #expect(try output("explain", out, "--violation", "1", "--quiet").contains("\n\(command)\nfingerprint"))
    let story = try output("explain", out, "--violation", "1", "--format", "html", "--quiet")
    #expect(Self.plain(story).contains("\(command) · fingerprint \(wanted)"))
    #expect(try output("replay", out, "--until", "4d", "--quiet").contains("\n\(command)\n"))
  }

  @Test(
    "of a campaign's failing seeds, in text, JUnit, HTML, annotations, a merged database and the dashboard",
    arguments: [
      ["--set", "description=it's \"mine\"", "--defect", "retry-without-key"],
      ["--no-explore", "--design", "no-key.yaml"],
      ["--guided", "--set=-description"],
    ])
  func campaign(_ words: [String]) throws {
    let (scratch, folder) = try Self.place()
    defer { withExtendedLifetime(scratch) {} }
    let start =
      ["campaign", "seeds & variants.yaml", "--seeds", "3..9", "--quiet", "--database", "the runs.db"] + words
    let told = try Command.run(start + ["--junit", "out.xml", "--github"], in: folder)
    #expect(told.status == 1, "\(told.status) \(told.errors)")
    let rows = try DatabaseQueue(path: folder.appendingPathComponent("the runs.db").path).read {
      try Row.fetchAll($0, sql: "SELECT seed, fingerprint FROM run")
    }
    var fingerprints: [String: String] = [:]
    for row in rows { fingerprints["\(row["seed"] as Int64)"] = row["fingerprint"] }
    #expect(fingerprints.count == 7)

    let groups = told.output.matches(of: /\n    run it again: (.*)/).map { String($0.1) }
    #expect(!groups.isEmpty)
    let xml = try String(contentsOf: folder.appendingPathComponent("out.xml"), encoding: .utf8)
    let cases = xml.matches(of: /run it again: (cd [^<\n]*)/).map { Self.plain(String($0.1)) }
    #expect(!cases.isEmpty && cases.allSatisfy(groups.contains))
    let annotations = told.output.matches(of: /::error .*run it again: (.*)/).map {
      String($0.1).replacing("%25", with: "%")
    }
    #expect(annotations == groups)
    let page = Self.commands(inPage: try Command.run(start + ["--format", "html"], in: folder).output)
    #expect(page.filter { $0.contains(" meterstorm run ") } == groups)
    #expect(page.count == 2 * groups.count)
    let merged = try Command.run(
      ["merge", "the runs.db", "--into", "all of them.db"], in: folder
    ).output.matches(of: /\n    run it again: (.*)/).map { String($0.1) }
    #expect(merged.map { $0.replacing("all of them.db", with: "the runs.db") } == groups)
    let seed = try #require(groups[0].firstMatch(of: /--seed (\d+)/)?.1)
    let served = try Self.pages(
      of: "the runs.db", in: folder,
      ["/campaigns/1", "/campaigns/1/seeds/\(seed)", "/campaigns/1/seeds/\(seed)/report"])
    #expect(served[0].filter { $0.contains(" meterstorm run ") } == groups)

    for command in Set(groups + merged + served[1].prefix(1) + served[2].prefix(1)) {
      let seed = try #require(command.firstMatch(of: /--seed (\d+)/)?.1)
      #expect(try fingerprint(command) == fingerprints[String(seed)], "\(command)")
    }
    #expect(served[1].first != nil && served[2].first != nil)
  }

  @Test(
    "of a run that a database keeps, in the dashboard's page and story, and as what was drawn for a guided seed"
  )
  func kept() throws {
    let (scratch, folder) = try Self.place()
    defer { withExtendedLifetime(scratch) {} }
    let choice = ["--set", "design=no-key.yaml", "--defect", "retry-without-key"]
    let campaign = try Command.run(
      [
        "campaign", "seeds & variants.yaml", "--guided", "--seeds", "1..24", "--quiet", "--database",
        "guided.db",
      ]
        + choice, in: folder)
    #expect(campaign.status == 1, "\(campaign.errors)")
    // A seed that the exploration alone would draw otherwise, so that its values have to be said one by one.
    let seed = try #require(
      try DatabaseQueue(path: folder.appendingPathComponent("guided.db").path).read {
        try Row.fetchAll($0, sql: "SELECT seed FROM run WHERE verdict = 'fail' ORDER BY seed DESC LIMIT 1")
      }.first.map { $0["seed"] as Int64 })
    let told = try Command.run(
      [
        "run", "seeds & variants.yaml", "--guided", "guided.db", "--seed", "\(seed)", "--quiet", "--database",
        "kept.db",
      ]
        + choice, in: folder)
    let wanted = try #require(told.output.firstMatch(of: /fingerprint ([0-9a-f]{32})/)?.1)
    let served = try Self.pages(of: "kept.db", in: folder, ["/runs/1", "/runs/1/story?violation=1"])
    #expect(served[1].last?.contains(" --set=customers.count=") == true)
    for command in [served[0].first, served[1].last] {
      #expect(try fingerprint(#require(command)) == String(wanted), "\(command ?? "")")
    }
  }

  @Test("a scenario that shrink has written breaks what its head says, under the command in its head")
  func shrunk() throws {
    let (scratch, folder) = try Self.place()
    defer { withExtendedLifetime(scratch) {} }
    let outcome = try Command.run(
      ["shrink", "seeds & variants.yaml", "--explore", "--seed", "4", "--quiet", "--output", "small.yaml"],
      in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let text = try String(contentsOf: folder.appendingPathComponent("small.yaml"), encoding: .utf8)
    let broken = try #require(text.firstMatch(of: /^# Breaks ([a-z-]+)/)?.1)
    let command = try #require(text.firstMatch(of: /\n# (meterstorm run .*)/)?.1)
    let again = try Command.shell(String(command).replacing("THIS-FILE", with: "small.yaml"), in: folder)
    #expect(again.status == 1 && again.output.contains("✗ \(broken)"), "\(again.output)")
  }

  // MARK: What is printed

  /// A text of a page or of XML with its entities resolved.
  private static func plain(_ text: String) -> String {
    let entities = ["&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'", "&apos;": "'"]
    var text = text
    for (entity, character) in entities { text = text.replacing(entity, with: character) }
    return text.replacing("&amp;", with: "&")
  }

  /// The commands that a page shows: each a line of a block, or in the foot before the fingerprint.
  private static func commands(inPage html: String) -> [String] {
    let blocks = html.matches(of: /<pre>([^<]*)<\/pre>/).flatMap { (match) -> [Substring] in
      plain(String(match.1)).split(separator: "\n")
    }
    let foot = html.matches(of: /(cd [^<]*?) · fingerprint/).map { plain(String($0.1)) }
    return blocks.map(String.init).filter { $0.hasPrefix("cd ") } + foot
  }

  /// Serves a database for a moment, and takes the commands of some of its pages.
  private static func pages(of database: String, in folder: URL, _ targets: [String]) throws -> [[String]] {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = Command.executable
    process.arguments = ["serve", database, "--port", "0", "--seconds", "120"]
    process.currentDirectoryURL = folder
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    defer {
      process.terminate()
      process.waitUntilExit()
    }
    var said = ""
    while said.firstMatch(of: /http:.*\n/) == nil, case let more = pipe.fileHandleForReading.availableData,
      !more.isEmpty
    {
      said += String(decoding: more, as: UTF8.self)
    }
    let address = try #require(said.firstMatch(of: /http:\/\/[0-9.:]+/)?.0)
    return try targets.map { target in
      let url = try #require(URL(string: address + target))
      return commands(inPage: String(decoding: try Data(contentsOf: url), as: UTF8.self))
    }
  }
}

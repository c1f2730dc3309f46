import Foundation
import Testing

/// The walls of the house that the compiler cannot hold: what a target may import beyond its dependencies, and words
/// that break determinism. The package graph holds the rest.
@Suite("The walls of the house")
struct WallTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// What each target may import of the house and of the world outside.
  private static let allowed: [String: Set<String>] = [
    "Chronology": [], "SimulationKernel": ["Chronology"], "CanonicalModel": ["Chronology"],
    "CoreInterface": ["CanonicalModel", "Chronology"],
    "UsageToCash": ["CanonicalModel", "Chronology", "CoreInterface", "DequeModule", "HeapModule"],
    "Verification": ["CanonicalModel", "Chronology"],
    "World": [
      "CanonicalModel", "Chronology", "CoreInterface", "SimulationKernel", "DequeModule", "HeapModule",
      "Histogram",
    ],
    "SimulatedCore": ["CanonicalModel", "Chronology", "CoreInterface", "UsageToCash", "World"],
    "Scenario": ["CanonicalModel", "Chronology", "Yams", "Foundation", "Synchronization"],
    "RunRecord": ["Foundation"],
    "Statistics": ["SimulationKernel"],
    "Reports": ["RunRecord", "Foundation", "Chronology", "Mustache"],
    "ResultsDatabase": ["CSQLite", "RunRecord", "Foundation", "Synchronization"],
    "Addresses": ["Glibc"],
    // No HTTP: meterstorm-live has it.
    "Commands": [
      "Addresses", "ArgumentParser", "CBuildIdentity", "CanonicalModel", "Chronology", "Dispatch",
      "Experiments", "Foundation",
      "Reports", "ResultsDatabase", "RunRecord", "Scenario", "Statistics", "Synchronization", "UsageToCash",
      "Verification", "World",
    ],
    "WebService": [
      "Addresses", "Hummingbird", "HummingbirdCore", "HTTPTypes", "Logging", "NIOCore", "NIOPosix",
      "ServiceLifecycle",
      "UnixSignals", "Glibc",
    ],
    "Live": [
      "Addresses",
      "CanonicalModel", "Chronology", "CoreInterface", "UsageToCash", "WebService", "World",
      "AsyncHTTPClient",
      "Dispatch", "Foundation",
      "Histogram", "HTTPTypes", "Hummingbird", "NIOCore", "NIOHTTP1", "ServiceLifecycle", "Synchronization",
      "SimulationKernel",  // the fingerprint, as the digest of what a log belongs to
    ],
    "Dashboard": [
      "Experiments", "Reports", "ResultsDatabase", "RunRecord", "Scenario", "WebService", "Foundation",
      "HTTPTypes", "Hummingbird", "NIOPosix", "Synchronization",
    ],
  ]

  /// Targets whose code runs between the first and the last event.
  private static let deterministic = [
    "Chronology", "SimulationKernel", "CanonicalModel", "CoreInterface", "UsageToCash", "Verification",
    "SimulatedCore", "World",
    "Statistics",
  ]

  private func sources(of target: String) throws -> [(name: String, lines: [Substring])] {
    let folder = Self.root.appendingPathComponent("Sources/\(target)")
    let files =
      FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
      .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" } ?? []
    try #require(!files.isEmpty, "no sources in \(folder.path)")
    return try files.map {
      (
        $0.lastPathComponent,
        try String(contentsOf: $0, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
      )
    }
  }

  @Test("a target imports nothing that it must not know", arguments: allowed.keys.sorted())
  func imports(target: String) throws {
    for (name, lines) in try sources(of: target) {
      for line in lines {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), index <= 1, index + 1 < words.count else {
          continue
        }
        let module = String(words[index + 1].prefix { $0 != "." })
        #expect(Self.allowed[target]?.contains(module) == true, "\(target)/\(name) imports \(module)")
      }
    }
  }

  /// How many lines of code each type has over all its files, extensions included: neither blank nor of comments alone.
  ///
  /// - Parameter foreign: files of other targets, of which extensions of these types count.
  private static func sizes(of files: [[Substring]], and foreign: [[Substring]] = []) -> [String: Int] {
    let own = counted(files)
    return own.lines.merging(
      counted(foreign).extensions.filter { own.declared.contains($0.key) }, uniquingKeysWith: +)
  }

  /// The lines of each type, those of its extensions among them, and which types are declared and not only extended.
  private static func counted(
    _ files: [[Substring]]
  ) -> (lines: [String: Int], extensions: [String: Int], declared: Set<String>) {
    let kinds: Set<Substring> = ["struct", "class", "enum", "actor", "extension", "protocol"]
    var (sizes, extensions): ([String: Int], [String: Int]) = ([:], [:])
    var declared: Set<String> = []
    for lines in files {
      var type: String?
      var isExtension = false
      for line in lines {
        let code = line.prefix(while: { $0 != "/" }).trimmingCharacters(in: .whitespaces)
        if type == nil, let first = line.first, first.isLetter || first == "@" {
          let words = line.split(whereSeparator: { " :<{".contains($0) })
          if let kind = words.firstIndex(where: kinds.contains), kind + 1 < words.count {
            type = String(words[kind + 1].prefix { $0 != "." })
            isExtension = words[kind] == "extension"
            if !isExtension { declared.insert(String(words[kind + 1])) }
          }
        }
        guard let name = type else { continue }
        if !code.isEmpty {
          sizes[name, default: 0] += 1
          if isExtension { extensions[name, default: 0] += 1 }
        }
        if line.hasPrefix("}") || line.first?.isLetter == true && line.hasSuffix("}") { type = nil }
      }
    }
    return (sizes, extensions, declared)
  }

  @Test("the registry has the invariant of every file, and each wherever it says that it hears")
  func registry() throws {
    let folder = Self.root.appendingPathComponent("Sources/Verification/Invariants")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).map { $0.dropLast(6) }
    let registry = try sources(of: "Verification").filter { $0.name.hasPrefix("InvariantRegistry") }
      .flatMap(\.lines).joined(separator: "\n")
    #expect(names.count >= 70)
    for name in names {
      let text = try String(contentsOf: folder.appendingPathComponent("\(name).swift"), encoding: .utf8)
      let words = text.split(whereSeparator: { " ,:{\n".contains($0) })
      let heard = Set(words.filter { $0.hasPrefix("Hears") || $0.hasPrefix("Judges") })
      let entries = registry.split(whereSeparator: { " ,.&()[]\n".contains($0) })
        .count { $0.lowercased() == name.lowercased() }
      // Its constant and its type where it is made, its definition, among all, and once for each.
      #expect(entries == 4 + heard.count, "\(name): run scripts/registry")
    }
  }

  @Test("a type's lines are counted over all its files")
  func counting() {
    let one =
      "import A\n\npublic struct X: Y {\n  // nothing\n  var a = 1\n\n  struct Z { var b = 2 }\n}\n\nenum E { case e }\n"
    let two = "extension X.Z where A == B {\n  var c: Int { 3 }\n}\nlet loose = 1\n"
    let files = [one, two].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    #expect(Self.sizes(of: files) == ["X": 7, "E": 1])
    let elsewhere = "extension E {\n  var d: Int { 4 }\n}\nextension F {}\nstruct X {\n  var e = 5\n}\n"
      .split(separator: "\n", omittingEmptySubsequences: false)
    #expect(Self.sizes(of: files, and: [elsewhere]) == ["X": 7, "E": 4])
  }

  @Test(
    "no type has more than 500 lines of code over all its files",
    arguments: ["World", "UsageToCash", "Verification", "Experiments", "Scenario"])
  func types(target: String) throws {
    // What a script writes is no concern of readers.
    let others = (Self.allowed.keys.sorted() + ["Experiments", "meterstorm", "meterstorm-live"]).filter {
      $0 != target
    }
    let sizes = Self.sizes(
      of: try sources(of: target).filter { !$0.name.hasPrefix("InvariantRegistry") }.map(\.lines),
      and: try others.flatMap { try sources(of: $0) }.map(\.lines))
    #expect(sizes.count > 30)
    for (name, size) in sizes.sorted(by: { $0.key < $1.key }) {
      #expect(size <= 500, "\(target): \(name) has \(size) lines")
    }
  }

  /// Lines of code an assertion, at most: what a module may not go back behind. TigerBeetle has one per 19 lines, FoundationDB's server one
  /// per 56.
  private static let linesPerAssertion = ["UsageToCash": 40, "World": 40, "SimulationKernel": 40, "Live": 40]

  /// Lines of code, neither blank nor of comments alone, and what is stated in them that can never be: assertions, and the traps of
  /// transition functions.
  private static func assertions(in files: [[Substring]]) -> (lines: Int, assertions: Int) {
    let words = ["assert(", "precondition(", "preconditionFailure(", "assertionFailure(", "fatalError("]
    var (count, stated) = (0, 0)
    for line in files.joined() {
      let code = line.trimmingCharacters(in: .whitespaces)
      guard !code.isEmpty, !code.hasPrefix("//") else { continue }
      count += 1
      if words.contains(where: code.hasPrefix) { stated += 1 }
    }
    return (count, stated)
  }

  @Test(
    "code states what can never be, as often as its module has come to",
    arguments: linesPerAssertion.keys.sorted())
  func assertions(target: String) throws {
    let files = try sources(of: target)
    let (lines, assertions) = Self.assertions(in: files.map(\.lines))
    let maximum = try #require(Self.linesPerAssertion[target])
    #expect(lines <= maximum * assertions, "\(target): \(assertions) assertions in \(lines) lines of code")
    // A trap says in words what is not so.
    for (name, lines) in files {
      for (line, next) in zip(lines, lines.dropFirst() + [""]) {
        let code = line.trimmingCharacters(in: .whitespaces)
        guard code.hasPrefix("assert(") || code.hasPrefix("precondition("), code.hasSuffix(")") else {
          continue
        }
        #expect(code.contains("\"") || next.contains("\""), "\(target)/\(name): \(code)")
      }
    }
  }

  @Test("assertions are counted where they are made, and not where they are spoken of")
  func countingAssertions() {
    let text =
      "// assert(a)\nfunc f() {\n  assert(a, \"b\")\n\n  let assert = precondition\n  preconditionFailure(\"c\")\n}\n"
    let counted = Self.assertions(in: [text.split(separator: "\n", omittingEmptySubsequences: false)])
    #expect(counted == (5, 2))
  }

  @Test("nothing on the deterministic path asks the machine", arguments: deterministic)
  func traps(target: String) throws {
    let traps = [
      "Date()", "UUID()", ".random(", ".shuffled(", ".randomElement(", "hashValue", "Hasher()",
      "ObjectIdentifier",
      "ContinuousClock", "SuspendingClock", "getenv", "ProcessInfo", "DispatchQueue", "Task {", "await ",
      "Foundation.",
      "Glibc",
    ]
    for (name, lines) in try sources(of: target) {
      for line in lines where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        for trap in traps { #expect(!line.contains(trap), "\(target)/\(name): \(line)") }
      }
    }
  }

  /// One idiom: what threads share is the value of a `Mutex`, which the compiler lets nobody reach without it, or a flag that is an `Atomic`;
  /// who waits, waits at a semaphore or a group of Dispatch.
  @Test("what threads share is in a Mutex")
  func locks() throws {
    let folder = Self.root.appendingPathComponent("Sources")
    let others = [
      "NSLock", "NSRecursiveLock", "NSCondition", "NIOLock", "pthread_", "OSAllocatedUnfairLock",
      "DispatchQueue(",
      "nonisolated(unsafe)",
    ]
    for target in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where !["CBuildIdentity", "CJemalloc", "CSQLite", "phold-baseline"].contains(target) {
      for (name, lines) in try sources(of: target) {
        for line in lines where !line.drop(while: { $0 == " " }).hasPrefix("//") {
          for other in others { #expect(!line.contains(other), "\(target)/\(name): \(line)") }
        }
      }
    }
  }

  /// What a product offers to other packages, and the modules of the hot path, in which the compiler specialises across modules only what is
  /// public: with `package` there, a seed of chaos.yaml takes 27 % more instructions, one of chaos-month-end.yaml 43 % more.
  private static let mayBePublic: Set = [
    "CanonicalModel", "Chronology", "CoreInterface", "SimulationKernel", "UsageToCash", "Verification",
    "World",
  ]

  @Test("nothing is public but what is offered or has to be specialised")
  func access() throws {
    for target in Self.allowed.keys.sorted() where !Self.mayBePublic.contains(target) {
      for (name, lines) in try sources(of: target) {
        for line in lines where line.trimmingCharacters(in: .whitespaces).hasPrefix("public ") {
          Issue.record("\(target)/\(name): say package: \(line)")
        }
      }
    }
  }

  @Test("no file outgrows a screenful of concern")
  func lengths() throws {
    for target in Self.allowed.keys.sorted() {
      for (name, lines) in try sources(of: target) {
        #expect(lines.count <= 500, "\(target)/\(name) has \(lines.count) lines: split it by concern")
      }
    }
  }
}

@Suite("The documentation")
struct DocumentationTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func text(_ file: String) throws -> String {
    try String(contentsOf: Self.root.appendingPathComponent(file), encoding: .utf8)
  }

  // That its commands print what it shows, scripts/commands sees to.
  @Test("the README fits three screens")
  func readmeFits() throws {
    let readme = try text("README.md").split(separator: "\n", omittingEmptySubsequences: false)
    #expect(readme.count <= 120)
  }

  @Test("every scenario and invariant that the traceability table names exists")
  func namedScenariosAndInvariants() throws {
    let rows = try text("TRACEABILITY.md").split(separator: "\n").filter {
      $0.hasPrefix("| ") && $0.contains("Tests`")
    }
    let folder = Self.root.appendingPathComponent("Sources/Verification/Invariants")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    let invariants = try files.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    var named = 0
    for row in rows {
      let columns = row.split(separator: "|", omittingEmptySubsequences: false)
      for name in columns[3].split(separator: "`") where name.wholeMatch(of: /[a-z-]+/) != nil {
        let file = Self.root.appendingPathComponent("scenarios/\(name).yaml")
        #expect(FileManager.default.fileExists(atPath: file.path), "\(name) in: \(row)")
        named += 1
      }
      for name in columns[4].split(separator: "`") where name.wholeMatch(of: /[a-z-]+/) != nil {
        #expect(invariants.contains("name: \"\(name)\""), "\(name) in: \(row)")
        named += 1
      }
    }
    #expect(named > 40)
  }

  @Test("every demand from capture to control has a row in the traceability table")
  func demands() throws {
    let demands =
      (1...8).map { "U\($0)" } + (1...3).map { "M\($0)" } + (1...3).map { "R\($0)" }
      + (1...6).map { "B\($0)" }
      + (1...8).map { "P\($0)" } + ["C1", "C2", "V1", "D1", "D2", "D3"] + (1...6).map { "K\($0)" }
    let ids = try text("TRACEABILITY.md").split(separator: "\n").filter { $0.hasPrefix("| ") }.map { row in
      row.split(separator: "|")[0].split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
    for demand in demands {
      #expect(ids.contains { $0.contains(demand) }, "\(demand) has no row")
    }
  }

  @Test("every test suite that the traceability table names exists")
  func traceability() throws {
    let tests =
      FileManager.default.enumerator(
        at: Self.root.appendingPathComponent("Tests"), includingPropertiesForKeys: nil)?
      .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" } ?? []
    let sources = try tests.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    let rows = try text("TRACEABILITY.md").split(separator: "\n").filter { $0.contains("Tests`") }
    #expect(rows.count > 10)
    for row in rows {
      for name in row.split(separator: "`") where name.hasSuffix("Tests") && !name.contains("/") {
        #expect(sources.contains("struct \(name) "), "\(name) in: \(row)")
      }
    }
  }
}

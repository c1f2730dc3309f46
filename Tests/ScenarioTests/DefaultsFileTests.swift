import Chronology
import Foundation
import Testing

@testable import Scenario

@Suite("Defaults of commands")
struct DefaultsFileTests {
  @Test("are read with positions, unknown keys with the nearest known one; the database is beside the file")
  func reading() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("jobs: 3\ndatabase: runs.db\nformat: html\n", to: ".meterstorm.yaml")
    let defaults = try DefaultsFile.read(file: file)
    #expect(defaults.jobs == 3 && defaults.format == .html)
    #expect(defaults.database == folder.path("runs.db"))
    for (text, message) in [
      ("jbos: 3\n", "1:1: unknown key 'jbos'; did you mean 'jobs'?"), ("jobs: 0\n", "1:7: "),
      ("jobs: 2\nformat: xml\n", "2:9: 'format' cannot be 'xml'"), ("- a\n", "1:1: "),
    ] {
      let file = try folder.write(text, to: "bad.yaml")
      do throws(InvalidInput) {
        _ = try DefaultsFile.read(file: file)
        Issue.record("\(text) was accepted")
      } catch {
        #expect(error.description.contains("bad.yaml:\(message)"), "\(error)")
      }
    }
  }

  @Test("are those of the nearest folder, not beyond the root of a repository or the home folder")
  func finding() throws {
    let folder = try TemporaryFolder()
    let files = FileManager.default
    let inner = folder.path("repository/a/b")
    try files.createDirectory(atPath: inner, withIntermediateDirectories: true)
    let top = try folder.write("jobs: 1\n", to: ".meterstorm.yaml")
    #expect(DefaultsFile.find(from: inner, home: "/") == top)
    #expect(DefaultsFile.find(from: inner, home: folder.path("repository")) == nil)
    try files.createDirectory(atPath: folder.path("repository/.git"), withIntermediateDirectories: true)
    #expect(DefaultsFile.find(from: inner, home: "/") == nil)
    let own = try folder.write("jobs: 2\n", to: "repository/.meterstorm.yaml")
    #expect(DefaultsFile.find(from: inner, home: "/") == own)
    _ = try folder.write("jobs: 3\n", to: "repository/a/b/.meterstorm.yaml")
    #expect(DefaultsFile.find(from: inner, home: "/") == ".meterstorm.yaml")
    // A folder that has been deleted has no path, and no folder above it.
    #expect(DefaultsFile.find(from: "", home: "/") == nil)
    // Root alone can give a file away.
    if geteuid() == 0 {
      #expect(chown(folder.path("repository/a/b/.meterstorm.yaml"), 65534, 65534) == 0)
      #expect(DefaultsFile.find(from: inner, home: "/") == own, "the nearest one is of another user")
    }
  }

  @Test("a byte order mark is passed over, and columns count from behind it")
  func byteOrderMark() throws {
    let folder = try TemporaryFolder()
    let good = try folder.write(Data([0xEF, 0xBB, 0xBF]) + Data("jobs: 3\n".utf8), to: "good.yaml")
    #expect(try DefaultsFile.read(file: good).jobs == 3)
    let bad = try folder.write(Data([0xEF, 0xBB, 0xBF]) + Data("jbos: 3\n".utf8), to: "bad.yaml")
    #expect(throws: InvalidInput.self) { try DefaultsFile.read(file: bad) }
    do throws(InvalidInput) { _ = try DefaultsFile.read(file: bad) } catch {
      #expect(error.description.contains("bad.yaml:1:1: unknown key"), "\(error)")
    }
  }
}

@Suite("Profiles of recorded usage")
struct TraceProfileTests {
  private func profile(
    _ text: String, timestamp: String? = nil, quantities: [String] = []
  ) throws -> Result<TraceProfile, InvalidInput> {
    let folder = try TemporaryFolder()
    let file = try folder.write(text, to: "usage.csv")
    return Result { () throws(InvalidInput) in
      try TraceProfile(file: file, timestamp: timestamp, quantities: quantities)
    }
  }

  @Test("tell the column of the times and those of the quantities")
  func columns() throws {
    let found = try profile(
      "customer,at,tokens,calls\na,2026-03-31T23:00:00Z,10,1\nb,2026-03-01T00:00:00Z,20.5,2\n"
    ).get()
    #expect(found.timestamp == "at" && found.quantities == ["tokens", "calls"] && found.rows == 2)
    #expect(found.first.date == CivilDate(year: 2026, month: 3, day: 1))
    #expect(found.last.date == CivilDate(year: 2026, month: 3, day: 31))
    #expect(try profile("ts,n\n1700000000,1\n").get().timestamp == "ts")
    let chosen = try profile("t,a,b,c\n2026-01-01T00:00:00Z,1,2,3\n", quantities: ["c"]).get()
    #expect(chosen.quantities == ["c"])
  }

  @Test("read semicolons and tabs, times with offsets, and the number of customers")
  func odd() throws {
    let german = try profile(
      "Wann;Kunde;Menge\n2026-01-03 10:00:00;acme;5\n2026-01-04 11:00:00;b;7\n2026-01-05 11:00:00;acme;9\n"
    ).get()
    #expect(german.timestamp == "Wann" && german.quantities == ["Menge"] && german.rows == 3)
    #expect(german.customers == .init(column: "Kunde", count: 2))
    let tabs = try profile("event_time\ttenant_name\tn\n2026-01-03T10:00:00+02:00\tacme\t5\n").get()
    #expect(tabs.first == Instant(iso8601: "2026-01-03T08:00:00Z") && tabs.quantities == ["n"])
    #expect(try profile("t,n\n2026-01-01T00:00:00Z,1\n").get().customers == nil)
  }

  @Test(
    "say where they cannot",
    arguments: [
      ("t,a,b,c\n2026-01-01T00:00:00Z,1,2,3\n", nil, [], ":1:7: 3 columns have quantities"),
      ("t,a\n2026-01-01T00:00:00Z,x\n", nil, [], ":1:1: no column has a quantity in every row"),
      ("t,a\n2026-01-01T00:00:00Z,x\n", nil, ["a"], ":2:22: 'x' in column 'a' should be a quantity"),
      ("t,a\nyesterday,1\n", nil, [], ":2:1: 'yesterday' in column 't' should be a time such as"),
      (
        "t,a\n2026-01-01T00:00:00Z,1\nyesterday,2\n", nil, [],
        ":3:1: 'yesterday' in column 't' should be a time such as"
      ),
      (
        "t,a\n2026-01-01T00:00:00Z,1\n2026-01-01T00:00:00Z,x\n", nil, [],
        ":3:22: 'x' in column 'a' should be a quantity, as in other rows"
      ),
      ("x,a\nyesterday,1\n", nil, [], ":1:1: no column has a time"),
      ("1767434400,acme,5\n1767434401,acme,6\n", nil, [], "such as 'time,customer,quantity'"),
      ("{\"id\":1}\n", nil, [], ":1:1: this is JSON, and init takes CSV"),
      ("PK\u{3}\u{4}x", nil, [], "unpack it first: unzip"), ("PAR1x", nil, [], "export it as CSV first"),
      ("t,a\nyesterday,1\n", "t", [], ":2:1: 'yesterday' in column 't' should be a time"),
      ("time,a\n", "tme", [], ":1:1: there is no column 'tme'; did you mean 'time'?"),
      ("", nil, [], ":1:1: the trace is empty"),
    ] as [(String, String?, [String], String)])
  func problems(text: String, timestamp: String?, quantities: [String], message: String) throws {
    guard case .failure(let error) = try profile(text, timestamp: timestamp, quantities: quantities) else {
      Issue.record("\(text) was accepted")
      return
    }
    #expect(error.description.contains(message), "\(error)")
  }
}

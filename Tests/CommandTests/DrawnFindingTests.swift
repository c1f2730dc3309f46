import Foundation
import RunRecord
import Testing

/// Findings of inputs that were drawn at random: changes of contracts that are told late, beside prepaid credits, minimum spends, pauses and fees that
/// are not prorated.
@Suite("Findings drawn at random")
struct DrawnFindingTests {
  private static let drawn = Command.root.appendingPathComponent("Tests/Findings/drawn")

  @Test(
    "core and oracle come to the same of every input, each by its own arithmetic",
    arguments: [
      "z290", "z344", "z410", "z731", "z785", "z896", "z1376", "z1542", "z1569", "z1695", "z1938", "z2839",
      "z2920", "z3478", "z3872", "z3919", "z4365", "z5164", "z6520", "z6720", "z7440",
    ])
  func holds(name: String) throws {
    let run = try Command.run("run", Self.drawn.appendingPathComponent("\(name).yaml").path, "--quiet")
    #expect(run.status == 0, "\(run.output)")
  }

  @Test(
    "and each document comes to what it does by hand",
    arguments: [
      // All of the second quarter's fee was given back: nothing of it is earned in May.
      ("z290", "recognition/RR-US-000004/1", "revenue:f0", []),
      // 596.00 with 16 % of tax inside, of which 17 of 31 days are March's.
      ("z344", "accrual/AC-US-000002/1", "revenue:f0 (month)", ["-281.76"]),
      // The terms of 1 January, not prorated, ask for 141.000 and have credits pay it: 44.000 less the 18.568 that were credited.
      ("z410", "invoice/US-000002/1", "liabilities:deferred:cred", ["25.432"]),
      // 120.00 less 106.32 that were credited; that 87.00 should have been sold takes nothing more of it.
      ("z731", "recognition/RR-US-000005/1", "liabilities:deferred:cred", ["13.68"]),
      // Credits that should not have been sold pay nothing of what is accrued.
      ("z785", "accrual/AC-US-000003/1", "liabilities:deferred:cred", []),
      // All that is asked for, without proration.
      ("z896", "invoice/US-000001/1", "revenue:f2 (month)", ["-286.00"]),
      // The terms at the period's beginning, not prorated, have no credits to pay the minimum.
      ("z1542", "invoice/US-000004/1", "liabilities:deferred:cred", []),
      // All of the purchase was credited: nothing is left to be given back.
      ("z1569", "invoice/US-000004/1", "liabilities:deferred:cred", []),
      ("z1695", "invoice/US-000002/1", "liabilities:deferred:cred", ["27.000"]),
      // All that was left of a fee, 351.617, was earned in January as it was lost, and 46.470 credited of that. It goes on: by February 40 of 90 days of
      // the rest are earned, 135.621, and what was credited stays so.
      ("z5164", "recognition/RR-US-000002/1", "liabilities:deferred:f0", ["-169.526"]),
      // 17 of 31 days of 535.00: nobody has told of the end yet.
      ("z6520", "accrual/AC-US-000003/1", "revenue:f0", ["-293.39"]),
      // 12.48 of 214.03 were served until the fee was lost, 7.13 of them in January; 201.55 were given back at once, and it goes on by other terms.
      ("z7440", "recognition/RR-US-000002/1", "liabilities:deferred:f0 (year)", ["206.90"]),
    ] as [(String, String, String, [String])])
  func comesTo(name: String, document: String, account: String, amounts: [String]) throws {
    let scratch = try Scratch()
    let run = try Command.run(
      "run", Self.drawn.appendingPathComponent("\(name).yaml").path, "--output", scratch.path("run"),
      "--quiet")
    #expect(run.status == 0, "\(run.output)")
    let journal = try Journal(
      json: Data(contentsOf: URL(fileURLWithPath: scratch.path("run") + "/journal.json")))
    let lines = try #require(journal.documents.first { $0.key == document }).lines
    #expect(lines.filter { $0.account == account }.map(\.amount) == amounts)
  }

  @Test(
    "what is told late leaves each month with what it would have by hand",
    .enabled(if: Ledgers.hasHledger),
    arguments: [
      // 20.00 of usage and 80.00 that it lacks, paid by 150.00 of credits, whose rest lapses; in February nothing pays the 60.00.
      ("minimum-covered-by-first-terms", "revenue:us:credits", ["50.00", "0"]),
      ("minimum-covered-by-first-terms", "revenue:us:minimum_spend", ["80.00", "60.00"]),
      ("minimum-covered-by-first-terms", "assets:us:receivable", ["150.00", "210.00"]),
      // 12.00 of 120.00 are left in January, and drawn; the same in February, whose 12.00 lapse; 8.70 of 87.00 in March.
      ("credits-credited-then-fewer", "revenue:us:credits", ["0", "12.00", "8.70"]),
      ("credits-credited-then-fewer", "liabilities:us:deferred:credits", ["120.00", "87.00", "0"]),
      ("credits-not-sold-accrued", "assets:us:unbilled", ["0", "34.00", "0"]),
      ("credits-not-sold-accrued", "liabilities:us:deferred:credits", ["37.00", "37.00", "0"]),
      // 17 of 31 days; then what is left of it, and nothing else before the pause is over.
      ("unprorated-fee-then-pause", "revenue:us:mf", ["170.00", "140.00"]),
      // 12 days of March at 10.00 are given back in April, and all of the second quarter, of which nothing was earned.
      ("fee-lost-before-it-begins", "revenue:us:qf", ["310.00", "280.00", "310.00", "-120.00"]),
      ("fee-lost-before-it-begins", "liabilities:us:deferred:qf", ["590.00", "310.00", "900.00", "0"]),
      ("fee-lost-before-it-begins", "revenue:us:mf", ["0", "0", "0", "416.13"]),
      ("unprorated-fee-in-arrears-end-told-late", "revenue:us:mf", ["214.50", "71.50"]),
    ])
  func toldLate(name: String, account: String, figures: [String]) throws {
    let ledger = try Ledgers(of: "\(name).yaml")
    #expect(try Array(ledger.months(account).prefix(figures.count)) == figures)
  }
}

/// The monthly statements of a run, as hledger makes them of its journal.
private struct Ledgers {
  static let hasHledger = FileManager.default.isExecutableFile(atPath: "/usr/bin/hledger")
  private var rows: [[String]] = []

  init(of scenario: String) throws {
    let scratch = try Scratch()
    let file = Command.root.appendingPathComponent("Tests/Findings/money/\(scenario)").path
    let run = try Command.run("run", file, "--quiet", "--output", scratch.path("run"))
    try #require(run.status == 0, "\(run.output)")
    let export = try Command.run("report", scratch.path("run"), "--format", "hledger")
    try Data(export.output.utf8).write(to: scratch.url.appendingPathComponent("journal"))
    for kind in ["incomestatement", "balancesheet"] {
      let statement = try Command.shell(
        "hledger -f \(scratch.path("journal")) \(kind) --monthly --flat -O csv", in: scratch.url)
      try #require(statement.status == 0, "\(statement.errors)")
      rows += statement.output.split(separator: "\n").map { line in
        line.dropFirst().dropLast().split(separator: "\",\"", omittingEmptySubsequences: false).map(
          String.init)
      }
    }
  }

  /// The monthly figures of an account, from the first column on.
  func months(_ account: String) throws -> [String] {
    let row = try #require(rows.first { $0[0] == account }, "\(account) in \(rows.map { $0[0] })")
    return row.dropFirst().map { $0.split(separator: " ").last.map(String.init) ?? "0" }
  }
}

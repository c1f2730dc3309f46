import CanonicalModel
import Foundation
import RunRecord
import Scenario
import Testing

@testable import Experiments

/// Findings about money that moves, each with the right figure, worked out by hand.
@Suite("Findings about cash")
struct CashFindingTests {
  /// The balance of each account in the ledgers at the end.
  private func balances(_ path: String, _ settings: [String] = []) throws -> (RunRecord, [String: Decimal]) {
    let template = try ScenarioTemplate(file: path, settings: settings.compactMap(ScenarioFile.Setting.init))
    let outcome = try SimulationRun(template.scenario).outcome(keepingJournal: true)
    var balances: [String: Decimal] = [:]
    for line in try #require(outcome.journal).documents.flatMap(\.lines) {
      balances[line.account, default: 0] += try #require(Decimal(string: line.amount))
    }
    return (outcome.record, balances)
  }

  /// 4,343 hours from January to June at 1.00 are invoiced in six invoices; every transfer is 10.00 too much. Used for the next invoice, of
  /// which the customer then pays 10.00 less, 10.00 stay at the end. Given back, nothing stays; kept, six times 10.00.
  @Test(
    "money/07-overpaid",
    arguments: [("nextInvoice", 10, 4353), ("refund", 0, 4343), ("keep", 60, 4403)] as [(String, Int, Int)])
  func overpaid(policy: String, unapplied: Int, bank: Int) throws {
    let (record, balances) = try balances(
      Finding.path("money/07-overpaid.yaml"), ["payments.unapplied=\(policy)"])
    #expect(record.verdict == .pass && record.broken.isEmpty)
    #expect(balances["liabilities:unapplied-cash"] ?? 0 == Decimal(-unapplied))
    #expect(balances["assets:bank"] == Decimal(bank))
    #expect(balances["assets:receivable"] == 0)
    #expect(record.situations["unapplied-returned"] ?? 0 == (policy == "refund" ? 6 : 0))
  }

  /// Four customers pay three invoices each. Who pays in parts pays exactly what is asked for; each of the others 10.00 more. What is paid
  /// too much is used for the next invoice: 10.00 stay of each whose last payment was too much, whatever happened before.
  @Test("money/18-overpaid")
  func overpaidOverSeveralInvoices() throws {
    let (record, balances) = try balances(Finding.path("money/18-overpaid.yaml"))
    #expect(record.verdict == .pass && record.broken.isEmpty)
    let unapplied = -(balances["liabilities:unapplied-cash"] ?? 0)
    #expect([0, 10, 20, 30, 40].contains(unapplied))
    #expect(record.situations["overpaid"] ?? 0 > Int(truncating: unapplied as NSNumber) / 10)
    let earned = balances.filter { $0.key.hasPrefix("revenue:") }.values.reduce(0, +)
    #expect(balances["assets:bank"] == unapplied - earned)
    #expect(balances["assets:receivable"] == 0)
  }

  /// 365.00 are paid for a year. Cancelled on 11 February, 41 days are worth 41.00, and 324.00 go back the way they came, by card or by
  /// transfer; with a rest of 14 days, 351.00 are, and the other 14.00 wait for the next invoice: nothing is charged again.
  @Test(
    "a credit note settles what is open, and what was paid of it goes back",
    arguments: [
      ("note-cancelled", [], 41, 0), ("note-cancelled", ["payments.gateway.share=0%"], 41, 0),
      ("note-cancelled", ["payments.unapplied=refund"], 41, 0),
      ("note-cancelled", ["payments.unapplied=keep"], 365, 324),
      ("note-paused", [], 365, 14),
    ] as [(String, [String], Int, Int)])
  func creditNotes(name: String, settings: [String], bank: Int, unapplied: Int) throws {
    let (record, balances) = try balances(Finding.path("money/\(name).yaml"), settings)
    #expect(record.verdict == .pass && record.broken.isEmpty)
    #expect(balances["assets:bank"] == Decimal(bank))
    #expect(balances["liabilities:unapplied-cash"] ?? 0 == Decimal(-unapplied))
    #expect(balances["assets:receivable"] == 0)
  }

  /// Each invoice is paid, credited in part and refunded, and its charge is charged back: the chargeback takes what the refunds have left,
  /// so that all that was paid goes back once. The gateway asks no fee: the bank ends with nothing, and customers owe what was
  /// invoiced (2,975.00) less what was credited.
  @Test("money/09-chargeback-after-credit")
  func chargebackAfterCredit() throws {
    let (record, balances) = try balances(Finding.path("money/09-chargeback-after-credit.yaml"))
    #expect(record.verdict == .pass && record.broken.isEmpty)
    #expect(balances["assets:bank"] == 0 && balances["assets:clearing"] == 0)
    #expect(balances["revenue:api_calls"] == -2975)
    let credited = try #require(balances["revenue:credits-given"])
    #expect(credited > 0)
    #expect(balances["assets:receivable"] == 2975 - credited)
    #expect(record.situations["chargeback-bounded"] ?? 0 == 3)
  }

  private static func scenario(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("scenarios/\(name).yaml").path
  }

  /// The figure that is worked out in the scenario's comment.
  @Test("scenarios/cash.yaml: 100.00 an entity stay unapplied, and lost notices are found on statements")
  func cash() throws {
    let (record, balances) = try balances(Self.scenario("cash"))
    #expect(record.verdict == .pass && record.broken.isEmpty)
    #expect(balances["liabilities:unapplied-cash"] == -200, "dollars and euros")
    for situation in [
      "notice-lost", "found-on-statement", "partial-capture", "dispute-won", "dispute-lost", "written-off",
    ] {
      #expect(record.situations[situation] ?? 0 > 0, "\(situation)")
    }
  }

  /// The figure that is worked out in the scenario's comment.
  @Test("scenarios/chargebacks.yaml: what was paid goes back once, in whatever order")
  func chargebacks() throws {
    let (record, balances) = try balances(Self.scenario("chargebacks"))
    #expect(record.verdict == .pass && record.broken.isEmpty)
    #expect(balances["assets:bank"] == 0)
    for situation in ["chargeback-bounded", "refund-refused", "refunded"] {
      #expect(record.situations[situation] ?? 0 > 0, "\(situation)")
    }
  }
}

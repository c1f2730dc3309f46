/// The numbers of the ledger accounts in the ERPs: master data that core and ERPs share.
public struct ChartOfAccounts: Sendable {
  private let numbers: [LedgerAccount: String]
  private let accounts: [String: LedgerAccount]

  /// The chart of a catalogue: control accounts, then a revenue and a deferred account an item and a tax account a
  /// jurisdiction.
  public init(_ catalog: Catalog) {
    var pairs: [(LedgerAccount, String)] = [
      (.bank, "113100"), (.clearing, "113900"), (.receivable, "120000"), (.unbilledReceivable, "121000"),
      (.unappliedCash, "170000"), (.creditsGiven, "480000"), (.gatewayFees, "654000"), (.badDebt, "655000"),
      (.exchangeGains, "700000"),
      (.migrationClearing, "199000"),
    ]
    for index in catalog.items.indices {
      let item = ItemID(index: UInt32(index))
      pairs.append((.revenue(item), String(400_000 + index)))
      pairs.append((.deferredRevenue(item), String(230_000 + index)))
    }
    for index in catalog.jurisdictions.indices {
      pairs.append((.taxPayable(JurisdictionID(index: UInt32(index))), String(220_000 + index)))
    }
    numbers = Dictionary(uniqueKeysWithValues: pairs)
    accounts = Dictionary(uniqueKeysWithValues: pairs.map { ($0.1, $0.0) })
  }

  /// The number of an account.
  public func number(of account: LedgerAccount) -> String { numbers[account] ?? "" }
  /// The account of a number; `nil`: none.
  public func account(_ number: String) -> LedgerAccount? { accounts[number] }
}

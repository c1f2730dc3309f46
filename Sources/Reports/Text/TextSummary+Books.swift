import RunRecord

/// The ledgers, the closes and the exception cases of a run.
extension TextSummary {
  mutating func trialBalances() {
    heading("Trial balance")
    var table = TextTable([.left, .left, .right, .right])
    table.add(["", "", "debit", "credit"])
    for balance in record.trialBalances {
      for (index, account) in balance.accounts.enumerated() {
        table.add([
          index == 0 ? "\(balance.entity)  \(balance.currency)" : "", account.account,
          Wording.grouped(account.debit), Wording.grouped(account.credit),
        ])
      }
      table.add(["", "total", Wording.grouped(balance.debits), Wording.grouped(balance.credits)])
    }
    lines += table.lines
  }

  /// An instant to the minute.
  private static func minute(_ instant: String) -> String {
    String(instant.prefix(16)).replacing("T", with: " ")
  }

  mutating func cases() {
    guard !record.cases.isEmpty else { return }
    heading("Exception cases")
    var table = TextTable([.left, .left, .right, .right, .right, .left])
    table.add(["owner", "kind", "cases", "open", "waiting", "oldest open since"])
    let kinds = Set(record.cases.map { [$0.owner, $0.kind] }).sorted { $0.lexicographicallyPrecedes($1) }
    for kind in kinds {
      let own = record.cases.filter { [$0.owner, $0.kind] == kind }
      let open = own.filter { $0.resolved == nil }
      table.add([
        kind[0], kind[1], Wording.grouped(own.count), Wording.grouped(open.count),
        Wording.grouped(Wording.sum(open.map(\.waiting))), open.map(\.raised).min().map(Self.minute) ?? "",
      ])
    }
    lines += table.lines
    for (kind, reason, count) in Self.reasons(record.cases) {
      lines.append(style.dim("  \(kind): \(reason) (\(Wording.grouped(count)))"))
    }
  }

  /// What is refused for a reason that the kind of the case does not tell, most frequent first.
  private static func reasons(_ cases: [RunRecord.Case]) -> [(kind: String, reason: String, count: Int)] {
    var counts: [[String]: Int] = [:]
    for own in cases where own.resolved == nil {
      guard let reason = own.fields.first(where: { $0.name == "reason" })?.value else { continue }
      let meter = own.fields.first { $0.name == "meter" }.map { "meter \($0.value): " } ?? ""
      counts[[own.kind, meter + reason], default: 0] += 1
    }
    return counts.sorted { ($1.value, $0.key[0], $0.key[1]) < ($0.value, $1.key[0], $1.key[1]) }.prefix(5)
      .map { ($0.key[0], $0.key[1], $0.value) }
  }

  mutating func closes() {
    guard !record.closes.isEmpty else { return }
    heading("Closes: the three truths at each cut-off")
    var table = TextTable([.left, .left, .right, .right, .right, .right, .right, .left])
    table.add([
      "", "period", "usage events", "invoices", "amount", "ledger documents", "debits", "ledger as of",
    ])
    for close in record.closes {
      table.add([
        "\(close.entity)  \(close.currency)",
        close.period + (close.version > 1 ? " (version \(close.version))" : ""),
        Wording.grouped(close.operational.count), Wording.grouped(close.billing.count),
        Wording.grouped(close.billing.amount ?? ""), Wording.grouped(close.finance.count),
        Wording.grouped(close.finance.amount ?? ""), Self.minute(close.finance.asOf),
      ])
    }
    lines += table.lines
  }
}

import RunRecord

/// The control totals of a run: what each stage counted, and by how much two stages differ.
extension TextSummary {
  mutating func controlTotals() {
    heading("Control totals")
    captured()
    lines.append("")
    stages(of: usage)
    explainUnknown(in: usage)
    lines.append("")
    documents()
  }

  /// What became of what was received.
  private mutating func captured() {
    let capture = record.controlTotals.capture
    lines.append(
      "  received \(Wording.grouped(capture.received)) = accepted \(Wording.grouped(capture.accepted))"
        + " + duplicates \(Wording.grouped(capture.duplicates)) + rejected \(Wording.grouped(capture.rejected))"
        + " + quarantined \(Wording.grouped(capture.quarantined))"
        + (capture.operational > 0 ? " + operational \(Wording.grouped(capture.operational))" : ""))
    if let takenBack = capture.takenBack {
      lines.append(
        "  \(Wording.grouped(takenBack)) events were withdrawn by their producers, and are not counted as emitted"
      )
    }
    if let lost = record.situations["lost-in-producer"], lost > 0 {
      lines.append(
        "  \(Wording.grouped(lost)) events were lost in producer crashes before they were sent")
    }
  }

  /// A row for each entity and item, with that of customers whom nobody knows.
  private var usage: [RunRecord.ControlTotals.Row] {
    func rows(_ stage: String) -> [RunRecord.ControlTotals.Row] {
      record.controlTotals.stages.first { $0.stage == stage }?.rows ?? []
    }
    return rows("invoiced") + rows("emitted").filter { $0.entity == RunRecord.ControlTotals.unknownEntity }
  }

  private mutating func explainUnknown(in rows: [RunRecord.ControlTotals.Row]) {
    guard rows.contains(where: { $0.entity == RunRecord.ControlTotals.unknownEntity }) else { return }
    lines.append(
      style.dim("  \(RunRecord.ControlTotals.unknownEntity): usage of unknown customers"))
  }

  /// Events, quantities and amounts at each stage.
  private mutating func stages(of rows: [RunRecord.ControlTotals.Row]) {
    let totals = record.controlTotals
    // What was rated, less discounts and the taxes that prices include where there are any, is what was invoiced.
    let names = [
      "emitted", "putAside", "metered", "rated", "discounts", "includedTaxes", "invoiced", "ledger",
    ]
    let byMeter = names.filter { name in
      !["discounts", "includedTaxes"].contains(name) || totals.stages.contains { $0.stage == name }
    }
    let titles = ["putAside": "excluded", "includedTaxes": "included taxes"]
    var table = TextTable([.left, .left] + byMeter.map { _ in .right } + [.right])
    table.add(["", ""] + byMeter.map { titles[$0] ?? $0 } + ["difference"])
    let stages = byMeter.map { name in totals.stages.first { $0.stage == name }?.rows ?? [] }
    for row in rows {
      let cells = stages.map { rows in rows.first { $0.entity == row.entity && $0.meter == row.meter } }
      let own = totals.boundaries.filter { $0.entity == row.entity && $0.meter == row.meter }
      let name = "\(row.entity)  \(row.meter ?? "")"
      let isUsage = row.count != nil
      if isUsage {
        table.add(
          [name, "events"] + cells.map { $0?.count.map { Wording.grouped($0) } ?? "" }
            + [Self.difference(own.compactMap(\.countDifference).map { "\($0)" })])
      }
      table.add(
        [isUsage ? "" : name, "quantity"] + cells.map { $0?.quantity.map { Wording.grouped($0) } ?? "" }
          + [Self.difference(own.compactMap(\.quantityDifference))])
      let amounts = zip(byMeter, cells).map { name, cell in
        let isUnpriced = name == "putAside" && cell?.unpriced != nil && cell?.unpriced == cell?.count
        return isUnpriced ? "not priced" : cell?.amount.map { Wording.grouped($0) } ?? ""
      }
      guard !row.currency.isEmpty || amounts.contains("not priced") else { continue }
      table.add(
        ["", row.currency] + amounts
          + [Self.difference(own.compactMap(\.amountDifference))])
    }
    lines += table.lines
  }

  private mutating func documents() {
    let totals = record.controlTotals
    var table = TextTable([.left, .left, .right, .right, .right])
    table.add(["", "", "issued", "posted", "difference"])
    let invoicedTaxes = totals.stages.first { $0.stage == "taxInvoiced" }?.rows ?? []
    let ledgerTaxes = totals.stages.first { $0.stage == "taxLedger" }?.rows ?? []
    for (before, after) in zip(invoicedTaxes, ledgerTaxes) {
      let own = totals.boundaries.filter {
        $0.boundary == "taxInvoiced-taxLedger" && $0.meter == before.meter
      }
      table.add([
        "\(before.entity)  tax \(before.meter ?? "")", before.currency, Wording.grouped(before.amount ?? ""),
        Wording.grouped(after.amount ?? ""), Self.difference(own.compactMap(\.amountDifference)),
      ])
    }
    for row in totals.stages.first(where: { $0.stage == "untaxed" })?.rows ?? [] {
      table.add([
        "\(row.entity)  untaxed \(row.meter ?? "")", row.currency, Wording.grouped(row.amount ?? ""), "", "",
      ])
    }
    let issued = totals.stages.first { $0.stage == "issued" }?.rows ?? []
    let posted = totals.stages.first { $0.stage == "posted" }?.rows ?? []
    for (before, after) in zip(issued, posted) {
      let own = totals.boundaries.filter { $0.entity == before.entity && $0.boundary == "issued-posted" }
      table.add([
        "\(before.entity)  invoices", "documents", Wording.grouped(before.count ?? 0),
        Wording.grouped(after.count ?? 0), Self.difference(own.compactMap(\.countDifference).map { "\($0)" }),
      ])
      table.add([
        "", before.currency, Wording.grouped(before.amount ?? ""), Wording.grouped(after.amount ?? ""),
        Self.difference(own.compactMap(\.amountDifference)),
      ])
    }
    lines += table.lines
  }

  /// `0` when all of the differences are nothing, otherwise those that are not.
  private static func difference(_ differences: [String]) -> String {
    let nonzero = differences.filter { difference in
      difference.contains { $0 != "0" && $0 != "." && $0 != "-" }
    }
    if differences.isEmpty { return "" }
    return nonzero.isEmpty ? "0" : nonzero.map { Wording.grouped($0) }.joined(separator: " / ")
  }

  // MARK: Folded

  /// A line for all usage of an entity and a meter, as long as every stage has the same; all figures of those that differ.
  mutating func foldedTotals() {
    let totals = record.controlTotals
    heading("Control totals")
    captured()
    lines.append("")
    let rows = usage
    let differing = rows.filter { isDiffering($0) }
    func cell(_ stage: String, _ row: RunRecord.ControlTotals.Row) -> RunRecord.ControlTotals.Row? {
      totals.stages.first { $0.stage == stage }?.rows.first {
        $0.entity == row.entity && $0.meter == row.meter
      }
    }
    // What was put aside has a value; where nothing was, the column is left out.
    let hasPutAside = rows.contains { (cell("putAside", $0)?.count ?? 0) != 0 }
    var table = TextTable(
      [.left, .right, .right] + (hasPutAside ? [.right] : []) + [.right, .right, .right])
    table.add(
      ["", "events", "excluded"] + (hasPutAside ? ["worth"] : [])
        + ["quantity", "amount in the ledger", "difference"])
    for row in rows {
      let amount = row.currency.isEmpty ? nil : cell("ledger", row)?.amount
      let emitted: [String] = [
        "\(row.entity)  \(row.meter ?? "")", cell("emitted", row)?.count.map { Wording.grouped($0) } ?? "",
        cell("putAside", row)?.count.map { Wording.grouped($0) } ?? "",
      ]
      let worth = hasPutAside ? [cell("putAside", row).map(Wording.worth) ?? ""] : []
      let metered: [String] = [
        (cell("metered", row) ?? row).quantity.map { Wording.grouped($0) } ?? "",
        amount.map { "\(row.currency) \(Wording.grouped($0))" } ?? "",
        isDiffering(row) ? "see below" : "0",
      ]
      table.add(emitted + worth + metered)
    }
    lines += table.lines
    explainUnknown(in: rows)
    if !differing.isEmpty {
      lines.append("")
      stages(of: differing)
    }
    lines.append("")
    foldedDocuments()
  }

  private func isDiffering(_ row: RunRecord.ControlTotals.Row) -> Bool {
    let own = record.controlTotals.boundaries.filter { $0.entity == row.entity && $0.meter == row.meter }
    let differences =
      own.compactMap(\.countDifference).map { "\($0)" } + own.compactMap(\.quantityDifference)
      + own.compactMap(\.amountDifference)
    return !["", "0"].contains(Self.difference(differences))
  }

  /// Documents and trial balances, a line for each entity.
  private mutating func foldedDocuments() {
    let totals = record.controlTotals
    let issued = totals.stages.first { $0.stage == "issued" }?.rows ?? []
    let posted = totals.stages.first { $0.stage == "posted" }?.rows ?? []
    var table = TextTable([.left, .right, .right, .left, .right, .right, .left])
    table.add(["", "invoices", "posted", "", "amount", "posted", "trial balance"])
    for (before, after) in zip(issued, posted) {
      let balance = record.trialBalances.first {
        $0.entity == before.entity
      }
      table.add([
        before.entity, Wording.grouped(before.count ?? 0), Wording.grouped(after.count ?? 0), before.currency,
        Wording.grouped(before.amount ?? ""), Wording.grouped(after.amount ?? ""),
        balance.map {
          $0.debits == $0.credits
            ? "balanced: \($0.currency) \(Wording.grouped($0.debits))"
            : style.bad("debit \(Wording.grouped($0.debits)), credit \(Wording.grouped($0.credits))")
        } ?? "",
      ])
    }
    lines += table.lines
    let invoiced = totals.stages.first { $0.stage == "taxInvoiced" }?.rows ?? []
    let ledger = totals.stages.first { $0.stage == "taxLedger" }?.rows ?? []
    for (before, after) in zip(invoiced, ledger) where before.amount != after.amount {
      lines.append(
        style.bad(
          "  \(before.entity)  tax \(before.meter ?? ""): \(before.currency) \(Wording.grouped(before.amount ?? "")) invoiced, "
            + "\(Wording.grouped(after.amount ?? "")) in the ledger"))
    }
  }
}

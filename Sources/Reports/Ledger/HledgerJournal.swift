import RunRecord

/// A journal in the format of hledger (https://hledger.org): an independent referee for every balance.
///
/// A transaction is dated within its accounting period: `hledger incomestatement -p 2026-01` is January's, also of what was
/// posted in February. When it was posted is its tag `posted`; a document of the ERP that took over at a cut-over has the tag
/// `erp:successor`, so that `hledger balance tag:erp=successor` is that ledger's alone.
package struct HledgerJournal {
  private let journal: Journal

  /// Makes an export.
  package init(_ journal: Journal) { self.journal = journal }

  /// The text: a transaction a document, its accounts under the name of the entity.
  package func text() -> String {
    var out = "; The ERPs' ledgers of a Meterstorm run. Read with: hledger -f FILE balance\n"
    for (currency, digits) in digits.sorted(by: { $0.key < $1.key }) {
      out += "commodity \(currency) 1000.\(String(repeating: "0", count: digits))\n"
    }
    for document in journal.documents {
      let description = [document.key, document.customer].compactMap { $0 }.joined(separator: " | ")
      out += "\n\(Self.date(of: document)) * (\(document.entity)/\(document.number)) \(description)"
      out += "  ; posted:\(document.posted)\(document.successor == true ? ", erp:successor" : "")\n"
      for line in document.lines {
        out += "    \(Self.account(line.account, of: document.entity))  \(document.currency) \(line.amount)\n"
      }
    }
    return out
  }

  /// The day of posting, or the day of the accounting period that is nearest to it.
  private static func date(of document: Journal.Document) -> String {
    let posted = String(document.posted.prefix(10))
    let month = posted.prefix(7)
    if document.period == month { return posted }
    return document.period > month ? "\(document.period)-01" : lastDay(of: document.period)
  }

  /// `2024-02-29` of `2024-02`.
  private static func lastDay(of period: String) -> String {
    let parts = period.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 2 else { return period }
    let (year, month) = (parts[0], parts[1])
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [4, 6, 9, 11].contains(month) ? 30 : month != 2 ? 31 : isLeap ? 29 : 28
    return "\(period)-\(days)"
  }

  /// The fraction digits of each currency, as its amounts have them.
  private var digits: [String: Int] {
    var digits: [String: Int] = [:]
    for document in journal.documents {
      for line in document.lines {
        let fraction = line.amount.split(separator: ".").dropFirst().first?.count ?? 0
        digits[document.currency] = max(digits[document.currency] ?? 0, fraction)
      }
    }
    return digits
  }

  /// `assets:us:receivable`: the entity stands below the class, so that each class sums over all entities.
  private static func account(_ name: String, of entity: String) -> String {
    guard let colon = name.firstIndex(of: ":") else { return "\(entity):\(name)" }
    return "\(name[..<colon]):\(entity)\(name[colon...])"
  }
}

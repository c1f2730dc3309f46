import RunRecord

/// A journal in the format of hledger (https://hledger.org): an independent referee for every balance.
public struct HledgerJournal {
  private let journal: Journal

  /// Makes an export.
  public init(_ journal: Journal) { self.journal = journal }

  /// The text: a transaction a document, its accounts under the name of the entity.
  public func text() -> String {
    var out = "; The ERPs' ledgers of a Meterstorm run. Read with: hledger -f FILE balance\n"
    for (currency, digits) in digits.sorted(by: { $0.key < $1.key }) {
      out += "commodity \(currency) 1000.\(String(repeating: "0", count: digits))\n"
    }
    for document in journal.documents {
      let description = [document.key, document.customer].compactMap { $0 }.joined(separator: " | ")
      out += "\n\(document.posted.prefix(10)) * (\(document.entity)/\(document.number)) \(description)\n"
      for line in document.lines {
        out += "    \(Self.account(line.account, of: document.entity))  \(document.currency) \(line.amount)\n"
      }
    }
    return out
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

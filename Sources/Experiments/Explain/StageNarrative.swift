import Foundation
import RunRecord

/// Tells of a violation of totals, which names an entity and no transaction: what each stage holds, where they part, and which
/// documents or which customers' usage make up the difference.
struct StageNarrative {
  private let record: RunRecord
  private let nodes: [String: TransactionTracer.Node]
  private let entity: String
  private let item: String?
  /// Such as `rated-invoiced`; `nil`: the violation names none.
  private let boundary: String?

  /// - Parameter ids: of the violation; `nil` where they name no entity.
  init?(_ ids: [String], _ record: RunRecord, _ nodes: [String: TransactionTracer.Node]) {
    func named(_ kind: String) -> String? {
      ids.first { $0.hasPrefix(kind + " ") }.map { String($0.dropFirst(kind.count + 1)) }
    }
    guard let entity = named("entity") else { return nil }
    self.record = record
    self.nodes = nodes
    self.entity = entity
    item = named("item") ?? named("meter")
    boundary = ids.first { id in record.controlTotals.boundaries.contains { $0.boundary == id } }
  }

  /// Which violation tells of the usage behind a difference between emitted, metered and rated: the first that names a customer
  /// and the same meter.
  var usage: (number: Int, ids: [String])? {
    guard let item, boundary == "emitted-metered" || boundary == "metered-rated" else { return nil }
    let all = record.brokenInvariants.flatMap(\.violations)
    let own = all.firstIndex { violation in
      violation.ids.contains { $0.hasPrefix("account ") }
        && (violation.ids.contains("meter \(item)") || violation.ids.contains("item \(item)"))
    }
    return own.map { ($0 + 1, all[$0].ids) }
  }

  /// The sentences.
  var sentences: [String] {
    var sentences = [totals]
    sentences += parting
    if boundary == "invoiced-ledger" || boundary == "issued-posted" { sentences += documents }
    if let usage {
      sentences.append(
        "Violation \(usage.number) names a customer of the difference (\(usage.ids.joined(separator: ", "))):"
      )
    }
    return sentences
  }

  private var what: String { item.map { "\(entity), \($0)" } ?? entity }

  /// What each stage holds of the item, or of the entity's documents.
  private var totals: String {
    let names = [
      "emitted", "putAside", "metered", "rated", "discounts", "includedTaxes", "invoiced", "ledger", "issued",
      "posted",
    ]
    let parts = names.compactMap { name -> String? in
      let rows =
        record.controlTotals.stages.first { $0.stage == name }?.rows.filter { row in
          guard row.entity == entity else { return false }
          return item.map { row.meter == $0 } ?? (name == "issued" || name == "posted")
        } ?? []
      guard let row = rows.first else { return nil }
      let isDocuments = name == "issued" || name == "posted"
      let figures = [
        row.count.map { "\($0) \(isDocuments ? "documents" : "events")" },
        row.quantity.map { "quantity \($0)" },
        row.amount.map { "\($0) \(row.currency)" }, row.unpriced.map { "\($0) events not priced" },
      ].compactMap(\.self)
      return
        "\(["putAside": "excluded", "includedTaxes": "included taxes"][name] ?? name) \(figures.joined(separator: ", "))"
    }
    return "Totals of \(what): \(parts.joined(separator: "; "))."
  }

  /// Between which stages something differs, the earlier less the later.
  private var parting: [String] {
    let own = record.controlTotals.boundaries.filter { other in
      other.entity == entity && (item == nil || other.meter == nil || other.meter == item)
    }
    let parts = own.filter { !$0.balanced }
    guard !parts.isEmpty else {
      return [
        "At the end of the run they agree: what differed was so when it was found, or is held in cases."
      ]
    }
    return parts.map { part in
      let (before, after) = Self.names(part.boundary)
      let figures = [
        part.countDifference.flatMap {
          $0 == 0 ? nil : "\($0) \(part.meter == nil ? "documents" : "events")"
        },
        part.quantityDifference.flatMap { Decimal(string: $0) == 0 ? nil : "quantity \($0)" },
        part.amountDifference.flatMap { Decimal(string: $0) == 0 ? nil : "\($0) \(part.currency)" },
      ].compactMap(\.self)
      let difference =
        figures.isEmpty
        ? "the counts agree, and the events are not the same" : figures.joined(separator: ", ")
      return
        "They diverge between \(before) and \(after)\(part.meter.map { item == nil ? " (\($0))" : "" } ?? ""): "
        + "\(difference) (the earlier less the later)."
    }
  }

  private static func names(_ boundary: String) -> (String, String) {
    let parts = boundary.split(separator: "-").map { $0 == "emitted" ? "emitted less excluded" : String($0) }
    return (parts.first ?? "", parts.last ?? "")
  }

  /// The entity's journal entries that are in no ledger, or in it more than once.
  private var documents: [String] {
    var copies: [String: [String]] = [:]
    for id in nodes.keys.sorted() where id.hasPrefix("document \(entity)/") {
      for posting in nodes[id]?.from ?? [] { copies[posting, default: []].append(id) }
    }
    let prefix = "posting invoice/\(entity.uppercased())-"
    let parted = Set(nodes.values.filter { $0.text.hasPrefix("part ") }.flatMap(\.from))
    let missing = nodes.keys.filter { id in
      id.hasPrefix(prefix) && copies[id] == nil && !parted.contains(id)
    }.sorted { ($0.count, $0) < ($1.count, $1) }
    let several = copies.filter { $0.value.count > 1 }
      .sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }
    var sentences: [String] = []
    if !missing.isEmpty {
      let texts = missing.map { id in "\(id)\(invoice(of: id))" }
      sentences.append("Issued, and in no ledger: \(missing.count): \(Narrative.folded(texts)).")
    }
    if !several.isEmpty {
      let texts = several.map { posting, documents in
        "\(posting)\(invoice(of: posting)) as \(documents.joined(separator: " and "))"
      }
      sentences.append("In the ledger more than once: \(several.count): \(Narrative.folded(texts)).")
    }
    return sentences.isEmpty
      ? ["Every invoice of \(entity) is in the ledger once: the amounts of the documents differ."] : sentences
  }

  private func invoice(of posting: String) -> String {
    let text = nodes[posting]?.from.lazy.compactMap { nodes[$0]?.text }.first
    return text.map { " (\($0))" } ?? ""
  }
}

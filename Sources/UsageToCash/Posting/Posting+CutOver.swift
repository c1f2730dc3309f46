import CanonicalModel
import Chronology
import CoreInterface

/// What a change of ERP moves beside the documents that were not sent yet.
extension Posting {
  /// Notes which invoices a document is about, where a cut-over will have to know.
  mutating func record(_ key: PostingKey, about invoices: [CashDocument.Application]) {
    if catalog[key.entity].cutOver != nil { carried.record(key, about: invoices) }
  }

  /// Dequeues the transfers that were made since the last time.
  mutating func dequeueTransfers() -> [BalanceTransfer] {
    guard !transfers.isEmpty else { return [] }
    defer { transfers.removeAll() }
    return transfers
  }

  /// Moves the balances of the old ERP, customer by customer, once nothing of the customer is under way there; the entity's own once
  /// nothing of anybody is. An opening balance goes ahead of what its customer has had since.
  mutating func transferBalances(at now: Instant, effects: inout Effects) {
    guard !carried.isEmpty, !planted.contains(.openItemsNotMoved) else { return }
    for index in 0..<entityCount where current(index, at: now) != index {
      let owners = carried.owners(of: EntityID(index: UInt32(index)))
      guard !owners.isEmpty else { continue }
      let busy = outboxes[index].busyAccounts
      let isDrained = outboxes[index].holdsOnlyClosingBalances
      var opening: [JournalEntry] = []
      for owner in owners where owner.account.map({ !busy.contains($0) }) ?? isDrained {
        guard let pair = carried.move(owner, at: now) else { continue }
        var pairs = [pair]
        if planted.contains(.openItemsMovedTwice) { pairs.append(carried.again(pair)) }
        for (closing, opens) in pairs {
          for part in parts(of: closing, at: now, &effects) { outboxes[index].enqueue(part) }
          opening += parts(of: opens, at: now, &effects)
        }
      }
      outboxes[index + entityCount].enqueueFirst(opening)
    }
  }

  private mutating func parts(
    of transfer: BalanceTransfer, at now: Instant, _ effects: inout Effects
  ) -> [JournalEntry] {
    transfers.append(transfer)
    effects.outputs.append(.transferred(transfer))
    return parts(of: transfer.entry, at: now)
  }
}

extension CarriedBalances {
  /// The same transfer once more, under the next number: a mistake.
  mutating func again(
    _ pair: (closing: BalanceTransfer, opening: BalanceTransfer)
  ) -> (closing: BalanceTransfer, opening: BalanceTransfer) {
    var again = pair
    let number = takeNumber(pair.closing.entry.key.entity)
    again.closing.entry.key.sequence = number
    again.opening.entry.key.sequence = number
    return again
  }
}

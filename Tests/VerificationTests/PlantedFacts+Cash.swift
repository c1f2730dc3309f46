import CanonicalModel
import Chronology

/// Money that moves, in the tiny month and in variants of it.
extension PlantedFacts {
  /// The lines of a document of cash in the ledger.
  static func lines(of document: CashDocument) -> [JournalLine] {
    let settled = document.applications.reduce(Money.zero) { $0 + $1.amount }
    let lines: [JournalLine] =
      switch document.key.kind {
      case .payout:
        [
          JournalLine(account: .bank, amount: document.gross - document.fees),
          JournalLine(account: .gatewayFees, amount: document.fees),
          JournalLine(account: .clearing, amount: -document.gross),
        ]
      case .refund:
        [
          JournalLine(account: .receivable, amount: settled),
          JournalLine(account: .bank, amount: -document.gross),
        ]
      case .writeOff:
        [
          JournalLine(account: .badDebt, amount: document.gross),
          JournalLine(account: .receivable, amount: -settled),
        ]
      case .cashApplication:
        [
          JournalLine(account: .unappliedCash, amount: document.gross),
          JournalLine(account: .receivable, amount: -settled),
        ]
      default:
        [
          JournalLine(account: document.isAtGateway ? .clearing : .bank, amount: document.gross),
          JournalLine(account: .receivable, amount: -settled),
          JournalLine(account: .unappliedCash, amount: -document.unapplied),
        ]
      }
    return lines.filter { $0.amount != .zero }
  }

  private func cashDocument(
    _ kind: DocumentKind, _ sequence: UInt32, _ gross: Int128, of invoice: Int, settling: Int128,
    origin: CashOrigin?
  ) -> CashDocument {
    CashDocument(
      key: PostingKey(kind: kind, entity: EntityID(index: 0), sequence: sequence),
      account: invoices[invoice].account, currency: Self.dollar, period: Self.period.next,
      gross: Self.cents(gross),
      applications: [.init(invoice: invoices[invoice].number, amount: Self.cents(settling))], origin: origin)
  }

  /// The second customer pays the third invoice by transfer, and 0.10 too much.
  mutating func overpay() {
    movements.append(
      .transfer(account: AccountID(index: 1), amount: Self.cents(1010), reference: invoices[2].number))
    cash.append(cashDocument(.payment, 2, 1010, of: 2, settling: 1000, origin: .movement(2)))
    statuses[2].1 = .settled
    post()
  }

  /// The second invoice, which is paid, is credited by 0.50, and so much of the charge is given back.
  mutating func giveBack(_ amount: Int128 = 50) {
    var memo = memos[0]
    memo.key.sequence = 2
    memo.request.id = 2
    memo.request.invoice = invoices[1].number
    memo.request.net = Self.cents(50)
    (memo.account, memo.net, memo.taxes) = (invoices[1].account, Self.cents(50), [])
    memo.parts = [CreditMemo.Part(line: 0, item: ItemID(index: 0), amount: Self.cents(50))]
    memos.append(memo)
    movements.append(
      .refund(
        RefundOrder(
          entity: EntityID(index: 0), number: 1, account: invoices[1].account, invoice: invoices[1].number,
          source: .charge(collected[0].0), amount: Self.cents(amount))))
    var document = cashDocument(.refund, 1, amount, of: 1, settling: amount, origin: .movement(2))
    document.isOfCharge = true
    cash.append(document)
    post()
  }

  /// All attempts to collect the third invoice are declined, and it is written off at once.
  mutating func writeOff() {
    writesOff = true
    declined = (1...3).map { ChargeKey(invoice: invoices[2].number, attempt: $0) }
    cash.append(cashDocument(.writeOff, 1, 1000, of: 2, settling: 1000, origin: nil))
    statuses[2].1 = .writtenOff
    post()
  }

  /// Tells of money: what was asked for, what was collected and moved, and what was booked.
  func deliverCash(_ sink: some FactSink, at end: Instant) {
    let first = invoices.filter { $0.total > .zero }.map {
      (ChargeKey(invoice: $0.number, attempt: 1), $0.account, $0.total)
    }
    for (key, account, amount) in requested ?? first {
      sink.record(.chargeRequested(key, account, amount, repetition: 0), at: end - requestedEarlierBy)
    }
    for (key, account, amount) in collected { sink.record(.charged(key, account, amount), at: end) }
    for key in declined + collected.map(\.0) { sink.record(.declined(key), at: end) }
    for (index, movement) in movements.enumerated() {
      sink.record(.cashMoved(movement, id: UInt32(index + 1)), at: end)
    }
    for document in cash { sink.record(.cashBooked(document), at: end) }
  }

  /// Tells what the core has read of the statements of bank and gateway.
  func deliverStatements(_ sink: some FactSink, at instant: Instant) {
    guard !statementsAreUnread else { return }
    var bank: (lines: Int64, amount: Money) = (0, .zero)
    var gateway = (lines: Int64(collected.count), amount: collected.reduce(Money.zero) { $0 + $1.2 })
    for movement in movements {
      switch movement {
      case .payout(_, _, let gross, let fees): bank.amount += gross - fees
      case .transfer(_, let amount, _): bank.amount += amount
      case .refund(let order):
        bank.amount -= order.amount
        gateway = (gateway.lines + 1, gateway.amount - order.amount)
      default: continue
      }
      bank.lines += 1
    }
    let us = EntityID(index: 0)
    sink.record(.statementsCompared(.cashBank, us, lines: bank.lines, amount: bank.amount), at: instant)
    sink.record(
      .statementsCompared(.cashGateway, us, lines: gateway.lines, amount: gateway.amount), at: instant)
  }
}

extension Lie {
  /// Lies about money that has moved.
  static let ofCash: [Lie] = [
    Lie("charged-as-due", "a charge asks for a cent less than is open") { facts in
      let invoice = facts.invoices[1]
      facts.requested = [
        (ChargeKey(invoice: invoice.number, attempt: 1), invoice.account, PlantedFacts.cents(199))
      ]
    },
    Lie("charged-as-due", "an invoice is never charged") { $0.requested = [] },
    Lie("charged-as-due", "an invoice is charged before it is due") { $0.requestedEarlierBy = .seconds(1) },
    Lie("dunning-kept", "a further attempt does not wait for the first") { facts in
      let (key, account, amount) = facts.collected[0]
      facts.requested = [
        (key, account, amount), (ChargeKey(invoice: key.invoice, attempt: 2), account, amount),
      ]
    },
    Lie("cash-booked-as-moved", "a payment is another customer's") { facts in
      facts.cash[0].account = AccountID(index: 0)
    },
    Lie("cash-booked-as-moved", "a payment stands in another month") { facts in
      facts.cash[0].period = PlantedFacts.period
    },
    Lie("cash-booked-as-moved", "a payment settles another invoice than the one that was charged") { facts in
      facts.cash[0].applications[0].invoice = facts.invoices[2].number
    },
    Lie("cash-booked-as-moved", "a transfer settles another invoice than it names") { facts in
      facts.overpay()
      facts.cash[2].applications[0].invoice = facts.invoices[0].number
    },
    Lie("cash-booked-as-moved", "a payout is booked twice") { facts in
      facts.cash.append(facts.cash[1])
      facts.cash[2].key.sequence = 2
    },
    Lie("cash-booked-as-moved", "a payout is never booked") { $0.cash.removeLast() },
    Lie("cash-booked-as-moved", "the ledger holds a payment of another customer") { facts in
      facts.documents[4].entry.account = AccountID(index: 0)
    },
    Lie("unapplied-resolved", "a transfer waits beside an open invoice") { facts in
      facts.overpay()
      facts.cash[2].applications = []
    },
    Lie("unapplied-resolved", "more is applied than was paid") { facts in
      facts.overpay()
      facts.cash[2].applications[0].amount = PlantedFacts.cents(1011)
    },
    Lie("given-back-as-owed", "what was paid too much is never given back") { facts in
      facts.giveBack()
      facts.movements.removeLast()
      facts.cash.removeLast()
    },
    Lie("given-back-as-owed", "a cent more is given back than was owed") { $0.giveBack(51) },
    Lie("given-back-bounded", "more is given back of a charge than it was") { $0.giveBack(201) },
    Lie("write-offs-justified", "an invoice is written off before its last attempt") { facts in
      facts.writeOff()
      facts.declined.removeLast()
    },
    Lie("write-offs-justified", "less is written off than is open") { facts in
      facts.writeOff()
      facts.cash[2].gross = PlantedFacts.cents(999)
      facts.cash[2].applications[0].amount = PlantedFacts.cents(999)
    },
    Lie("write-offs-justified", "what nobody will pay stays open") { facts in
      facts.writeOff()
      facts.cash.removeLast()
    },
    Lie("reconciliation-detects", "the statements of bank and gateway are not read") {
      $0.statementsAreUnread = true
    },
    Lie("reconciliation-detects", "other money is booked than has moved, and no break tells of it") { facts in
      facts.cash[1].fees = PlantedFacts.cents(9)
    },
  ]
}

import CanonicalModel
import Chronology
import CoreInterface

/// What was booked of charges and of money at the bank, beside what the gateway and the bank report.
struct CashBook: Sendable {
  /// One source of statements of one entity.
  private struct Account: Sendable {
    /// Statements that came before earlier ones.
    var early: [UInt32: CashStatement] = [:]
    var next: UInt32 = 1
    /// Until when everything is on the statements that were read.
    var until = Instant.distantPast
    var read = ControlTotal()
    var booked = ControlTotal()
    /// What was booked and is on no statement yet.
    var unconfirmed: [CashOrigin: (amount: Money, at: Instant)] = [:]
  }

  private var accounts: [Account]
  /// Movements and charges that are booked.
  private var known: Set<CashOrigin> = []

  init(entities: Int) { accounts = Array(repeating: Account(), count: 2 * entities) }

  private func place(_ source: CashStatement.Source, _ entity: EntityID) -> Int {
    2 * Int(entity.index) + Int(source.rawValue)
  }

  /// Whether a movement or charge was booked.
  func isBooked(_ origin: CashOrigin) -> Bool { known.contains(origin) }

  /// A document of cash is booked.
  mutating func record(_ document: CashDocument, at now: Instant) {
    guard let origin = document.origin else { return }
    known.insert(origin)
    for source in CashStatement.Source.allCases {
      guard let amount = Self.amount(of: document, at: source) else { continue }
      let place = place(source, document.key.entity)
      accounts[place].booked += ControlTotal(count: 1, amount: amount)
      let before = accounts[place].unconfirmed[origin]?.amount ?? .zero
      accounts[place].unconfirmed[origin] = (before + amount, now)
    }
  }

  /// What a document moves at the bank or at the gateway; `nil`: nothing.
  private static func amount(of document: CashDocument, at source: CashStatement.Source) -> Money? {
    switch (document.key.kind, source) {
    case (.payment, .gateway): document.isAtGateway ? document.gross : nil
    case (.payment, .bank): document.isAtGateway ? nil : document.gross
    case (.payout, .bank): document.gross - document.fees
    case (.chargeback, .bank): .zero - document.gross - document.fees
    case (.chargeback, .gateway): .zero - document.gross
    case (.refund, .bank): .zero - document.gross
    case (.refund, .gateway): document.isOfCharge ? .zero - document.gross : nil
    case (.chargebackReversal, _): document.gross
    default: nil
    }
  }

  /// Receives a statement, again, late, or before an earlier one.
  ///
  /// - Returns: the lines of all statements that can be read now.
  mutating func receive(_ statement: CashStatement) -> [CashStatement.Line] {
    let place = place(statement.source, statement.entity)
    guard statement.number >= accounts[place].next else { return [] }
    accounts[place].early[statement.number] = statement
    var lines: [CashStatement.Line] = []
    while let next = accounts[place].early.removeValue(forKey: accounts[place].next) {
      accounts[place].next += 1
      accounts[place].until = next.until
      lines += next.lines
    }
    return lines
  }

  /// A line that was read is confirmed: what was booked under its origin is what it says, or stays open.
  mutating func confirm(_ line: CashStatement.Line, _ source: CashStatement.Source, _ entity: EntityID) {
    switch line.event {
    case .disputeLost, .refundRefused: return  // no money moves
    default: break
    }
    let place = place(source, entity)
    accounts[place].read += ControlTotal(count: 1, amount: line.amount)
    accounts[place].unconfirmed[line.origin] = nil
  }

  /// What was booked, what was read, and what was booked after the statements end.
  func comparison(
    _ source: CashStatement.Source, _ entity: EntityID
  ) -> (booked: ControlTotal, read: ControlTotal, inTransit: ControlTotal) {
    let account = accounts[place(source, entity)]
    var inTransit = ControlTotal()
    for item in account.unconfirmed.values where item.at >= account.until {  // a sum
      inTransit += ControlTotal(count: 1, amount: item.amount)
    }
    return (account.booked, account.read, inTransit)
  }
}

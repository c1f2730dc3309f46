import Chronology

/// What the bank or the gateway reports of the money that it moved, one day after another: what the books of cash are reconciled with.
public struct CashStatement: Hashable, Sendable {
  /// Who reports.
  public enum Source: UInt8, Hashable, Sendable, CaseIterable {
    /// The bank: what reached or left the account.
    case bank
    /// The gateway: what it collected, gave back and had to return.
    case gateway
  }

  /// A movement of money.
  public struct Line: Hashable, Sendable {
    /// What it is about: a charge that was collected, or a movement with its number.
    public var origin: CashOrigin
    /// The movement; `nil`: a charge that was collected.
    public var event: CashEvent?
    /// What came in; negative: what went out.
    public var amount: Money

    /// Makes a line.
    public init(origin: CashOrigin, event: CashEvent?, amount: Money) {
      self.origin = origin
      self.event = event
      self.amount = amount
    }
  }

  /// Who reports.
  public var source: Source
  /// The legal entity.
  public var entity: EntityID
  /// Statements of a source and entity are numbered from 1, without gaps; one of a day without movements is left out.
  public var number: UInt32
  /// All that moved before this instant, and is on no statement before, is on this one.
  public var until: Instant
  /// What moved.
  public var lines: [Line]

  /// Makes a statement.
  public init(source: Source, entity: EntityID, number: UInt32, until: Instant, lines: [Line]) {
    self.source = source
    self.entity = entity
    self.number = number
    self.until = until
    self.lines = lines
  }
}

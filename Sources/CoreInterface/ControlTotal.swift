import CanonicalModel

/// Count, quantity, amount and order-free hash of a set of things: what two stages compare.
public struct ControlTotal: Hashable, Sendable {
  /// How many.
  public var count: Int64
  /// The sum of the quantities.
  public var quantity: Quantity
  /// The sum of the amounts.
  public var amount: Money
  /// The order-free hash.
  public var digest: UInt64

  /// Makes a total.
  @inlinable
  public init(count: Int64 = 0, quantity: Quantity = .zero, amount: Money = .zero, digest: UInt64 = 0) {
    self.count = count
    self.quantity = quantity
    self.amount = amount
    self.digest = digest
  }

  /// Adds another total.
  @inlinable
  public static func += (a: inout ControlTotal, b: ControlTotal) {
    a.count += b.count
    a.quantity += b.quantity
    a.amount += b.amount
    a.digest &+= b.digest
  }

  /// The sum of two totals.
  @inlinable
  public static func + (a: ControlTotal, b: ControlTotal) -> ControlTotal {
    var sum = a
    sum += b
    return sum
  }

  /// The difference of two totals.
  @inlinable
  public static func - (a: ControlTotal, b: ControlTotal) -> ControlTotal {
    ControlTotal(
      count: a.count - b.count, quantity: a.quantity - b.quantity, amount: a.amount - b.amount,
      digest: a.digest &- b.digest)
  }
}

/// One comparison of two neighbouring stages.
public struct ReconciliationResult: Hashable, Sendable {
  /// The boundary.
  public var boundary: ReconciliationBoundary
  /// The legal entity.
  public var entity: EntityID
  /// The item; `nil` where documents are compared.
  public var item: ItemID?
  /// What the earlier stage has let through.
  public var upstream: ControlTotal
  /// What the later stage has taken in.
  public var downstream: ControlTotal
  /// What is on its way between them.
  public var inTransit: ControlTotal

  /// Makes a comparison.
  @inlinable
  public init(
    boundary: ReconciliationBoundary, entity: EntityID, item: ItemID?, upstream: ControlTotal,
    downstream: ControlTotal,
    inTransit: ControlTotal
  ) {
    self.boundary = boundary
    self.entity = entity
    self.item = item
    self.upstream = upstream
    self.downstream = downstream
    self.inTransit = inTransit
  }

  /// What is unexplained.
  @inlinable
  public var difference: ControlTotal { upstream - downstream - inTransit }
  /// Whether everything is explained.
  @inlinable
  @inline(__always)
  public var isBalanced: Bool {
    upstream.count == downstream.count + inTransit.count
      && upstream.digest == downstream.digest &+ inTransit.digest
      && upstream.quantity == downstream.quantity + inTransit.quantity
      && upstream.amount == downstream.amount + inTransit.amount
  }
}

/// What the comparisons of one reconciliation run have come to.
public struct ReconciliationReport: Hashable, Sendable {
  /// How many comparisons were made.
  public var comparisons = 0
  /// Those of them that compared something: nothing agrees with nothing.
  public var compared = 0
  /// Those that do not balance, boundary by boundary.
  public var breaks: [ReconciliationResult] = []
  /// What was read of ledgers, per entity and system.
  public var ledgers: [ReconciliationResult] = []
  /// What was read of the statements of banks and gateways.
  public var statements: [ReconciliationResult] = []

  /// Makes a report of no comparison.
  public init() {}

  /// Adds a comparison.
  ///
  /// - Parameters:
  ///   - isOfLedger: whether its downstream side is what an ERP's ledger holds.
  ///   - isOfStatements: whether its downstream side is what a bank or gateway reports.
  @inlinable
  @inline(__always)
  public mutating func add(
    _ result: ReconciliationResult, isOfLedger: Bool = false, isOfStatements: Bool = false
  ) {
    comparisons += 1
    if result.upstream != ControlTotal() || result.downstream != ControlTotal() { compared += 1 }
    if !result.isBalanced { breaks.append(result) }
    if isOfLedger { ledgers.append(result) }
    if isOfStatements { statements.append(result) }
    assert(
      result.isBalanced == (result.difference == ControlTotal()),
      "a comparison balances and leaves a difference, or neither")
  }
}

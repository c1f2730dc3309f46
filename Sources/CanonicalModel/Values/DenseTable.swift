/// A table with a row for each identifier of one kind: an identifier of another kind cannot be looked up in it.
///
/// Rows are read and changed in place, in constant time; an identifier beyond the table traps. As a collection it holds its rows in the
/// order of their identifiers.
@frozen
public struct DenseTable<ID: DenseIdentifier, Row> {
  @usableFromInline
  var rows: [Row]

  /// Makes a table of rows in the order of their identifiers.
  @inlinable
  public init(_ rows: [Row]) { self.rows = rows }

  /// Makes a table of equal rows.
  @inlinable
  public init(repeating row: Row, count: Int) { rows = Array(repeating: row, count: count) }

  /// The row of an identifier.
  @inlinable
  public subscript(id: ID) -> Row {
    @inline(__always) _read { yield rows[Int(id.index)] }
    @inline(__always) _modify { yield &rows[Int(id.index)] }
  }

  /// Hands all rows out as they lie in memory.
  @inlinable @inline(__always)
  public func withUnsafeBufferPointer<Result>(_ body: (UnsafeBufferPointer<Row>) -> Result) -> Result {
    rows.withUnsafeBufferPointer(body)
  }
}

extension DenseTable: RandomAccessCollection, MutableCollection {
  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { rows.count }

  /// The row at a position.
  @inlinable
  public subscript(position: Int) -> Row {
    @inline(__always) _read { yield rows[position] }
    @inline(__always) _modify { yield &rows[position] }
  }
}

extension DenseTable: ExpressibleByArrayLiteral {
  /// Makes a table of the rows of a literal.
  @inlinable
  public init(arrayLiteral rows: Row...) { self.rows = rows }
}

extension DenseTable: Sendable where Row: Sendable {}
extension DenseTable: Equatable where Row: Equatable {}
extension DenseTable: Hashable where Row: Hashable {}

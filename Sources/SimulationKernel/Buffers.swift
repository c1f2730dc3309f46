extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
  /// Moves what a buffer holds to a larger one in its place.
  @inlinable
  mutating func grow(holding count: Int, to capacity: Int) {
    let larger = UnsafeMutablePointer.allocate(capacity: capacity)
    larger.update(from: self, count: count)
    deallocate()
    self = larger
  }
}

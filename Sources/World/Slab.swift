/// Values in numbered slots that are used again: payloads of pending events, which then stay small.
struct Slab<Value> {
  private var values: ContiguousArray<Value> = []
  private var free: ContiguousArray<UInt32> = []

  /// Values that are held.
  var count: Int { values.count - free.count }

  @inline(__always)
  mutating func insert(_ value: Value) -> Int {
    if let slot = free.popLast() {
      values[Int(slot)] = value
      return Int(slot)
    }
    values.append(value)
    return values.count - 1
  }

  /// Reads a slot and frees it.
  @inline(__always)
  mutating func take(_ slot: Int) -> Value {
    free.append(UInt32(slot))
    return values[slot]
  }

  /// Frees a slot.
  mutating func free(_ slot: Int) { free.append(UInt32(slot)) }

  subscript(slot: Int) -> Value {
    get { values[slot] }
    set { values[slot] = newValue }
  }
}

extension Slab: Sendable where Value: Sendable {}

/// Values in numbered slots that are used again: payloads of pending events, which then stay small.
struct SlotTable<Value> {
  private var values: ContiguousArray<Value> = []
  private var free: ContiguousArray<UInt32> = []
  #if DEBUG
  /// Which slots hold a value: what the assertions ask.
  private var isHeld: ContiguousArray<Bool> = []
  #endif

  /// Values that are held.
  var count: Int { values.count - free.count }

  @inline(__always)
  mutating func insert(_ value: Value) -> Int {
    if let slot = free.popLast() {
      values[Int(slot)] = value
      markHeld(Int(slot))
      return Int(slot)
    }
    values.append(value)
    markHeld(values.count - 1)
    return values.count - 1
  }

  /// Removes the value of a slot and frees it.
  @inline(__always)
  mutating func remove(_ slot: Int) -> Value {
    markFree(slot)
    free.append(UInt32(slot))
    return values[slot]
  }

  /// Frees a slot.
  mutating func free(_ slot: Int) {
    markFree(slot)
    free.append(UInt32(slot))
  }

  subscript(slot: Int) -> Value {
    _read { yield values[slot] }
    _modify { yield &values[slot] }
  }

  @inline(__always)
  private mutating func markHeld(_ slot: Int) {
    #if DEBUG
    if slot == isHeld.count { isHeld.append(false) }
    assert(!isHeld[slot], "a slot holds one value at a time")
    isHeld[slot] = true
    #endif
  }

  @inline(__always)
  private mutating func markFree(_ slot: Int) {
    #if DEBUG
    assert(
      isHeld.indices.contains(slot) && isHeld[slot], "a slot is freed once, after something was put into it")
    isHeld[slot] = false
    #endif
  }
}

extension SlotTable: Sendable where Value: Sendable {}

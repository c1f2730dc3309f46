import Testing

@testable import World

@Suite("Numbered slots")
struct SlotTableTests {
  @Test("a value stays in its slot until it is taken, and the slot is used again then")
  func reuse() {
    var slab = SlotTable<String>()
    let slots = ["a", "b", "c"].map { slab.insert($0) }
    #expect(Set(slots).count == 3 && slab.count == 3)
    #expect(slab.remove(slots[1]) == "b" && slab.count == 2)
    #expect(slab.insert("d") == slots[1], "what is free is used before there is more of it")
    #expect(slots.map { slab[$0] } == ["a", "d", "c"])
    slab[slots[0]] += "!"
    #expect(slab.remove(slots[0]) == "a!")
    slab.free(slots[2])
    #expect(slab.count == 1)
  }

  @Test("many values in and out never share a slot")
  func churn() {
    var slab = SlotTable<Int>()
    var held: [Int: Int] = [:]
    for number in 0..<1000 {
      let slot = slab.insert(number)
      #expect(held.updateValue(number, forKey: slot) == nil, "the slot is taken")
      guard number % 3 != 0, let (other, value) = held.min(by: { $0.value < $1.value }) else { continue }
      #expect(slab.remove(other) == value)
      held[other] = nil
    }
    #expect(slab.count == held.count)
  }

  #if DEBUG
  @Test("a slot that is freed twice, or before anything was put into it, ends the process")
  func traps() async {
    await #expect(processExitsWith: .failure, "it is taken twice") {
      var slab = SlotTable<Int>()
      let slot = slab.insert(1)
      _ = slab.insert(2)
      _ = slab.remove(slot)
      slab.free(slot)
    }
    await #expect(processExitsWith: .failure, "nothing was put into it") {
      var slab = SlotTable<Int>()
      _ = slab.insert(1)
      slab.free(1)
    }
  }
  #endif
}

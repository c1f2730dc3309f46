import CanonicalModel
import Chronology
import Testing

@testable import UsageToCash
@testable import World

@Suite("The states of charges at the gateway")
struct GatewayChargesTests {
  @Test("every state is reached from the first, no key is forgotten, and only a refusal is for good")
  func graph() {
    var reached: Set<GatewayChargeState> = [.unknown]
    var left: [GatewayChargeState] = [.unknown]
    while let old = left.popLast() {
      for next in GatewayChargeState.allCases where old.mayBecome(next) && reached.insert(next).inserted {
        left.append(next)
      }
    }
    #expect(reached == Set(GatewayChargeState.allCases))
    for old in GatewayChargeState.allCases {
      #expect(!old.mayBecome(.unknown) && !old.mayBecome(old))
    }
    let ends = GatewayChargeState.allCases.filter { old in
      !GatewayChargeState.allCases.contains(where: old.mayBecome)
    }
    #expect(ends == [.declined], "a charge that was taken back comes back where its dispute is won")
  }

  @Test("each key has a place of its own, and keeps it")
  func places() {
    var charges = GatewayCharges()
    let places = ["a", "b", "a"].map { charges.place(of: $0) }
    #expect(places == [0, 1, 0])
    charges.move(1, to: .declined)
    #expect(charges[0] == .unknown && charges[1] == .declined)
    #expect(charges.count(.unknown) == 1)
  }

  @Test("a charge that is paid out twice, taken back twice, or never collected ends the process")
  func traps() async {
    await #expect(processExitsWith: .failure, "it is paid out twice") {
      var charges = GatewayCharges()
      let place = charges.place(of: "a")
      charges.move(place, to: .collected)
      charges.move(place, to: charges[place].afterPayout)
      charges.move(place, to: charges[place].afterPayout)
    }
    await #expect(processExitsWith: .failure, "it is taken back twice") {
      var charges = GatewayCharges()
      let place = charges.place(of: "a")
      charges.move(place, to: .collected)
      charges.move(place, to: charges[place].afterChargeback)
      charges.move(place, to: charges[place].afterChargeback)
    }
    await #expect(processExitsWith: .failure, "the bank has refused it") {
      var charges = GatewayCharges()
      let place = charges.place(of: "a")
      charges.move(place, to: .declined)
      charges.move(place, to: charges[place].afterPayout)
    }
  }
}

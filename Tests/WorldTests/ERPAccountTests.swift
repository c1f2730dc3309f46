import CanonicalModel
import Chronology
import Testing

@testable import World

@Suite("What an ERP has only so much of")
struct ERPAccountTests {
  /// Two places, and room for one call that waits.
  private func account(_ change: (inout ERPProfile) -> Void = { _ in }) -> ERPAccount {
    var profile = ERPProfile.ideal
    profile.concurrency = 2
    profile.queueDepth = 1
    profile.limits = []
    change(&profile)
    return ERPAccount(profile, start: Alone.start)
  }

  /// What becomes of a call: it begins where it has a place.
  private func ask(_ account: inout ERPAccount, slot: Int, share: Double = 1) -> String {
    switch account.admit(operations: 1, slot: slot, at: Alone.start, share: share) {
    case .place:
      account.begin()
      return "place"
    case .queue: return "queue"
    case .refused(let wait): return "refused, \(wait.seconds)"
    }
  }

  @Test("calls get places, then wait, then are refused; a place that is given back is the next one's")
  func places() {
    var account = account()
    let answers = (0..<4).map { ask(&account, slot: $0) }
    #expect(answers == ["place", "place", "queue", "refused, 0.0"])
    let none = account.dequeueCall(share: 1)
    #expect(none == nil, "no place is free")
    account.end()
    let next = [account.dequeueCall(share: 1), account.dequeueCall(share: 1)]
    #expect(next == [2, nil])
    #expect(account.inFlight == 1)
  }

  @Test("a call that has waited for too long is turned away once")
  func expiry() {
    var account = account()
    for slot in 0..<3 { _ = ask(&account, slot: slot) }
    let expired = [0, 2, 2].map { account.expire(slot: $0) }
    #expect(expired == [false, true, false], "the first has its place")
    account.end()
    let next = account.dequeueCall(share: 1)
    #expect(next == nil)
  }

  @Test("a part of the places that is not granted, or reserved for others, is not there; one always is")
  func share() {
    var account = account {
      $0.concurrency = 10
      $0.reserved = 4
    }
    #expect(account.places(share: 1) == 6 && account.places(share: 0.5) == 3 && account.places(share: 0) == 1)
    let answers = (0..<4).map { ask(&account, slot: $0, share: 0.5) }
    #expect(answers == ["place", "place", "place", "queue"])
    let next = [account.dequeueCall(share: 0.5), account.dequeueCall(share: 1)]
    #expect(next == [nil, 3])
  }

  @Test("a place that is given back twice ends the process")
  func traps() async {
    await #expect(processExitsWith: .failure, "nothing is worked on") {
      var account = ERPAccount(.ideal, start: Alone.start)
      account.begin()
      account.end()
      account.end()
    }
  }
}

import CanonicalModel
import Chronology
import SimulationKernel
import UsageToCash

/// Calls to the tax engine and its answers.
extension SimulatedWorld {
  /// An answer on its way.
  struct PendingTaxAnswer {
    var call: TaxCallID
    var answer: TaxAnswer
    /// The life of the process that waits for it.
    var life: UInt32
  }

  mutating func askForTax(_ call: TaxCall) {
    if taxEngine.isDown { observations.count(.draftedWithoutTax, call.drafts.count) }
    sink.record(.taxCalled(call.id.number, asOf: call.at), at: kernel.now)
    let faults = taxEngine.faults
    guard !isLost(faults) else { return observations.count(.requestLost) }
    guard let (answer, latency) = taxEngine.answer(call, at: kernel.now), !isLost(faults) else {
      observations.count(.taxAnswerLost)
      return
    }
    if answer == .unavailable { observations.count(.taxRefused) }
    let delay = latency + delay(faults)
    let slot = taxAnswers.insert(
      PendingTaxAnswer(call: call.id, answer: answer, life: machines.life(of: .billing)))
    schedule(WorldEvent(.taxAnswer, index: slot, detail: call.id.number), at: kernel.now + delay)
  }

  mutating func answerTax(slot: Int) {
    let pending = taxAnswers.take(slot)
    guard pending.life == machines.life(of: .billing) else {
      return observations.count(.answeredDeadProcess)
    }
    if pending.answer == .unavailable { sink.record(.taxRefused(pending.call.number), at: kernel.now) }
    tell(.tax(pending.answer, to: pending.call))
  }
}

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
  }

  mutating func askForTax(_ call: TaxCall) {
    if taxEngine.isDown { observations.count(.draftedWithoutTax, call.drafts.count) }
    guard let (answer, delay) = taxEngine.answer(call) else {
      observations.count(.taxAnswerLost)
      return
    }
    let slot = taxAnswers.insert(PendingTaxAnswer(call: call.id, answer: answer))
    schedule(WorldEvent(.taxAnswer, index: slot, detail: call.id.number), at: kernel.now + delay)
  }

  mutating func answerTax(slot: Int) {
    let pending = taxAnswers.take(slot)
    process.handle(.tax(pending.answer, to: pending.call), at: kernel.now, effects: &effects)
    perform()
  }
}

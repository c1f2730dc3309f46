import CanonicalModel
import Chronology
import CoreInterface

/// Something that happens between the core and its counterparts, for whoever tells the story of a transaction. It is no
/// evidence: the oracle never hears of it.
public enum Happening: Sendable {
  /// The core has called an ERP.
  case called(ERPCall)
  /// A call was lost on its way.
  case requestLost(ERPCallID)
  /// The network has doubled a call.
  case requestDoubled(ERPCallID)
  /// An ERP has refused a call before looking into it.
  case refused(ERPCallID, ERPAnswer)
  /// An ERP has worked a call off; without an answer where it stays silent. `isCopy`: a doubled one.
  case worked(ERPCallID, ERPAnswer?, isCopy: Bool)
  /// A call has died in an outage.
  case abandoned(ERPCallID)
  /// An answer was lost on its way.
  case answerLost(ERPCallID)
  /// An answer has reached the core. `isLate`: the core had given up waiting for it, and ignores it.
  case answered(ERPCallID, ERPAnswer, isLate: Bool)
  /// The core has waited for an answer for as long as it does: the outcome of the call is unknown to it.
  case timedOut(ERPCallID)
  /// An answer has come for a process that is dead.
  case answeredDeadProcess(ERPCallID)
  /// The gateway was asked for a charge.
  case chargeAsked(ChargeRequest, isCollected: Bool, answer: ChargeAnswer?)
  /// A notice of money has reached the core.
  case noticeArrived(CashNotice)
  /// A process of the core has died.
  case processDied(String)
  /// A process of the core has started again.
  case processStarted(String)
}

/// Hears of everything that happens, in order. Nothing that it does can change a run.
///
/// Not bound to classes on purpose: what holds one is handled by address, while the compiler hands a large struct of plain
/// fields, the simulated world above all, to its non-mutating methods in a copy.
public protocol Witness {
  /// Something has happened.
  func saw(_ happening: Happening, at instant: Instant)
}

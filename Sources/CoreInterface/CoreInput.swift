import CanonicalModel
import Chronology

/// Everything that the core takes in beside deliveries of usage and the passing of time: what counterparts tell it and
/// how they answer. One case an interface, so that the log, its replay and every driver share one list.
public enum CoreInput: Sendable {
  /// CRM tells of a change of contract.
  case contract(ContractEvent)
  /// The platform has registered a schema version: what has waited for it is accepted.
  case schema(SchemaRegistration)
  /// CRM tells of a further identifier of an account.
  case identity(IdentityLink)
  /// A producer sends what it could not send in its time.
  case backfill(Backfill)
  /// A producer takes an event back.
  case correction(UsageCorrection)
  /// The rate of a day was fixed.
  case rate(RateFixing)
  /// An ERP answers a call.
  case erp(ERPAnswer, to: ERPCallID, of: EntityID)
  /// The tax engine answers a call.
  case tax(TaxAnswer, to: TaxCallID)
  /// The gateway answers a charge.
  case charge(ChargeAnswer, to: ChargeKey)
  /// Money has moved.
  case cash(CashNotice)
  /// The bank or the gateway reports what money it has moved.
  case statement(CashStatement)
  /// A posting that an ERP has refused is to be sent again, as what was wrong there is right now.
  case replay(PostingKey)
  /// Finance has decided that the charges of a case are billed.
  case release(heldCharges: UInt32)
  /// Finance asks for a credit.
  case credit(CreditRequest)
  /// A process has stopped or started.
  case service(ServiceChange)
}

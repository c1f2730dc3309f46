import CanonicalModel
import RunRecord
import Verification

extension RecordBuilder {
  /// What was invoiced without tax: a row for each jurisdiction and reason, both in the place of the meter.
  var untaxed: [RunRecord.ControlTotals.Row] {
    oracle.untaxed.map { own in
      let entity = catalog[own.entity]
      return RunRecord.ControlTotals.Row(
        entity: entity.name, currency: entity.currency.code,
        meter: "\(catalog[own.jurisdiction].name) (\(own.reason.text))", count: nil, quantity: nil,
        amount: own.taxable.text(in: entity.currency), hash: nil)
    }
  }
}

import RunRecord
import Scenario

extension SimulationRun {
  /// Whether the planted defect acted: whether the run came out otherwise in anything than the same run without it.
  ///
  /// - Parameters:
  ///   - record: the record of this run.
  ///   - progress: called with the share of the horizon that has passed; `false` interrupts.
  /// - Returns: `nil` where there is no defect, or one of the two runs was interrupted.
  package func defectActed(
    in record: RunRecord, progress: (Double) -> Bool = { _ in true }
  ) throws(InvalidInput) -> Bool? {
    guard defect != nil, !record.interrupted else { return nil }
    var sound = try SimulationRun(scenario, seed: seed)
    sound.faultChoice = faultChoice
    sound.crashPoint = crashPoint
    (sound.silenced, sound.required, sound.oracleRules) = (silenced, required, oracleRules)
    var plain = sound.perform(progress: progress).deterministic
    guard !plain.interrupted else { return nil }
    (plain.defect, plain.commandLine, plain.defectActed) = (
      record.defect, record.commandLine, record.defectActed
    )
    return plain != record.deterministic
  }
}

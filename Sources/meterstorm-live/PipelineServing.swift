import Commands
import Experiments
import Live
import Scenario

extension PipelineCommand.Serve {
  func serve() throws {
    let (scenario, identity, assembly, _, clock) = try live.prepare(self.scenario)
    let folder = try LiveFolder(data)
    do {
      let pipeline = try PipelineService(
        assembly.world, policy: assembly.policy, scenario: scenario.name,
        identity: identity,
        log: folder.log, clock: clock, erps: erps, repairing: repair, report: { Console.note($0) })
      let ended: @Sendable () async -> Void = { await pipeline.stop() }
      try service.serve("pipeline", readOnly: false, ended: ended, routes: pipeline.add)
    } catch let error as FileLogError {
      Console.note(error.description)
      throw Exit.badInput
    }
  }
}

import SimulationKernel
import UsageToCash

extension PipelinePolicy {
  /// The policy of a run with a seed: what the core spreads its pauses by comes from a stream of its own.
  public func seeded(by rootSeed: UInt64) -> PipelinePolicy {
    var policy = self
    var stream = RandomStream(rootSeed: rootSeed, name: "jitter")
    policy.posting.jitterSeed = stream.next()
    return policy
  }
}

import CanonicalModel
import CoreInterface
import SimulatedCore
import SimulationKernel
import UsageToCash

extension PipelinePolicy {
  /// The policy of a run with a seed: what the core spreads its pauses by comes from a stream of its own.
  package func seeded(by rootSeed: UInt64) -> PipelinePolicy {
    var policy = self
    var stream = RandomStream(rootSeed: rootSeed, name: "jitter")
    policy.posting.jitterSeed = stream.next()
    return policy
  }

  /// The built-in core with this policy, on a simulated disk.
  package func core(catalog: Catalog, seed: UInt64) -> any Core {
    BuiltInCore(catalog: catalog, policy: seeded(by: seed))
  }
}

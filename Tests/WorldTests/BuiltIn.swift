import CanonicalModel
import CoreInterface
import Experiments
import SimulatedCore
import UsageToCash

/// The core that worlds under test stand around.
func builtIn(_ catalog: Catalog) -> any Core {
  BuiltInCore(catalog: catalog, policy: PipelinePolicy())
}

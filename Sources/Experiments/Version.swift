/// The version of Meterstorm.
package enum Meterstorm {
  /// As in `--version` and in run records.
  package static let version = "0.1.0"
}

/// The version of Meterstorm.
public enum Meterstorm {
  /// As in `--version` and in run records.
  public static let version = "0.1.0"
}

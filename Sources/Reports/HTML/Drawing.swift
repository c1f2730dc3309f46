/// The parts of a picture in SVG, and the two sizes in which a picture is on a page: wide, and slim for telephones.
struct Drawing {
  /// How much room there is.
  enum Size: CaseIterable {
    case wide
    case slim

    /// The width of the picture in its own units, which are pixels where it fits.
    var width: Double { self == .wide ? 960 : 360 }
    /// Ticks on an axis from left to right.
    var ticks: Int { self == .wide ? 9 : 5 }
  }

  private var parts: [String] = []

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String
  ) {
    parts.append(
      "<line x1=\"\(HTML.number(x1))\" y1=\"\(HTML.number(y1))\" x2=\"\(HTML.number(x2))\" y2=\"\(HTML.number(y2))\" \(style)/>"
    )
  }

  mutating func text(
    _ x: Double, _ y: Double, _ text: String, _ anchor: String = "start", _ style: String = "class=\"label\""
  ) {
    parts.append(
      "<text \(style) x=\"\(HTML.number(x))\" y=\"\(HTML.number(y))\" text-anchor=\"\(anchor)\">\(HTML.escaped(text))</text>"
    )
  }

  /// Markup that is already checked.
  mutating func raw(_ markup: String) { parts.append(markup) }

  /// The picture.
  func markup(_ size: Size, height: Double, label: String) -> String {
    "<svg class=\"\(size == .wide ? "wide" : "slim")\" viewBox=\"0 0 \(HTML.number(size.width)) \(HTML.number(height))\" role=\"img\" aria-label=\"\(HTML.escaped(label))\">\(parts.joined())</svg>"
  }

  /// A picture in both sizes, of which the page shows the one that fits.
  static func both(_ draw: (Size) -> String) -> String {
    "<div class=\"picture\">" + Size.allCases.map(draw).joined() + "</div>"
  }

  /// The colours of lines, in order.
  static func colour(_ index: Int) -> String { "var(--\(["a", "b", "c", "d", "e", "f"][index % 6]))" }
}

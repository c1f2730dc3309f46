/// Pieces of HTML. Whatever comes from a record is escaped here, and nowhere else.
enum HTML {
  /// Text that is safe between tags and in quoted attributes.
  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in visible(text).unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// A text in which nothing hides: control characters are no part of HTML, and those that change the direction of text may
  /// make it read as something else.
  static func visible(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      out.unicodeScalars.append(Printable.isControl(scalar) ? "\u{FFFD}" : scalar)
    }
    return out
  }

  /// A text of its own direction, so that a name from right to left does not turn what stands beside it.
  static func isolated(_ text: String) -> String { "<bdi>\(escaped(text))</bdi>" }

  /// A value in the query of an address: whatever is not a plain letter or digit is percent-encoded.
  static func query(_ text: String) -> String {
    var out = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        out.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = Array("0123456789ABCDEF")
        out += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
      }
    }
    return out
  }

  /// A cell of a table.
  enum Cell {
    case text(String)
    case number(String)
    case good(String)
    case bad(String)
    case quiet(String)
    /// A figure, and another one below it.
    case figures(String, String)
    /// Checked markup.
    case raw(String)

    var markup: String {
      switch self {
      case .text(let text): "<td>\(isolated(text))</td>"
      case .number(let text): "<td class=\"n\">\(escaped(text))</td>"
      case .good(let text): "<td class=\"n good\">\(escaped(text))</td>"
      case .bad(let text): "<td class=\"n bad\">\(escaped(text))</td>"
      case .quiet(let text): "<td class=\"quiet\">\(isolated(text))</td>"
      case .figures(let text, ""): "<td class=\"n\">\(escaped(text))</td>"
      case .figures(let text, let below):
        "<td class=\"n\">\(escaped(text))<br><small class=\"quiet\">\(escaped(below))</small></td>"
      case .raw(let markup): "<td>\(markup)</td>"
      }
    }
  }

  /// A table with a caption for those who do not see it; columns of numbers are to the right.
  static func table(_ caption: String, header: [String], numbers: Set<Int> = [], rows: [[Cell]]) -> String {
    let head = header.enumerated().map { index, text in
      "<th scope=\"col\"\(numbers.contains(index) ? " class=\"n\"" : "")>\(escaped(text))</th>"
    }.joined()
    let body = rows.map { row in "<tr>\(row.map(\.markup).joined())</tr>" }.joined(separator: "\n")
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="\(escaped(caption))"><table><caption>\(escaped(caption))</caption>
      <thead><tr>\(head)</tr></thead><tbody>
      \(body)
      </tbody></table></div>
      """
  }

  /// Something to be opened.
  static func details(_ summary: String, _ content: String, isOpen: Bool = false) -> String {
    "<details\(isOpen ? " open" : "")><summary>\(escaped(summary))</summary>\n\(content)\n</details>"
  }

  static func paragraph(_ text: String, _ style: String = "") -> String {
    "<p\(style.isEmpty ? "" : " class=\"\(style)\"")>\(escaped(text))</p>"
  }

  /// A number for SVG: at most two digits after the point.
  static func number(_ value: Double) -> String {
    var text = Wording.fixed(value, decimals: 2)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text == "-0" ? "0" : text
  }
}

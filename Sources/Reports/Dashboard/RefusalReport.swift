/// Something that the dashboard cannot show, why, and where to go from there.
package struct RefusalReport {
  private let status: Int
  private let words: String

  /// Makes a page.
  ///
  /// - Parameters:
  ///   - status: of HTTP.
  ///   - words: what is wrong, and what would be right.
  package init(status: Int, words: String) {
    self.status = status
    self.words = words
  }

  private var title: String {
    switch status {
    case 400: "The question is incomplete"
    case 404: "Not found"
    case 409: "This cannot be shown"
    case 503: "Busy"
    default: status >= 500 ? "Internal error" : "This cannot be shown"
    }
  }

  /// The page.
  ///
  /// - Throws: where the page's own template is broken.
  package func html() throws -> String {
    var page = HTMLPage(
      title: title, verdict: "\(status)", tone: status >= 500 ? "bad" : "plain", headline: words,
      subtitle: "",
      foot: "")
    page.served = Served(path: [.init("All results", "/")])
    page.sections = [
      .init(
        id: "next", title: "Where to go from here",
        content:
          "<p>\(Served.Link("All runs, campaigns and studies", "/").markup), or search for a transaction:</p>"
          + Served.search)
    ]
    return try page.html()
  }
}
